"""Start the bundled Serviweb as a process, and talk to it as a browser would."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CORTE, RECONEXION, CARTERA = "P01", "P03", "P06"


@contextlib.contextmanager
def started(*arguments: str, **environment: str) -> Iterator[str]:
    """Run `python -m mock_serviweb` and give its address, without the last slash."""
    command = [sys.executable, "-m", "mock_serviweb", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environment) as process:
        try:
            line = process.stdout.readline()
            found = re.fullmatch(r"Serviweb de prueba en (http://127\.0\.0\.1:\d+)/\n", line)
            assert found, line
            yield found[1]
        finally:
            process.terminate()
            process.wait(timeout=10)


class Plain(httpx.Client):
    """A client for plain HTTP on loopback: it loads no certificates, which takes longer than a test."""

    def __init__(self, url: str) -> None:
        super().__init__(base_url=url, follow_redirects=False, verify=False)


class Control(Plain):
    """The control surface."""

    def ledger(self) -> dict[str, Any]:
        """Read the ledger."""
        return self.get("/__control__/ledger").json()

    def faults(self, *faults: dict[str, Any]) -> httpx.Response:
        """Put these faults in place of all others."""
        return self.put("/__control__/faults", json=list(faults))

    def left(self) -> list[dict[str, Any]]:
        """List the faults that are still to happen."""
        return self.get("/__control__/faults").json()

    def change(self, number: str, **changes: Any) -> None:
        """Void a document (`void=True`) or change its `amount`."""
        self.put("/__control__/document", json={"number": number, **changes}).raise_for_status()

    def bill(self, codigo: str = "100234") -> str:
        """Let another advisor bill a subscriber; answer the factura's number."""
        return str(self.post("/__control__/bill", json={"codigo": codigo}).raise_for_status().json()["number"])

    def generate(self, codigo: str = "100234") -> str:
        """Let another advisor generate the abono; answer the recibo's number."""
        return str(self.post("/__control__/generate", json={"codigo": codigo}).raise_for_status().json()["number"])

    def pay(self, number: str) -> None:
        """Let the customer pay a recibo at the caja."""
        self.post("/__control__/pay", json={"number": number}).raise_for_status()

    def reset(self) -> None:
        """Go back to the fixtures."""
        self.post("/__control__/reset").raise_for_status()


class User(Plain):
    """A user of Serviweb, logged in while the client is open."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url)
        self.name = name

    def __enter__(self) -> Self:
        super().__enter__()
        answer = self.post("/ingreso", data={"usuario": self.name, "clave": f"clave-{self.name}"})
        assert answer.headers["location"] == "/inicio"
        return self

    def look_up(self, codigo: str = "100234") -> dict[str, Any]:
        """Look a subscriber up on the Factura screen."""
        return self.get("/factura/suscriptor", params={"codigo": codigo}).json()

    def add(self, *products: str) -> dict[str, Any]:
        """Add products to the half-filled factura; answer the last table."""
        return [self.post("/factura/agregar", data={"producto": product}).json() for product in products][-1]

    def half_filled(self, codigo: str = "100234", documento: str = "40781234", **changed: str) -> dict[str, str]:
        """Fill the factura up to its Guardar; answer the form."""
        self.look_up(codigo)
        return {
            "borrador": self.add(CORTE, RECONEXION, CARTERA)["borrador"],
            "forma_pago": "Contado",
            "codigo": codigo,
            "tipo_documento": "CC",
            "documento": documento,
            "observacion": f"Código {codigo}. Reconexión.",
        } | changed

    def save(self, form: dict[str, str]) -> dict[str, Any]:
        """Press Guardar on the Factura screen."""
        return self.post("/factura/guardar", data=form).json()

    def billed(self, codigo: str = "100234", documento: str = "40781234") -> str:
        """Save a factura; answer its number."""
        self.get("/factura")
        return self.save(self.half_filled(codigo, documento))["numero"]

    def generate(self, codigo: str = "100234") -> dict[str, Any]:
        """Generate the abono for all that a subscriber owes."""
        owed = self.get("/abono/pendientes", params={"codigo": codigo}).json()["facturas"]
        numbers = ",".join(row["numero"] for row in owed)
        return self.post("/abono/generar", data={"codigo": codigo, "facturas": numbers}).json()

    def pay(self, recibo: str) -> dict[str, Any]:
        """Pay a recibo at the caja."""
        return self.post("/caja/pagar", data={"numero": recibo}).json()


TERCERO = {
    "tipo_documento": "CC",
    "documento": "17634567",
    "nombres": "José Ángel",
    "apellidos": "Ñáñez Muñoz",
    "celular": "3104567890",
}

TRAMITE = {
    "zona": "FLORENCIA",
    "medio": "PERSONAL",
    "codigo": "100234",
    "servicio": "ACUEDUCTO",
    "tipo": "PETICIÓN",
    "causal": "RECONEXIÓN DEL SERVICIO",
    "observacion": "Código 100234, con medidor.",
}


def eventually(true: Callable[[], bool], *, seconds: float = 5.0) -> bool:
    """Ask again until it is true or the time is over; each question is a request, so nothing spins."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
    return False
