"""How handlers answer: a page from a template, or data for a script."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, JSONResponse, Response

from mock_serviweb.clock import day_for_people, for_people, stamp
from mock_serviweb.pages.moderno.menu import MENUS
from mock_serviweb.prints import UTILITY, UTILITY_NIT, pesos
from mock_serviweb.rules.answers import NotFound, NotSaved

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_serviweb.door import Visit
    from mock_serviweb.sessions import Notice

    Handler = Callable[[Visit], Response]

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("plantillas")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters |= {"pesos": pesos, "momento": for_people, "dia": day_for_people}
TEMPLATES.globals |= {"menus": MENUS, "empresa": UTILITY, "nit": UTILITY_NIT}
NEVER_KEPT = {"Cache-Control": "no-store"}


def fragment(template: str, **values: Any) -> str:
    """Render a piece of a page."""
    return TEMPLATES.get_template(template).render(**values)


def page(visit: Visit, template: str, *, title: str, alert: str = "", status: int = 200, **values: Any) -> Response:
    """Render a whole page, with the box that a fault asked for."""
    notice = visit.notice or visit.session.notice
    visit.session.notice = None
    html = fragment(
        template,
        title=title,
        alert=alert,
        user=visit.user,
        now=stamp(),
        notice=json.dumps(_notice(notice), ensure_ascii=False) if notice else "",
        **values,
    )
    return HTMLResponse(html, status_code=status, headers=NEVER_KEPT)


def broken_page(status: int) -> Response:
    """Render the page of an error of the server."""
    return HTMLResponse(fragment("error.html", status=status), status_code=status, headers=NEVER_KEPT)


def data(visit: Visit, **values: Any) -> Response:
    """Answer a script."""
    answer = {"ok": True, **values}
    if visit.notice:
        answer["aviso"] = _notice(visit.notice)
    return JSONResponse(answer, headers=NEVER_KEPT)


def refusal(visit: Visit, sentence: str) -> Response:
    """Answer a script that Serviweb says no: status 200, as such systems do."""
    return data(visit, ok=False, error=sentence)


def for_script(handle: Handler) -> Handler:
    """Let a handler's refusals reach the page as sentences."""

    @functools.wraps(handle)
    def answered(visit: Visit) -> Response:
        try:
            return handle(visit)
        except (NotFound, NotSaved) as no:
            return refusal(visit, str(no))

    return answered


def for_person(handle: Handler) -> Handler:
    """Show a handler's refusals as a page of their own."""

    @functools.wraps(handle)
    def answered(visit: Visit) -> Response:
        try:
            return handle(visit)
        except NotFound as no:
            return page(visit, "modulo.html", title="No encontrado", alert=str(no), status=404)

    return answered


def _notice(notice: Notice) -> dict[str, Any]:
    return {"texto": notice.text, "nativo": notice.native}
