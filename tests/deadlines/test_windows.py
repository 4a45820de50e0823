"""When an obligation starts and is due (T2, T3, C11, C21)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classifiers.model import Moment, Precision
from monitor.clock import SHANGHAI
from monitor.deadlines.derive import derive_obligations
from monitor.deadlines.model import Obligation, StartBasis, StartRule
from monitor.deadlines.rules import packaged_rules
from monitor.deadlines.windows import last_release_at, occurrence_at, starts_at
from monitor.incidents.model import Incident, PublicationState
from monitor.office.model import Policy
from tests.support.builders import T0, a_publication, after, an_incident

WEEK = timedelta(days=7)
SPRING_FESTIVAL = datetime(2026, 2, 16, 20, 0, tzinfo=SHANGHAI)
NEW_YEAR = datetime(2025, 12, 31, 20, 30, tzinfo=SHANGHAI)


def minute(at: datetime) -> Moment:
    return Moment(at=at, precision=Precision.MINUTE)


def day(at: datetime, until: datetime | None) -> Moment:
    return Moment(at=at, precision=Precision.DAY, until=until)


def obligations_of(incident: Incident, policy: Policy | None = None) -> dict[str, Obligation]:
    derived = derive_obligations(incident, (), (), packaged_rules(), policy or Policy(), incident.detected_at)
    return {o.kind: o for o in derived.opened}


@pytest.mark.parametrize(
    ("starts", "first_release_due", "conference_due"),
    [
        pytest.param(
            NEW_YEAR,
            datetime(2026, 1, 1, 1, 30, tzinfo=SHANGHAI),
            datetime(2026, 1, 1, 20, 30, tzinfo=SHANGHAI),
            id="across new year",
        ),
        pytest.param(
            SPRING_FESTIVAL,
            datetime(2026, 2, 17, 1, 0, tzinfo=SHANGHAI),
            datetime(2026, 2, 17, 20, 0, tzinfo=SHANGHAI),
            id="through a public holiday",
        ),
        pytest.param(
            datetime(2028, 2, 28, 23, 59, tzinfo=SHANGHAI),
            datetime(2028, 2, 29, 4, 59, tzinfo=SHANGHAI),
            datetime(2028, 2, 29, 23, 59, tzinfo=SHANGHAI),
            id="into a leap day",
        ),
    ],
)
def test_5_and_24_clock_hours_count_nights_and_holidays(
    starts: datetime, first_release_due: datetime, conference_due: datetime
) -> None:
    found = obligations_of(an_incident(occurred=minute(starts), detected_at=starts + timedelta(minutes=10)))
    assert found["first_release"].due_at == first_release_due
    assert found["press_conference"].due_at == conference_due


def test_the_response_is_due_48_hours_after_the_first_publication() -> None:
    incident = an_incident(severity=None, category=None, first_published_at=NEW_YEAR, detected_at=NEW_YEAR)
    assert obligations_of(incident)["response"].due_at == datetime(2026, 1, 2, 20, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("rule", "incident", "at", "basis"),
    [
        pytest.param(
            StartRule.OCCURRENCE,
            an_incident(occurred=minute(after(hours=-3))),
            after(hours=-3),
            StartBasis.OCCURRED,
            id="the occurrence",
        ),
        pytest.param(
            StartRule.OCCURRENCE, an_incident(), T0, StartBasis.FIRST_PUBLISHED, id="else the publication"
        ),
        pytest.param(
            StartRule.OCCURRENCE,
            an_incident(first_published_at=None),
            after(minutes=2),
            StartBasis.DETECTED,
            id="else the detection",
        ),
        pytest.param(
            StartRule.PUBLICATION,
            an_incident(occurred=minute(after(hours=-3))),
            T0,
            StartBasis.FIRST_PUBLISHED,
            id="the publication, whatever the occurrence",
        ),
        pytest.param(
            StartRule.PUBLICATION,
            an_incident(first_published_at=None, occurred=minute(after(hours=-3))),
            after(minutes=2),
            StartBasis.DETECTED,
            id="48 h never start at the occurrence",
        ),
        pytest.param(
            StartRule.OCCURRENCE,
            an_incident(
                assigned_at=after(hours=2), confirmed_at=after(hours=1), must_answer_at=after(hours=1)
            ),
            T0,
            StartBasis.FIRST_PUBLISHED,
            id="never an assignment or a confirmation",
        ),
        pytest.param(
            StartRule.OCCURRENCE,
            an_incident(occurred=minute(after(hours=3))),
            after(minutes=2),
            StartBasis.DETECTED,
            id="nothing starts after it was detected",
        ),
    ],
)
def test_a_window_starts_at(rule: StartRule, incident: Incident, at: datetime, basis: StartBasis) -> None:
    start = starts_at(rule, incident, WEEK)
    assert (start.at, start.basis, start.limited) == (at, basis, False)


@pytest.mark.parametrize(
    ("back", "limited"),
    [
        pytest.param(WEEK, False, id="exactly seven days"),
        pytest.param(WEEK + timedelta(seconds=1), True, id="a second more"),
    ],
)
def test_a_start_more_than_seven_days_before_detection_is_the_detection(
    back: timedelta, limited: bool
) -> None:
    incident = an_incident(occurred=minute(after(minutes=2) - back))
    start = starts_at(StartRule.OCCURRENCE, incident, WEEK)
    assert start.limited is limited
    assert start.at == (incident.detected_at if limited else after(minutes=2) - back)
    assert obligations_of(incident)["press_conference"].start_limited is limited


@pytest.mark.parametrize(
    ("moment", "published", "at"),
    [
        pytest.param(None, T0, None, id="unknown"),
        pytest.param(minute(after(hours=-1)), T0, after(hours=-1), id="to the minute"),
        pytest.param(
            day(after(hours=-32), after(hours=-8)), T0, after(hours=-8), id="the day before: its end"
        ),
        pytest.param(day(after(hours=-8), after(hours=16)), T0, T0, id="the same day: the publication"),
        pytest.param(day(after(hours=-8), None), None, after(minutes=2), id="no publication: the detection"),
        pytest.param(
            day(after(hours=1), after(hours=9)), T0, after(hours=1), id="never before the day began"
        ),
    ],
)
def test_an_occurrence_known_to_the_day_counts_at_its_latest_instant(
    moment: Moment | None, published: datetime | None, at: datetime | None
) -> None:
    assert occurrence_at(an_incident(occurred=moment, first_published_at=published)) == at


def test_the_last_release_is_the_latest_accepted_one() -> None:
    early = a_publication(id="1", effective_at=after(hours=1))
    late = a_publication(id="2", effective_at=after(hours=3))
    offered = a_publication(id="3", effective_at=after(hours=5), state=PublicationState.OFFERED)
    assert last_release_at(()) is None
    assert last_release_at((late, early, offered)) == after(hours=3)


minutes = st.integers(min_value=-60 * 24 * 20, max_value=60 * 24 * 20)


@given(minutes, minutes)
def test_a_later_publication_is_never_due_earlier(one: int, other: int) -> None:
    first, second = sorted((one, other))
    detected_at = datetime(2026, 6, 1, tzinfo=UTC)
    dues = []
    for published in (first, second):
        at = detected_at + timedelta(minutes=min(published, 0))
        incident = an_incident(severity=None, category=None, first_published_at=at, detected_at=detected_at)
        dues.append(obligations_of(incident, Policy(max_backdate=timedelta(days=365)))["response"].due_at)
    assert dues[0] <= dues[1]


@given(minutes, minutes)
def test_a_later_occurrence_is_never_due_earlier(one: int, other: int) -> None:
    first, second = sorted((one, other))
    policy = Policy(max_backdate=timedelta(days=365))
    early, late = (
        obligations_of(an_incident(occurred=minute(T0 + timedelta(minutes=m))), policy)["press_conference"]
        for m in (first, second)
    )
    assert early.due_at <= late.due_at
