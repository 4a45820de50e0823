"""What can befall a database, done to a real one for as long as a block lasts."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file of this process grow: every write of SQLite fails as on a full disk."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Let somebody else hold what every writer needs, and not let go."""
    if url.startswith("sqlite"):
        path = Path(str(make_url(url).database))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE journal_head, pulse, items, messages IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


@contextmanager
def cut_off(url: str) -> Iterator[None]:
    """Let the PostgreSQL server end every connection to this database and take no new one."""
    name = make_url(url).database
    admin = psycopg.connect(make_url(url).set(database="postgres").render_as_string(), autocommit=True)
    with closing(admin):
        admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
        try:
            end_connections(admin, name)
            yield
        finally:
            admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())


def end_connections(admin: psycopg.Connection, name: str | None) -> None:
    """End every other connection to a database, in the middle of whatever it does."""
    others = "FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
    admin.execute(f"SELECT pg_terminate_backend(pid) {others}".encode(), (name,))
