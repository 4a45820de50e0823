"""Stores on both databases, and a quick one for what does not depend on which."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from monitor.ports import Store
from storage.engine import open_store
from tests.support.databases import database_url, postgres_url, sqlite_url, store

__all__ = ["database_url", "postgres_url", "sqlite_url", "store"]


@pytest.fixture
def lite(sqlite_url: str) -> Iterator[Store]:
    """Lend an open store on SQLite."""
    with closing(open_store(sqlite_url)) as opened:
        yield opened
