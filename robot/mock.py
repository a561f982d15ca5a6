"""Start the bundled Serviweb as a process of its own: it imports nothing of ours, and nobody imports it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.request import Request, urlopen

from robot.errors import SettingsError


def run_mock(port: int, *, variant: str, control: bool) -> int:
    """Run it in the foreground until Ctrl-C; return its exit code. Where it can, this process becomes it."""
    if os.name != "nt":
        os.execv(sys.executable, _command(port, variant=variant, control=control))  # noqa: S606 — ending this pid must end the server
    with suppress(KeyboardInterrupt):
        command = _command(port, variant=variant, control=control)
        return subprocess.run(command, check=False).returncode  # noqa: S603 — our own module
    return 0


@contextmanager
def mock_running(*, control: bool = False) -> Iterator[str]:
    """Start it on a free loopback port and yield its address; it ends with the block."""
    with subprocess.Popen(_command(0, control=control), stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:  # noqa: S603 — our own module
        try:
            line = process.stdout.readline() if process.stdout else ""
            found = re.search(r"http://\S+", line)
            if not found:
                raise SettingsError("El Serviweb de prueba no inició; vea el mensaje anterior")
            yield found[0]
        finally:
            process.terminate()


def put_faults(url: str, faults: list[dict[str, Any]]) -> None:
    """Put faults at a running one, which was started with its control (mock_serviweb/README.md)."""
    body = json.dumps(faults).encode()
    asked = Request(f"{url.rstrip('/')}/__control__/faults", data=body, method="PUT")  # noqa: S310 — loopback
    try:
        urlopen(asked, timeout=10).close()  # noqa: S310
    except OSError as error:
        raise SettingsError(f"El Serviweb de prueba no responde: {error}") from error


def _command(port: int, *, variant: str = "", control: bool) -> list[str]:
    shown = ["--variant", variant] if variant else []
    return [sys.executable, "-m", "mock_serviweb", "--port", str(port), *shown, *(["--control"] if control else [])]
