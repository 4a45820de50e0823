"""A quick store for tests that do not depend on the database: a copy of a migrated SQLite file."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.ports import Store
from storage.engine import open_store
from tests.support.databases import migrated_file


@pytest.fixture(scope="session")
def template() -> Path:
    """Return a migrated database without rows, to be copied."""
    return migrated_file()


@pytest.fixture
def lite(template: Path, tmp_path: Path) -> Iterator[Store]:
    """Lend an open store on SQLite."""
    path = shutil.copy(template, tmp_path / "lite.db")
    with closing(open_store(f"sqlite:///{path}")) as opened:
        yield opened
