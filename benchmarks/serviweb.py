"""The bundled Serviweb as the bench uses it: started with a latency, reset, paid at its caja, asked what it saved."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
FIRST, LAST = "100701", "100760"  # subscribers without debts, each with a tercero of the same document


class WrongCaseError(Exception):
    """Serviweb did not save exactly one of each document."""


class Serviweb:
    """One running imitation."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=30)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def reset(self) -> None:
        """Go back to the fixtures: no documents, no sessions."""
        self._client.post("/__control__/reset").raise_for_status()

    def pay(self, recibo: str) -> None:
        """Pay a receipt, as a cashier does at the caja."""
        with httpx.Client(base_url=self.url, timeout=30) as cashier:
            cashier.post("/ingreso", data={"usuario": "cajero1", "clave": "clave-cajero1"})
            answer = cashier.post("/caja/pagar", data={"numero": recibo}).json()
        if not answer.get("ok"):
            raise WrongCaseError(f"La caja no recibió el pago de {recibo}: {answer}")

    def check(self, codigo: str, recibo: str, radicado: str) -> None:
        """Raise `WrongCaseError` unless exactly one factura, abono, payment and trámite of the subscriber is there."""
        ledger = self._client.get("/__control__/ledger").raise_for_status().json()
        saved = {kind: ledger[kind] for kind in ("facturas", "abonos", "pagos", "tramites")}
        right = (
            all(len(rows) == 1 and rows[0]["codigo"] == codigo for rows in saved.values())
            and len(ledger["terceros"]) == 0
            and len(saved["facturas"][0]["productos"]) == 3
            and saved["abonos"][0]["facturas"] == [saved["facturas"][0]["number"]]
            and (saved["abonos"][0]["number"], saved["tramites"][0]["number"]) == (recibo, radicado)
        )
        if not right:
            found = {kind: [(row["codigo"], row["number"]) for row in rows] for kind, rows in saved.items()}
            raise WrongCaseError(f"El caso de {codigo} no quedó bien en Serviweb ({recibo}, {radicado}): {found}")


@contextmanager
def running(environment: Mapping[str, str], *, latency_ms: int) -> Iterator[Serviweb]:
    """Start it on a free port and stop it at the end."""
    command = [sys.executable, "-m", "mock_serviweb", "--control", "--latency-ms", str(latency_ms)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment, cwd=ROOT
    ) as process:
        try:
            assert process.stdout
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, "the bundled Serviweb did not start"
            serviweb = Serviweb(found[0])
            try:
                yield serviweb
            finally:
                serviweb.close()
        finally:
            process.terminate()


def requests() -> list[dict[str, Any]]:
    """Return a request for each subscriber of the fixtures that is disconnected and owes nothing."""
    people = {row["documento"]: row for row in _rows("terceros.csv")}
    return [
        {
            "codigo": row["codigo"],
            "ruta": row["ruta"],
            "documento": row["documento"],
            "nombres": people[row["documento"]]["nombres"],
            "apellidos": people[row["documento"]]["apellidos"],
            "celular": row["celular"],
            "forma_pago": "contado",
            "concepto": "RECONEXION",
            "medidor": True,
            "arreglo": "sin-deuda",
        }
        for row in _rows("suscriptores.csv")
        if FIRST <= row["codigo"] <= LAST
    ]


def _rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "fixtures" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))
