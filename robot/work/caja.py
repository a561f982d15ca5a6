"""Load the caja's list of payments: a row finds its case by its receipt; what isn't ours is counted and left alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from robot.errors import Fenced, Rejected
from robot.records.errores import ErrorsFile
from robot.records.filas import SHOWN, Report
from robot.records.pagos_archivo import PaidRow, PaymentFile, payment
from robot.records.solicitud import Pago, Problem
from robot.records.store import payments
from robot.records.store.payments import Facts
from robot.records.tabla import Progress
from robot.work.archivo import Archivo
from robot.work.pago import raised, register, weigh

_BATCH: Final = 300


@dataclass(kw_only=True)
class Loaded(Report):
    """What became of a file of payments, and what a person must attend to."""

    registrados: int = 0
    ya_registrados: int = 0
    de_otros: int = 0
    inesperados: int = 0
    raised: list[tuple[int, str, str]] = field(default_factory=list)
    """Row, what was paid, and what a person must do."""


def load_payments(
    archivo: Archivo, path: Path, *, by: str, all_or_nothing: bool = False, progress: Progress | None = None
) -> Loaded:
    """Record the payments of a file, and write the rows to correct to its errors file.

    With *all_or_nothing* the whole file is judged first, and nothing is recorded if a row of ours is bad: raises
    `Rejected`.
    """
    source = PaymentFile(path)
    with source.errors_file() as errors:
        if all_or_nothing:
            _Loading(archivo, source, errors, by=by, dry=True).read(_half(progress, 0))
        loading = _Loading(archivo, source, errors, by=by)
        if not errors.count:
            loading.read(_half(progress, 1) if all_or_nothing else progress)
    result = loading.result
    result.close(errors)
    if all_or_nothing and errors.count:
        raise Rejected(
            f"«{path.name}» no se cargó: {result.bad_rows}",
            remedy=f"No se registró ningún pago. Corrija «{path.name}» y cárguelo de nuevo; lo que hay que corregir "
            f"está en «{errors.path.name if errors.path else ''}».",
        )
    return result


def _half(progress: Progress | None, done: int) -> Progress | None:
    """Return what is told to during one of two readings of the file."""
    return (lambda read, total: progress(done * total + read, 2 * total)) if progress else None


class _Loading:
    """One reading of the file. *dry* judges and records nothing."""

    def __init__(
        self, archivo: Archivo, source: PaymentFile, errors: ErrorsFile, *, by: str, dry: bool = False
    ) -> None:
        self.result = Loaded(notes=list(source.notes))
        self._archivo = archivo
        self._source = source
        self._errors = errors
        self._by = by
        self._dry = dry
        self._sums = 0
        self._seen: dict[str, tuple[int, Pago]] = {}

    def read(self, progress: Progress | None) -> None:
        """Take every row, some at a time: each portion asks the database a few questions."""
        rows = self._source.rows(progress)
        while batch := list(islice(rows, _BATCH)):
            self._batch(batch)
        if self._sums:
            self.result.notes.append(f"Filas sin recibo ni fecha, que no se usan (totales): {self._sums}.")

    def _batch(self, batch: Sequence[PaidRow]) -> None:
        store = self._archivo.store
        owners = payments.cases_of(store, {row.recibo for row in batch if row.recibo})
        waiting = payments.waiting_of(store, {row.of("codigo") for row in batch if _by_code(row, owners)})
        marks = [self._mark(row, owners, waiting) for row in batch]
        facts = payments.facts_of(store, {mark for mark in marks if isinstance(mark, str)})
        for row, mark in zip(batch, marks, strict=True):
            self.result.leidas += 1
            if row.is_a_sum and not row.faults:
                self._sums += 1
            elif mark is None:
                self.result.de_otros += 1
            elif isinstance(mark, Problem):
                self._refuse(row, [mark])
            else:
                self._take(row, mark, facts, owners)

    def _mark(self, row: PaidRow, owners: dict[str, str], waiting: dict[str, list[str]]) -> str | Problem | None:
        """Return the case of a row, None for a payment that isn't ours, or why it can't be said."""
        if "recibo" in row.faults or row.is_misplaced:
            name = "recibo" if "recibo" in row.faults else "fila"
            return Problem(field=name, message=row.faults[name])
        if not row.recibo:
            return Problem(field="recibo", message="falta el número")
        if row.of("caso"):
            return row.of("caso").upper()
        if _by_code(row, owners):
            found = waiting.get(row.of("codigo"), [])
            if len(found) == 1:
                return found[0]
            told = "no tiene un caso que espere el pago" if not found else f"tiene varios: {', '.join(found)}"
            return Problem(field="codigo", message=f"el suscriptor {told}; indique el caso")
        return owners.get(row.recibo)

    def _take(self, row: PaidRow, mark: str, facts: dict[str, Facts], owners: dict[str, str]) -> None:
        known = facts.get(mark)
        if known is None:
            self._refuse(row, [Problem(field="caso", message=f"no existe el caso {mark}")])
            return
        code = row.of("codigo")
        seen = payment(row, self._by)
        wrong = seen if isinstance(seen, list) else []
        if code and code != known.codigo:
            wrong = [*wrong, Problem(field="codigo", message=f"el caso {mark} es del suscriptor {known.codigo}")]
        if wrong or isinstance(seen, list):
            self._refuse(row, wrong)
            return
        weighed = weigh(known, seen, owner=owners.get(row.recibo))
        if isinstance(weighed, list):
            self._refuse(row, weighed)
        elif self._dry:
            self._compare(row, seen)
        elif weighed.kind == "igual" and known.estado != "esperando_pago":
            self.result.ya_registrados += 1
        else:
            self._record(row, mark, seen, facts)
            owners[row.recibo] = mark

    def _compare(self, row: PaidRow, seen: Pago) -> None:
        """Refuse a receipt that stands in the file twice with other data: nothing is recorded that would show it."""
        first, other = self._seen.setdefault(row.recibo, (row.number, seen))
        if (seen.fecha, seen.valor) != (other.fecha, other.valor):
            told = f"está también en la fila {first}, con otros datos; deje una sola"
            self._refuse(row, [Problem(field="recibo", message=told)])

    def _record(self, row: PaidRow, mark: str, seen: Pago, facts: dict[str, Facts]) -> None:
        """Record a payment, or let the trámite of a known one begin; then the case's facts are other ones."""
        try:
            done = register(self._archivo, mark, seen)
        except Fenced:
            told = "otro proceso está trabajando el caso; cargue esta fila otra vez"
            self._refuse(row, [Problem(field="fila", message=told)])
            return
        except Rejected as error:  # somebody else recorded it meanwhile
            self._refuse(row, [Problem(field="fila", message=error.reason.replace("\n", " "))])
            return
        facts[mark] = payments.facts(self._archivo.store, mark) or done.caso
        self.result.registrados += done.verdict.kind in ("nuevo", "corregido")
        self.result.ya_registrados += done.verdict.kind == "igual"
        if done.verdict.kind == "inesperado":
            self.result.inesperados += 1
            to_do = raised(done.caso, seen, done.verdict)
            if len(self.result.raised) < SHOWN:
                self.result.raised.append((row.number, to_do.reason, to_do.advice))

    def _refuse(self, row: PaidRow, wrong: Iterable[Problem]) -> None:
        self.result.refuse(self._errors, self._source.bad(row.number, row.cells, list(wrong)))


def _by_code(row: PaidRow, owners: dict[str, str]) -> bool:
    """Say whether the row names its case by the subscriber: another receipt than the abono's, with its reason."""
    return bool(row.of("codigo") and row.of("otro_recibo") and not row.of("caso") and row.recibo not in owners)
