"""What the robot says for a terminal, in the panel's words: a button instead of a command."""

from __future__ import annotations

import re
from typing import Final

_WORDS: Final = (
    ("diga el motivo con --otro-recibo", "escriba abajo por qué"),
    ("Resuelva la duda («serviweb dudas»)", "Un supervisor resuelve la duda (en «En duda»)"),
    ("Siga el caso con «serviweb continuar»", "Siga el caso con el botón «Continuar» de su página"),
    ("registre este mismo pago otra vez con «serviweb pago»", "registre aquí este mismo pago otra vez"),
    (" («serviweb cola cancelar» lo detiene)", " (el botón «Cancelar» de su página lo detiene)"),
    ("inicie otro caso con --nueva-ocasion", "inicie otro caso como nueva ocasión"),
    ("regístrelo otra vez con «serviweb pago»", "regístrelo otra vez en «Esperando pago»"),
    ("Continúe el caso con «serviweb continuar CASO»", "Continúe el caso con el botón «Continuar»"),
    ("Si de verdad es otra reconexión, indique --nueva-ocasion con el motivo.", "Si es otra, diga por qué."),
    ("agregue --sin-texto con el motivo, por ejemplo --sin-texto «escaneado»", "escriba el motivo, como «escaneado»"),
    ("o indique nueva_ocasion con el motivo", "o diga que es una nueva ocasión, con el motivo,"),
    ("use --existe con su número (o --doble, si son dos)", "decida «Existe» con su número (o «Existen dos»)"),
    ("si está, use --existe con su número", "si está, decida «Existe» con su número"),
    (", pruébela en Serviweb y luego:", " en «Mi cuenta», o pida a un supervisor que desbloquee el usuario en «Cola»."),
    ("Corrija lo indicado y ejecute «serviweb diagnostico».", "Quien administra el robot corrige la instalación."),
    ("Véalo con «serviweb pagos lista» y atiéndalo.", "Un supervisor lo atiende en «Esperando pago»."),
    ("Véalos con «serviweb pagos lista».", "Véalos en «Esperando pago»."),
    ("Vea con «serviweb cola estado» qué hace", "Vea en «Cola» qué hace"),
    ("Resuelva primero la duda del otro caso («serviweb dudas»)", "Un supervisor resuelve antes la duda del otro caso"),
    ("Ejecute «serviweb recuperar»: pasa a la base", "Quien administra el robot recupera la base: pasa a ella"),
    ("en cuarentena: ejecute «serviweb recuperar»", "en cuarentena: avise a quien administra el robot"),
    (
        "Para seguir, ejecute de nuevo «serviweb cola trabajar» o «serviweb continuar CASO».",
        "Para seguir, use el botón «Continuar» del caso.",
    ),
    ("No ejecute el caso; avise", "No siga el caso; avise"),
    ("Diga con --motivo qué se hizo", "Diga qué se hizo"),
    ("Indíquelo con --motivo", "Escríbalo"),
    ("Indique el nombre con --suscriptor.", "Escriba el nombre del suscriptor."),
    (" y vea «serviweb dudas»; una persona decide con «serviweb resolver»", "; un supervisor decide en «En duda»"),
    ("Vea «serviweb dudas»: no se repite", "Un supervisor lo ve en «En duda»: no se repite"),
    ("si es de un caso en duda, «serviweb dudas»", "si es de un caso en duda, un supervisor lo ve en «En duda»"),
    ("Vea «serviweb dudas»", "Un supervisor lo ve en «En duda»"),
    ("y vuelva a ejecutar", "y envíe de nuevo"),
    ("puede ejecutar de nuevo", "puede enviarlo de nuevo"),
    ("luego ejecute de nuevo", "luego envíe de nuevo"),
    ("y ejecute de nuevo", "y repita"),
)
_PATTERNS: Final = (
    (r"continúe el caso con «serviweb continuar»", "siga el caso con el botón «Continuar» de su página"),
    (r"Contin(?:úe|úelo) con «serviweb continuar [^»]*»", "Continúelo con el botón «Continuar» de su página"),
    (r"siga con «serviweb continuar [^»]*»", "siga con el botón «Continuar» de su página"),
    (r"si se interrumpió, use «serviweb continuar [^»]*»", "si se interrumpió, el robot lo retoma solo"),
    (r"y repita «serviweb tramite [^»]*» con los datos del pago", "y registre el pago otra vez en «Esperando pago»"),
    (r"registre el recibo con «serviweb tramite [^»]*»", "registre el recibo en «Esperando pago»"),
    (r"Lo (?:trabaja|comienza) «serviweb cola trabajar»; ", "El robot lo toma de la cola; "),
    (r"para quitarlo de la cola, «serviweb cola cancelar [^»]*»", "para quitarlo, use «Cancelar» en su página"),
    (r"«serviweb cola cancelar [^»]*» lo quita de la cola", "«Cancelar», en su página, lo quita"),
    (r"para que no siga, «serviweb cola cancelar»", "para que no siga, use «Cancelar»"),
    (r"V[eé]a(?:lo| el caso)? (?:con )?«serviweb caso [^»]*»", "Vea la página del caso"),
    (
        r"Cuando Serviweb lo muestre pagado: serviweb pago \S+ … con los datos del recibo; si eran otros, [^.]*\.",
        "Cuando esté pagado, elija «Continuar»; si pagó con otro recibo, «Registrar pago» con los datos correctos.",
    ),
    (r"Cuando lo haya atendido: serviweb pagos atender .*", "Cuando lo haya atendido, márquelo en «Esperando pago»."),
    (
        r"(?:Búsquelo|Véalo) en Serviweb y use «serviweb resolver [^»]*»",
        "Un supervisor lo busca en Serviweb y decide",
    ),
    (r"Anúlelos y use «serviweb cerrar [^»]*»", "Un supervisor los anula y lo registra con «Cerrar el caso…»"),
    (r"use «serviweb cerrar [^»]*»", "registre la anulación con «Cerrar el caso…»"),
)
"""What bears a case's mark, or stands in several sentences."""
_COMMAND: Final = re.compile(
    r"[^.;]*«(?:serviweb|keyring) [^»]*»[^.;]*[.;]?|[^.;]*\s--[a-z][^.;]*[.;]?"
    r"|[^.;]*\bserviweb (?:pagos?|cola|caso|continuar|tramite|resolver|cerrar|adjuntar) [^.;]*[.;]?"
)


def en_pantalla(text: str) -> str:
    """Return a sentence without commands: those that the panel has a button for name it, others are left out."""
    for told, shown in _WORDS:
        text = text.replace(told, shown)
    for pattern, words in _PATTERNS:
        text = re.sub(pattern, words, text)
    return " ".join(_COMMAND.sub("", text).split())
