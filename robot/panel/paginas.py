"""Pages from templates: what every page shows around its own content, and how Colombia writes dates and amounts."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from robot.panel.acceso import may, panel_of, sesion_of
from robot.panel.quienes import Quienes
from robot.records.caso import NOMBRE_ESTADO
from robot.records.plazos import hora
from robot.records.store.personas import Persona
from robot.settings import BOGOTA
from robot.text import in_pesos, sentence


@dataclass(frozen=True)
class Entrada:
    """A line of the menu: address, words, the least role, the icon's name, and the key after «g» that opens it."""

    href: str
    texto: str
    rol: str
    icono: str
    tecla: str


MENU: Final = (
    Entrada("/solicitud", "Nueva solicitud", "asesor", "nueva", "n"),
    Entrada("/mis-casos", "Mis casos", "asesor", "casos", "m"),
    Entrada("/esperando-pago", "Esperando pago", "asesor", "pago", "p"),
    Entrada("/hoy", "Hoy", "supervisor", "hoy", "h"),
    Entrada("/casos", "Buscar casos", "supervisor", "buscar", "b"),
    Entrada("/dudas", "En duda", "supervisor", "duda", "d"),
    Entrada("/plazos", "Plazos", "supervisor", "plazo", "z"),
    Entrada("/revision", "Por revisar", "supervisor", "revisar", "r"),
    Entrada("/cola", "Cola", "supervisor", "cola", "c"),
    Entrada("/tablero", "Tablero", "supervisor", "tablero", "t"),
    Entrada("/informes", "Informes", "supervisor", "papel", "i"),
    Entrada("/pantallas", "Pantallas", "supervisor", "pantallas", "s"),
    Entrada("/personas", "Personas", "administrador", "personas", "u"),
    Entrada("/clientes", "Programas (API)", "administrador", "api", "a"),
    Entrada("/auditoria", "Auditoría", "supervisor", "auditoria", "o"),
)
CORTO: Final[dict[str, str]] = {
    "en_cola": "En cola",
    "en_curso": "En curso",
    "esperando_pago": "Esperando pago",
    "terminado": "Terminado",
    "rechazado": "Rechazado",
    "fallido": "Fallido",
    "en_duda": "En duda",
    "incompleto": "Incompleto",
    "cancelado": "Cancelado",
}
"""Each state in two words at most, for chips and tables."""
TONO: Final[dict[str, str]] = {
    "terminado": "bien",
    "esperando_pago": "espera",
    "en_cola": "neutro",
    "en_curso": "curso",
    "en_duda": "duda",
    "incompleto": "duda",
    "rechazado": "mal",
    "fallido": "mal",
    "cancelado": "neutro",
}
ETAPA: Final = {"cobro": "Cobro", "tramite": "Trámite"}


def fecha(value: str | datetime | None) -> str:
    """Return a moment as dd/mm/aaaa hh:mm in Colombia; «—» for none."""
    if not value:
        return "—"
    there = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(BOGOTA)
    return f"{there:%d/%m/%Y %H:%M}"


def reloj(value: str | datetime | None) -> str:
    """Return a moment as people say it: the hour alone when it is today."""
    if not value:
        return "—"
    there = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(BOGOTA)
    if there.date() == datetime.now(BOGOTA).date():
        return f"{there:%H:%M:%S}"
    return f"{there:%d/%m/%Y} {hora(there)}"


def dia(value: str) -> str:
    """Return an ISO date as dd/mm/aaaa."""
    return f"{datetime.fromisoformat(value):%d/%m/%Y}" if value else "—"


def hace(value: str | datetime | None) -> str:
    """Return how long ago a moment was, roughly: «hace 3 h»; «en 2 d» for one to come."""
    if not value:
        return "—"
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    gap = datetime.now(UTC) - moment
    said = duracion(abs(gap))
    return f"hace {said}" if gap >= timedelta(0) else f"en {said}"


def duracion(gap: timedelta) -> str:
    """Return a length of time in its largest unit: 40 s, 3 min, 5 h, 2 d."""
    seconds = int(gap.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def miles(value: int) -> str:
    """Return a whole number with its thousands points."""
    return f"{value:,}".replace(",", ".")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("robot.panel", "plantillas"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        fecha=fecha,
        reloj=reloj,
        dia=dia,
        hace=hace,
        duracion=duracion,
        miles=miles,
        pesos=in_pesos,
        oracion=sentence,
        de_json=json.loads,
    )
    environment.globals.update(
        CORTO=CORTO, TONO=TONO, ETAPA=ETAPA, NOMBRE_ESTADO=NOMBRE_ESTADO, marca=lambda: secrets.token_urlsafe(18)
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment


def render(request: Request, template: str, **context: Any) -> str:
    """Return a template's text; it knows who asks, the menu that they have, and their forms' secret."""
    panel, sesion = panel_of(request), sesion_of(request)
    persona = sesion.persona if sesion else None
    return (
        _environment()
        .get_template(template)
        .render(
            request=request,
            ruta=request.url.path,
            persona=persona,
            csrf=sesion.csrf if sesion else "",
            menu=menu_of(persona),
            tema=tema_of(request),
            puede=lambda rol: bool(persona and may(persona, rol)),
            htmx_config=_HTMX,
            version=_version(),
            robot=panel.robot,
            nombre_de=Quienes(panel.store),
            **context,
        )
    )


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page, or a fragment of one."""
    return HTMLResponse(render(request, template, **context), status_code=status)


def menu_of(persona: Persona | None) -> list[Entrada]:
    """Return the lines of the menu that somebody's role has."""
    return [entry for entry in MENU if persona and may(persona, entry.rol)]


def tema_of(request: Request) -> str:
    """Return the theme that somebody chose: «auto» follows the system."""
    chosen = request.cookies.get("serviweb_tema", "auto")
    return chosen if chosen in ("auto", "claro", "oscuro") else "auto"


_HTMX: Final = json.dumps(
    {
        "allowEval": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        "scrollIntoViewOnBoost": False,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "[45]..", "swap": True, "error": True},
        ],
    }
)


@cache
def _version() -> str:
    """Return a text that changes with the panel's own scripts and styles, so that browsers keep no old ones."""
    import hashlib

    total = hashlib.sha256()
    for folder in ("panel/estatico", "web"):
        for file in sorted(files("robot").joinpath(folder).iterdir(), key=lambda file: file.name):
            if file.is_file():
                total.update(file.read_bytes())
    return total.hexdigest()[:10]
