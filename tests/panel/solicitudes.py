"""Requests as an advisor types them, and how to get a case to where a test begins."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page

from robot.records.solicitud import validate
from robot.work.apertura import register

if TYPE_CHECKING:
    from oficina import Oficina

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_MEDIDOR = {"sí": "Sí", "no": "No"}


def fila(codigo: str) -> dict[str, str]:
    """Return the fixtures' request of a subscriber, by its columns."""
    with (_FIXTURES / "solicitudes.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(row for row in csv.DictReader(file, delimiter=";") if row["Código"] == codigo)


def datos(codigo: str) -> dict[str, str]:
    """Return it as the fields of a request."""
    row = fila(codigo)
    return {
        "codigo": row["Código"],
        "ruta": row["Ruta"],
        "suscriptor": row["Suscriptor"],
        "tipo_documento": row["Tipo de documento"],
        "documento": row["Documento"],
        "nombres": row["Nombres"],
        "apellidos": row["Apellidos"],
        "celular": row["Celular"],
        "forma_pago": row["Forma de pago"],
        "concepto": row["Concepto"],
        "medidor": row["Medidor"],
        "arreglo": row["Arreglo"],
        "arreglo_ref": row["Referencia del arreglo"],
    }


def abierto(oficina: Oficina, codigo: str, *, asesor: str = "beto") -> str:
    """Make an advisor's case of a subscriber, under the robot's own user; return its mark."""
    return register(oficina.panel.archivo(), validate(datos(codigo)), asesor=asesor)


def facturado(oficina: Oficina, codigo: str, *, asesor: str = "beto") -> str:
    """Make a case and wait until it waits for its payment; return its mark."""
    mark = abierto(oficina, codigo, asesor=asesor)
    ended = oficina.espera_estado(mark, "esperando_pago", "fallido", "rechazado", "en_duda", "incompleto")
    assert ended == "esperando_pago"
    return mark


def escribir(page: Page, codigo: str, **otros: str) -> None:
    """Type a subscriber's request into the form."""
    given = datos(codigo) | otros
    page.get_by_label("Código", exact=True).fill(given["codigo"])
    page.get_by_label("Ruta", exact=True).fill(given["ruta"])
    page.get_by_label("Nombre del suscriptor").fill(given["suscriptor"])
    page.get_by_label("Tipo de documento").select_option(given["tipo_documento"])
    page.get_by_label("Número de documento").fill(given["documento"])
    page.get_by_label("Nombres", exact=True).fill(given["nombres"])
    page.get_by_label("Apellidos", exact=True).fill(given["apellidos"])
    page.get_by_label("Celular o fijo").fill(given["celular"])
    page.get_by_label(given["forma_pago"].capitalize().replace("Credito", "Crédito"), exact=True).check()
    page.get_by_label("Concepto").fill(given["concepto"])
    page.get_by_label(_MEDIDOR[given["medidor"]], exact=True).check()
    words = {"sin-deuda": "Sin deuda", "acuerdo": "Acuerdo de pago", "diligencia": "Diligencia de arreglo"}
    page.get_by_label(words[given["arreglo"]], exact=True).check()
    if given["arreglo_ref"]:
        page.get_by_label("Referencia del arreglo").fill(given["arreglo_ref"])


def estado_vivo(page: Page) -> Locator:
    """Return the place that tells how the case goes."""
    return page.get_by_role("complementary", name="Cómo va el caso")
