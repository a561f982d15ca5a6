"""Faults that a test puts at a named route, each a number of times."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal[
    "slow",
    "error_500",
    "error_500_after_commit",
    "lost_answer",
    "closed_before_commit",
    "late_commit",
    "stale_list",
    "expired_session",
    "unknown_dialog",
    "double_click_creates_two",
]
KINDS: tuple[str, ...] = get_args(Kind)

_ANY = frozenset({"slow", "error_500", "lost_answer", "closed_before_commit"})
_SCREEN = _ANY | {"expired_session", "unknown_dialog"}
_WRITE = _SCREEN | {"error_500_after_commit", "late_commit"}
_DOCUMENT = _WRITE | {"double_click_creates_two"}
_LIST = _SCREEN | {"stale_list"}

# Where a fault makes sense.
ALLOWED: dict[str, frozenset[str]] = {
    "ingreso.entrar": _ANY | {"unknown_dialog", "error_500_after_commit"},
    "factura.pantalla": _SCREEN,
    "factura.suscriptor": _SCREEN,
    "factura.tercero": _SCREEN,
    "tercero.guardar": _WRITE,
    "factura.agregar": _WRITE,
    "factura.guardar": _DOCUMENT,
    "factura.imprimir": _SCREEN,
    "abono.pantalla": _SCREEN,
    "abono.buscar": _SCREEN,
    "abono.pendientes": _SCREEN,
    "abono.generar": _DOCUMENT,
    "abono.imprimir": _SCREEN - {"unknown_dialog"},  # a PDF can't show one
    "tramite.pantalla": _SCREEN,
    "tramite.suscriptor": _SCREEN,
    "tramite.guardar": _DOCUMENT,
    "tramite.imprimir": _SCREEN,
    "consulta.facturas": _LIST,
    "consulta.recibos": _LIST,
    "consulta.tramites": _LIST,
}


@dataclass
class Fault:
    """One fault at one route; `times` counts down."""

    at: str
    fault: str
    times: int = 1
    seconds: float = 5.0
    answer: int | None = None  # late_commit: 504 answers so, else the connection is closed
    native: bool = True  # unknown_dialog: alert(), else a box over the page
    of: str = ""  # only at requests that carry this subscriber code, or this document of a tercero


class FaultsError(ValueError):
    """The list of faults is not valid; `problems` names each mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Faults:
    """The faults that are still to happen, in order."""

    def __init__(self) -> None:
        self._left: list[Fault] = []

    def put(self, data: Any) -> None:
        """Replace all faults by a list as JSON gives it."""
        self._left = parsed(data)

    def clear(self) -> None:
        self._left = []

    def left(self) -> list[dict[str, Any]]:
        """List what has not happened yet."""
        return [asdict(fault) for fault in self._left]

    def take(self, at: str, typed: Mapping[str, str]) -> Fault | None:
        """Use up one time of the first fault put at this route and, where it says of whom, at what was typed."""
        for fault in self._left:
            if fault.at == at and fault.of in ("", typed.get("codigo"), typed.get("documento")):
                fault.times -= 1
                if fault.times == 0:
                    self._left.remove(fault)
                return fault
        return None


def parsed(data: Any) -> list[Fault]:
    """Check a list of faults whole; all mistakes are reported at once."""
    if not isinstance(data, list):
        raise FaultsError(["se esperaba una lista de fallas"])
    problems = [problem for i, item in enumerate(data, start=1) for problem in _problems(i, item)]
    if problems:
        raise FaultsError(problems)
    return [Fault(**item) for item in data]


def _problems(number: int, item: Any) -> list[str]:
    if not isinstance(item, dict):
        return [f"falla {number}: no es un objeto"]
    found = [f"falla {number}: clave desconocida {key!r}" for key in item if key not in Fault.__dataclass_fields__]
    at, kind = item.get("at"), item.get("fault")
    if at not in ALLOWED:
        found.append(f"falla {number}: «at» desconocido {at!r}")
    if kind not in KINDS:
        found.append(f"falla {number}: «fault» desconocida {kind!r}")
    elif at in ALLOWED and kind not in ALLOWED[at]:
        found.append(f"falla {number}: {kind!r} no tiene sentido en {at!r}")
    times, seconds = item.get("times", 1), item.get("seconds", 0)
    if not isinstance(times, int) or isinstance(times, bool) or times < 1:
        found.append(f"falla {number}: «times» debe ser un entero mayor que cero")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        found.append(f"falla {number}: «seconds» debe ser un número desde cero")
    if item.get("answer") not in (None, 504) or ("answer" in item and kind != "late_commit"):
        found.append(f"falla {number}: «answer» solo puede ser 504, en late_commit")
    if not isinstance(item.get("of", ""), str):
        found.append(f"falla {number}: «of» debe ser un código o un documento, como texto")
    if not isinstance(item.get("native", True), bool) or ("native" in item and kind != "unknown_dialog"):
        found.append(f"falla {number}: «native» solo puede ser true o false, en unknown_dialog")
    return found
