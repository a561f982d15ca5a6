"""The supervisor's dashboard: the figures of a period as tables, from which page, charts and files are all drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from robot.records.conciliacion import CLASES
from robot.records.conciliado_leido import Conciliacion, conciliaciones
from robot.records.store import cifras
from robot.records.store.buscador import clase_de
from robot.records.store.cifras import EDADES, MUESTRA, PasoHecho, Periodo
from robot.records.store.engine import Store
from robot.records.tabla_cifras import Columna, Tabla, Valor, mostrado
from robot.settings import BOGOTA, Settings

RESULTADOS: Final[dict[str, str]] = {
    "terminado": "Terminado",
    "esperando_pago": "Esperando pago",
    "en_cola": "En cola",
    "en_curso": "En curso",
    "en_duda": "En duda",
    "incompleto": "Incompleto",
    "rechazado": "Rechazado",
    "fallido": "Fallido",
    "cancelado": "Cancelado",
}
"""What becomes of a case, in the order in which a bar is stacked."""
NOMBRES_EDAD: Final = ("Hasta 1 día", "1 a 3 días", "3 a 7 días", "7 a 15 días", "15 a 30 días", "Más de 30 días")
MAS_DIAS: Final = 366
_BY_WEEK: Final = 45
"""Days beyond which times of a step are told by week: a day alone would have too few."""
_REASONS: Final = 25
_SECOND: Final = 1000


@dataclass(frozen=True, kw_only=True)
class Pedido:
    """What somebody asks to see: the days, one advisor or «» for all, and the step whose times are drawn."""

    periodo: Periodo
    asesor: str = ""
    paso: str = ""


@dataclass(frozen=True)
class Cifra:
    """A figure on top: its name, its value as people write it, its colour, and what it is of."""

    titulo: str
    valor: str
    tono: str = ""
    nota: str = ""


@dataclass(frozen=True, kw_only=True)
class Cuadro:
    """All figures of a period. With *muestra* the steps are those of about so many of `casos` cases; 0: of all."""

    pedido: Pedido
    ahora: datetime
    cifras: tuple[Cifra, ...]
    tablas: dict[str, Tabla]
    paso: str
    pasos: dict[str, str]
    asesores: list[str]
    conciliaciones: list[Conciliacion]
    casos: int
    muestra: int


def cuadro(store: Store, settings: Settings, pedido: Pedido, ahora: datetime) -> Cuadro:
    """Return the figures of a period."""
    periodo, asesor = pedido.periodo, pedido.asesor
    by_day = cifras.por_dia(store, periodo, asesor)
    total = sum(count.total() for count in by_day.values())
    with ThreadPoolExecutor(3, "cuadro") as pool:  # the database answers them beside each other
        asked = (
            pool.submit(cifras.plazo_por_dia, store, periodo, ahora, asesor),
            pool.submit(cifras.motivos, store, periodo, asesor),
            pool.submit(cifras.esperando, store, ahora, asesor),
        )
        done = cifras.pasos_hechos(store, periodo, asesor, total=total)
        kept, reasons, waiting = asked[0].result(), asked[1].result(), asked[2].result()
    names = _names(done)
    paso = pedido.paso if pedido.paso in names else next(iter(names), "")
    compared = conciliaciones(settings.informes)
    tables = [
        _by_day(by_day),
        _steps(done, names),
        _step_over_time(done, names, paso, periodo),
        _reasons(reasons),
        _waiting(waiting),
        _kept(kept, settings.horas_reconexion),
        _compared(compared),
    ]
    blocks = {table.clave: table for table in tables}
    top = _figures(store, pedido, ahora, kept.values(), total)
    return Cuadro(
        pedido=pedido,
        ahora=ahora,
        cifras=top,
        tablas={"cifras": _as_table(top), **blocks},
        paso=paso,
        pasos=names,
        asesores=cifras.asesores(store, periodo),
        conciliaciones=compared,
        casos=total,
        muestra=MUESTRA if total > MUESTRA else 0,
    )


def _figures(
    store: Store, pedido: Pedido, ahora: datetime, plazos: Iterable[cifras.Plazo], total: int
) -> tuple[Cifra, ...]:
    today = ahora.astimezone(BOGOTA).date()
    made, done = cifras.hoy(store, today, pedido.asesor)
    doubt = cifras.en_estado(store, "en_duda", pedido.asesor)
    spent = cifras.mediana(cifras.tiempos_de_caso(store, pedido.periodo, pedido.asesor, total=total))
    share = _share(*map(sum, zip(*plazos, strict=True)))
    return (
        Cifra("Casos hoy", mostrado(made, "numero")),
        Cifra("Terminados hoy", mostrado(done, "numero"), "bien" if done else ""),
        Cifra("Casos del período", mostrado(total, "numero")),
        Cifra(
            "Tiempo del robot por caso",
            "—" if spent is None else f"{mostrado(spent / _SECOND, 'segundos')} s",
            nota="mediana de los terminados del período, sin la espera del pago",
        ),
        Cifra(
            "Plazo cumplido",
            mostrado(share, "porcentaje"),
            "" if share is None else "bien" if share == 1 else "mal",
            nota="trámites radicados a tiempo después del pago, en el período",
        ),
        Cifra("En duda ahora", mostrado(doubt, "numero"), "duda" if doubt else ""),
    )


def _share(kept: int, missed: int, _left: int) -> float | None:
    """Return which part was kept of what could be kept; what is still in time counts neither way."""
    return kept / (kept + missed) if kept + missed else None


def _as_table(top: Sequence[Cifra]) -> Tabla:
    columns = (Columna("Cifra", "texto", 30), Columna("Valor", "texto", 16), Columna("De qué", "texto", 60))
    rows = [(one.titulo, one.valor, one.nota) for one in top]
    return Tabla(clave="cifras", titulo="Cifras principales", columnas=columns, filas=rows)


def _by_day(by_day: dict[date, Counter[str]]) -> Tabla:
    seen = {estado for count in by_day.values() for estado in count} | {"terminado"}
    shown = [estado for estado in RESULTADOS if estado in seen]
    return Tabla(
        clave="por_dia",
        titulo="Casos por día",
        columnas=(Columna("Día", "dia"), *(Columna(RESULTADOS[e]) for e in shown), Columna("Total")),
        filas=[(day, *(count[e] for e in shown), count.total()) for day, count in by_day.items()],
        nota="Casos creados cada día, según su estado de ahora.",
    )


def _names(done: Sequence[PasoHecho]) -> dict[str, str]:
    """Return the title of each step that was done, in the procedure's order."""
    titles = {step.paso: step.titulo for step in done}
    return dict(sorted(titles.items(), key=lambda item: _order(item[0])))


def _order(paso: str) -> tuple[int, str]:
    number, _, rest = paso.partition(" ")
    return (int(number) if number.isdigit() else 1000, rest)


def _times(milliseconds: Sequence[int]) -> tuple[Valor, Valor]:
    """Return median and p95 in seconds."""
    middle, high = cifras.mediana(milliseconds), cifras.p95(milliseconds)
    return (None if middle is None else middle / _SECOND, None if high is None else high / _SECOND)


def _steps(done: Sequence[PasoHecho], names: dict[str, str]) -> Tabla:
    taken: dict[str, list[int]] = {paso: [] for paso in names}
    for step in done:
        taken[step.paso].append(step.milisegundos)
    return Tabla(
        clave="pasos",
        titulo="Duración de cada paso",
        columnas=(
            Columna("Paso", "texto", 8),
            Columna("Qué se hace", "texto", 44),
            Columna("Veces medido"),
            Columna("Mediana (s)", "segundos"),
            Columna("95 % en menos de (s)", "segundos"),
        ),
        filas=[(paso, titulo, len(taken[paso]), *_times(taken[paso])) for paso, titulo in names.items()],
        nota="Segundos del robot en cada paso documentado que terminó bien.",
    )


def _step_over_time(done: Sequence[PasoHecho], names: dict[str, str], paso: str, periodo: Periodo) -> Tabla:
    weekly = len(periodo.dias) > _BY_WEEK
    begins = [day for day in periodo.dias if not weekly or day == periodo.desde or day.weekday() == 0]
    taken: dict[date, list[int]] = {day: [] for day in begins}
    for step in done:
        if step.paso == paso:
            monday = step.dia - timedelta(days=step.dia.weekday())
            taken[max(monday, periodo.desde) if weekly else step.dia].append(step.milisegundos)
    return Tabla(
        clave="paso",
        titulo=f"Paso {paso} en el tiempo" if paso else "Un paso en el tiempo",
        columnas=(
            Columna("Semana desde" if weekly else "Día", "dia"),
            Columna("Veces medido"),
            Columna("Mediana (s)", "segundos"),
            Columna("95 % en menos de (s)", "segundos"),
        ),
        filas=[(day, len(times), *_times(times)) for day, times in taken.items()],
        nota=names.get(paso, ""),
    )


def _reasons(found: Sequence[tuple[str, str, int]]) -> Tabla:
    counts: Counter[str] = Counter()
    states: dict[str, Counter[str]] = {}
    for motivo, estado, count in found:
        name = clase_de(motivo) or "Sin motivo escrito"
        counts[name] += count
        states.setdefault(name, Counter())[estado] += count
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    rows = [(name, ", ".join(RESULTADOS[e] for e in RESULTADOS if states[name][e]), n) for name, n in ranked]
    rest = sum(n for *_, n in rows[_REASONS:])
    shown = [*rows[:_REASONS], *([("Otros motivos", "", rest)] if rest else [])]
    whole = counts.total() or 1
    return Tabla(
        clave="motivos",
        titulo="Motivos de falla",
        columnas=(
            Columna("Motivo", "texto", 70),
            Columna("Cómo quedaron", "texto", 24),
            Columna("Casos"),
            Columna("Parte", "porcentaje"),
        ),
        filas=[(*row, row[2] / whole) for row in shown],
        nota="Casos del período rechazados, fallidos, en duda o incompletos; los números se leen «…».",
    )


def _waiting(found: Sequence[cifras.Espera]) -> Tabla:
    rows = [(name, group.casos, group.total) for name, group in zip(NOMBRES_EDAD, found, strict=True)]
    return Tabla(
        clave="espera",
        titulo="Pagos que se esperan",
        columnas=(Columna("Desde el recibo", "texto", 18), Columna("Casos"), Columna("Valor", "pesos", 16)),
        filas=rows,
        nota="Ahora, no en el período: casos cuyo recibo no se ha pagado, por los días desde que se generó.",
    )


def _kept(found: dict[date, cifras.Plazo], hours: float) -> Tabla:
    rows = []
    for day, plazo in found.items():
        kept, missed, left = plazo
        rows.append((day, kept + missed + left, kept, missed, left, _share(*plazo)))
    return Tabla(
        clave="plazo",
        titulo=f"Trámite radicado dentro de las {hours:g} horas del pago",
        columnas=(
            Columna("Día del pago", "dia"),
            Columna("Pagados"),
            Columna("A tiempo"),
            Columna("Tarde"),
            Columna("Aún en plazo"),
            Columna("Cumplido", "porcentaje"),
        ),
        filas=rows,
        nota=(
            f"Casos pagados cada día cuyo trámite se radicó dentro de las {hours:g} horas siguientes al pago. La parte "
            "del robot es radicarlo; la reconexión la hace la cuadrilla."
        ),
    )


def _compared(found: Sequence[Conciliacion]) -> Tabla:
    rows: list[tuple[Valor, ...]] = []
    for one in found:
        kinds = [one.por_clase[name] for name in CLASES.values()]
        made = one.cuando.astimezone(BOGOTA)
        rows.append((one.dia, f"{made:%d/%m/%Y %H:%M}", *kinds, len(one.diferencias)))
    return Tabla(
        clave="conciliacion",
        titulo="Conciliación con Serviweb",
        columnas=(
            Columna("Día", "dia"),
            Columna("Hecha el", "texto", 18),
            *(Columna(name) for name in CLASES.values()),
            Columna("Diferencias"),
        ),
        filas=rows,
        nota="Los documentos del robot comparados con las listas de Serviweb.",
    )


assert len(NOMBRES_EDAD) == len(EDADES) + 1  # noqa: S101 — one name a group
