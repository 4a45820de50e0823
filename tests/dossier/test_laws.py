"""What holds whatever happens, in whatever order: the laws of the heart (T5, T11, A1, A2, A5, C17, C22)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.model import AlertState, RoundState
from monitor.classifiers.model import Precision, Severity
from monitor.collectors.model import Role
from monitor.deadlines.model import ReminderState, StartBasis
from monitor.deadlines.reminders import tells_breach
from monitor.dossier import acts
from monitor.dossier.acknowledging import acknowledge
from monitor.dossier.audit import find_untold
from monitor.dossier.draft import Draft
from monitor.dossier.intake import Newcomer
from monitor.dossier.regrade import is_more_severe
from monitor.incidents.model import PublicationKind
from tests.dossier.standing import Standing, a_report
from tests.support.builders import T0

PEOPLE = st.sampled_from(["duty", "office_head", "leader"])


@dataclass(frozen=True)
class Event:
    """One thing that happens, `after` minutes after the one before; a negative length is a clock set back."""

    after: int
    what: str
    who: str
    number: int


DOINGS = [
    *("tick", "tick", "tick", "ack", "item", "item", "confirm", "grade", "respond", "conference"),
    *("late_record", "assign", "dismiss", "reopen", "close", "waive", "correct", "correct", "retime"),
]
EVENTS = st.builds(
    Event,
    after=st.sampled_from([0, 1, 7, 15, 16, 60, 61, 150, 300, 720, 1500, -10]),
    what=st.sampled_from(DOINGS),
    who=PEOPLE,
    number=st.integers(min_value=0, max_value=40),
)
STORIES = st.lists(EVENTS, min_size=1, max_size=25)


def happen(standing: Standing, event: Event, now: datetime, item_id: int) -> None:
    who, number = event.who, event.number
    kind = PublicationKind.PRESS_CONFERENCE if event.what == "conference" else PublicationKind.RESPONSE
    early = now - timedelta(hours=number)
    basis = (StartBasis.OCCURRED, StartBasis.FIRST_PUBLISHED)[number % 2]
    correct = acts.correct_start(basis, T0 - timedelta(minutes=37 * number), Precision.MINUTE, "核实")
    doings: dict[str, Callable[[], object]] = {
        "tick": lambda: standing.tick(now),
        "item": lambda: standing.join(_report(now, number, item_id), now),
        "ack": lambda: standing.act(acknowledge, who, now),
        "confirm": lambda: standing.act(acts.confirm, who, now),
        "grade": lambda: standing.act(acts.set_severity(Severity(number % 4 + 1), "核实"), who, now),
        "respond": lambda: standing.act(acts.respond(kind, title="通报"), who, now),
        "conference": lambda: standing.act(acts.respond(kind, title="发布会"), who, now),
        "late_record": lambda: standing.act(acts.respond(kind, title="补录", effective_at=early), who, now),
        "assign": lambda: standing.act(acts.assign("police"), who, now),
        "dismiss": lambda: standing.act(acts.dismiss("误报"), who, now),
        "reopen": lambda: standing.act(acts.reopen("属实"), who, now),
        "close": lambda: standing.act(acts.close("办结"), who, now),
        "waive": lambda: standing.act(acts.waive("press_conference", "批准"), who, now),
        "correct": lambda: standing.act(correct, who, now),
        "retime": lambda: standing.act(_retime(early), who, now),
    }
    doings[event.what]()


def _retime(effective_at: datetime) -> acts.Act:
    """Correct when the latest publication was effective, if there is one."""

    def act(draft: Draft, by: str) -> None:
        if draft.publications:
            acts.correct_publication([*draft.publications][-1], effective_at, "核实")(draft, by)

    return act


def _report(now: datetime, number: int, item_id: int) -> Newcomer:
    role = (Role.MEDIA, Role.SOCIAL, Role.HOTLINE)[number % 3]
    published_at = now - timedelta(minutes=number * 7)
    return a_report(now, deaths=number, item_id=item_id, role=role, published_at=published_at)


def live(story: list[Event]) -> list[tuple[Event, Standing]]:
    """Return the standing after every event of a story."""
    now = T0
    standing = Standing.opened(a_report(now, deaths=story[0].number), now)
    seen = []
    for item_id, event in enumerate(story, start=2):
        now += timedelta(minutes=event.after)
        happen(standing, event, now, item_id)
        seen.append((event, standing.copy()))
    return seen


@settings(max_examples=60)
@given(STORIES)
def test_obligations_are_never_deleted_and_what_has_ended_stays_ended(story: list[Event]) -> None:
    before: dict[str, bool] = {}
    for _, standing in live(story):
        running = {o.id: o.is_running for o in standing.dossier.obligations}
        assert before.keys() <= running.keys()
        assert not any(running[id_] for id_, was in before.items() if not was)
        kinds = Counter(o.kind for o in standing.dossier.obligations if o.is_running)
        assert all(count == 1 for count in kinds.values())
        if not standing.dossier.incident.is_open:
            assert not kinds
        before = running


@settings(max_examples=60)
@given(STORIES)
def test_no_reminder_is_told_twice(story: list[Event]) -> None:
    standing = live(story)[-1][1]
    breaches = Counter(c.facts["id"] for c in standing.journal if c.event == "obligation_breached")
    fired = Counter(
        (r.obligation_id, r.kind) for r in standing.dossier.reminders if r.state is ReminderState.FIRED
    )
    told = Counter((a.obligation_id, a.reason) for a in standing.alerts.values() if a.to == "duty")
    for (obligation, reason), count in (*fired.items(), *told.items()):
        if reason.startswith("reminder_"):
            assert count == 1
        elif tells_breach(reason):  # once for each breach: one may have been taken back
            assert count <= breaches[obligation or ""]


@settings(max_examples=60)
@given(STORIES)
def test_the_severity_never_falls_without_a_person(story: list[Event]) -> None:
    severity = live(story[:1])[0][1].dossier.incident.severity
    for event, standing in live(story):
        now = standing.dossier.incident.severity
        if event.what not in ("grade", "confirm"):
            assert not is_more_severe(severity, now)
        severity = now


@settings(max_examples=60)
@given(STORIES)
def test_one_round_is_open_and_an_absorbing_one_never_lowers_the_level_told(story: list[Event]) -> None:
    for _, standing in live(story):
        rounds = standing.dossier.rounds
        assert sum(r.state is RoundState.OPEN for r in rounds) <= 1
        assert all(r.end_reason for r in rounds if r.state is RoundState.ENDED)
        absorbed = [(one, other) for one, other in pairwise(rounds) if one.end_reason == "absorbed"]
        assert all(other.told_level >= one.told_level for one, other in absorbed)


@settings(max_examples=60)
@given(STORIES)
def test_after_a_tick_nothing_is_left_to_do_and_a_second_tick_changes_nothing(story: list[Event]) -> None:
    now = T0 + timedelta(minutes=sum(max(event.after, 0) for event in story))
    standing = live(story)[-1][1]
    for _ in range(5):
        standing.tick(now)
    assert standing.wakes_at is None or standing.wakes_at > now
    again = standing.tick(now)
    assert (again.journal, again.alerts, again.reminders, again.rounds) == ((), (), (), ())


@settings(max_examples=60)
@example(  # told of a breach, then the start is moved so little that it stays one
    [Event(after=7, what="correct", who="duty", number=10), Event(300, "correct", "duty", 0)]
)
@given(STORIES)
def test_after_a_tick_whatever_is_overdue_was_told(story: list[Event]) -> None:
    now = T0 + timedelta(minutes=sum(max(event.after, 0) for event in story))
    standing = live(story)[-1][1]
    standing.tick(now)
    sent = [replace(alert, state=AlertState.SENT) for alert in standing.alerts.values()]
    assert find_untold(standing.dossier, sent, now) == ()


@settings(max_examples=40)
@given(STORIES, st.integers(min_value=1, max_value=3000), st.integers(min_value=0, max_value=3000))
def test_a_tick_that_comes_too_late_to_be_first_changes_nothing(
    story: list[Event], ahead: int, behind: int
) -> None:
    now = T0 + timedelta(minutes=sum(max(event.after, 0) for event in story) + ahead)
    standing = live(story)[-1][1]
    for _ in range(5):
        standing.tick(now)
    kept = standing.copy()
    standing.tick(now - timedelta(minutes=behind))
    assert standing.dossier == kept.dossier
    assert standing.alerts.keys() == kept.alerts.keys()


@settings(max_examples=60)
@given(STORIES, PEOPLE)
def test_acknowledging_twice_changes_nothing(story: list[Event], who: str) -> None:
    now = T0 + timedelta(minutes=sum(max(event.after, 0) for event in story))
    standing = live(story)[-1][1]
    assert standing.act(acknowledge, who, now)
    kept = standing.copy()
    assert standing.act(acknowledge, who, now + timedelta(minutes=3))
    assert standing.dossier == kept.dossier
    assert standing.journal == kept.journal


@settings(max_examples=40)
@given(STORIES)
def test_acknowledging_and_assigning_fulfil_nothing(story: list[Event]) -> None:
    for event, standing in live(story):
        met = [c for c in standing.journal if c.event == "obligation_met"]
        recorded = any(p.recorded_by for p in standing.dossier.publications)
        assert recorded or not met, event
