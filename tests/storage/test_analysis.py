"""What analysts read, alike on both databases."""

from datetime import date

from monitor.analysis.period import Period
from monitor.dossier.by_hand import BY_HAND
from monitor.incidents.model import IncidentState, PublicationState
from monitor.ports import Store
from tests.support.builders import (
    a_joining,
    a_publication,
    a_verdict,
    after,
    an_incident,
    an_item,
    an_obligation,
    opening,
)

SECOND = Period(first=date(2026, 3, 2), last=date(2026, 3, 2))
NOW = after(days=9)


def test_a_period_has_whole_local_days_from_its_first_instant_to_its_last(store: Store) -> None:
    """08:00 in Shanghai is T0, so the day is from 8 hours before it to 16 hours after, the end left out."""
    instants = (-8.001, -8, 15.999, 16)
    with store.transaction() as transaction:
        for number, hours in enumerate(instants, start=1):
            (item,) = transaction.add_items(
                [an_item(key=str(number), exact_key=str(number), published_at=after(hours=hours))],
                [a_verdict(tokens=("塌方", "塌方", "3人", "人"))],
            )
            incident = an_incident(id=transaction.next_incident_id(), detected_at=after(hours=hours))
            duty = an_obligation(id=f"{number}", incident_id=number, due_at=after(hours=hours))
            reason = BY_HAND if number < 3 else "new"
            joining = a_joining(incident_id=number, item_id=item.id, reason=reason)
            transaction.save(opening(incident, obligations=(duty,), joinings=(joining,)))
    with store.reading() as transaction:
        found = transaction.analysis_material(SECOND, NOW, with_words=True)
    assert [incident.id for incident in found.incidents] == [2, 3]
    assert found.by_hand == {2}
    assert [held.clock.id for held in found.clocks] == ["2", "3"]
    assert [held.holder.title for held in found.clocks] == ["柯街镇一处道路塌方"] * 2
    assert sorted(arrival.incident_id for arrival in found.arrivals) == [2, 3]
    assert found.daily_items == {date(2026, 3, 2): 2}
    assert (found.words.reports, dict(found.words.words)) == (2, {"塌方": 2})
    assert (found.words_before.reports, dict(found.words_before.words)) == (1, {"塌方": 1})


def test_only_accepted_publications_are_words_and_the_earliest_is_the_first(store: Store) -> None:
    words = (
        a_publication(id="a", effective_at=after(hours=1), state=PublicationState.OFFERED),
        a_publication(id="b", effective_at=after(hours=5)),
        a_publication(id="c", effective_at=after(hours=3)),
    )
    with store.transaction() as transaction:
        transaction.save(opening(an_incident(id=transaction.next_incident_id()), publications=words))
    with store.reading() as transaction:
        assert transaction.analysis_material(SECOND, NOW).first_words == {1: after(hours=3)}


def test_reposts_are_items_but_no_reports_and_words_are_read_only_if_asked_for(store: Store) -> None:
    with store.transaction() as transaction:
        (item,) = transaction.add_items([an_item()], [a_verdict()])
        incident = an_incident(id=transaction.next_incident_id(), state=IncidentState.CLOSED)
        transaction.save(opening(incident, joinings=(a_joining(item_id=item.id, reach_only=True),)))
    with store.reading() as transaction:
        asked = transaction.analysis_material(SECOND, NOW, with_words=True)
        assert (asked.words.reports, len(asked.arrivals), asked.daily_items) == (0, 1, {date(2026, 3, 2): 1})
        assert transaction.analysis_material(SECOND, NOW).words.reports == 0


def test_items_are_read_in_the_order_of_their_ids_within_a_range(store: Store) -> None:
    with store.transaction() as transaction:
        assert transaction.newest_item_id() == 0
        transaction.add_items(
            [an_item(key=str(n), exact_key=str(n), published_at=after(hours=n)) for n in range(5)],
            [a_verdict(), *[None] * 4],
        )
    with store.reading() as transaction:
        found = transaction.items_after(1, 2, since=after(hours=1), until=after(hours=4))
        assert [each.item.key for each in found] == ["1", "2"]
        assert transaction.items_after(0, 1)[0].verdict == a_verdict()
        assert transaction.newest_item_id() == 5
