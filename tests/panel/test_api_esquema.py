"""schemathesis over the OpenAPI description: nothing it thinks of breaks the API, or gets an answer not described."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_cliente import BUENA, programa
from oficina import Oficina

from robot.panel.api.acceso import Ritmo
from robot.records.store.clientes import PERMISOS

EXAMPLES = int(os.environ.get("ESQUEMA_EJEMPLOS", "8"))
"""Random examples of each operation, besides those that cover its description."""
ROOT = Path(__file__).parents[2]
NOT_MEANT = ("positive_data_acceptance",)
"""Checks that can't hold: what a request says is judged by more than its shape (a check digit, a date)."""


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everybody call as fast as they can."""
    monkeypatch.setattr(Ritmo, "take", lambda *_: 0.0)


def schemathesis(url: str, folder: Path, *more: str) -> None:
    """Run it as a person would, and fail with what it found."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/openapi.json", *more]
    command += ["--checks=all", f"--exclude-checks={','.join(NOT_MEANT)}", f"--max-examples={EXAMPLES}", "--seed=5"]
    command += ["--suppress-health-check=all", "--generation-allow-x00=false", "--no-color", "--warnings=off"]
    command += ["--generation-database=none"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-3_000:]


def test_whatever_is_thought_of_is_answered_as_described(oficina_quieta: Oficina, tmp_path: Path) -> None:
    """With every permission: no 5xx, every answer as described, what is wrong refused, no operation open to all."""
    _, client = programa(oficina_quieta.panel, oficina_quieta.url)
    with client:
        client.post("/casos", json=BUENA).raise_for_status()
        schemathesis(oficina_quieta.url, tmp_path, f"--header=Authorization: {client.headers['Authorization']}")


@pytest.mark.parametrize("permiso", [*PERMISOS, "nada"])
def test_each_permission_opens_its_own_operations(oficina_quieta: Oficina, permiso: str) -> None:
    """A token of one permission gets 403 from every operation that asks for another, and never from its own."""
    described = httpx.get(f"{oficina_quieta.url}/api/openapi.json").json()
    given = [permiso] if permiso != "nada" else ["casos:leer:todos"]
    _, client = programa(oficina_quieta.panel, oficina_quieta.url, given)
    with client:
        for path, method, operation in operations(described):
            asked = operation["description"].partition("Permiso: `")[2].partition("`")[0]
            said = client.request(method, concrete(path), json={} if method in ("POST", "PUT") else None).status_code
            if not asked:
                assert said == 200, path
            else:
                assert (said == 403) == (asked not in given), (path, method, said)


def test_the_description_is_whole(oficina_quieta: Oficina) -> None:
    """Each operation has a summary, a text, a token unless it is the health, and its failures; no page is there."""
    described = httpx.get(f"{oficina_quieta.url}/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": "/api"}]
    found = operations(described)
    assert len(found) == 13
    for path, _, operation in found:
        assert operation["summary"]
        assert operation["description"]
        if path == "/salud":
            assert "security" not in operation
            continue
        assert operation["security"] == [{"token": []}]
        assert {"401", "403", "429", "503"} <= set(operation["responses"])
    assert "caso" in described["webhooks"]


def operations(described: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return path, method and description of every operation."""
    return [(p, m.upper(), operation) for p, methods in described["paths"].items() for m, operation in methods.items()]


def concrete(path: str) -> str:
    """Return a path with names that nothing bears."""
    names = {"{caso}": "R-0000000", "{lote}": "L-0000000", "{gancho}": "G-00000000", "{tipo}": "recibo-abono"}
    for name, value in names.items():
        path = path.replace(name, value)
    return path
