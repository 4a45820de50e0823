"""A decision is kept whole or not at all, and only on the version it was made on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from alerts.model import RoundState
from monitor.deadlines.model import ObligationState, ReminderState
from monitor.dossier.model import Changes, Part
from monitor.errors import ConflictError, NotFoundError
from monitor.incidents.model import IncidentState
from monitor.ports import Store
from storage.errors import StoreError
from tests.support.builders import (
    T0,
    a_dossier,
    a_joining,
    a_publication,
    a_reminder,
    a_round,
    a_verdict,
    after,
    an_acknowledgement,
    an_alert,
    an_incident,
    an_item,
    an_obligation,
    opening,
)


def open_incident(store: Store, **fields: Any) -> int:
    with store.transaction() as unit:
        number = unit.next_incident_id()
        unit.save(opening(an_incident(id=number, **fields)))
    return number


@contextmanager
def listening(unit: Any, note: Callable[..., None]) -> Iterator[None]:
    """Let `note` hear of every statement of a unit of work."""
    event.listen(unit._connection, "before_cursor_execute", note)
    yield
    event.remove(unit._connection, "before_cursor_execute", note)


def next_version(**fields: Any) -> Changes:
    incident = fields.pop("incident", an_incident(version=2))
    return opening(incident, expected_version=1, **fields)


def test_a_dossier_comes_back_as_it_was_saved_oldest_first(store: Store) -> None:
    parts: dict[str, Any] = {
        "obligations": (an_obligation(), an_obligation(id="0", kind="response", opened_at=after(minutes=3))),
        "reminders": (
            a_reminder(),
            a_reminder(id="r0", kind="due", fires_at=after(hours=24)),
            a_reminder(id="r1", kind="overdue_1", fires_at=after(hours=26)),
        ),
        "publications": (a_publication(), a_publication(id="0", recorded_at=after(hours=3))),
        "rounds": (a_round(state=RoundState.ENDED), a_round(id="0", serial=2)),
        "acknowledgements": (an_acknowledgement(), an_acknowledgement(id="0", at=after(minutes=2))),
    }
    backwards: dict[str, Any] = {name: values[::-1] for name, values in parts.items()}
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening(**backwards))
    with store.reading() as unit:
        assert unit.dossier(1) == a_dossier(**parts)


def test_an_incident_that_does_not_exist_is_named(store: Store) -> None:
    with pytest.raises(NotFoundError, match="no incident 9"), store.transaction() as unit:
        unit.dossier(9)


def test_numbers_are_consecutive_from_one_and_a_failed_opening_leaves_no_gap(store: Store) -> None:
    assert open_incident(store) == 1
    with pytest.raises(ConflictError), store.transaction() as unit:
        unit.save(opening(an_incident(id=unit.next_incident_id() - 1)))
    assert open_incident(store) == 2
    with store.transaction() as unit:
        assert [unit.next_incident_id(), unit.next_incident_id()] == [3, 4]


def test_a_decision_on_an_old_version_is_a_conflict_and_leaves_no_trace(store: Store) -> None:
    open_incident(store)
    with store.transaction() as unit:
        unit.save(next_version())
    with pytest.raises(ConflictError) as raised, store.transaction() as unit:
        unit.save(next_version(obligations=(an_obligation(),), alerts=(an_alert(),)))
    assert raised.value.incident == 1
    with store.reading() as unit:
        assert unit.dossier(1) == a_dossier(an_incident(version=2))
        assert unit.alerts_of(1) == ()
        assert len(unit.journal()) == 2


def test_decisions_about_several_incidents_are_kept_together_or_not_at_all(store: Store) -> None:
    for _ in range(3):
        open_incident(store)
    decisions = [
        next_version(
            incident=an_incident(id=number, version=2),
            obligations=(an_obligation(id=f"{number}:o", incident_id=number),),
            alerts=(an_alert(id=f"{number}:a", incident_id=number),),
        )
        for number in (1, 2, 3)
    ]
    stale = [*decisions[:2], replace(decisions[2], expected_version=7)]
    with pytest.raises(ConflictError), store.transaction() as unit:
        unit.save_all(stale)
    with store.transaction() as unit:
        assert [dossier.incident.version for dossier in unit.dossiers([3, 1, 2])] == [1, 1, 1]
        queued = unit.save_all(decisions)
        dossiers = unit.dossiers([3, 1, 2])
    assert len({alert.message_no for alert in queued}) == 3  # what need not wait is not grouped
    assert [(d.incident.id, d.incident.version, d.obligations[0].id) for d in dossiers] == [
        (1, 2, "1:o"),
        (2, 2, "2:o"),
        (3, 2, "3:o"),
    ]


def test_dossiers_leave_out_what_another_worker_is_deciding_on(store: Store) -> None:
    for _ in range(2):
        open_incident(store)
    with store.transaction() as first:
        first.dossier(1)
        if store.has_one_writer:  # type: ignore[attr-defined]
            return  # the second worker waits for the whole of the first one's transaction
        with store.transaction() as second:
            assert [dossier.incident.id for dossier in second.dossiers([1, 2])] == [2]


def test_a_decision_that_changed_nothing_keeps_when_to_look_again(store: Store) -> None:
    open_incident(store)
    with store.transaction() as unit:
        unit.save(replace(next_version(), wakes_at=after(hours=1)))
        unit.sleep_until(replace(next_version(), expected_version=1, wakes_at=after(hours=9)))  # too late
        assert unit.wake(after(hours=1), 5) == (1,)
        unit.sleep_until(replace(next_version(), expected_version=2, wakes_at=after(hours=2)))
        assert unit.wake(after(hours=1), 5) == ()
        assert unit.wake(after(hours=2), 5) == (1,)


def test_a_number_can_be_opened_once(store: Store) -> None:
    open_incident(store)
    with pytest.raises(ConflictError), store.transaction() as unit:
        unit.save(opening())


def test_saving_a_row_again_replaces_it(store: Store) -> None:
    met = an_obligation(state=ObligationState.MET, ended_at=after(hours=1))
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening(obligations=(an_obligation(),), reminders=(a_reminder(),)))
        unit.save(
            next_version(obligations=(met,), reminders=(a_reminder(state=ReminderState.CANCELLED),)),
        )
        dossier = unit.dossier(1)
    assert dossier.obligations == (met,)
    assert dossier.reminders[0].state is ReminderState.CANCELLED


def test_what_ends_makes_room_for_what_begins_in_one_decision(store: Store) -> None:
    superseded = an_obligation(state=ObligationState.SUPERSEDED)
    ended = a_round(state=RoundState.ENDED, ended_at=T0)
    cancelled = a_reminder(state=ReminderState.CANCELLED)
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening(obligations=(an_obligation(),), rounds=(a_round(),), reminders=(a_reminder(),)))
        unit.save(
            next_version(
                obligations=(an_obligation(id="0"), superseded),
                rounds=(a_round(id="0", serial=2), ended),
                reminders=(a_reminder(id="0"), cancelled),
            )
        )
        dossier = unit.dossier(1)
    assert len(dossier.obligations) == len(dossier.rounds) == len(dossier.reminders) == 2


@pytest.mark.parametrize(
    "broken",
    [
        {"obligations": (an_obligation(), an_obligation(id="0", state=ObligationState.BREACHED))},
        {"rounds": (a_round(), a_round(id="0", serial=2))},
        {"rounds": (a_round(state=RoundState.ENDED), a_round(id="0"))},
        {"obligations": (an_obligation(),), "reminders": (a_reminder(), a_reminder(id="0"))},
        {"reminders": (a_reminder(obligation_id="nobody"),)},
        {"obligations": (an_obligation(incident_id=9),)},
        {"joinings": (a_joining(item_id=99),)},
        {"incident": an_incident(severity=5)},
    ],
    ids=[
        "two running obligations of a kind",
        "two open rounds",
        "two rounds of a serial",
        "two waiting reminders of a kind",
        "a reminder of nothing",
        "an obligation of another incident",
        "an item that is not stored",
        "a fifth severity",
    ],
)
def test_the_database_itself_refuses(broken: dict[str, Any], store: Store) -> None:
    with pytest.raises(StoreError), store.transaction() as unit:
        unit.save(opening(**broken))
    with store.reading() as unit:
        assert unit.incidents() == ()


def test_waking_is_a_question_of_the_instant_earliest_first(store: Store) -> None:
    with store.transaction() as unit:
        for hours in (3, 1, None, 2):
            number = unit.next_incident_id()
            wakes_at = None if hours is None else after(hours=hours)
            unit.save(opening(an_incident(id=number), wakes_at=wakes_at))
        assert unit.next_wake_at() == after(hours=1)
        assert unit.wake(after(hours=2), 10) == (2, 4)
        assert unit.wake(after(hours=9), 2) == (2, 4)
        assert unit.wake(T0, 10) == ()
        unit.save(next_version(incident=an_incident(id=2, version=2), wakes_at=None))
        assert unit.next_wake_at() == after(hours=2)


def test_candidates_are_open_or_ended_lately_and_never_merged(store: Store) -> None:
    for state, hours in [
        (IncidentState.OPEN, None),
        (IncidentState.CLOSED, 1),
        (IncidentState.DISMISSED, 5),
        (IncidentState.CLOSED, 5),
        (IncidentState.MERGED, 5),
    ]:
        open_incident(store, state=state, ended_at=None if hours is None else after(hours=hours))
    with store.reading() as unit:
        assert [found.id for found in unit.candidates(after(hours=2))] == [1, 3, 4]


def test_lists_are_newest_first_by_state_and_detection(store: Store) -> None:
    for hours in range(4):
        state = IncidentState.CLOSED if hours == 2 else IncidentState.OPEN
        open_incident(store, detected_at=after(hours=hours), state=state)
    with store.reading() as unit:
        assert [found.id for found in unit.incidents()] == [4, 3, 2, 1]
        assert [found.id for found in unit.incidents(states=("open",))] == [4, 2, 1]
        assert [found.id for found in unit.incidents(since=after(hours=2), limit=1)] == [4]
        assert [found.id for found in unit.incidents(states=("open",), before_id=4)] == [2, 1]
        assert unit.incidents(before_id=1) == ()


def test_items_belong_to_one_incident_until_they_are_moved(store: Store) -> None:
    with store.transaction() as unit:
        a, b = unit.add_items([an_item(key="a"), an_item(key="b")], [a_verdict(), None])
        report = a_joining(item_id=a.id, similarity=0.5, reason="same_place")
        reach = a_joining(item_id=b.id, reach_only=True)
        unit.next_incident_id()
        unit.save(opening(joinings=(reach, report)))
        number = unit.next_incident_id()
        unit.save(opening(an_incident(id=number), joinings=(replace(report, incident_id=number),)))
        joined = unit.joined_items(1)
        assert [found.item for found in joined] == [a, b]
        assert [found.verdict for found in joined] == [a_verdict(), None]
        assert [found.reach_only for found in joined] == [False, True]
        assert (joined[0].similarity, joined[0].reason) == (0.5, "same_place")
        unit.move_items([a.id], number)
        assert unit.incident_of_items([a.id, b.id]) == {a.id: number, b.id: 1}
        assert len(unit.joined_items(1, limit=1)) == 1
        assert unit.joined_items(1, after_id=b.id) == ()


def test_many_dossiers_come_back_at_once_in_order_with_the_parts_asked_for(store: Store) -> None:
    with store.transaction() as unit:
        for number in (1, 2, 3):
            unit.next_incident_id()
            unit.save(
                opening(
                    an_incident(id=number),
                    obligations=(
                        an_obligation(id=f"{number}:b", incident_id=number, opened_at=after(hours=1)),
                    )
                    * (number != 3),
                    rounds=(
                        a_round(id=f"{number}:2", incident_id=number, serial=2),
                        a_round(id=f"{number}:1", incident_id=number, state=RoundState.ENDED),
                    ),
                )
            )
    with store.reading() as unit:
        listed = unit.incidents()
        assert unit.dossiers_of(listed) == tuple(unit.dossier(number) for number in (3, 2, 1))
        some = unit.dossiers_of(listed, (Part.OBLIGATIONS,))
        assert [len(dossier.obligations) for dossier in some] == [0, 1, 1]
        assert [dossier.rounds for dossier in some] == [(), (), ()]
        assert unit.dossiers_of(()) == ()


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_questions_does_not_grow_with_the_number_of_incidents(store: Store, count: int) -> None:
    for _ in range(count):
        open_incident(store)
    asked: list[str] = []
    with store.reading() as unit:
        listed = unit.incidents()

        def note(*facts: Any) -> None:
            asked.append(facts[2])

        with listening(unit, note):
            unit.dossiers_of(listed)
            unit.last_sent([i.id for i in listed])
            unit.alerts_about([i.id for i in listed], "due")
    assert len(asked) == len(Part) + 2
