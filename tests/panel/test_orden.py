"""`serviweb panel` as somebody types it: its first user, its address, its end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from oficina import CLAVE, free_port

from robot.settings import environment_of, load
from robot.work.cola import is_worked_here
from robot.work.senales import SIN_PANEL

ENDS = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of an installation in a folder, whose Serviweb nobody answers for."""
    given = {"url": f"http://127.0.0.1:{free_port()}/", "usuario": "asesor1", "clave": "x", "carpeta": str(folder)}
    return environment_of(**given, revisar_antes="false") | {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


@contextmanager
def panel(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Run the panel on a free port; give the process, what it said first, and its address."""
    command = [sys.executable, "-m", "robot", "panel", "--puerto", "0", *options]
    with subprocess.Popen(command, env=environment(folder), stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        said, address = "", ""
        while not address and (line := process.stderr.readline()):
            said += line
            found = re.search(r"Panel en (http://\S+)", line)
            address = found[1] if found else ""
        try:
            assert address, said
            yield process, said, address
        finally:
            process.terminate()
            process.stderr.read()


def test_the_first_user_is_made_and_enters(tmp_path: Path) -> None:
    """An empty installation says how; whoever was made with the command enters with that password."""
    create = ("usuarios", "crear", "andres", "--nombre", "Andrés Ruiz", "--rol", "administrador")
    with panel(tmp_path, "--sin-robot") as (_, said, address):
        assert "serviweb usuarios crear" in said
        command = [sys.executable, "-m", "robot", *create, "--clave-desde-entrada"]
        subprocess.run(
            command, env=environment(tmp_path), input=f"{CLAVE}\n", text=True, check=True, capture_output=True
        )
        with httpx.Client(base_url=address) as client:
            answer = client.post("/ingresar", data={"usuario": "andres", "clave": CLAVE})
            assert answer.status_code == 303
            assert client.get(answer.headers["location"], follow_redirects=True).status_code == 200


def test_an_address_in_use_is_told(tmp_path: Path) -> None:
    """No traceback: a sentence, what to do, and the exit code of settings."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "robot", "panel", "--puerto", str(taken.getsockname()[1]), "--sin-robot"]
        ended = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "Quizá ya hay un panel abierto" in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("sign", [*ENDS, signal.SIGKILL], ids=lambda sign: sign.name)
def test_every_end_ends_the_robot_too(tmp_path: Path, sign: signal.Signals) -> None:
    """Ctrl-C, a service that is stopped, a terminal that is closed, a kill: nobody works the queue afterwards."""
    settings = load(carpeta=tmp_path)
    with panel(tmp_path) as (process, _, address):
        with httpx.Client(base_url=address) as client:
            while not is_worked_here(settings):
                assert client.get("/ingresar").status_code == 200
        process.send_signal(sign)
        assert process.wait(timeout=60) in (0, -signal.SIGTERM, -signal.SIGKILL)
        assert "Traceback" not in process.stderr.read()
    if sign == signal.SIGKILL:  # it could not wait for its robot, which sees that it is gone
        until = time.monotonic() + 30
        while is_worked_here(settings) and time.monotonic() < until:
            time.sleep(0.1)
        assert SIN_PANEL in " ".join((tmp_path / "robot.log").read_text("utf-8").split())
    assert not is_worked_here(settings)
