"""A program that calls the API, and a server that hears its webhooks, as strangers to the panel would write them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from robot.panel.contexto import Panel
from robot.records.store import clientes
from robot.records.store.clientes import PERMISOS, Cliente

BUENA: dict[str, Any] = {
    "codigo": "100234",
    "ruta": "01-383",
    "documento": "40781234",
    "nombres": "Ana María",
    "apellidos": "Ñáñez Ruiz",
    "celular": "3104567890",
    "forma_pago": "Contado",
    "concepto": "RECONEXION DEL SERVICIO",
    "medidor": True,
    "arreglo": "sin deuda",
}

CONOCIDA = BUENA | {
    "codigo": "100713",
    "ruta": "07-125",
    "documento": "26630543",
    "nombres": "JORGE RUBÉN",
    "apellidos": "GÓMEZ TOVAR",
    "celular": "3149264907",
    "concepto": "RECONEXIÓN DEL SERVICIO",
}
"""A subscriber whom the bundled Serviweb knows."""


def programa(panel: Panel, url: str, permisos: Sequence[str] = tuple(PERMISOS)) -> tuple[Cliente, httpx.Client]:
    """Return a program with these permissions and its connection."""
    made, token = clientes.create(panel.store, "Prueba", permisos, por="admin")
    return made, httpx.Client(base_url=f"{url}/api", headers={"Authorization": f"Bearer {token}"}, timeout=30)


@dataclass
class Receptor:
    """Hears webhooks; *answers* are the statuses of the next ones, then 204."""

    url: str = ""
    heard: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """Return the bodies, each with its id, after checking their signatures as the specification says."""
        found = []
        for headers, body in self.heard:
            key = base64.b64decode(secret.removeprefix("whsec_"))
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
            right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
            assert hmac.compare_digest(headers["webhook-signature"], f"v1,{right}")
            found.append(json.loads(body) | {"id": headers["webhook-id"]})
        return found


@contextmanager
def receptor() -> Iterator[Receptor]:
    """Run a server that hears."""
    hears = Receptor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            hears.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(hears.answers.pop(0) if hears.answers else 204)
            self.send_header("Location", f"{hears.url}/otra")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hears.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, name="receptor")
    thread.start()
    yield hears
    server.shutdown()
    thread.join()
    server.server_close()
