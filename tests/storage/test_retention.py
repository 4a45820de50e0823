"""What led to nothing and is old loses its words; everything that counts stays."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.collectors.model import Role
from monitor.incidents.model import IncidentState
from monitor.items.tips import KeptTip, TipChannel
from monitor.ports import Question, Store
from storage.engine import connect, open_store
from storage.retention import FORGOTTEN, Forgotten, count_old, forget_old
from tests.support.builders import (
    T0,
    a_joining,
    a_verdict,
    after,
    an_incident,
    an_item,
    opening,
)

NOW = after(days=400)
WORDS = "一处道路塌方"

KEPT: dict[str, dict[str, Any]] = {
    "joined": {"published_at": T0},
    "by hand": {"published_at": T0},
    "official": {"published_at": T0, "role": Role.OFFICIAL},
    "young": {"published_at": after(days=35), "first_seen_at": after(days=35)},
}


def a_tip(item_id: int) -> KeptTip:
    return KeptTip(
        item_id=item_id,
        channel=TipChannel.PHONE,
        called_at=T0,
        contact="王先生 13800000000",
        recorded_by="duty",
        recorded_at=T0,
    )


@pytest.fixture
def filled(database_url: str) -> str:
    """A database with one item that may be forgotten and some that may not, in their order behind it."""
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        old = an_item(key="old", title=f"网传{WORDS}", text="当事人赵某 13900000000")
        kept = [an_item(key=name, title=f"{name}{WORDS}", **fields) for name, fields in KEPT.items()]
        stored = unit.add_items([old, *kept], [a_verdict(local=False)] + [None] * len(kept))
        joined, by_hand = stored[1].id, stored[2].id
        id_ = unit.next_incident_id()
        unit.save(opening(an_incident(id=id_), joinings=(a_joining(incident_id=id_, item_id=joined),)))
        unit.add_tip(a_tip(by_hand), [])
        unit.add_tip(a_tip(joined), [])
    return database_url


def found(store: Store, word: str = WORDS) -> list[str]:
    with store.reading() as unit:
        return [hit.item.key for hit in unit.search(Question(words=(word,))).hits]


def test_only_old_words_that_led_to_nothing_are_erased(filled: str) -> None:
    before = after(days=30)
    expected = Forgotten(items=1, contacts=1)
    assert count_old(filled, before) == expected
    assert forget_old(filled, before, NOW, "console") == expected
    assert count_old(filled, before) == Forgotten(items=0, contacts=0)
    with closing(open_store(filled)) as store:
        assert found(store) == list(reversed(KEPT))
        assert [found(store, word) for word in ("赵某", f"网传{WORDS}", "原文已清除")] == [[], [], ["old"]]
        with store.reading() as unit:
            ids = unit.known_items(["old", *KEPT])
            item, verdict = unit.item(ids["old"])
            assert (item.title, item.text, item.url, item.published_at) == (FORGOTTEN, "", None, T0)
            assert verdict == a_verdict(local=False, tokens=(), evidence=())
            assert [unit.tip(ids[key]).contact for key in ("by hand", "joined")] == ["", "王先生 13800000000"]
            entry = unit.journal()[-1].change
            assert (entry.event, entry.actor) == ("texts_forgotten", "console")
            assert entry.facts == {"items": 1, "contacts": 1, "before": before.isoformat()}
            assert unit.verify_journal()[0]


def test_a_contact_is_forgotten_once_its_incident_has_ended(filled: str) -> None:
    with closing(open_store(filled)) as store, store.transaction() as unit:
        closed = an_incident(version=2, state=IncidentState.DISMISSED)
        unit.save(opening(closed, expected_version=1))
    assert forget_old(filled, after(days=30), NOW, "console").contacts == 2


def test_forgetting_again_changes_nothing_and_a_new_item_is_found_again(filled: str) -> None:
    forget_old(filled, after(days=30), NOW, "console")
    assert forget_old(filled, after(days=30), NOW, "console") == Forgotten(items=0, contacts=0)
    with closing(open_store(filled)) as store:
        with store.reading() as unit:
            assert [entry.change.event for entry in unit.journal()].count("texts_forgotten") == 1
        with store.transaction() as unit:
            unit.add_items([an_item(key="again", title=f"网传{WORDS}")], [None])
        assert found(store, f"网传{WORDS}") == ["again"]


def test_more_than_one_round_is_forgotten(database_url: str) -> None:
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        items = [an_item(key=str(number), title=f"第{number}条") for number in range(1001)]
        unit.add_items(items, [None] * len(items))
    assert forget_old(database_url, after(days=1), NOW, "console").items == 1001
    with closing(connect(database_url)) as opened, opened.reading() as unit:
        assert unit.search(Question(words=("第",))).hits == ()


def test_erased_words_are_not_left_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "huiying.db"
    url = f"sqlite:///{path}"
    with closing(open_store(url)) as store, store.transaction() as unit:
        unit.add_items([an_item(key="k", exact_key="e", text="当事人赵某 13900000000" * 1000)], [None])
    assert b"13900000000" in path.read_bytes()
    forget_old(url, after(days=30), NOW, "console")
    assert b"13900000000" not in path.read_bytes()
