"""A few pages that hide personal data wherever a page can, served by this process on a free loopback port."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CEDULA = "1117512345"
CELULAR = "3101234567"
ADDRESS = "Calle 10 # 5-20 Barrio Ñandú"
EMAIL = "maria.perez@correo.com.co"
PASSWORD = "Clav3-Secreta"
OTHER_CEDULA = "79456123"
OTHER_NAME = "OTRA PERSONA LEJANA"
PRIVATE = [CEDULA, CELULAR, ADDRESS, EMAIL, PASSWORD]
CODE, ROUTE, NAME, AMOUNT, INVOICE = "1020304", "01-383", "MARÍA PÉREZ", "$ 1.250.000", "FV-3001234567"
LEGIBLE = [CODE, ROUTE, NAME, AMOUNT, INVOICE]

_PAGES = Path(__file__).parent / "pages"
_KINDS = {".html": "text/html; charset=utf-8", ".css": "text/css", ".txt": "text/plain; charset=utf-8"}
_FILES = {f"/{path.stem}{'.css' if path.suffix == '.css' else ''}": path for path in _PAGES.iterdir()}


def page(path: str) -> bytes:
    """Return a page with this module's values in the place of its {{NAMES}}."""
    return re.sub(r"\{\{(\w+)\}\}", lambda m: str(globals()[m[1]]), _FILES[path].read_text("utf-8")).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        known = path in _FILES
        body = page(path) if known else b""
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", _KINDS[_FILES[path].suffix] if known else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if "csp" in self.path:
            self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the pages and give their address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
