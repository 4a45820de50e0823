"""The migrations make exactly the tables that the code declares, and refuse what they do not know."""

import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from pydantic import TypeAdapter
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from alerts.model import Alert
from storage.engine import SqlStore, _engine, open_store
from storage.errors import SchemaTooNewError, StoreError
from tests.support.builders import T0, an_alert
from tests.support.databases import postgres_cluster


def _shape(url: str) -> dict[str, Any]:
    engine = _engine(url)
    try:
        inspector = inspect(engine)
        return {name: _table(inspector, name) for name in sorted(SQLModel.metadata.tables)}
    finally:
        engine.dispose()


def _table(inspector: Any, name: str) -> dict[str, Any]:
    return {
        "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)],
        "key": inspector.get_pk_constraint(name)["constrained_columns"],
        "foreign": sorted(
            (f["constrained_columns"], f["referred_table"]) for f in inspector.get_foreign_keys(name)
        ),
        "unique": sorted(u["column_names"] for u in inspector.get_unique_constraints(name)),
        "checks": sorted(c["sqltext"] for c in inspector.get_check_constraints(name)),
        "indexes": sorted(
            (str(i["name"]), i["column_names"], bool(i["unique"]), _where(i))
            for i in inspector.get_indexes(name)
        ),
    }


def _where(index: dict[str, Any]) -> str:
    return " ".join(f"{name}={text}" for name, text in sorted(index.get("dialect_options", {}).items()))


def _empty_sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'declared.db'}"


def _empty_postgres(folder: Path) -> str:
    del folder
    return postgres_cluster().empty_database()


@pytest.mark.parametrize(
    ("url_of", "empty"),
    [
        ("sqlite_url", _empty_sqlite),
        pytest.param("postgres_url", _empty_postgres, marks=pytest.mark.postgres),
    ],
    ids=["sqlite", "postgresql"],
)
def test_a_migrated_database_has_the_tables_that_the_code_declares(
    url_of: str, empty: Callable[[Path], str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    migrated = str(request.getfixturevalue(url_of))
    open_store(migrated).close()
    declared = empty(tmp_path)
    engine = _engine(declared)
    SQLModel.metadata.create_all(engine)
    engine.dispose()

    assert _shape(migrated) == _shape(declared)


def test_opening_twice_changes_nothing(database_url: str) -> None:
    open_store(database_url).close()
    before = _shape(database_url)
    open_store(database_url).close()
    assert _shape(database_url) == before


def test_a_message_queued_under_the_first_version_is_sent_by_this_one(database_url: str) -> None:
    alert = an_alert(incident_id=None, message_no=7, created_at=T0)
    value = TypeAdapter(Alert).dump_python(alert, mode="json")
    del value["to_group"]  # a field that the first version did not know
    engine = _engine(database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "storage:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        at = T0.isoformat(timespec="microseconds")
        connection.execute(
            text(
                'INSERT INTO messages (no, channel, "to", state, urgent, send_at, attempts, grouping)'
                " VALUES (7, 'duty-wecom', 'duty', 'queued', TRUE, :at, 0, 'now')"
            ),
            {"at": at},
        )
        connection.execute(
            text(
                'INSERT INTO alerts (id, reason, alert_round, "to", channel, state, created_at, message_no,'
                " value) VALUES (:id, 'detected', '', 'duty', 'duty-wecom', 'queued', :at, 7, :value)"
            ),
            {"id": alert.id, "at": at, "value": json.dumps(value)},
        )
    engine.dispose()
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        (claim,) = unit.claim(T0, "worker", timedelta(minutes=1), 10)
    assert claim.alerts == (alert,)
    assert (claim.message.no, claim.message.accepted_parts, claim.message.text) == (7, 0, None)


def test_a_database_of_a_newer_program_is_refused_by_name(database_url: str) -> None:
    with closing(open_store(database_url)) as store:
        assert isinstance(store, SqlStore)
        with store.connected() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNewError, match="9999"):
        open_store(database_url)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="memory"):
        open_store(url)


@pytest.mark.parametrize("url", ["", "huiying.db", "mysql://u:secret@host/name", "postgresql//u:secret@host"])
def test_an_address_of_nothing_known_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StoreError, match="starts with sqlite") as raised:
        open_store(url)
    assert "secret" not in str(raised.value)


def test_an_unreachable_server_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        open_store(f"postgresql://nobody@/nothing?host={tmp_path}")


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "huiying.db").write_text("这不是数据库" * 1000)
    with pytest.raises(StoreError):
        open_store(f"sqlite:///{tmp_path / 'huiying.db'}")


def test_the_folder_of_the_file_is_made(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'var' / 'huiying.db'}").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'var' / 'huiying.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    engine.dispose()
