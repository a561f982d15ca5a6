"""How this set answers its scripts: `datos` with 200, or an `error` whose status says what kind."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from mock_serviweb.rules.answers import NotFound, NotSaved

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_serviweb.door import Visit
    from mock_serviweb.sessions import Notice

    Handler = Callable[[Visit], Response]

NEVER_KEPT = {"Cache-Control": "no-store"}


def data(visit: Visit, **values: Any) -> Response:
    """Answer what was asked for, with the box that a fault wants shown."""
    return JSONResponse({"datos": values, **_notice(visit.notice)}, headers=NEVER_KEPT)


def failure(status: int, code: str, sentence: str, *, notice: Notice | None = None, **more: str) -> Response:
    """Answer that it went wrong: a code for the script, a sentence for the person."""
    error = {"codigo": code, "mensaje": sentence, **more}
    return JSONResponse({"error": error, **_notice(notice)}, status_code=status, headers=NEVER_KEPT)


def paper(visit: Visit, pdf: bytes, name: str, *, attached: bool = False) -> Response:
    """Answer a PDF; the box that a fault wants shown travels in a header."""
    how = "attachment" if attached else "inline"
    headers = {**NEVER_KEPT, "Content-Disposition": f'{how}; filename="{name}.pdf"'}
    if visit.notice:
        headers["X-Serviweb-Aviso"] = quote(json.dumps(_notice(visit.notice)["aviso"]))
    return Response(pdf, media_type="application/pdf", headers=headers)


def plainly(handle: Handler) -> Handler:
    """Let a handler's refusals reach the script as sentences."""

    @functools.wraps(handle)
    def answered(visit: Visit) -> Response:
        try:
            return handle(visit)
        except NotFound as no:
            return failure(404, "no_encontrado", str(no), notice=visit.notice)
        except NotSaved as no:
            return failure(422, "no_guardado", str(no), notice=visit.notice)

    return answered


def _notice(notice: Notice | None) -> dict[str, Any]:
    return {"aviso": {"texto": notice.text, "nativo": notice.native}} if notice else {}
