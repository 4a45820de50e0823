"""Facts with plausible defaults, and any material at all for laws."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from monitor.analysis.facts import (
    ArrivalFact,
    ClockFact,
    HeldClock,
    HolderFact,
    IncidentFact,
    Judged,
    Material,
    WordCount,
)
from monitor.analysis.period import Period
from monitor.analysis.table import Naming
from monitor.classifiers.model import Grade, NamedPlace, Severity
from monitor.deadlines.model import ObligationState
from monitor.incidents.model import IncidentState
from tests.support.builders import T0, after

MARCH = Period(first=date(2026, 3, 1), last=date(2026, 3, 31))
NOW = after(days=25)
NAMING = Naming(
    department=lambda id_: {"water": "县水务局", "police": "县公安局"}.get(id_, id_),
    kind=lambda incident: incident.event_type or "政务舆情",
    role=str,
    severity=lambda severity: "未定级" if severity is None else f"{int(severity)}级",
)


def an_incident(**fields: Any) -> IncidentFact:
    """Return incident 1: open, local, severity 2, first published at T0."""
    defaults: dict[str, Any] = {
        "id": 1,
        "title": "柯街镇一处道路塌方",
        "state": IncidentState.OPEN,
        "local": True,
        "severity": Severity.SERIOUS,
        "grade": Grade(confirmed=Severity.SERIOUS),
        "detected_at": after(minutes=2),
        "first_published_at": T0,
    }
    return IncidentFact(**defaults | fields)


def a_clock(
    *departments: str, due: float = 24, state: str = "met", severity: Severity | None = None, **fields: Any
) -> HeldClock:
    """Return an obligation of incident 1 that falls due so many hours after T0."""
    defaults: dict[str, Any] = {
        "id": "1/response/1",
        "incident_id": 1,
        "kind": "response",
        "name": "回应",
        "statutory": True,
        "due_at": after(hours=due),
        "state": ObligationState(state),
    }
    holder = HolderFact(title="柯街镇一处道路塌方", severity=severity, assigned_to=departments)
    return HeldClock(clock=ClockFact(**defaults | fields), holder=holder)


def an_arrival(source: str, hours: float, incident: int = 1) -> ArrivalFact:
    """Return an item of an incident so many hours after T0."""
    return ArrivalFact(
        incident_id=incident, source_id=source, source_name=f"{source}网", role="media", at=after(hours=hours)
    )


def material(**fields: Any) -> Material:
    """Return the material of March 2026."""
    defaults: dict[str, Any] = {"period": MARCH, "now": NOW}
    return Material(**defaults | fields)


def _within(period: Period) -> st.SearchStrategy[datetime]:
    seconds = int((period.until - period.since).total_seconds()) - 1
    return st.integers(0, seconds).map(lambda n: period.since + timedelta(seconds=n))


severities = st.sampled_from([*Severity, None])
departments = st.lists(st.sampled_from(["water", "police", "gone"]), unique=True, max_size=3).map(tuple)
judgements = st.builds(Judged, severity=severities, automatic_seen=severities)
incidents = st.builds(
    IncidentFact,
    id=st.integers(1, 40),
    title=st.text(max_size=8),
    state=st.sampled_from(IncidentState),
    local=st.sampled_from([True, False, None]),
    severity=severities,
    grade=st.builds(Grade, confirmed=severities, precautionary=severities),
    judgement=st.none() | judgements,
    confirmed_at=st.none() | _within(MARCH),
    event_type=st.sampled_from([None, "fire", "flood"]),
    places=st.sampled_from([(), (NamedPlace(name="柯街镇"),)]),
    assigned_to=departments,
    detected_at=_within(MARCH),
    first_published_at=st.none() | _within(MARCH),
    ended_by=st.sampled_from([None, "duty", "ledger"]),
)
clocks = st.builds(
    HeldClock,
    clock=st.builds(
        ClockFact,
        id=st.text("abc", min_size=1, max_size=5),
        incident_id=st.integers(1, 40),
        kind=st.sampled_from(["response", "press_conference", "follow_up", "promise_1", "U_PHONE_30"]),
        name=st.sampled_from(["回应", "新闻发布会"]),
        statutory=st.booleans(),
        due_at=_within(MARCH),
        state=st.sampled_from(ObligationState),
        breached_at=st.none() | _within(MARCH),
        met_effective_at=st.none() | _within(MARCH),
        met_late=st.booleans(),
        ended_reason=st.sampled_from([None, "closed", "merged", "downgraded"]),
    ),
    holder=st.builds(HolderFact, title=st.text(max_size=8), severity=severities, assigned_to=departments),
)
arrivals = st.builds(
    ArrivalFact,
    incident_id=st.integers(1, 40),
    source_id=st.sampled_from(["paper", "forum", "ledger", "hotline"]),
    source_name=st.just("某网"),
    role=st.just("media"),
    at=_within(MARCH),
)
word_counts = st.builds(
    WordCount,
    reports=st.integers(9, 40),
    words=st.dictionaries(st.sampled_from(["塌方", "停水", "救援"]), st.integers(1, 9)),
)
materials = st.builds(
    Material,
    period=st.just(MARCH),
    now=_within(MARCH),
    incidents=st.lists(incidents, max_size=12, unique_by=lambda i: i.id).map(tuple),
    first_words=st.dictionaries(st.integers(1, 40), _within(MARCH), max_size=12),
    arrivals=st.lists(arrivals, max_size=20).map(tuple),
    clocks=st.lists(clocks, max_size=12).map(tuple),
    daily_items=st.dictionaries(st.dates(MARCH.first, MARCH.last), st.integers(0, 9), max_size=5),
    words=word_counts,
    words_before=word_counts,
)
