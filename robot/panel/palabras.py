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
    ("y vuelva a ejecutar", "y envíe de nuevo"),
    ("puede ejecutar de nuevo", "puede enviarlo de nuevo"),
    ("luego ejecute de nuevo", "luego envíe de nuevo"),
    ("y ejecute de nuevo", "y repita"),
)
_COMMAND: Final = re.compile(r"[^.;]*«(?:serviweb|keyring) [^»]*»[^.;]*[.;]?|[^.;]*\s--[a-z][^.;]*[.;]?")


def en_pantalla(text: str) -> str:
    """Return a sentence without commands: those that the panel has a button for name it, others are left out."""
    for told, shown in _WORDS:
        text = text.replace(told, shown)
    return " ".join(_COMMAND.sub("", text).split())
