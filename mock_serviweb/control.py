"""The control surface for tests: the ledger, the faults, and the way back to the fixtures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mock_serviweb import by_hand, ledger
from mock_serviweb.faults import ALLOWED, FaultsError
from mock_serviweb.rules import abonos, correcciones
from mock_serviweb.rules.answers import NotSaved

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from mock_serviweb.door import Door
    from mock_serviweb.faults import Faults
    from mock_serviweb.sessions import Sessions
    from mock_serviweb.store import Store

    Endpoint = Callable[[Request], Awaitable[Response]]

PREFIX = "/__control__"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def routes(*, store: Store, sessions: Sessions, faults: Faults, door: Door) -> list[Route]:
    """Make the routes of the control surface; they answer on loopback only."""

    async def read_ledger(_: Request) -> Response:
        return JSONResponse(ledger.read(store))

    async def read_faults(_: Request) -> Response:
        return JSONResponse(faults.left())

    async def put_faults(request: Request) -> Response:
        try:
            faults.put(json.loads(await request.body()))
        except json.JSONDecodeError as problem:
            return JSONResponse({"errors": [f"no es JSON: {problem}"], "at": list(ALLOWED)}, status_code=422)
        except FaultsError as refusal:
            return JSONResponse({"errors": refusal.problems, "at": list(ALLOWED)}, status_code=422)
        return JSONResponse(faults.left())

    async def put_document(request: Request) -> Response:
        wanted = json.loads(await request.body())
        number, amount = str(wanted.get("number", "")), wanted.get("amount")
        changed = correcciones.apply(store, number, void=bool(wanted.get("void")), amount=amount)
        return JSONResponse({"changed": changed}, status_code=200 if changed else 404)

    async def reset(_: Request) -> Response:
        door.forget_late_commits()
        faults.clear()
        sessions.clear()
        store.reset()
        return JSONResponse({"ok": True})

    return [
        Route(f"{PREFIX}/ledger", _on_loopback(read_ledger), methods=["GET"]),
        Route(f"{PREFIX}/faults", _on_loopback(read_faults), methods=["GET"]),
        Route(f"{PREFIX}/faults", _on_loopback(put_faults), methods=["PUT"]),
        Route(f"{PREFIX}/document", _on_loopback(put_document), methods=["PUT"]),
        *_by_hand(store),
        Route(f"{PREFIX}/reset", _on_loopback(reset), methods=["POST"]),
    ]


def _by_hand(store: Store) -> list[Route]:
    """Make the routes by which tests let people work beside the robot, whatever the pages look like."""

    async def bill(request: Request) -> Response:
        return JSONResponse({"number": by_hand.bill(store, **json.loads(await request.body()))})

    async def generate(request: Request) -> Response:
        return JSONResponse({"number": by_hand.generate(store, **json.loads(await request.body()))})

    async def pay(request: Request) -> Response:
        number = str(json.loads(await request.body()).get("number", ""))
        try:
            return JSONResponse({"number": abonos.pay(store, number, "cajero1")})
        except NotSaved as refusal:
            return JSONResponse({"error": str(refusal)}, status_code=409)

    return [
        Route(f"{PREFIX}/bill", _on_loopback(bill), methods=["POST"]),
        Route(f"{PREFIX}/generate", _on_loopback(generate), methods=["POST"]),
        Route(f"{PREFIX}/pay", _on_loopback(pay), methods=["POST"]),
    ]


def _on_loopback(endpoint: Endpoint) -> Endpoint:
    """Refuse a caller from elsewhere, and a page that reached us under another host's name."""

    async def guarded(request: Request) -> Response:
        client = request.client.host if request.client else ""
        if client not in LOOPBACK or request.url.hostname not in LOOPBACK:
            return PlainTextResponse("Solo desde esta máquina.", status_code=403)
        return await endpoint(request)

    return guarded
