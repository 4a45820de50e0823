"""What a board remembers is never older than what is stored, whoever wrote it."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.desk.access import Visitor
from monitor.desk.reads import Shelf, load_board
from monitor.dossier.model import Changes
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
