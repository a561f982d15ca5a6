"""One database, opened: SQLite in the data folder, or PostgreSQL; brought to this version's tables first.

Every writing transaction is whole: BEGIN IMMEDIATE on SQLite, so that two processes wait for each other instead of
failing half way.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from robot.errors import SettingsError
from robot.records import candado

FILE: Final = "serviweb.sqlite3"
HEAD: Final = "v0005"
"""The newest migration; tests/store/test_migrations.py keeps it true."""
_BUSY_SECONDS = 30
# A server that vanished without a word is given up within a minute; libpq's own default is two hours.
_NETWORK: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 50_000,
}
# A process frozen in the middle of a transaction (a laptop's lid) would lock its case for ever: no sweep could take it.
_SESSION: Final = "-c idle_in_transaction_session_timeout=30s"
_READ = {"serviweb_read": True}
_ADVISORY: Final = {
    "migrate": 7_141_001,
    "take": 7_141_002,
    "control": 7_141_003,
    "acciones": 7_141_004,
    "personas": 7_141_005,
}
_CLOCK = text("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")


class StoreDownError(OSError):
    """The database did not answer, or has no room: nothing of the transaction stands."""


def stamp(when: datetime) -> str:
    """Write a time as the tables hold it."""
    return when.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def later(moment: str, seconds: float) -> str:
    """Return the time that many seconds after another one of the tables."""
    return stamp(datetime.fromisoformat(moment) + timedelta(seconds=seconds))


class Store:
    """The open database; every transaction passes here. Safe to use from several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reading = engine.execution_options(**_READ)
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that is kept if the block ends well. Raises `StoreDownError`."""
        with _answering(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that sees one moment and changes nothing. Raises `StoreDownError`."""
        with _answering(), self._reading.connect() as connection:
            yield connection

    def now(self, connection: Connection) -> str:
        """Return the time: the database's own where several machines write, this machine's on SQLite."""
        if self.is_sqlite:
            return stamp(datetime.now(UTC))
        return str(connection.execute(_CLOCK).scalar_one())

    def one_at_a_time(self, connection: Connection, what: str) -> None:
        """Let no other transaction do *what* until this one ends; SQLite lets nobody write beside it anyway."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY[what]})

    def connection_of_its_own(self) -> Any:
        """Return a driver's connection outside transactions and the pool; who asks closes it. Raises `StoreDownError`.

        With SQLite it may be used in another thread than this one, by one thread at a time.
        """
        try:
            pooled = self._engine.raw_connection()
        except self.driver_error as error:
            raise StoreDownError(errno.EIO, f"la base de datos no respondió: {_first_line(error)}") from error
        connection = pooled.driver_connection
        pooled.detach()
        return connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # a rule of ours, not a failure of the database
    except (DBAPIError, PoolTimeoutError) as error:
        # The wire gate and the journal know OSError: what can't be written is not sent.
        told = _first_line(error.orig if isinstance(error, DBAPIError) else error)
        raise StoreDownError(errno.EIO, f"la base de datos no respondió: {told}") from error


def _first_line(error: BaseException | None) -> str:
    return str(error).partition("\n")[0]


def open_store(where: str | Path) -> Store:
    """Open the database of a PostgreSQL address, or of a SQLite file, whose folder is made; bring its tables up.

    Raises `SettingsError` when it can't be reached, or was written by a newer version.
    """
    address = str(where)
    if address.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        store = Store(_postgresql(address))
    elif "://" in address:
        raise SettingsError("SERVIWEB_BASE_DATOS: solo se admite una dirección postgresql://…")
    else:
        store = _sqlite(Path(where))
    try:
        _bring_up(store)
    except OSError as error:
        store.close()
        raise SettingsError(f"No se pudo abrir la base de datos: {error.strerror or error}") from error
    except BaseException:
        store.close()
        raise
    return store


def _postgresql(address: str) -> Engine:
    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
        asked = url.query.get("options", ())
        options = " ".join((_SESSION, *((asked,) if isinstance(asked, str) else asked)))
        return create_engine(
            url, pool_pre_ping=True, hide_parameters=True, connect_args={**_NETWORK, "options": options}
        )
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise SettingsError("SERVIWEB_BASE_DATOS: no es una dirección postgresql://usuario@servidor/base") from error


def _sqlite(path: Path) -> Store:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # it holds requests; the files beside it follow it
    except OSError as error:
        raise SettingsError(f"No se puede escribir en {path.parent}: {error.strerror}") from error
    engine = create_engine(f"sqlite:///{path}", hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Store(engine)


def _set_up_sqlite(connection: Any, _: object) -> None:
    """Let SQLite keep what it said it kept, check references, and wait for others."""
    connection.isolation_level = None  # transactions begin where _begin_sqlite says
    for pragma in (
        f"busy_timeout = {_BUSY_SECONDS * 1000}",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("serviweb_read")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _bring_up(store: Store) -> None:
    """Run the migrations that are missing, one process at a time."""
    if _version(store) == HEAD:
        return
    with _alone(store):
        if store.is_sqlite:
            _write_ahead(store._engine)
        with store.write() as connection:
            store.one_at_a_time(connection, "migrate")
            _upgrade(connection)


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """Hold a lock file beside a SQLite file: its journal's mode can't be changed within a transaction."""
    path = store._engine.url.database
    if store.is_sqlite and path:
        with candado.held(Path(f"{path}.migracion")):
            yield
    else:
        yield


def _write_ahead(engine: Engine) -> None:
    once = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with _answering(), once.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")


def _version(store: Store) -> str | None:
    """Return the version of the tables, or None when there are none yet."""
    exists = (
        "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
        if store.is_sqlite
        else "SELECT count(*) FROM pg_tables WHERE tablename = 'alembic_version' AND schemaname = current_schema()"
    )
    with store.read() as connection:
        if not connection.execute(text(exists)).scalar_one():
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
        return str(found) if found else None


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    present = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present is not None and present not in known:
        raise SettingsError(
            f"La base de datos es de una versión más nueva del programa ({present})",
            remedy="Instale la versión más nueva de serviweb-robot; no se cambió nada.",
        )
    command.upgrade(config, "head")
