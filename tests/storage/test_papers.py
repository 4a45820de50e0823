"""What papers look back on, alike on both databases: incidents of a range, the run ledger, absences."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.collectors.model import PollState
from monitor.dossier.model import Joining
from monitor.incidents.model import IncidentState
from monitor.ports import Store
from tests.support.builders import (
    T0,
    a_change,
    a_poll,
    a_publication,
    a_source_state,
    a_verdict,
    after,
    an_incident,
    an_item,
    opening,
)

HOUR = timedelta(hours=1)


def test_incidents_of_a_range_were_open_or_ended_or_were_answered_in_it(store: Store) -> None:
    answered = an_incident(
        id=4, detected_at=after(days=-9), state=IncidentState.CLOSED, ended_at=after(days=-8)
    )
    late = a_publication(id="4-p1", incident_id=4, recorded_at=after(hours=1))
    with store.transaction() as transaction:
        transaction.save(opening(an_incident(id=1, detected_at=after(days=-30))))
        for number, ended_at in enumerate((T0, T0 - HOUR), start=2):
            closed = replace(answered, id=number, ended_at=ended_at)
            transaction.save(opening(closed))
        transaction.save(opening(answered, publications=(late,)))
        transaction.save(opening(an_incident(id=5, detected_at=after(days=1))))
    with store.reading() as transaction:
        found = transaction.incidents_between(T0, after(days=1))
        journals = transaction.standing_changes([1, 2, 99])
    assert [incident.id for incident in found] == [1, 2, 4]
    assert [[change.event for change in journals[number]] for number in (1, 2, 99)] == [
        ["incident_opened"], ["incident_opened"], [],
    ]  # fmt: skip


def test_items_and_their_words_are_counted_where_their_incident_may_be_ours(store: Store) -> None:
    verdict = a_verdict(tokens=("塌方", "塌方", "3人", "人"))
    with store.transaction() as transaction:
        for number, local in enumerate((True, None, False), start=1):
            at = after(hours=number)
            [item] = transaction.add_items([an_item(key=f"k{number}", published_at=at)], [verdict])
            joining = Joining(incident_id=number, item_id=item.id, at=at, reach_only=local is None)
            transaction.save(opening(an_incident(id=number, local=local), joinings=(joining,)))
        counts = [transaction.item_count(T0, after(hours=h)) for h in (1, 2, 9)]
        words = [list(transaction.item_words(T0, after(hours=h))) for h in (1, 9)]
    assert counts == [0, 1, 2]
    assert words == [[], [(1, frozenset({"塌方"}))]]


def test_the_run_ledger_says_how_a_source_fared_in_a_range_and_stood_at_its_end(store: Store) -> None:
    states = [PollState.OK, PollState.FAILED, PollState.FAILED, PollState.EMPTY, PollState.FAILED]
    with store.transaction() as transaction:
        for hours, state in enumerate(states):
            at = after(hours=hours)
            made = {"raw": 1, "created": 1} if state is PollState.OK else {}
            poll = a_poll(started_at=at, ended_at=at, state=state, **made)
            transaction.save_poll(poll, a_source_state())
    with store.reading() as transaction:
        [early, whole] = [transaction.pollings(after(hours=1), after(hours=h)) for h in (3, 9)]
        assert transaction.pollings(T0, T0) == {}
        watched = transaction.watched([T0 - HOUR, T0, after(hours=4), after(hours=5)], HOUR)
        since = transaction.recorded_since()
    told = early["county-paper"]
    assert (told.polls, told.failed, told.failures) == (2, 2, 2)
    assert (told.last_success_at, told.last_new_item_at, told.last_poll_at) == (T0, T0, after(hours=2))
    told = whole["county-paper"]
    assert (told.polls, told.failed, told.failures) == (4, 3, 1)
    assert (told.last_success_at, told.last_new_item_at) == (after(hours=3), T0)
    assert watched == (False, True, True, False)
    assert since == T0


@pytest.mark.parametrize(
    ("up_at", "away", "lost"),
    [
        pytest.param(after(hours=2), HOUR, (HOUR,), id="within"),
        pytest.param(after(hours=1), 2 * HOUR, (HOUR,), id="began before"),
        pytest.param(after(hours=30), 8 * HOUR, (2 * HOUR,), id="ended after"),
        pytest.param(after(hours=30), 2 * HOUR, (), id="after it"),
        pytest.param(T0 - HOUR, HOUR, (), id="before it"),
    ],
)
def test_an_absence_counts_by_what_it_took_of_the_range(
    store: Store, up_at: datetime, away: timedelta, lost: tuple[timedelta, ...]
) -> None:
    facts = {"away_s": away.total_seconds()}
    with store.transaction() as transaction:
        transaction.record([a_change(at=up_at, event="service_up", incident=None, facts=facts)])
    with store.reading() as transaction:
        assert transaction.absences(T0, after(days=1)) == lost


def test_nothing_is_recorded_before_anything_happened(store: Store) -> None:
    with store.reading() as transaction:
        assert transaction.recorded_since() is None
        assert transaction.papers() == ()
