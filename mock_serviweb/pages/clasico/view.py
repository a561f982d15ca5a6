"""How handlers answer: always a whole page, in windows-1252, with the names of its controls new."""

from __future__ import annotations

import functools
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from mock_serviweb.clock import day_for_people, for_people, stamp
from mock_serviweb.pages.clasico.menu import MENUS
from mock_serviweb.pages.clasico.names import Names, written
from mock_serviweb.prints import UTILITY, UTILITY_NIT, pesos
from mock_serviweb.rules.answers import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_serviweb.door import Visit

    Handler = Callable[[Visit], Response]

CHARSET = "windows-1252"
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


class OldPage(HTMLResponse):
    """A page in the encoding of its time; what it can't write becomes a character reference."""

    charset = CHARSET

    def render(self, content: Any) -> bytes:
        return str(content).encode(CHARSET, "xmlcharrefreplace")


def page(
    visit: Visit,
    template: str,
    *,
    title: str,
    typed: Mapping[str, str] | None = None,
    kept: Mapping[str, str] | None = None,
    error: str = "",
    done: str = "",
    says: str = "",
    status: int = 200,
    **values: Any,
) -> Response:
    """Render a whole page with what was *typed* in its form.

    *kept* comes back with the next post; *says* is a native alert once the page is there. A box that a fault asked for
    comes too.
    """
    notice = visit.notice or visit.session.notice
    visit.session.notice = None
    alerts = [text for text in (says, notice.text if notice and notice.native else "") if text]
    controls = Names()
    html = TEMPLATES.get_template(template).render(
        title=title,
        typed=defaultdict(str, visit.typed if typed is None else typed),
        c=controls,
        viewstate=written(controls.seed, dict(kept or {})),
        error=error,
        done=done,
        alerts=alerts,
        box=notice.text if notice and not notice.native else "",
        user=visit.user,
        now=stamp(),
        **values,
    )
    return OldPage(html, status_code=status, headers=NEVER_KEPT)


def broken_page(status: int) -> Response:
    """Render the page of an error of the server, as its framework shows it."""
    html = TEMPLATES.get_template("error.html").render(status=status, title="Error en tiempo de ejecución")
    return OldPage(html, status_code=status, headers=NEVER_KEPT)


def for_person(handle: Handler) -> Handler:
    """Show a paper's refusals as a page of their own."""

    @functools.wraps(handle)
    def answered(visit: Visit) -> Response:
        try:
            return handle(visit)
        except NotFound as no:
            return page(visit, "modulo.html", title="No encontrado", error=str(no), status=404)

    return answered
