"""The command line: its one line, its file, its limits."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from mock_client import Control, Plain, User, started


def test_no_control_surface_unless_asked() -> None:
    """Without --control there is none."""
    with started() as url, Plain(url) as nobody:
        assert nobody.get("/__control__/ledger").status_code == 404


def test_control_refuses_other_hosts(control: Control) -> None:
    """A page that reaches loopback under another name is refused."""
    answer = control.get("/__control__/ledger", headers={"Host": "evil.example"})
    assert answer.status_code == 403


def test_data_file_is_kept(tmp_path: Path) -> None:
    """With --data what was saved is there after a restart, and numbers go on."""
    arguments = ("--control", "--data", str(tmp_path / "serviweb.sqlite"))
    with started(*arguments) as url, User(url, "asesor1") as user:
        assert user.billed() == "F-000124"
    with started(*arguments) as url, User(url, "asesor1") as user, Control(url) as control:
        assert user.billed("100701", user_document(user)) == "F-000125"
        assert len(control.ledger()["facturas"]) == 2


def user_document(user: User) -> str:
    """Find the document of subscriber 100701 as the search box shows it."""
    found = user.get("/abono/buscar", params={"tipo": "Código", "texto": "100701"}).json()["suscriptores"]
    return str(found[0]["documento"])


def test_temporary_file_is_removed(tmp_path: Path) -> None:
    """Without --data nothing stays on disk, even when the server is told to stop."""
    with started(TMPDIR=str(tmp_path), TEMP=str(tmp_path)):
        assert [file.name for file in tmp_path.glob("*/*")] == ["serviweb.sqlite"]
    assert list(tmp_path.iterdir()) == []


def test_busy_port_is_said(server: str) -> None:
    """A port in use ends the command with a sentence."""
    command = [sys.executable, "-m", "mock_serviweb", "--port", str(urlsplit(server).port)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert "No se pudo usar el puerto" in ended.stderr


def test_missing_fixtures_are_said(tmp_path: Path) -> None:
    """A folder without fixtures ends the command with a sentence."""
    command = [sys.executable, "-m", "mock_serviweb", "--fixtures", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 2
    assert "No están los datos de prueba" in ended.stderr


def test_latency_delays_pages_but_not_control() -> None:
    """--latency-ms is felt by every page."""
    with started("--control", "--latency-ms", "200") as url, Plain(url) as nobody:
        begun = time.monotonic()
        nobody.get("/ingreso")
        assert time.monotonic() - begun >= 0.2


def test_only_loopback(server: str) -> None:
    """The server listens on 127.0.0.1 and nowhere else."""
    port = urlsplit(server).port
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.2", port)) != 0
