"""The store: SQLite for one desk, PostgreSQL at scale, behind one door."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, StatementError

from monitor.errors import ConflictError, MonitorError
from monitor.ports import Store
from storage.errors import StoreError
from storage.migrate import migrate
from storage.transaction import SqlTransaction

_BUSY_TIMEOUT_MS = 10_000
_LOST_A_RACE = frozenset({"40001", "40P01"})  # PostgreSQL: serialization failure, deadlock


def open_store(database_url: str) -> Store:
    """Open the database and bring it up to this version first.

    `sqlite:///var/huiying.db` (the folder is made) or `postgresql://user@host/name`. Raises SchemaTooNewError
    where a newer program wrote it, StoreError where it cannot be reached.
    """
    store = connect(database_url)
    try:
        with store.connected() as connection:
            migrate(connection)
    except BaseException:
        store.close()
        raise
    return store


def connect(database_url: str) -> "SqlStore":
    """Open the database as it is, whatever version wrote it; raises StoreError as `open_store` does."""
    return SqlStore(_engine(database_url))


class SqlStore:
    """Hands out transactions; safe to use from several threads.

    SQLite has one writer: threads of one process wait for a lock, other processes for the busy timeout; on
    PostgreSQL a lock is waited for as long. So a unit of work must not open another one that writes. Where
    PostgreSQL ends a deadlock or a race, it fails with ConflictError for incident 0: do it again.
    """

    def __init__(self, engine: Engine) -> None:
        self._writing = engine
        self.has_one_writer = engine.dialect.name == "sqlite"
        self._reading = engine.execution_options(**_reading_options(self.has_one_writer))
        self._lock = threading.Lock() if self.has_one_writer else nullcontext()

    @contextmanager
    def connected(self) -> Iterator[Any]:
        """Begin a transaction that may write and hand out its bare connection."""
        with self._lock, _translated(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[SqlTransaction]:
        """Begin a unit of work that may write; leaving it commits, an exception rolls everything back."""
        with self.connected() as connection:
            unit = SqlTransaction(connection, writes=True)
            yield unit
            unit.flush_journal()

    @contextmanager
    def looking(self) -> Iterator[Any]:
        """Begin a transaction that only reads, all from one instant, and hand out its bare connection."""
        with _translated(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[SqlTransaction]:
        """Begin a unit of work that only reads, all of it from one instant, and never waits for a writer."""
        with self.looking() as connection:
            yield SqlTransaction(connection, writes=False)

    def close(self) -> None:
        """Let go of every connection."""
        self._writing.dispose()


def _reading_options(on_sqlite: bool) -> dict[str, Any]:
    if on_sqlite:
        return {"only_reads": True}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _engine(database_url: str) -> Engine:
    try:
        url = make_url(database_url)
        make = {"sqlite": _sqlite, "postgresql": _postgresql}[url.get_backend_name()]
        return make(url)
    except (ArgumentError, KeyError) as error:  # the address may hold a password: it is not repeated
        raise StoreError("a database address starts with sqlite:/// or postgresql://") from error
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs the extra `postgres` of huiying") from error


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise StoreError("a database in memory would be forgotten; name a file: sqlite:///var/huiying.db")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    del record
    connection.isolation_level = None  # BEGIN is ours: the driver would begin too late
    for pragma in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    only_reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if only_reads else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


def _postgresql(url: URL) -> Engine:
    url = url.set(drivername="postgresql+psycopg")
    # Pages are read from memory or a solid disk: history then joins the index of words with the range.
    options = f"-c timezone=UTC -c lock_timeout={_BUSY_TIMEOUT_MS} -c random_page_cost=1.1"
    # A server that is gone is noticed: while connecting at once, in the middle of a question by its silence.
    arguments = {"options": options, "connect_timeout": 10, "tcp_user_timeout": 20_000}
    return create_engine(url, connect_args=arguments, pool_pre_ping=True)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the database says into this project's errors; the cause is kept."""
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _LOST_A_RACE:
            raise ConflictError(0) from error
        reason = str(error.orig).partition("\n")[0]  # further lines may hold values
        raise StoreError(f"the database refused: {reason}") from error
    except StatementError as error:
        if isinstance(error.orig, MonitorError):
            raise error.orig from error
        raise
