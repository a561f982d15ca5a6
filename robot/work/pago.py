"""Paso 23: a person has seen the paid receipt. The trámite never starts without this record (D4).

Nothing that somebody paid is lost: a payment that its case waits for is recorded and lets the trámite begin; one that
no case waits for (it is closed, in doubt, or paid already) is recorded too, and raised until a person attends to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from flows.controles import OPTIONAL, REQUIRED
from robot.browser.maps import load as load_map
from robot.errors import Rejected, UnexpectedPayment
from robot.masking import Masker
from robot.records.caso import NOMBRE_ESTADO, Caso
from robot.records.journal import Journal, read
from robot.records.plazos import pagado_en, reconexion
from robot.records.solicitud import Pago, Problem, Solicitud
from robot.records.store import cases, payments
from robot.records.store.engine import stamp
from robot.records.store.payments import Facts
from robot.resources import map_folder
from robot.settings import BOGOTA
from robot.text import in_pesos
from robot.work.apertura import masker_for, write_opening
from robot.work.archivo import Archivo

Kind = Literal["nuevo", "corregido", "igual", "inesperado"]

_CLOSED: Final = (
    "Nadie va a reconectar por este caso: vea en Serviweb y en la caja qué se pagó. Si el servicio se debe reconectar, "
    "inicie otro caso con --nueva-ocasion; si no, el dinero se devuelve."
)
_TWICE: Final = "Compruebe en la caja si el usuario pagó dos veces; si es así, el dinero se devuelve o se le abona."
_LATER: Final = "y después registre este mismo pago otra vez con «serviweb pago», para que se radique el trámite."
_WHAT_TO_DO: Final[dict[str, str]] = {
    "terminado": _TWICE,
    "rechazado": _CLOSED,
    "fallido": _CLOSED,
    "cancelado": _CLOSED,
    "en_duda": f"Resuelva la duda («serviweb dudas») {_LATER}",
    "incompleto": f"Siga el caso con «serviweb continuar» {_LATER}",
    "en_curso": f"Espere a que el caso termine su etapa {_LATER}",
    "en_cola": "El caso todavía no se ha facturado: compruebe qué se pagó antes de que la cola lo facture "
    "(«serviweb cola cancelar» lo detiene).",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a payment is to its case; of an unexpected one why, and what a person must do."""

    kind: Kind
    motivo: str = ""
    que_hacer: str = ""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What was done with a payment: its case as it is now, and until when the service must be back, if that runs."""

    caso: Facts
    verdict: Verdict
    vence: datetime | None = None


def faults(facts: Facts, pago: Pago, *, owner: str | None, now: datetime | None = None) -> list[Problem]:
    """Return every fault of a payment that can't be right, whatever its case waits for.

    *owner* is the case that has this receipt, if any has: its abono, or the payment that it was recorded for.
    """
    today = (now or datetime.now(BOGOTA)).astimezone(BOGOTA).date()
    wrong = []
    if not pago.recibo:
        wrong.append(Problem(field="recibo", message="falta el número"))
    if owner and owner != facts.caso:
        wrong.append(Problem(field="recibo", message=f"{pago.recibo} es del caso {owner}"))
    if pago.fecha > today:
        wrong.append(Problem(field="fecha", message=f"{pago.fecha:%d/%m/%Y} está en el futuro"))
    return wrong


def weigh(facts: Facts, pago: Pago, *, owner: str | None, now: datetime | None = None) -> Verdict | list[Problem]:
    """Say what a payment is to its case, or name every fault."""
    if wrong := faults(facts, pago, owner=owner, now=now):
        return wrong
    waits = facts.estado == "esperando_pago" and (facts.pago is None or facts.pago.refutado)
    if facts.pago and facts.pago.recibo == pago.recibo.upper():
        differs = _differences(facts.pago, pago)
        if not differs:
            return Verdict(kind="igual")
        if not waits:
            return differs
    if waits:
        return _against_the_abono(facts, pago) or Verdict(kind="corregido" if facts.pago else "nuevo")
    if pago.recibo.upper() in facts.inesperados:
        return Verdict(kind="igual")
    return _unexpected(facts, pago)


def judge(facts: Facts, pago: Pago, *, owner: str | None, now: datetime | None = None) -> Verdict:
    """Say what a payment is to its case. Raises `Rejected` with every fault."""
    weighed = weigh(facts, pago, owner=owner, now=now)
    if isinstance(weighed, Verdict):
        return weighed
    raise Rejected(
        "El pago no se registró:\n  " + "\n  ".join(map(str, weighed)),
        remedy="Compruebe el recibo cancelado en caja.",
    )


def _differences(known: payments.Recorded, pago: Pago) -> list[Problem]:
    wrong = []
    if pago.fecha != known.fecha:
        told = f"el pago ya está registrado con fecha {known.fecha:%d/%m/%Y}, no {pago.fecha:%d/%m/%Y}"
        wrong.append(Problem(field="fecha", message=told))
    if pago.valor is not None and known.valor is not None and pago.valor != known.valor:
        told = f"el pago ya está registrado por {in_pesos(known.valor)}, no {in_pesos(pago.valor)}"
        wrong.append(Problem(field="valor", message=told))
    return wrong


def _against_the_abono(facts: Facts, pago: Pago) -> list[Problem]:
    """Return what doesn't agree with the case's abono (design: *The wait at step 23*)."""
    wrong = []
    if pago.recibo.upper() != facts.recibo.upper() and not pago.otro_recibo:
        told = f"el del caso es {facts.recibo}; si pagó con {pago.recibo}, diga el motivo con --otro-recibo"
        wrong.append(Problem(field="recibo", message=told))
    since = facts.generado.astimezone(BOGOTA).date() if facts.generado else None
    if since and pago.fecha < since:
        told = f"{pago.fecha:%d/%m/%Y} es anterior al abono, que es del {since:%d/%m/%Y}"
        wrong.append(Problem(field="fecha", message=told))
    if pago.valor is not None and facts.total is not None and pago.valor != facts.total and not pago.otro_recibo:
        told = f"el abono es por {in_pesos(facts.total)} y se indicó {in_pesos(pago.valor)}"
        wrong.append(Problem(field="valor", message=told))
    return wrong


def _unexpected(facts: Facts, pago: Pago) -> Verdict:
    if facts.pago:
        motivo = f"el caso ya tiene el pago del recibo {facts.pago.recibo}"
        que_hacer = _TWICE
    else:
        motivo = f"el caso no espera un pago: {NOMBRE_ESTADO.get(facts.estado, facts.estado)}"
        que_hacer = _WHAT_TO_DO.get(facts.estado, _CLOSED)
    return Verdict(kind="inesperado", motivo="; ".join([motivo, *_oddities(facts, pago)]), que_hacer=que_hacer)


def _oddities(facts: Facts, pago: Pago) -> list[str]:
    """Return what of an unexpected payment doesn't agree with the case's abono, for the person who looks at it."""
    odd = []
    if facts.recibo and not facts.pago and pago.recibo.upper() != facts.recibo.upper():
        odd.append(f"el recibo del caso es {facts.recibo}")
    if facts.total is not None and pago.valor is not None and pago.valor != facts.total:
        odd.append(f"el abono del caso es por {in_pesos(facts.total)} y pagaron {in_pesos(pago.valor)}")
    return odd


def raised(facts: Facts, pago: Pago, verdict: Verdict) -> UnexpectedPayment:
    """Return the error that tells a person of a payment that was recorded and that nobody waited for."""
    return UnexpectedPayment(
        f"El pago {pago.recibo} quedó registrado en el caso {facts.caso}, pero no se radica nada: {verdict.motivo}",
        remedy=f"{verdict.que_hacer} Cuando lo haya atendido: serviweb pagos atender {facts.caso} --motivo …",
    )


def register(
    archivo: Archivo, case: str, pago: Pago, *, release: bool = True, now: datetime | None = None
) -> Registered:
    """Record a payment in both witnesses and let the trámite begin, or raise it; a known one is not recorded again.

    Without *release* the trámite is run by whoever asks, not by the queue. Raises `Rejected` with every fault, and
    `Fenced` while the case is worked.
    """
    now = now or datetime.now(BOGOTA)
    store = archivo.store
    owner = payments.cases_of(store, [pago.recibo]).get(pago.recibo.upper())
    facts = payments.facts(store, case)
    if facts is None:
        raise Rejected(f"No existe el caso {case}", remedy="Revise la marca del caso, por ejemplo R-7K3QF2M.")
    verdict = judge(facts, pago, owner=owner, now=now)
    if verdict.kind != "igual":
        with opened(archivo, case) as journal:
            facts = payments.facts(store, case) or facts  # nobody works the case, nor pays it, from here on
            verdict = judge(facts, pago, owner=owner, now=now)
            _write(journal, archivo, facts, pago, verdict)
    due = _due(archivo, facts, pago, verdict, now)
    if due:
        start = cases.release_paid if release else payments.set_due
        start(archivo.store, facts.caso, stamp(due))
    return Registered(caso=facts, verdict=verdict, vence=due)


def paid(archivo: Archivo, caso: Caso, pago: Pago) -> None:
    """Record the payment that a case waits for, whose trámite the caller runs next. Raises as `register` does."""
    register(archivo, caso.id, pago, release=False)
    caso.entries[:] = read(caso.folder)


def _write(journal: Journal, archivo: Archivo, facts: Facts, pago: Pago, verdict: Verdict) -> None:
    seen: dict[str, Any] = {
        "recibo": pago.recibo,
        "fecha": pago.fecha.isoformat(),
        "valor": pago.valor,
        "otro_recibo": pago.otro_recibo or None,
        "registrado_por": pago.confirmado_por,
    }
    journal.masker.add_legible(pago.recibo)
    if verdict.kind == "inesperado":
        told = {"motivo": verdict.motivo, "que_hacer": verdict.que_hacer, "estado_caso": facts.estado}
        journal.write("payment.unexpected", durable=True, **seen, **told)
    elif verdict.kind != "igual":
        journal.write("payment.recorded", durable=True, **seen, corrige=verdict.kind == "corregido" or None)
        for row in payments.unattended(archivo.store, facts.caso):
            if row["recibo"] == pago.recibo.upper():
                _attended(journal, row["n"], pago.confirmado_por, "se registró como el pago del caso")


def _due(archivo: Archivo, facts: Facts, pago: Pago, verdict: Verdict, now: datetime) -> datetime | None:
    """Return until when the service of a waiting case must be back; the clock starts with the payment."""
    if verdict.kind == "inesperado" or facts.estado != "esperando_pago":
        return None
    known = facts.pago if verdict.kind == "igual" else None
    since = pagado_en(known.cuando, known.fecha) if known else pagado_en(now, pago.fecha)
    return reconexion(since, horas=archivo.settings.horas_reconexion).vence


def attend(archivo: Archivo, case: str, *, recibo: str, persona: str, motivo: str) -> list[str]:
    """Write that a person attended to a case's unexpected payments, of one receipt if given; return their receipts.

    Raises `Rejected` when there is none.
    """
    if not motivo.strip():
        raise Rejected("Falta el motivo", remedy="Diga con --motivo qué se hizo: queda en el diario del caso.")
    rows = [
        row for row in payments.unattended(archivo.store, case) if not recibo or row["recibo"] == recibo.strip().upper()
    ]
    if not rows:
        which = f" con el recibo {recibo}" if recibo else ""
        raise Rejected(f"El caso {case} no tiene pagos por atender{which}", remedy="Véalos con «serviweb pagos lista».")
    with opened(archivo, case) as journal:
        for row in rows:
            _attended(journal, row["n"], persona, motivo.strip())
    return [str(row["recibo"]) for row in rows]


def _attended(journal: Journal, entry: int, persona: str, motivo: str) -> None:
    journal.write("payment.attended", durable=True, entrada=entry, persona=persona, motivo=motivo)


@contextmanager
def opened(archivo: Archivo, case: str) -> Iterator[Journal]:
    """Open the journal of a case that nobody works, and begin it if no run has. Raises `Fenced` while it is worked."""
    data = cases.request(archivo.store, case)
    solicitud = Solicitud.model_construct(**data) if data else None
    masker = masker_for(solicitud) if solicitud else Masker()  # erased (Ley 1581 de 2012): nothing is left to hide
    with archivo.idle(archivo.settings.casos / case, masker) as journal:
        if not journal.entries and solicitud:
            _begin(archivo, journal, solicitud)
        yield journal


def _begin(archivo: Archivo, journal: Journal, solicitud: Solicitud) -> None:
    """Write the first entries of a case of which no run has begun, or ever will: a payment needs a journal."""
    maps = load_map(map_folder(archivo.settings.mapa), REQUIRED, OPTIONAL)
    row = cases.case(archivo.store, journal.folder.name)
    write_opening(archivo.settings, maps, solicitud, journal)
    reason = row["motivo"] or None
    journal.write("case.state", durable=True, etapa=row["etapa"], estado=row["estado"], reason=reason)
