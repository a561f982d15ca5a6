"""The header `Idempotency-Key`: the same call sent twice acts once, and is answered as the first time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Header, Request, Response
from pydantic import BaseModel

from robot.errors import RobotError
from robot.panel.acceso import panel_of
from robot.panel.api.fallas import FallaError
from robot.records.store import hechas
from robot.records.store.clientes import Cliente

Llave = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Un texto distinto en cada llamada nueva (un UUID sirve). Si no sabe si una llamada llegó, "
        "repítala con la misma llave: se hace una sola vez y se responde igual. Se recuerda 7 días.",
    ),
]
_REPLAYED: Final = "Idempotency-Replayed"


def answer(status: int, body: BaseModel, location: str = "") -> Response:
    """Return an answer of JSON."""
    headers = {"Location": location} if location else None
    return Response(body.model_dump_json(), status, headers=headers, media_type="application/json")


def once(request: Request, cliente: Cliente, llave: str | None, sent: Any, act: Callable[[], Response]) -> Response:
    """Act, unless a call with this key has; what was refused may be sent again with the same key.

    After an error of ours nobody knows what was done: the key stays used.
    """
    if llave is None:
        return act()
    store = panel_of(request).store
    mark = _digest([cliente.id, request.method, request.url.path, llave])
    earlier = hechas.begin(store, mark, cliente.quien)
    if earlier is not None:
        return _as_before(earlier, _digest(sent))
    kept: str | None = hechas.BROKEN
    try:
        response = act()
        kept = None
        if response.status_code < 400:
            kept = json.dumps(
                {
                    "enviado": _digest(sent),
                    "status": response.status_code,
                    "location": response.headers.get("Location", ""),
                    "cuerpo": bytes(response.body).decode(),
                }
            )
    except (FallaError, RobotError):
        kept = None
        raise
    else:
        return response
    finally:
        hechas.end(store, mark, kept)


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def _as_before(earlier: str, sent: str) -> Response:
    if earlier == hechas.PENDING:
        raise FallaError(409, "Una llamada con esa llave está en curso", "Espere y repita, o consulte el caso.")
    if earlier == hechas.BROKEN:
        raise FallaError(
            409, "No se sabe si esa llamada se hizo", "Consulte los casos antes de repetirla con otra llave."
        )
    known = json.loads(earlier)
    if known["enviado"] != sent:
        raise FallaError(
            409, "Esa llave ya se usó para enviar otros datos", "Use una Idempotency-Key nueva en cada llamada nueva."
        )
    headers = {_REPLAYED: "true"} | ({"Location": known["location"]} if known["location"] else {})
    return Response(known["cuerpo"], known["status"], headers=headers, media_type="application/json")
