"""The caja's list of payments: its columns, its rows, and from a row to a payment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from robot.errors import Rejected
from robot.records.celda import damage
from robot.records.columnas import Column, Layout
from robot.records.filas import SourceFile
from robot.records.solicitud import Pago, Problem, parse_date
from robot.records.tabla import Line, Progress
from robot.text import pesos, plain

PAYMENTS: Final = Layout(
    (
        Column(
            field="recibo",
            title="Recibo",
            required=True,
            also=(
                "número recibo",
                "recibo pago",
                "recibo caja",
                "número recibo pago",
                "recibo abono",
                "comprobante",
                "número comprobante",
                "documento pagado",
            ),
            means="Número del recibo cancelado, como lo imprime Serviweb.",
            example="RC-0004521",
        ),
        Column(
            field="fecha",
            title="Fecha",
            required=True,
            also=("fecha pago", "fecha recaudo", "fecha recibo", "fecha hora", "fecha y hora", "día"),
            means="Día en que se pagó en la caja, dd/mm/aaaa; la hora, si la trae, no se usa.",
            example="24/11/2026",
        ),
        Column(
            field="valor",
            title="Valor",
            required=True,
            also=("valor pagado", "valor recaudado", "valor recibo", "total", "total pagado", "monto", "vr pagado"),
            means="Valor pagado, en pesos enteros.",
            example="98.700",
        ),
        Column(
            field="caso",
            title="Caso",
            also=("marca", "marca caso", "caso robot"),
            means="Marca del caso (R-…); solo hace falta si se pagó con otro recibo.",
            example="R-7K3QF2M",
        ),
        Column(
            field="codigo",
            title="Código",
            also=("código suscriptor", "código usuario", "código cliente", "suscriptor"),
            means="Código del suscriptor, si la caja lo lleva; se comprueba con el del caso.",
            example="100234",
        ),
        Column(
            field="otro_recibo",
            title="Motivo de otro recibo",
            also=("otro recibo", "motivo", "motivo otro", "observación"),
            means="Solo si se pagó con un recibo o un valor distintos de los del caso: el motivo.",
            example="",
        ),
    ),
    fewest=2,
    rows="pagos",
    template="serviweb pagos plantilla",
)
_A_DATE: Final = "es una fecha que puso Excel"  # in this file a date may be one


@dataclass(frozen=True, kw_only=True, slots=True)
class PaidRow:
    """A row as it was read: the number that Excel shows beside it, its cells, what they say and what damaged them."""

    number: int
    cells: tuple[str, ...]
    given: dict[str, str]
    faults: dict[str, str]

    def of(self, field: str) -> str:
        """Return a cell's text, trimmed, or ""."""
        return plain(self.given.get(field, ""))

    @property
    def recibo(self) -> str:
        """The receipt's number, in capitals."""
        return self.of("recibo").upper()

    @property
    def is_misplaced(self) -> bool:
        """Say whether the row has more cells than there are titles: what stands in which column isn't sure."""
        return "celdas más que los títulos" in self.faults.get("fila", "")

    @property
    def is_a_sum(self) -> bool:
        """Say whether the row has neither receipt nor day: the totals that a caja writes below its list."""
        return not self.recibo and not self.of("fecha")


class PaymentFile(SourceFile):
    """A file of payments. The caja's list has those of other products too: a row is judged once it is known as ours."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises `Rejected` if it can't be read or lacks a column."""
        super().__init__(path, PAYMENTS)

    def rows(self, progress: Progress | None = None) -> Iterator[PaidRow]:
        """Yield every row, one at a time. Raises `Rejected` if the file was changed meanwhile."""
        for line in self.lines(progress):
            yield self._row(line)

    def _row(self, line: Line) -> PaidRow:
        given = self.given(line.cells)
        faults = {name: fault for name, fault in self.faults(line).items() if not _is_a_day(name, fault)}
        for name, text in given.items():
            if name not in faults and (fault := damage(name, text)):
                faults[name] = fault
        return PaidRow(number=line.number, cells=tuple(line.cells), given=given, faults=faults)


def _is_a_day(field: str, fault: str) -> bool:
    return field == "fecha" and fault.startswith(_A_DATE)


def payment(row: PaidRow, by: str) -> Pago | list[Problem]:
    """Return what a row says was paid, or everything that is wrong with it."""
    wrong = [Problem(field=name, message=text) for name, text in row.faults.items()]
    day, value = date.min, 0
    if "fecha" not in row.faults:
        try:
            day = parse_date((row.of("fecha").split() or [""])[0])
        except Rejected as error:
            wrong.append(Problem(field="fecha", message=error.reason.removeprefix("fecha: ")))
    if "valor" not in row.faults:
        try:
            value = pesos(row.of("valor"))
        except ValueError:
            told = "falta el valor pagado" if not row.of("valor") else "no es un valor en pesos, como 98.700"
            wrong.append(Problem(field="valor", message=told))
    if not row.recibo:
        wrong.append(Problem(field="recibo", message="falta el número"))
    if wrong:
        return wrong
    return Pago(recibo=row.of("recibo"), fecha=day, valor=value, otro_recibo=row.of("otro_recibo"), confirmado_por=by)
