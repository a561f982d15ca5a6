"""What `serviweb selectores aprender` does: a person at a terminal, a visible browser beside it, and a map folder."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.prompt import Confirm, Prompt

from flows.controles import OPTIONAL, OPTIONAL_CONTROLS, REQUIRED
from flows.recorrido import RECORRIDO
from robot.browser.session import VIEWPORT, browser_of
from robot.browser.teaching.lesson import Lesson, Pattern
from robot.browser.teaching.mapfile import MapFile
from robot.browser.teaching.persona import Asked, Persona
from robot.browser.teaching.propose import Kind
from robot.browser.teaching.saving import Saving
from robot.browser.teaching.teacher import Teacher
from robot.errors import SettingsError
from robot.records.revision_mapa import anotar
from robot.resources import map_folder, maps_folder
from robot.settings import Settings, load
from robot.work import cuarentena
from robot.work.archivo import archivo_of
from robot.work.usuarios import turno_de

TITLES = {
    "ingreso": "Ingreso",
    "factura": "Suscriptor → Factura",
    "tercero": "Nuevo tercero",
    "abono": "Recaudo → Abono a factura o financiación",
    "tramite": "PQR → Trámite",
    "consulta": "Consultas del suscriptor",
}
_FIXED = (
    "ingreso.sesion factura.titulo factura.tercero_no_existe abono.titulo tramite.titulo consulta.titulo_facturas "
    "consulta.titulo_recibos consulta.titulo_tramites consulta.sin_registros"
)
_USED = (
    "factura.guardar factura.simbolo_imprimir factura.imprimir tercero.guardar abono.siguiente_resultados "
    "abono.generar abono.ok abono.simbolo_imprimir abono.imprimir tramite.guardar tramite.simbolo_imprimir "
    "tramite.imprimir consulta.siguiente"
)
_FIELDS = "tercero.tipo_documento tercero.documento tercero.nombres tercero.apellidos tercero.celular"
_BOXES = "tercero.cuadro abono.buscador abono.confirmacion"
KINDS: dict[str, Kind] = {
    **dict.fromkeys(_FIXED.split(), "fijo"),
    **dict.fromkeys(_USED.split(), "usar"),
    **dict.fromkeys(_FIELDS.split(), "campo"),
    **dict.fromkeys(_BOXES.split(), "caja"),
    **dict.fromkeys(("consulta.facturas", "consulta.recibos", "consulta.tramites"), "tabla"),
}
"""What sort of thing a control is, where the walk doesn't tell: a text that never changes, a button, a field, a box."""

TABLES = {
    "factura.producto_de_linea": "tabla",
    "factura.valor_de_linea": "tabla",
    "abono.codigo_encontrado": "encontrados",
    "abono.nombre_encontrado": "encontrados",
    "abono.factura_pendiente": "pendientes",
    **{
        f"consulta.{key}": f"{key.partition('_')[0]}s"
        for key in OPTIONAL["consulta"]
        if key.startswith(("factura_", "recibo_", "tramite_"))
    },
}
"""The table of each column of a list."""
ROWS = {"abono.codigo_encontrado": "fila_encontrada"}
"""Rows that show other people: covered in every picture."""

PATTERNS: dict[str, tuple[Pattern, str]] = {
    **{f"{screen}.numero": ("numero", screen) for screen in ("tercero", "factura", "abono", "tramite")},
    "abono.confirmacion": ("pregunta", "numero factura"),
    "factura.aviso": ("aviso", "codigo_malo"),
    "tramite.aviso": ("aviso", "codigo_malo"),
    "consulta.aviso": ("aviso", "codigo_malo"),
    "consulta.pagina": ("pagina", ""),
    **{f"{screen}.rechazo": ("rechazo", "") for screen in ("tercero", "factura", "abono", "tramite")},
    "consulta.factura_estado": ("palabra", "¿Con qué palabra dice Serviweb que una factura NO se ha pagado?"),
    "consulta.recibo_estado": ("palabra", "¿Con qué palabra dice Serviweb que un recibo YA se pagó en la caja?"),
}
PRIVATE = frozenset(
    {
        "ingreso.clave",
        "factura.documento",
        "tercero.documento",
        "tercero.celular",
        "consulta.factura_observacion",
        "consulta.tramite_observacion",
    }
)
"""Personal data and secrets: covered in every picture, whatever the page looks like."""
FILLS = (
    ("tipo_documento", "escoger", "tipo_documento"),
    ("documento", "escribir", "documento_nuevo"),
    ("nombres", "escribir", "nombres"),
    ("apellidos", "escribir", "apellidos"),
    ("celular", "escribir", "celular"),
)
"""What the walk leaves empty in the new tercero: the control, what is done with it, and the value's name."""
ALSO = {"factura.aviso": "codigo_retirado", "tramite.aviso": "codigo_retirado"}
"""Another value that the same notice speaks of in other words."""
BEFORE = {
    "tramite": "El trámite se radica cuando el recibo está pagado (paso 23). ¿Ya se pagó en la caja el {numero abono}?"
}
"""What a person must have done before an effect; asked, with what is known by then."""
OPTIONAL_SCREENS = {
    "consulta": "¿Tiene este Serviweb consultas de las facturas, los recibos y los trámites de un suscriptor?"
}
QUESTIONS = {
    "codigo": "Código de un suscriptor de prueba:",
    "documento": "Número de documento de un tercero que ya está en Serviweb:",
    "documento_nuevo": "Número de documento que NO esté en Serviweb (para el aviso de que no aparece):",
    "codigo_retirado": "Código de un suscriptor retirado, para ver también ese aviso (vacío si no hay):",
    "codigo_con_documentos": "Código de un suscriptor con facturas, recibos y trámites (vacío si no hay):",
    "codigo_sin_documentos": "Código de un suscriptor que no tenga ninguno (vacío si no hay):",
    "nombres": "Nombres del tercero de prueba que se va a crear:",
    "apellidos": "Apellidos del tercero de prueba:",
    "celular": "Celular del tercero de prueba:",
}


SAVED = "Código del suscriptor al que se le va a guardar DE VERDAD una factura, un recibo y un trámite:"


def values_of(settings: Settings) -> dict[str, str]:
    """Return what is typed on the way, as far as the settings know it."""
    kind, _, document = settings.prueba_documento.rpartition(":")
    values = {
        "usuario": settings.usuario,
        "clave": settings.password(),
        "codigo": settings.prueba_codigo,
        "documento": document,
        "tipo_documento": kind or "CC",
        "codigo_malo": "999999999",
        "forma_pago": "Contado",
        "producto": settings.productos[0],
        **{f"producto {number}": name for number, name in enumerate(settings.productos[1:], start=2)},
        "tipo_busqueda": "Código",
        "texto": "PRUEBA DEL MAPA DE PANTALLAS",
        "zona": settings.zona,
        "medio": settings.medio,
        "servicio": settings.servicio,
        "tipo_tramite": settings.tipo_tramite,
        "causal": settings.causal,
    }
    return {name: value for name, value in values.items() if value}


def _products(settings: Settings) -> list[tuple[str, str, str]]:
    """Return the clicks that add the products after the first: what is saved is a factura like any other."""
    more = [f"producto {number}" for number in range(2, len(settings.productos) + 1)]
    return [step for name in more for step in (("producto", "escoger", name), ("agregar", "clic", ""))]


def lesson(settings: Settings, *, only: str = "", second: bool = False, **values: str) -> Lesson:
    """Return a sitting of this installation. Raises `SettingsError` for a control that isn't one."""
    titles = {stop.titulo for stop in RECORRIDO if stop.dice}
    if only and only not in titles:
        raise SettingsError(f"«{only}» no es un control del recorrido", remedy=f"Son: {', '.join(sorted(titles))}.")
    if only and not second and any(stop.titulo == only and stop.tras for stop in RECORRIDO):
        raise SettingsError(f"«{only}» solo existe después de guardar", remedy="Agregue --segunda.")
    if second and settings.prueba_guardar and settings.prueba_guardar == settings.prueba_codigo:
        raise SettingsError("SERVIWEB_PRUEBA_GUARDAR y SERVIWEB_PRUEBA_CODIGO no pueden ser el mismo suscriptor")
    known = values_of(settings)
    if second:  # to the subscriber of the check nothing is ever saved: this is another, or a person names one
        known |= {"codigo": settings.prueba_guardar}
        known = {name: value for name, value in known.items() if value}
    return Lesson(
        url=settings.url,
        walk=RECORRIDO,
        kinds=KINDS,
        tables=TABLES,
        rows=ROWS,
        patterns=PATTERNS,
        private=PRIVATE,
        fills={"tercero": FILLS, "factura": _products(settings)},
        before=BEFORE,
        also=ALSO,
        needed={"factura.producto": settings.productos, "factura.forma_pago": ("Contado", "Crédito")},
        optional_screens=OPTIONAL_SCREENS,
        questions=QUESTIONS | ({"codigo": SAVED} if second else {}),
        values=known | values,
        same={"codigo_con_documentos": "codigo"} if second else {},
        only=only,
        second=second,
    )


def map_of(folder: Path, *, start: str = "/") -> MapFile:
    """Open or begin the map of a folder; what is taught is noted in its history."""
    return MapFile.open(folder, name=folder.name, start=start, titles=TITLES, note=partial(anotar, folder))


class Terminal:
    """The person who types `serviweb selectores aprender`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._console = Console(stderr=True, highlight=False)

    def say(self, text: str) -> None:
        """Print it."""
        self._console.print(text, markup=False, soft_wrap=True)

    async def yes(self, question: str) -> bool:
        """Ask on the terminal: s or n, and nothing counts as yes but an s."""
        ask = Confirm(question, choices=["s", "n"], console=self._console)
        ask.validate_error_message = "Responda s (sí) o n (no)"
        ask.response_type = str  # type: ignore[assignment]  # so that «s» is the answer, not True
        return await self._typed(lambda: str(ask())) == "s"

    async def text(self, question: str, *, proposed: str = "") -> str:
        """Ask on the terminal; Enter takes what is proposed."""
        ask = Prompt(question, console=self._console, show_default=bool(proposed))
        return await self._typed(lambda: str(ask(default=proposed)))

    async def _typed(self, ask: Callable[[], str]) -> str:
        """Wait for the keyboard beside the browser."""
        try:
            return await asyncio.to_thread(ask)
        except asyncio.CancelledError:
            self.say("\nLo enseñado quedó guardado. Oprima Enter para terminar.")  # Python waits for the keyboard
            raise

    async def pointing(self, asked: Asked) -> None:
        """Leave the person to the browser."""


def aprender(
    *,
    mapa: str,
    url: str = "",
    control: str = "",
    segunda: bool = False,
    usuario: str = "",
    quien: str = "",
    json: bool,
) -> int:
    """Teach a map, or one control of it, to the end or until the person interrupts; each answer is kept at once."""
    del json
    settings = load(url=url or None, usuario=usuario or None, visible=True)
    if not settings.url or not settings.usuario:
        raise SettingsError(
            "Falta la dirección de Serviweb o el usuario",
            remedy="Indique --url y --usuario, o defina SERVIWEB_URL y SERVIWEB_USUARIO.",
        )
    folder = map_folder(mapa or settings.mapa).resolve()
    if folder.is_relative_to(maps_folder().resolve()):
        raise SettingsError(
            f"El mapa «{folder.name}» viene con el programa y no se cambia aquí",
            remedy="Indique con --mapa una carpeta propia; si no existe, se crea.",
        )
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise SettingsError(
            "Enseñar el mapa es una conversación: hace falta una persona en una terminal",
            remedy="Ejecútelo en una terminal, con el navegador a la vista.",
        )
    person = Terminal(quien.strip() or getpass.getuser())
    plan = lesson(settings, only=control, second=segunda)
    teacher = asyncio.run(_taught(settings, person, folder, plan))
    return report(person, teacher)


async def _taught(settings: Settings, person: Persona, folder: Path, plan: Lesson) -> Teacher:
    with archivo_of(settings) as archivo:
        if plan.second:
            cuarentena.check(archivo)  # it saves for real
        async with turno_de(archivo), browser_of(settings) as browser:
            context = await browser.new_context(
                viewport=VIEWPORT,  # type: ignore[arg-type]  # a ViewportSize: what the robot will see
                locale="es-CO",
                timezone_id="America/Bogota",
                service_workers="block",
            )
            context.set_default_timeout(settings.espera_segundos * 1000)
            teacher = (Saving if plan.second else Teacher)(context, person, map_of(folder), plan)
            await teacher.open()
            await teacher.walk()
            await context.close()
            return teacher


def missing(mapa: MapFile) -> list[str]:
    """Return the controls that the flows need and the map lacks; of a screen that may be left out, once it is begun."""
    needed = {**REQUIRED, **{screen: keys for screen, keys in OPTIONAL.items() if mapa.keys(screen)}}
    found = [
        f"{screen}.{stop.control}"
        for screen, keys in needed.items()
        for stop in RECORRIDO
        if stop.pantalla == screen and stop.control in keys and not mapa.has(screen, stop.control)
        if stop.control not in OPTIONAL_CONTROLS.get(screen, frozenset())
    ]
    return list(dict.fromkeys(found))


def report(person: Persona, teacher: Teacher) -> int:
    """Tell what is taught, what is missing and what was kept from leaving."""
    lost = missing(teacher.map)
    person.say(f"\nEnseñados ahora: {len(teacher.taught)}. Mapa: {teacher.map.folder}")
    for one in teacher.guard.blocked:
        person.say(f"Se bloqueó un envío a {one.url} ({one.method}).")
    if not lost:
        person.say("El mapa está completo. Compruébelo con «serviweb selectores revisar».")
        return 0
    after = {stop.titulo for stop in RECORRIDO if stop.tras}
    for title in lost:
        person.say(f"Falta {title}" + (" (después de guardar: --segunda)" if title in after else ""))
    person.say(
        "Para seguir donde quedó, ejecute de nuevo la misma orden"
        + ("." if teacher.lesson.second else ", y luego con --segunda.")
    )
    return 0
