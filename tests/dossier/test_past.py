"""An incident told as it stood is what it was: whatever happened later is taken back, by the journal."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.classifiers.model import Severity
from monitor.collectors.model import Role
from monitor.deadlines.model import Obligation
from monitor.dossier import acts
from monitor.dossier.intake import Newcomer
from monitor.dossier.model import Dossier
from monitor.dossier.order_acts import give_back
from monitor.dossier.past import STANDING, as_it_stood, known_items
from monitor.incidents.model import Incident, IncidentState, Publication, PublicationKind
from tests.dossier.standing import Standing, a_report
from tests.dossier.test_laws import DOINGS, PEOPLE, Event, happen
from tests.support.builders import T0, a_change, a_dossier, after, an_incident

EVENTS = st.builds(
    Event,
    after=st.sampled_from([1, 7, 61, 150, 300, 720, 1500]),
    what=st.sampled_from(DOINGS),
    who=PEOPLE,
    number=st.integers(min_value=0, max_value=40),
)


def what_stood(dossier: Dossier) -> tuple[object, ...]:
    """Return what a paper says of an incident.

    Of the machine's grade the journal keeps less, and of a severity set again as it was nothing.
    """
    incident = dossier.incident
    said = (
        incident.state, incident.ended_at, incident.title, incident.severity, incident.assigned_to,
        incident.assigned_at, incident.local, incident.item_count, incident.source_ids, incident.trusts,
        incident.holding,
    )  # fmt: skip
    return (
        *said,
        sorted(map(_duty, dossier.obligations)),
        sorted(map(_answer, dossier.publications)),
    )


def _duty(o: Obligation) -> tuple[object, ...]:
    return (
        o.id,
        o.state,
        o.due_at,
        o.met_late,
        str(o.ended_at),
        str(o.breached_at if o.is_running else None),
    )


def _answer(p: Publication) -> tuple[object, ...]:
    return (p.id, p.state, p.effective_at)


def looked_back(standing: Standing, at: datetime, items: list[Newcomer]) -> Dossier | None:
    journal = [change for change in standing.journal if change.event in STANDING]
    return as_it_stood(standing.dossier, journal, at, lambda: items)


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=20))
def test_whatever_happened_later_an_incident_is_told_as_it_stood(story: list[Event]) -> None:
    now = T0
    first = a_report(now, deaths=story[0].number)
    standing, items, seen = Standing.opened(first, now), [first], []
    for item_id, event in enumerate(story, start=2):
        now += timedelta(minutes=event.after)
        happen(standing, event, now, item_id)
        if event.what == "item":
            items.append(_joined(event, now, item_id))
        seen.append((now, standing.dossier))
    for at, dossier in seen:
        told = looked_back(standing, at, items)
        assert told is not None
        assert what_stood(told) == what_stood(dossier)


def _joined(event: Event, now: datetime, item_id: int) -> Newcomer:
    role = (Role.MEDIA, Role.SOCIAL, Role.HOTLINE)[event.number % 3]
    published_at = now - timedelta(minutes=event.number * 7)
    return a_report(now, deaths=event.number, item_id=item_id, role=role, published_at=published_at)


def test_before_it_was_found_there_was_no_incident() -> None:
    standing = Standing.opened(a_report(T0, deaths=12), T0)
    assert looked_back(standing, T0 - timedelta(seconds=1), []) is None
    assert looked_back(standing, T0, []) is not None


def test_a_withdrawn_answer_stood_until_it_was_withdrawn() -> None:
    standing = Standing.opened(a_report(T0, deaths=12), T0)
    standing.act(acts.respond(PublicationKind.PRESS_CONFERENCE, title="发布会"), "duty", after(hours=2))
    standing.act(acts.withdraw_answer("1-p1", "发错了"), "duty", after(hours=30))
    told = looked_back(standing, after(hours=3), [])
    assert told is not None
    assert not [o for o in told.obligations if o.is_running and o.statutory]
    assert [o for o in standing.dossier.obligations if o.is_running and o.statutory]


def test_who_judged_the_severity_is_told_as_of_that_day() -> None:
    standing = Standing.opened(a_report(T0, deaths=12), T0)
    standing.act(acts.set_severity(Severity.RELATIVELY_SERIOUS, "核减"), "duty", after(hours=1))
    standing.act(acts.set_severity(Severity.SERIOUS, "恢复"), "leader", after(hours=5))
    [then, first] = [looked_back(standing, after(hours=h), []) for h in (2, 0.5)]
    assert then is not None
    assert first is not None
    assert then.incident.judgement is not None
    assert (then.incident.severity, then.incident.judgement.by) == (Severity.RELATIVELY_SERIOUS, "duty")
    assert (first.incident.severity, first.incident.judgement) == (Severity.SERIOUS, None)
    assert first.incident.grade.confirmed is Severity.SERIOUS


@pytest.mark.parametrize(("hours", "numbers"), [(1, [1]), (3, [1, 2]), (6, [1, 2, 3])])
def test_items_of_a_merged_incident_came_with_the_merger(hours: int, numbers: list[int]) -> None:
    journal = [
        a_change(at=T0, event="incident_opened", facts={"items": [1]}),
        a_change(at=after(hours=2), event="item_joined", facts={"item": 2}),
        a_change(at=after(hours=5), event="items_received", facts={"from_incident": 7}),
    ]
    items = [a_report(T0, item_id=n) for n in (1, 2, 3)]
    assert [n.item.id for n in known_items(journal, after(hours=hours), items)] == numbers


def test_an_incident_that_ended_and_was_reopened_was_ended_in_between() -> None:
    incident: Incident = an_incident()
    ended = {"event": "incident_closed", "actor": "leader", "incident": 1}
    journal = [
        a_change(at=after(hours=1), **ended),
        a_change(at=after(hours=4), event="incident_reopened", incident=1),
        a_change(at=after(hours=6), **ended),
    ]
    dossier = a_dossier(
        replace(incident, state=IncidentState.CLOSED, ended_at=after(hours=6), ended_by="leader")
    )
    states = [as_it_stood(dossier, journal, after(hours=h), list) for h in (0.5, 2, 5, 7)]
    assert [told.incident.state for told in states if told] == [
        IncidentState.OPEN, IncidentState.CLOSED, IncidentState.OPEN, IncidentState.CLOSED,
    ]  # fmt: skip


def test_a_department_that_returned_its_slip_had_the_incident_until_then() -> None:
    standing = Standing.opened(a_report(T0, deaths=3), T0)
    for hours, act, by in (
        (1, acts.assign("police"), "duty"),
        (3, give_back("1-o1", "不归我们"), "police"),
        (5, acts.assign("police"), "duty"),
    ):
        assert standing.act(act, by, after(hours=hours))
    had = {h: _assigned(looked_back(standing, after(hours=h), [])) for h in (0, 2, 4, 6)}
    assert had == {0: (), 2: ("police",), 4: (), 6: ("police",)}


def _assigned(dossier: Dossier | None) -> tuple[str, ...]:
    assert dossier is not None
    return dossier.incident.assigned_to
