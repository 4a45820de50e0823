"""The journal: a chain that shows every later hand, and free words that can be erased without breaking it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from monitor.classifiers.model import Severity
from monitor.errors import NaiveTimeError
from monitor.ports import JournalAnchor, Store
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
        (["UPDATE journal SET actor = 'nobody' WHERE seq = 2"], "第 2 条：内容被改动"),
        (["UPDATE journal SET facts = '{\"to\":4}' WHERE seq = 1"], "第 1 条：内容被改动"),
        (["UPDATE journal SET incident = NULL WHERE seq = 3"], "第 3 条：内容被改动"),
        (["UPDATE journal SET words_hash = NULL WHERE seq = 2"], "第 2 条：内容被改动"),
        (["UPDATE journal SET previous_hash = '' WHERE seq = 2"], "第 2 条：与上一条衔接不上"),
        (["DELETE FROM journal_words", "DELETE FROM journal WHERE seq = 2"], "第 2 条：缺失"),
        (["DELETE FROM journal WHERE seq = 3"], "第 2 条：链到此为止"),
        (["UPDATE journal_head SET seq = 4"], "第 3 条：链到此为止"),
        (["UPDATE journal_head SET seq = 2"], "第 3 条：链到此为止"),
        (["UPDATE journal_words SET words = '改过'"], "第 2 条：办理人的原话被改动"),
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


# -- anchors: what the digests printed

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def anchor(store: Store, on_day: date) -> JournalAnchor:
    with store.transaction() as unit:
        return unit.anchor_journal(on_day)


def rewrite(store: Store, actor: str) -> None:
    """Forge the whole chain anew as somebody would who owns the database: every hash fits again."""
    with store.reading() as unit:
        kept = unit.journal()
    change_by_hand(
        store,
        "DELETE FROM journal_words",
        "DELETE FROM journal",
        "UPDATE journal_head SET seq = 0, hash = ''",
    )
    with store.transaction() as unit:
        for entry in kept:
            unit.record([replace(entry.change, actor=actor)], entry.rule_version)


def test_an_anchor_is_the_end_of_the_chain_and_the_first_of_a_day_stands(store: Store) -> None:
    record_three(store)
    first = anchor(store, MONDAY)
    record_three(store)
    assert anchor(store, MONDAY) == first
    assert anchor(store, TUESDAY).seq == 6
    with store.reading() as unit:
        assert first == JournalAnchor(on_day=MONDAY, seq=3, hash=unit.journal()[2].hash)
        assert [a.on_day for a in unit.journal_anchors()] == [MONDAY, TUESDAY]
    assert verify(store)[0]


def test_a_chain_forged_anew_holds_by_itself_and_breaks_at_the_first_anchor(store: Store) -> None:
    record_three(store)
    rewrite(store, "nobody")
    assert verify(store)[0]  # nothing was printed yet: by itself a forged chain cannot be told
    anchor(store, MONDAY)
    record_three(store)
    rewrite(store, "somebody")
    assert verify(store) == (False, "第 3 条：整体被改写，与 2026-03-02 简报上的校验码不符")


def test_a_chain_cut_off_before_an_anchor_is_found(store: Store) -> None:
    record_three(store)
    anchor(store, MONDAY)
    with store.reading() as unit:
        second = unit.journal()[1].hash
    shortened = "UPDATE journal_head SET seq = 2, hash = '{}'"
    change_by_hand(store, "DELETE FROM journal WHERE seq = 3", shortened.format(second))
    assert verify(store) == (False, "第 3 条：缺失，与 2026-03-02 简报上的校验码不符")


@pytest.mark.parametrize(
    "statement", ["UPDATE journal_anchors SET hash = 'x'", "DELETE FROM journal_anchors"]
)
def test_the_database_refuses_to_change_or_delete_an_anchor(statement: str, store: Store) -> None:
    record_three(store)
    anchor(store, MONDAY)
    assert isinstance(store, SqlStore)
    with pytest.raises(StoreError), store.connected() as connection:
        connection.execute(text(statement))


def test_a_printed_hash_is_found_by_its_beginning_if_it_can_mean_one_entry_only(store: Store) -> None:
    record_three(store)
    with store.reading() as unit:
        entries = unit.journal()
        assert unit.journal_entry(entries[1].hash) == entries[1]
        assert unit.journal_entry(entries[1].hash[:16]) == entries[1]
        assert [unit.journal_entry(start) for start in ("", "%", "_", "0" * 64)] == [None] * 4


def test_the_chain_is_checked_in_stretches_too(store: Store) -> None:
    for _ in range(3):
        record_three(store)
    with store.reading() as unit:
        hashes = [entry.hash for entry in unit.journal()]
        stretches = [unit.check_journal(after, 4) for after in (0, 4, 8)]
        whole = unit.check_journal(limit=9)
    assert [(c.seq, c.hash, c.fault, c.is_end) for c in stretches] == [
        (4, hashes[3], None, False),
        (8, hashes[7], None, False),
        (9, hashes[8], None, True),
    ]
    assert whole == stretches[2]


@pytest.mark.parametrize("after_seq", [0, 4])
def test_a_stretch_finds_what_is_wrong_in_it_and_in_the_entry_it_starts_from(
    store: Store, after_seq: int
) -> None:
    for _ in range(3):
        record_three(store)
    change_by_hand(store, "UPDATE journal SET hash = 'forged' WHERE seq = 4")
    with store.reading() as unit:
        fault = unit.check_journal(after_seq, 4).fault
    assert fault == ("第 4 条：内容被改动" if after_seq == 0 else "第 5 条：与上一条衔接不上")


def test_an_instant_is_hashed_as_it_is_kept(store: Store) -> None:
    with store.transaction() as unit:
        unit.record([a_change(at=T0 + timedelta(microseconds=n)) for n in (0, 1, 999_999)])
    assert verify(store)[0]
