"""Real databases for tests: a SQLite file, and a PostgreSQL cluster that the tests start themselves.

`database_url` and `store` run a test on both. The cluster is started once for a process, without fsync, on a
socket of its own, as the user `postgres` where the tests run as root (initdb refuses root), in memory where
there is room; each test gets a fresh database copied from one that was migrated once.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import psycopg
import pytest

from monitor.ports import Store
from storage.engine import open_store
from tests.support.memory import in_memory

_RUN_AS = "postgres" if os.geteuid() == 0 else None
_NUMBERS = count(1)


class Cluster:
    """A running PostgreSQL that listens on a socket in its own folder only."""

    def __init__(self, binaries: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="huiying-pg-", dir=in_memory()))
        if _RUN_AS:
            shutil.chown(self._folder, _RUN_AS)
        self._data = self._folder / "data"
        self._binaries = binaries
        self._run(
            "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"
        )
        options = "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        options += f" -c unix_socket_directories={self._folder} -c max_connections=200 -c shared_buffers=64MB"
        options += " -c max_wal_size=128MB -c min_wal_size=32MB"
        log = self._folder / "log"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")
        address = f"host={self._folder} user=postgres dbname=postgres"
        self._admin = psycopg.connect(address, autocommit=True)
        self._execute("CREATE DATABASE migrated")
        open_store(self._url("migrated")).close()

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._binaries / program), *map(str, arguments)]
        subprocess.run(  # noqa: S603 - our own arguments
            command, check=True, user=_RUN_AS, cwd=self._folder, stdout=subprocess.DEVNULL
        )

    def _execute(self, statement: str) -> None:
        self._admin.execute(statement.encode())

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def new_database(self) -> str:
        """Return the address of a fresh, migrated database."""
        name = f"test_{next(_NUMBERS)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE migrated STRATEGY FILE_COPY")
        return self._url(name)

    def drop(self, url: str) -> None:
        """Forget a database, also one that somebody is still connected to."""
        name = url.split("/")[3].partition("?")[0]
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def empty_database(self) -> str:
        """Return the address of a database without any table."""
        name = f"test_{next(_NUMBERS)}"
        self._execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def stop(self) -> None:
        """Stop the server and forget its data."""
        self._admin.close()
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")
        shutil.rmtree(self._folder)


@cache
def _cluster() -> Cluster | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    elsewhere = shutil.which("initdb")
    if not found and elsewhere is None:
        return None
    cluster = Cluster(found[-1].parent if found else Path(str(elsewhere)).parent)
    atexit.register(cluster.stop)
    return cluster


def postgres_cluster() -> Cluster:
    """Return the cluster of this process; skips the test by name where no PostgreSQL is installed."""
    cluster = _cluster()
    if cluster is None:
        pytest.skip("PostgreSQL is not installed (initdb not found); `make deps` installs it")
    return cluster


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
"""The parameters of a fixture or test that runs on both databases."""


@cache
def migrated_file() -> Path:
    """Return the SQLite file of this process that is migrated and has no rows, to be copied."""
    folder = tempfile.mkdtemp(prefix="huiying-sqlite-")
    atexit.register(shutil.rmtree, folder)
    path = Path(folder) / "migrated.db"
    open_store(f"sqlite:///{path}").close()
    return path


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[str]:
    """Lend the address of a fresh, migrated database: a new file in this folder, or one of the cluster."""
    if kind == "sqlite":
        yield f"sqlite:///{shutil.copy(migrated_file(), folder / 'huiying.db')}"
        return
    cluster = postgres_cluster()
    url = cluster.new_database()
    yield url
    cluster.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> Iterator[str]:
    """Lend the address of a fresh, migrated SQLite file."""
    with fresh_database("sqlite", tmp_path) as url:
        yield url


@pytest.fixture
def postgres_url(tmp_path: Path) -> Iterator[str]:
    """Lend the address of a fresh, migrated PostgreSQL database."""
    with fresh_database("postgresql", tmp_path) as url:
        yield url


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Lend the address of a fresh database, once on SQLite and once on PostgreSQL."""
    with fresh_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Lend an open store, once on SQLite and once on PostgreSQL."""
    with closing(open_store(database_url)) as opened:
        yield opened
