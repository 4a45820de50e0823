"""What was stored before history was kept in order of publication is found and counted after the upgrade."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config

from monitor.asking.parse import parse
from monitor.classifiers.model import NamedPlace
from monitor.ports.history import Question, SavedQuestion
from storage.engine import connect, open_store
from storage.incidents import INCIDENTS
from storage.items import ITEMS, JOININGS, VERDICTS
from storage.mapping import row_of
from storage.saved import SAVED
from tests.support.builders import T0, a_joining, a_verdict, after, an_incident, an_item
from tests.support.databases import postgres_cluster

KEPT = SavedQuestion(
    account="amy", name="停水", asked="{}", created_at=T0, of_incidents=True, tells=True, seen_item=1
)


def _saved_row(kept: SavedQuestion) -> dict[str, Any]:
    return {name: value for name, value in row_of(kept, SAVED).items() if name != "id"}


def upgrade_stored_items(url: str) -> None:
    items = [
        an_item(
            id=n, key=f"k{n}", title=f"停水 {n}", published_at=after(days=-n), first_seen_at=after(days=n)
        )
        for n in (1, 2, 3)
    ]
    incident = an_incident(id=1, places=(NamedPlace(name="柯街镇"),))
    with closing(connect(url)) as store, store.connected() as connection:
        config = Config()
        config.set_main_option("script_location", "storage:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        connection.execute(ITEMS.insert(), [row_of(item, ITEMS) for item in items])
        verdict = a_verdict(places=(NamedPlace(name="田园镇"),))
        connection.execute(VERDICTS.insert(), [row_of(verdict, VERDICTS, item_id=2)])
        connection.execute(INCIDENTS.insert(), [row_of(incident, INCIDENTS, wakes_at=None)])
        connection.execute(JOININGS.insert(), [row_of(a_joining(item_id=1, incident_id=1), JOININGS)])
        command.upgrade(config, "0014")
        connection.execute(SAVED.insert(), [_saved_row(kept) for kept in (KEPT, replace(KEPT, seen_item=0))])
    with closing(open_store(url)) as opened, opened.transaction() as unit:
        assert [unit.note_answers(kept.id, Question()) for kept in unit.saved_questions()] == [0, 1]
        found = unit.search(Question(tree=parse("停水")))
        facets = unit.item_facets(Question())
        incidents = unit.search_incidents(Question(tree=parse("停水"), places=("柯街镇",)))
    assert [(hit.item.id, hit.incident_id) for hit in found.hits] == [(1, 1), (2, None), (3, None)]
    assert {c.value: c.count for c in facets.by["place"]} == {"柯街镇": 1, "田园镇": 1}
    assert [i.id for i in incidents.incidents] == [1]


def test_an_older_sqlite_database_is_found_and_counted_after_the_upgrade(tmp_path: Path) -> None:
    upgrade_stored_items(f"sqlite:///{tmp_path / 'older.db'}")


def test_an_older_postgresql_database_is_found_and_counted_after_the_upgrade() -> None:
    cluster = postgres_cluster()
    url = cluster.empty_database()
    upgrade_stored_items(url)
    cluster.drop(url)
