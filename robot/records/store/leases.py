"""Who works which case, and until when: claims with a token that fences whoever lost its lease; Serviweb users too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, or_, select, text, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from robot.errors import Fenced
from robot.records.store import cases
from robot.records.store.engine import Store, later, stamp
from robot.records.store.schema import OPEN, casos, control, efectos, usuarios
from robot.records.store.schema_panel import encargos

MAX_FAILED_LOGINS = 2


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A case in one worker's hands; only who shows its token writes to it."""

    case: str
    codigo: str
    etapa: str
    token: int
    worker: str
    attempts: int
    lease_until: str
    cancelled_by: str | None = None
    """Who asked that the case be cancelled before this claim."""

    @property
    def held(self) -> Any:
        """The SQL that holds while this claim does."""
        return and_(casos.c.id == self.case, casos.c.token == self.token, casos.c.trabajador == self.worker)


@dataclass(frozen=True, kw_only=True)
class Swept:
    """A case whose worker's lease ran out, and what became of it."""

    case: str
    worker: str
    estado: str


def claim(
    store: Store, worker: str, *, user: str | None = None, lease_seconds: float = 300, only_own: bool = False
) -> Claim | None:
    """Take the next case that may run, or None: by priority, due time and arrival.

    One that must run under a certain Serviweb user is taken by that *user* alone; with *only_own* it takes no others.
    Left out are cases before their time, and subscribers with an open case. One that shall be cancelled is taken too,
    if it had begun: somebody must write down what became of it. While the queue is paused or in quarantine, nothing is
    taken; whether Serviweb answers is asked before (robot.work.sitio).
    """
    while True:
        try:
            with store.write() as connection:
                now = store.now(connection)
                if _switched(connection, cases.PAUSE, cases.QUARANTINE):
                    return None
                query = _next(now, user or "", only_own=only_own)
                if not store.is_sqlite:
                    # Just after a big file there are no statistics: the whole queue would be sorted for one row.
                    connection.execute(text("SET LOCAL enable_sort = off"))
                    query = query.with_for_update(skip_locked=True, of=casos)
                found = connection.execute(query).scalar()
                return _take(connection, found, "en_cola", worker, user, now, lease_seconds) if found else None
        except IntegrityError as error:
            if "casos_un_abierto" not in str(error.orig) and "casos.codigo" not in str(error.orig):
                raise  # else another worker began a case of the same subscriber at this moment: look again


def claim_case(
    store: Store, case: str, worker: str, *, user: str | None = None, lease_seconds: float = 300
) -> Claim | None:
    """Take this case for a run in the foreground, or None when it can't be had now."""
    startable = ("en_cola", "esperando_pago", "incompleto")
    try:
        with store.write() as connection:
            now = store.now(connection)
            if _switched(connection, cases.QUARANTINE):
                return None
            return _take(connection, case, startable, worker, user, now, lease_seconds)
    except IntegrityError as error:
        if "casos_un_abierto" not in str(error.orig) and "casos.codigo" not in str(error.orig):
            raise
        return None  # another case of the subscriber is open


def claim_doubt(store: Store, case: str, worker: str, *, lease_seconds: float = 300) -> Claim | None:
    """Take a case in doubt for a look-up; it stays in doubt, and `sent` refuses it."""
    with store.write() as connection:
        now = store.now(connection)
        statement = (
            update(casos)
            .where(casos.c.id == case, casos.c.estado == "en_duda", casos.c.trabajador.is_(None))
            .values(trabajador=worker, token=casos.c.token + 1, vence_arriendo=later(now, lease_seconds))
        )
        return _claimed(connection, statement, worker)


def _switched(connection: Connection, *keys: str) -> bool:
    return connection.execute(select(control.c.clave).where(control.c.clave.in_(keys)).limit(1)).first() is not None


def _busy(*states: str) -> Any:
    other = casos.alias("otro")
    return select(other.c.id).where(other.c.codigo == casos.c.codigo, other.c.estado.in_(states)).exists()


def _next(now: str, user: str, *, only_own: bool) -> Any:
    whose = casos.c.para_usuario == user if only_own else casos.c.para_usuario.in_(("", user))
    ready = (casos.c.estado == "en_cola", casos.c.disponible <= now, whose, ~_busy(*OPEN))
    return select(casos.c.id).where(*ready).order_by(casos.c.prioridad, casos.c.vence, casos.c.orden).limit(1)


def to_come(store: Store, *, without: Collection[str] = ()) -> tuple[int, str | None]:
    """Return how many cases of the queue will run without anybody's help, and when the first of them may begin.

    One behind a case in doubt or incomplete of its subscriber waits for a person; so does one that must run under one
    of the Serviweb users *without* a password that works.
    """
    with store.read() as connection:
        able = casos.c.para_usuario.not_in(without) if without else true()
        ready = (casos.c.estado == "en_cola", able, ~_busy("en_duda", "incompleto"))
        row = connection.execute(select(func.count(), func.min(casos.c.disponible)).where(*ready)).one()
    return int(row[0]), row[1]


def wanted_users(store: Store, but: Collection[str]) -> list[str]:
    """Return the Serviweb users, other than these, under which a case must run now, or an errand be carried out."""
    theirs = (casos.c.para_usuario != "", casos.c.para_usuario.not_in(but))
    with store.read() as connection:
        ready = (casos.c.estado == "en_cola", casos.c.disponible <= store.now(connection), ~_busy(*OPEN))
        of_cases = select(casos.c.para_usuario).where(*theirs, *ready).group_by(casos.c.para_usuario)
        found = list(connection.execute(of_cases.order_by(func.min(casos.c.orden))).scalars())
        of_errands = _with_errand(casos.c.trabajador.is_(None), *theirs)
        return list(dict.fromkeys([*found, *connection.execute(of_errands).scalars()]))


def own_to_come(store: Store, user: str) -> bool:
    """Say whether a case that must run under this Serviweb user is at work, or may be soon, or has an errand."""
    mine = casos.c.para_usuario == user
    with store.read() as connection:
        soon = and_(casos.c.disponible <= store.now(connection), ~_busy("en_duda", "incompleto"))
        active = (casos.c.estado.in_(("en_cola", "en_curso")), or_(casos.c.estado == "en_curso", soon))
        queries = (select(casos.c.id).where(mine, *active).limit(1), _with_errand(mine).limit(1))
        return any(connection.execute(query).first() is not None for query in queries)


def _with_errand(*conditions: Any) -> Any:
    joined = select(casos.c.para_usuario).join_from(encargos, casos, encargos.c.caso == casos.c.id)
    return joined.where(encargos.c.estado == "pendiente", *conditions)


def tell_user(store: Store, user: str, motivo: str) -> None:
    """Write why the cases that must run under a Serviweb user wait."""
    with store.write() as connection:
        theirs = (casos.c.estado == "en_cola", casos.c.para_usuario == user, casos.c.motivo != motivo)
        connection.execute(update(casos).where(*theirs).values(motivo=motivo))


def _take(
    connection: Connection,
    case: str,
    origin: str | tuple[str, ...],
    worker: str,
    user: str | None,
    now: str,
    lease_seconds: float,
) -> Claim | None:
    origins = (origin,) if isinstance(origin, str) else origin
    statement = (
        update(casos)
        .where(casos.c.id == case, casos.c.estado.in_(origins), casos.c.trabajador.is_(None))
        .values(
            estado="en_curso",
            trabajador=worker,
            usuario=user,
            token=casos.c.token + 1,
            intentos=casos.c.intentos + 1,
            vence_arriendo=later(now, lease_seconds),
            cambiado=now,
        )
    )
    return _claimed(connection, statement, worker)


def _claimed(connection: Connection, statement: Any, worker: str) -> Claim | None:
    columns = (casos.c.id, casos.c.codigo, casos.c.etapa, casos.c.token, casos.c.intentos, casos.c.vence_arriendo)
    row = connection.execute(statement.returning(*columns, casos.c.cancelar_por)).one_or_none()
    if row is None:
        return None
    return Claim(
        case=row.id,
        codigo=row.codigo,
        etapa=row.etapa,
        token=row.token,
        worker=worker,
        attempts=row.intentos,
        lease_until=row.vence_arriendo,
        cancelled_by=row.cancelar_por,
    )


def fenced(claim: Claim) -> Fenced:
    """Return the error of a claim that no longer holds."""
    return Fenced(f"El caso {claim.case} ya no es de este proceso: su turno venció o terminó")


def held(store: Store, begins: str = "") -> list[tuple[str, str]]:
    """Return the cases in hand and their workers, of those whose names begin so."""
    with store.read() as connection:
        query = select(casos.c.id, casos.c.trabajador).where(casos.c.trabajador.startswith(begins, autoescape=True))
        return [(row.id, row.trabajador) for row in connection.execute(query)]


def beat(store: Store, claim: Claim, *, lease_seconds: float = 300) -> bool:
    """Prolong the lease; say whether somebody asked to cancel the case. Raises `Fenced` when it is lost."""
    with store.write() as connection:
        until = later(store.now(connection), lease_seconds)
        statement = update(casos).where(claim.held).values(vence_arriendo=until).returning(casos.c.cancelar_por)
        row = connection.execute(statement).one_or_none()
    if row is None:
        raise fenced(claim)
    return row.cancelar_por is not None


def finish(store: Store, claim: Claim, estado: str, *, motivo: str = "", que_hacer: str = "", **changed: Any) -> None:
    """End a claim in a state. Raises `Fenced` when it is lost, `IntegrityError` for *nothing saved* when not so."""
    with store.write() as connection:
        said = {"motivo": motivo, "que_hacer": que_hacer, **changed}
        if not cases.move(connection, claim.case, estado, claim.held, now=store.now(connection), **said):
            raise fenced(claim)


def release(
    store: Store, claim: Claim, *, wait_seconds: float = 0, motivo: str = "", costs_attempt: bool = True
) -> None:
    """Put a case back into the queue, not to be taken before some time. Raises `Fenced`."""
    with store.write() as connection:
        now = store.now(connection)
        tries = casos.c.intentos if costs_attempt else casos.c.intentos - 1
        after = {"disponible": later(now, wait_seconds), "motivo": motivo, "intentos": tries}
        settle_unsent(connection, claim.case, now)
        if not cases.move(connection, claim.case, "en_cola", claim.held, now=now, **after):
            raise fenced(claim)


def leave(store: Store, claim: Claim) -> None:
    """Give up the lease of a look-up; the case stays in doubt. Raises `Fenced`."""
    with store.write() as connection:
        free = {"trabajador": None, "vence_arriendo": None}
        if not connection.execute(update(casos).where(claim.held, casos.c.estado == "en_duda").values(**free)).rowcount:
            raise fenced(claim)


def settle_unsent(connection: Connection, case: str, now: str) -> None:
    """Say of intents that the gate never let out that they weren't sent, of all else without an end: in doubt.

    Only after the token was raised, or the worker's own word: then they can't leave any more.
    """
    mine = efectos.c.caso == case
    intent = efectos.c.estado == "intencion"
    unsent = update(efectos).where(mine, intent, efectos.c.con_compuerta.is_(True))
    connection.execute(unsent.values(estado="no_enviado", cerrado=now))
    unseen = update(efectos).where(mine, or_(intent, efectos.c.estado.in_(("enviado", "respondido"))))
    connection.execute(unseen.values(estado="en_duda"))


def in_doubt(connection: Connection, case: str) -> bool:
    """Say whether an effect of the case is in doubt."""
    doubtful = select(efectos.c.n).where(efectos.c.caso == case, efectos.c.estado == "en_duda").limit(1)
    return connection.execute(doubtful).first() is not None


def sweep(
    store: Store,
    now: datetime | None = None,
    *,
    workers: tuple[str, ...] = (),
    wait: Callable[[int], float] = lambda _takes: 0,
    costs_attempt: bool = True,
) -> list[Swept]:
    """Take the cases of expired leases, and of *workers* known to be dead, from their workers; say what became of each.

    The token is raised first, so nothing that wasn't sent can leave any more. What was sent and has no end is in doubt;
    anything else goes back into the queue, to be continued at its first unconfirmed document, after *wait* seconds for
    so many takes.
    """
    with store.write() as connection:
        present = store.now(connection)
        moment = stamp(now) if now else present
        lost = or_(casos.c.vence_arriendo < moment, casos.c.trabajador.in_(workers))
        columns = (casos.c.id, casos.c.trabajador, casos.c.estado, casos.c.intentos)
        query = select(*columns).where(casos.c.trabajador.is_not(None), lost)
        rows = connection.execute(query if store.is_sqlite else query.with_for_update(skip_locked=True)).all()
        swept = []
        for row in rows:
            tries = row.intentos if costs_attempt else max(0, row.intentos - 1)
            again = {"disponible": later(present, wait(tries)), "intentos": tries}
            swept.append(_sweep(connection, row.id, row.trabajador, row.estado, present, again))
        return swept


def _sweep(connection: Connection, case: str, worker: str, estado: str, now: str, again: dict[str, Any]) -> Swept:
    connection.execute(update(casos).where(casos.c.id == case).values(token=casos.c.token + 1))
    settle_unsent(connection, case, now)
    if in_doubt(connection, case):
        goal, told = "en_duda", "El proceso se interrumpió después de enviar"
    else:
        goal, told = "en_cola", "El proceso se interrumpió"
    if estado == goal:  # a look-up died: the case was in doubt and still is
        free = {"trabajador": None, "vence_arriendo": None}
        connection.execute(update(casos).where(casos.c.id == case).values(**free))
    else:
        cases.move(connection, case, goal, now=now, motivo=told, **again)
    return Swept(case=case, worker=worker, estado=goal)


# Serviweb's users: at most one live context each, on any machine.


def known_user(store: Store, name: str) -> RowMapping | None:
    """Return what is known of a Serviweb user: who has it and until when, failed logins, blocked since when."""
    with store.read() as connection:
        return connection.execute(select(usuarios).where(usuarios.c.usuario == name)).mappings().one_or_none()


def users(store: Store) -> Sequence[RowMapping]:
    """Return what is known of every Serviweb user."""
    with store.read() as connection:
        return connection.execute(select(usuarios).order_by(usuarios.c.usuario)).mappings().all()


def lease_user(
    store: Store, user: str, worker: str, *, lease_seconds: float = 300, dead: str | None = None
) -> int | None:
    """Take a Serviweb user; return the token, or None while another worker has it or its account is blocked.

    *dead* is a worker known to be dead: what it had is free.
    """
    with store.write() as connection:
        now = store.now(connection)
        insert = sqlite.insert(usuarios) if store.is_sqlite else postgresql.insert(usuarios)
        connection.execute(insert.values(usuario=user).on_conflict_do_nothing())
        free = or_(usuarios.c.trabajador.is_(None), usuarios.c.vence_arriendo < now, usuarios.c.trabajador == dead)
        statement = (
            update(usuarios)
            .where(usuarios.c.usuario == user, usuarios.c.bloqueado.is_(None), free)
            .values(trabajador=worker, vence_arriendo=later(now, lease_seconds), token=usuarios.c.token + 1)
            .returning(usuarios.c.token)
        )
        return connection.execute(statement).scalar_one_or_none()


def _user_held(user: str, token: int) -> Any:
    return and_(usuarios.c.usuario == user, usuarios.c.token == token, usuarios.c.trabajador.is_not(None))


def beat_user(store: Store, user: str, token: int, *, lease_seconds: float = 300) -> None:
    """Prolong the lease of a user. Raises `Fenced`."""
    with store.write() as connection:
        until = later(store.now(connection), lease_seconds)
        statement = update(usuarios).where(_user_held(user, token)).values(vence_arriendo=until)
        if connection.execute(statement).rowcount == 0:
            raise Fenced(f"El usuario {user} de Serviweb lo tomó otro proceso")


def free_user(store: Store, user: str, token: int) -> None:
    """Give a user back; nothing happens if another worker has it by now."""
    with store.write() as connection:
        free = {"trabajador": None, "vence_arriendo": None}
        connection.execute(update(usuarios).where(_user_held(user, token)).values(**free))


def login_failed(store: Store, user: str) -> bool:
    """Count a failed login; say whether the user is blocked now: after the second nobody tries again by himself."""
    with store.write() as connection:
        now = store.now(connection)
        insert = sqlite.insert(usuarios) if store.is_sqlite else postgresql.insert(usuarios)
        connection.execute(insert.values(usuario=user).on_conflict_do_nothing())
        mine = usuarios.c.usuario == user
        connection.execute(update(usuarios).where(mine).values(fallos=usuarios.c.fallos + 1))
        full = update(usuarios).where(mine, usuarios.c.fallos >= MAX_FAILED_LOGINS)
        return connection.execute(full.values(bloqueado=now)).rowcount == 1


def login_worked(store: Store, user: str) -> None:
    """Forget failed logins: one worked, or a person put the password right."""
    with store.write() as connection:
        failed = or_(usuarios.c.fallos > 0, usuarios.c.bloqueado.is_not(None))
        connection.execute(update(usuarios).where(usuarios.c.usuario == user, failed).values(fallos=0, bloqueado=None))
