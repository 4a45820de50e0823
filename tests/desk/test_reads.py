"""What a board remembers is never older than what is stored, whoever wrote it."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.desk.access import Visitor
from monitor.desk.reads import FILES_KEPT, Shelf, load_board, load_folder
from monitor.dossier.model import Change, Changes, Joining
from monitor.incidents.model import Incident
from monitor.ports import Account, Session, Store
from storage.engine import open_store
from tests.desk.story import NOW, an_office, save
from tests.support.builders import T0, a_round, an_acknowledgement, an_incident, an_item, an_obligation
from tests.support.databases import BOTH, fresh_database

DUTY = Visitor(
    account=Account(name="duty", person_id="duty", role="duty", password_hash=""),
    session=Session(token_hash="", account="duty", created_at=T0, expires_at=NOW),
    csrf="",
    scopes=frozenset(),
)


def change(store: Store, incident: Incident, **parts: Any) -> Incident:
    """Decide something about the incident, as any process would."""
    after = replace(incident, version=incident.version + 1)
    with store.transaction() as transaction:
        transaction.save(Changes(incident=after, expected_version=incident.version, **parts))
    return after


@pytest.mark.parametrize("ours", [True, False], ids=["this process", "another process"])
@pytest.mark.parametrize("kind", BOTH)
def test_a_board_shows_what_is_stored_whoever_wrote_it(kind: str, tmp_path: Path, ours: bool) -> None:
    shelf, incident = Shelf(), an_incident()
    with (
        fresh_database(kind, tmp_path) as url,
        closing(open_store(url)) as here,
        closing(open_store(url)) as there,
    ):
        writer = here if ours else there
        opened = Changes(incident=incident, expected_version=None, obligations=(an_obligation(),))
        save(writer, [an_item()], opened)

        def shown() -> tuple[bool, str, str]:
            (card,) = load_board(here, shelf, DUTY, an_office(), NOW).cards
            return card.is_waiting, card.acknowledged, card.clock.label if card.clock else ""

        assert shown() == shown() == (False, "", "剩 20小时00分")
        incident = change(writer, incident, rounds=(a_round(),))
        assert shown() == (True, "", "剩 20小时00分")
        incident = change(writer, incident, acknowledgements=(an_acknowledgement(),))
        assert "今天" in shown()[1]
        change(writer, incident, obligations=(replace(an_obligation(), due_at=NOW),))
        assert shown()[2] == "剩 0秒"


@pytest.mark.parametrize("ours", [True, False], ids=["this process", "another process"])
@pytest.mark.parametrize("kind", BOTH)
def test_an_incident_shows_what_is_stored_whoever_wrote_it(kind: str, tmp_path: Path, ours: bool) -> None:
    shelf, incident = Shelf(), an_incident()
    with (
        fresh_database(kind, tmp_path) as url,
        closing(open_store(url)) as here,
        closing(open_store(url)) as there,
    ):
        writer = here if ours else there
        save(writer, [an_item()], Changes(incident=incident, expected_version=None))

        def shown(number: int = incident.id) -> tuple[int, list[str]]:
            folder = load_folder(here, shelf, DUTY, number, NOW)
            return len(folder.reports.items), [e.change.event for e in folder.journal]

        assert shown() == shown() == (1, [])
        opened = Change(at=NOW, event="incident_opened", incident=1)
        incident = change(writer, incident, journal=(opened,))
        assert shown() == (1, ["incident_opened"])
        with writer.transaction() as transaction:
            kept = transaction.add_items([an_item(key="second")], [None])
        joined = Joining(incident_id=1, item_id=kept[0].id, at=NOW)
        closed = Change(at=NOW, event="incident_closed", incident=1)
        change(writer, incident, joinings=(joined,), journal=(closed,))
        assert shown() == shown() == (2, ["incident_opened", "incident_closed"])


def test_of_many_incidents_only_the_last_ones_are_kept(told: Store) -> None:
    shelf = Shelf()
    with told.reading() as transaction:
        for number in range(1, 30):
            assert shelf.reports(transaction, an_incident(id=number), NOW).incident.id == number
            shelf.journal(transaction, number)
    assert len(shelf._reports) == len(shelf._journals) == FILES_KEPT
