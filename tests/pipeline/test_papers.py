"""Papers of a week or a month: which term they tell of, and that their numbers are those of history."""

import shutil
from contextlib import closing
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.digest.build import Totals
from alerts.digest.review import Term
from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI
from monitor.dossier.model import Joining
from monitor.incidents.model import Incident, IncidentState
from monitor.office.model import PaperTime
from monitor.pipeline.digesting import DAY, gather_digest
from monitor.pipeline.papers import due_after, due_before, gather_review, span_before
from monitor.ports import Store, Transaction
from monitor.ports.history import Question
from storage.engine import open_store
from tests.alerts.digest.papers import TOWNS
from tests.support.builders import a_verdict, an_incident, an_item, opening
from tests.support.lite import lite, template

__all__ = ["lite", "template"]

MONDAY = datetime(2026, 3, 2, tzinfo=SHANGHAI)
NUMBERS = count()


@pytest.mark.parametrize(
    ("term", "on", "span"),
    [
        (Term.WEEKLY, date(2026, 3, 2), ("02-16", "02-23", "03-02")),
        (Term.WEEKLY, date(2026, 3, 8), ("02-16", "02-23", "03-02")),
        (Term.WEEKLY, date(2026, 3, 9), ("02-23", "03-02", "03-09")),
        (Term.MONTHLY, date(2026, 3, 1), ("01-01", "02-01", "03-01")),
        (Term.MONTHLY, date(2026, 1, 31), ("11-01", "12-01", "01-01")),
    ],
)
def test_a_paper_tells_of_the_last_whole_term(term: Term, on: date, span: tuple[str, ...]) -> None:
    assert tuple(f"{at:%m-%d}" for at in span_before(term, on)) == span


@pytest.mark.parametrize(
    ("term", "day", "now", "last", "next_"),
    [
        (Term.WEEKLY, 1, "2026-03-02T08:30", "2026-03-02T08:30", "2026-03-09T08:30"),
        (Term.WEEKLY, 1, "2026-03-02T08:29", "2026-02-23T08:30", "2026-03-02T08:30"),
        (Term.WEEKLY, 3, "2026-03-02T23:00", "2026-02-25T08:30", "2026-03-04T08:30"),
        (Term.MONTHLY, 1, "2026-03-01T08:29", "2026-02-01T08:30", "2026-03-01T08:30"),
        (Term.MONTHLY, 28, "2026-03-01T08:29", "2026-02-28T08:30", "2026-03-28T08:30"),
        (Term.MONTHLY, 1, "2026-12-31T23:59", "2026-12-01T08:30", "2027-01-01T08:30"),
    ],
)
def test_a_paper_is_due_on_its_day_at_its_hour(term: Term, day: int, now: str, last: str, next_: str) -> None:
    time = PaperTime(day=day, at=datetime.fromisoformat(last).time())
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    assert f"{due_before(term, time, at):%Y-%m-%dT%H:%M}" == last
    assert f"{due_after(term, time, at):%Y-%m-%dT%H:%M}" == next_


def test_words_rise_where_surely_more_items_of_ours_say_them_than_in_the_term_before(lite: Store) -> None:
    weeks = [(n, -14 + n % 7, ("塌方", "道路")) for n in range(8)] + [
        (n, -7 + n % 7, ("停水", "道路") if n < 17 else ("道路",)) for n in range(8, 20)
    ]
    with lite.transaction() as transaction:
        for number, days, tokens in weeks:
            at = MONDAY + timedelta(days=days)
            item = an_item(key=f"k{number}", published_at=at, first_seen_at=at)
            [stored] = transaction.add_items([item], [a_verdict(tokens=tokens)])
            joining = Joining(incident_id=number + 1, item_id=stored.id, at=at)
            transaction.save(opening(an_incident(id=number + 1, detected_at=at), joinings=(joining,)))
    span = span_before(Term.WEEKLY, MONDAY.date())
    with lite.reading() as transaction:
        [rise] = gather_review(transaction, TOWNS, (), Term.WEEKLY, span, MONDAY).rising
    assert (rise.word, rise.count, rise.before) == ("停水", 9, 0)
    assert [row.id for row in rise.rows] == [str(n) for n in range(9, 18)]


HOURS = st.integers(-24 * 75, 47)


@st.composite
def incidents(draw: st.DrawFn, number: int) -> Incident:
    found_at = MONDAY + timedelta(hours=draw(HOURS))
    state = draw(st.sampled_from(IncidentState))
    is_open = state is IncidentState.OPEN
    return an_incident(
        id=number,
        detected_at=found_at,
        local=draw(st.sampled_from([True, True, None, False])),
        severity=draw(st.sampled_from([*Severity, None])),
        event_type=draw(st.sampled_from(["road_traffic", "fire", None])),
        state=state,
        ended_at=None if is_open else found_at + timedelta(hours=draw(st.integers(0, 400))),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Incident, int]]:
    """Draw incidents, each with when its one item was published: hours after it was found, or before."""
    numbers = range(1, draw(st.integers(0, 12)) + 1)
    return [(draw(incidents(number)), draw(st.integers(-30, 30))) for number in numbers]


def keep(store: Store, history: list[tuple[Incident, int]]) -> None:
    with store.transaction() as transaction:
        for incident, hours in history:
            at = incident.detected_at + timedelta(hours=hours)
            item = an_item(key=f"k{incident.id}", published_at=at, first_seen_at=at)
            [stored] = transaction.add_items([item], [None])
            joining = Joining(incident_id=incident.id, item_id=stored.id, at=incident.detected_at)
            transaction.save(opening(incident, joinings=(joining,)))


def of_history(
    transaction: Transaction, at: datetime, since: datetime | None = None, until: datetime | None = None
) -> list[Incident]:
    """Return what an analyst finds; what went up in another incident by `at` is that one's."""
    found = transaction.search_incidents(Question(since=since, until=until, limit=10_000)).incidents
    gone = [i for i in found if i.state is IncidentState.MERGED and i.ended_at and i.ended_at <= at]
    return [i for i in found if i.local is not False and i not in gone]


def items_of_history(transaction: Transaction, since: datetime, until: datetime) -> int:
    hits = transaction.search(Question(since=since, until=until, limit=10_000)).hits
    elsewhere = {i.id for i in transaction.incidents(limit=10_000) if i.local is False}
    return sum(hit.incident_id is not None and hit.incident_id not in elsewhere for hit in hits)


@settings(max_examples=15)
@given(histories())
def test_the_numbers_of_every_paper_are_those_of_history(
    template: Path, tmp_path_factory: pytest.TempPathFactory, history: list[tuple[Incident, int]]
) -> None:
    path = shutil.copy(template, tmp_path_factory.getbasetemp() / f"history-{next(NUMBERS)}.db")
    with closing(open_store(f"sqlite:///{path}")) as store:
        keep(store, history)
        with store.reading() as transaction:
            for term in Term:
                check_review(transaction, term)
            for days in range(3):
                check_digest(transaction, MONDAY - days * DAY)


def check_review(transaction: Transaction, term: Term) -> None:
    before, since, until = span = span_before(term, MONDAY.date())
    at = MONDAY + timedelta(hours=8)
    review = gather_review(transaction, TOWNS, (), term, span, at)
    check_totals(transaction, review.totals, since, until, at)
    assert [sum(share.count for share in shares) for shares in (review.types, review.places)] == [
        review.totals.opened
    ] * 2
    assert sum(s.before for s in review.types) == len(of_history(transaction, at, since=before, until=since))
    assert review.item_count == items_of_history(transaction, since, until)


def check_digest(transaction: Transaction, until: datetime) -> None:
    since = until - DAY
    digest = gather_digest(transaction, TOWNS, (), since, until, until)
    check_totals(transaction, digest.totals, since, until, until)


def check_totals(
    transaction: Transaction, totals: Totals, since: datetime, until: datetime, at: datetime
) -> None:
    assert totals.opened == len(of_history(transaction, at, since=since, until=until))
    known = [i for i in of_history(transaction, at) if i.detected_at <= at]
    assert totals.ended == sum(i.ended_at is not None and since <= i.ended_at < until for i in known)
    standing = [i for i in known if i.ended_at is None or i.ended_at > at]
    by_severity = [sum(i.severity is severity for i in standing) for severity in (*Severity, None)]
    assert (totals.open_now, list(totals.open_by_severity)) == (len(standing), by_severity)
