"""The set `cambiado`: moderno after an update that nobody told of. The same rules, some controls changed."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse

from mock_serviweb.pages import moderno
from mock_serviweb.pages.cambiado.cambios import CHANGES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.responses import Response

    from mock_serviweb.door import Screen, Visit
    from mock_serviweb.pages.cambiado.cambios import Change


class Pages(moderno.Pages):
    """All screens of moderno, with what the update changed in them."""

    def screens(self) -> Sequence[Screen]:
        return [
            replace(screen, handle=_changed(screen.handle, CHANGES[screen.at])) if screen.at in CHANGES else screen
            for screen in super().screens()
        ]


def _changed(handle: Callable[[Visit], Response], changes: Sequence[Change]) -> Callable[[Visit], Response]:
    @functools.wraps(handle)
    def answered(visit: Visit) -> Response:
        response = handle(visit)
        if response.status_code != 200:
            return response
        html = bytes(response.body).decode("utf-8")
        for change in changes:
            if html.count(change.before) != 1:
                raise LookupError(f"{change.what}: moderno changed, {html.count(change.before)} × {change.before!r}")
            html = html.replace(change.before, change.after)
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    return answered
