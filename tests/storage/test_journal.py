"""The journal: a chain that shows every later hand, and free words that can be erased without breaking it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from monitor.classifiers.model import Severity
from monitor.errors import NaiveTimeError
from monitor.ports import Store
from storage.engine import SqlStore
from storage.errors import StoreError
from tests.support.builders import T0, a_change, after, opening


def record_three(store: Store) -> None:
    with store.transaction() as unit:
        unit.record([a_change(), a_change(event="severity_changed", words="经核实", actor="duty")], "r1")
    with store.transaction() as unit:
        unit.record([a_change(event="incident_closed", incident=2, at=after(hours=1))])


def change_by_hand(store: Store, *statements: str) -> None:
    """Do what somebody with the database's own tools could do: the triggers put aside first."""
    assert isinstance(store, SqlStore)
    with store.connected() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER IF EXISTS journal_keeps_rows"))
            connection.execute(text("DROP TRIGGER IF EXISTS journal_keeps_words"))
        else:
            connection.execute(text("ALTER TABLE journal DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.exec_driver_sql(statement)


def verify(store: Store) -> tuple[bool, str]:
    with store.reading() as unit:
        return unit.verify_journal()


def test_entries_are_numbered_in_order_and_each_holds_the_hash_before_it(store: Store) -> None:
    record_three(store)
    with store.reading() as unit:
        entries = unit.journal()
        assert unit.journal_head() == (3, entries[2].hash)
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.previous_hash for entry in entries] == ["", entries[0].hash, entries[1].hash]
    assert [entry.rule_version for entry in entries] == ["r1", "r1", ""]
    assert entries[1].change == a_change(event="severity_changed", words="经核实", actor="duty")
    assert verify(store) == (True, entries[2].hash)


def test_an_empty_journal_holds(store: Store) -> None:
    assert verify(store) == (True, "")
    with store.reading() as unit:
        assert unit.journal_head() == (0, "")


def test_entries_are_found_by_place_and_by_incident(store: Store) -> None:
    record_three(store)
    with store.reading() as unit:
        assert [entry.seq for entry in unit.journal(after_seq=1)] == [2, 3]
        assert [entry.seq for entry in unit.journal(incident_id=1)] == [1, 2]
        assert [entry.seq for entry in unit.journal(limit=1)] == [1]


def test_a_unit_of_work_reads_what_it_recorded(store: Store) -> None:
    with store.transaction() as unit:
        unit.record([a_change()])
        assert len(unit.journal()) == unit.journal_head()[0] == 1
        unit.record([a_change()])
        assert unit.verify_journal()[0]
    with store.reading() as unit:
        assert len(unit.journal()) == 2


def test_facts_come_back_as_json_says_them(store: Store) -> None:
    facts = {
        "to": Severity.SERIOUS,
        "due_at": datetime(2026, 3, 2, 8, 0, tzinfo=UTC),
        "late_by": timedelta(minutes=1),
        "levels": (1, 2),
        "who": frozenset({"b", "a"}),
        "nothing": None,
    }
    with store.transaction() as unit:
        unit.record([a_change(facts=facts)])
    with store.reading() as unit:
        assert unit.journal()[0].change.facts == {
            "to": 2,
            "due_at": "2026-03-02T08:00:00+00:00",
            "late_by": 60.0,
            "levels": [1, 2],
            "who": ["a", "b"],
            "nothing": None,
        }
    assert verify(store)[0]


def test_a_fact_that_is_no_code_is_refused(store: Store) -> None:
    with pytest.raises(TypeError, match="journal"), store.transaction() as unit:
        unit.record([a_change(facts={"what": object()})])


def test_a_decision_and_its_entry_stand_or_fall_together(store: Store) -> None:
    naive = datetime(2026, 3, 2, 8, 0)  # noqa: DTZ001
    with pytest.raises(NaiveTimeError), store.transaction() as unit:
        unit.save(opening(journal=(a_change(at=naive),)))
    with store.reading() as unit:
        assert unit.incidents() == ()
        assert unit.journal() == ()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE journal SET actor = 'nobody'", "DELETE FROM journal", "DELETE FROM journal WHERE seq = 3"],
)
def test_the_database_refuses_to_change_or_delete_an_entry(statement: str, store: Store) -> None:
    record_three(store)
    assert isinstance(store, SqlStore)
    with pytest.raises(StoreError) as raised, store.connected() as connection:
        connection.execute(text(statement))
    assert "append-only" in str(raised.value.__cause__)
    assert verify(store)[0]


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        (["UPDATE journal SET actor = 'nobody' WHERE seq = 2"], "entry 2: was changed"),
        (["UPDATE journal SET facts = '{\"to\":4}' WHERE seq = 1"], "entry 1: was changed"),
        (["UPDATE journal SET incident = NULL WHERE seq = 3"], "entry 3: was changed"),
        (["UPDATE journal SET words_hash = NULL WHERE seq = 2"], "entry 2: was changed"),
        (["UPDATE journal SET previous_hash = '' WHERE seq = 2"], "entry 2: does not follow"),
        (["DELETE FROM journal_words", "DELETE FROM journal WHERE seq = 2"], "entry 2: missing"),
        (["DELETE FROM journal WHERE seq = 3"], "entry 2: the chain ends here"),
        (["UPDATE journal_head SET seq = 4"], "entry 3: the chain ends here"),
        (["UPDATE journal_words SET words = '改过'"], "entry 2: its words were changed"),
    ],
)
def test_a_hand_in_the_journal_is_found_and_its_place_named(
    statements: list[str], fault: str, store: Store
) -> None:
    record_three(store)
    change_by_hand(store, *statements)
    holds, message = verify(store)
    assert not holds
    assert message.startswith(fault)


def test_free_words_can_be_erased_and_the_chain_still_holds(store: Store) -> None:
    record_three(store)
    head = verify(store)
    change_by_hand(store, "DELETE FROM journal_words")
    assert verify(store) == head
    with store.reading() as unit:
        assert unit.journal()[1].change.words is None


def test_an_instant_is_hashed_as_it_is_kept(store: Store) -> None:
    with store.transaction() as unit:
        unit.record([a_change(at=T0 + timedelta(microseconds=n)) for n in (0, 1, 999_999)])
    assert verify(store)[0]
