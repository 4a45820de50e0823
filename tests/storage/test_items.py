"""Items, sightings and the memory of sources."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.collectors.model import PollState, Role
from monitor.errors import NotFoundError
from monitor.ports import Store
from storage.engine import SqlStore
from storage.errors import StoreError
from storage.tables import SightingRow, table_of
from tests.support.builders import (
    T0,
    a_joining,
    a_poll,
    a_source_state,
    a_verdict,
    after,
    an_item,
    opening,
)


def test_items_get_ids_that_rise_with_ingest_and_come_back_whole(store: Store) -> None:
    sent = [
        an_item(title=f"第{n}条", heat=1.5e9, board_rank=n, role=Role.SOCIAL, baseline=True) for n in range(3)
    ]
    with store.transaction() as unit:
        first = unit.add_items(sent, [a_verdict(), None, a_verdict(local=None)])
    with store.transaction() as unit:
        (later,) = unit.add_items([an_item(title="后来")], [None])
    assert [item.id for item in first] == sorted(item.id for item in first)
    assert later.id > first[-1].id > first[0].id > 0
    with store.reading() as unit:
        assert unit.item(first[0].id) == (first[0], a_verdict())
        assert unit.item(first[1].id) == (first[1], None)
        assert unit.known_items([sent[2].key, "nobody"]) == {sent[2].key: first[2].id}


def test_nothing_to_add_is_nothing_added(store: Store) -> None:
    with store.transaction() as unit:
        assert unit.add_items([], []) == ()


def test_an_item_that_does_not_exist_is_named(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no item 7"), store.reading() as unit:
        unit.item(7)


def test_a_key_is_stored_once_and_a_second_one_spoils_its_whole_batch(store: Store) -> None:
    with store.transaction() as unit:
        unit.add_items([an_item(key="k")], [None])
    with pytest.raises(StoreError), store.transaction() as unit:
        unit.add_items([an_item(key="new"), an_item(key="k")], [None, None])
    with store.reading() as unit:
        assert list(unit.known_items(["k", "new"])) == ["k"]


def test_more_keys_than_fit_one_question_are_answered(store: Store) -> None:
    with store.transaction() as unit:
        unit.add_items([an_item(key=f"k{n}") for n in range(1500)], [None] * 1500)
    with store.reading() as unit:
        assert len(unit.known_items(f"k{n}" for n in range(3000))) == 1500


def test_the_first_item_of_a_text_is_found_within_the_time_asked_for(store: Store) -> None:
    with store.transaction() as unit:
        items = unit.add_items(
            [
                an_item(key="a", exact_key="same", first_seen_at=T0),
                an_item(key="b", exact_key="same", first_seen_at=after(hours=1)),
                an_item(key="c", exact_key="same", first_seen_at=after(hours=2)),
            ],
            [None] * 3,
        )
        assert unit.items_with_exact_key(["same", "other"], T0) == {"same": items[0].id}
        assert unit.items_with_exact_key(["same"], after(hours=1)) == {"same": items[1].id}
        assert unit.items_with_exact_key(["same"], after(hours=3)) == {}


def test_the_same_sighting_twice_is_one_point(store: Store) -> None:
    assert isinstance(store, SqlStore)
    with store.transaction() as unit:
        (item,) = unit.add_items([an_item()], [None])
        for minutes in (5, 5, 10):
            unit.note_sightings({item.id: replace(item, heat=100.0, board_rank=3)}, after(minutes=minutes))
    with store.connected() as connection:
        assert len(connection.execute(table_of(SightingRow).select()).all()) == 2


def test_an_item_names_its_incident(store: Store) -> None:
    with store.transaction() as unit:
        items = unit.add_items([an_item(key="a"), an_item(key="b")], [None, None])
        unit.next_incident_id()
        unit.save(opening(joinings=(a_joining(item_id=items[0].id),)))
        assert unit.incident_of_items(item.id for item in items) == {items[0].id: 1}


def test_the_ledger_and_the_state_of_a_source_are_kept_together(store: Store) -> None:
    state = a_source_state(
        etag='"abc"',
        failures=0.25,
        usual_gap=timedelta(hours=1),
        last_state=PollState.OK,
        last_new_item_at=T0,
    )
    poll = a_poll(state=PollState.OK, raw=3, created=1, duplicate=1, filtered=1, status=200)
    with store.transaction() as unit:
        unit.save_poll(a_poll(), a_source_state())
        unit.save_poll(poll, state)
        unit.save_poll(a_poll(source_id="forum"), a_source_state(source_id="forum"))
    with store.reading() as unit:
        assert unit.source_states()["county-paper"] == state
        assert unit.polls("county-paper", 1) == (poll,)
        assert [found.source_id for found in unit.polls(None, 10)] == [
            "forum",
            "county-paper",
            "county-paper",
        ]
