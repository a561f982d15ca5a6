"""Start the bundled Serviweb: `python -m mock_serviweb`."""

from __future__ import annotations

import argparse
import contextlib
import logging
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import uvicorn

from mock_serviweb.app import Options, create
from mock_serviweb.pages import VARIANTS
from mock_serviweb.store import Store, fixtures_folder
from mock_serviweb.wire import ClosableProtocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp

HOST = "127.0.0.1"


class Server(uvicorn.Server):
    """Uvicorn that says on stdout where it listens once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if sockets and self.started:
            sys.stdout.write(f"Serviweb de prueba en http://{HOST}:{sockets[0].getsockname()[1]}/\n")
            sys.stdout.flush()


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    p = argparse.ArgumentParser("python -m mock_serviweb", description="Serviweb de prueba, solo en esta máquina.")
    p.add_argument("--port", type=int, default=0, help="puerto; 0 escoge uno libre")
    p.add_argument("--variant", type=_variant, default=VARIANTS[0], metavar="NOMBRE", help=", ".join(VARIANTS))
    p.add_argument("--control", action="store_true", help="abre la superficie de control para pruebas")
    p.add_argument("--data", type=Path, metavar="ARCHIVO", help="archivo SQLite; sin él, uno temporal que se borra")
    p.add_argument("--latency-ms", type=float, default=0.0, metavar="N", help="demora de cada petición")
    p.add_argument("--idle-minutes", type=float, default=20.0, metavar="N", help="inactividad que cierra la sesión")
    p.add_argument("--fixtures", type=Path, default=fixtures_folder(), metavar="CARPETA", help="datos inventados")
    return p


def _variant(name: str) -> str:
    if name not in VARIANTS:
        raise argparse.ArgumentTypeError(f"no hay páginas «{name}»; hay {', '.join(VARIANTS)}")
    return name


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop."""
    chosen = parser().parse_args(arguments)
    if not (chosen.fixtures / "suscriptores.csv").is_file():
        sys.stderr.write(f"No están los datos de prueba en {chosen.fixtures}: use --fixtures CARPETA.\n")
        return 2
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    signal.signal(signal.SIGTERM, _stop)  # uvicorn raises the signal again at its end: the temporary file must go
    with tempfile.TemporaryDirectory(prefix="serviweb-prueba-", ignore_cleanup_errors=True) as folder:
        options = Options(
            variant=chosen.variant,
            control=chosen.control,
            latency_seconds=chosen.latency_ms / 1000,
            idle_seconds=chosen.idle_minutes * 60,
        )
        data = chosen.data or Path(folder) / "serviweb.sqlite"
        try:
            with contextlib.closing(Store(data, chosen.fixtures)) as store:
                return _serve(create(options, store), chosen.port)
        except KeyboardInterrupt:
            return 0


def _serve(app: ASGIApp, port: int) -> int:
    with socket.socket() as listening:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as problem:
            sys.stderr.write(f"No se pudo usar el puerto {port}: {problem.strerror}. Use --port 0.\n")
            return 1
        config = uvicorn.Config(
            app,
            http=ClosableProtocol,
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,  # addresses carry document numbers
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        Server(config).run(sockets=[listening])
    return 0


def _stop(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
