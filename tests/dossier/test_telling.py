"""Rounds, climbing, acknowledgements and who is told how it ended (A5, A6, C16–C18, C22, C25)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.model import Alert, AlertState, Round, RoundState
from monitor.classifiers.model import Severity
from monitor.dossier import acts
from monitor.dossier.acknowledging import acknowledge, note_unreachable
from monitor.incidents.model import PublicationKind
from monitor.office.example import example_office
from monitor.office.model import Office, Person, Route
from tests.dossier.standing import Standing, a_report, circumstances
from tests.support.builders import T0, after

OFFICE = example_office()


def serious(office: Office = OFFICE) -> Standing:
    return Standing.opened(a_report(T0, deaths=12), T0, office=office)


def minor(office: Office = OFFICE) -> Standing:
    return Standing.opened(a_report(T0, deaths=1), T0, office=office)


def open_round(standing: Standing) -> Round:
    return next(r for r in standing.dossier.rounds if r.state is RoundState.OPEN)


def unreachable(standing: Standing, to: str, now: datetime) -> None:
    alert = next(a for a in standing.alerts.values() if a.to == to)
    changes = note_unreachable(standing.dossier, alert, circumstances(now, office=standing.office))
    standing.keep(changes)


@pytest.mark.parametrize(
    ("minutes", "told_level"),
    [(14, 1), (15, 2), (29, 2), (30, 3), (44, 3)],
)
def test_a_round_climbs_at_15_and_30_minutes(minutes: int, told_level: int) -> None:
    standing = minor()
    for minute in range(1, minutes + 1):
        standing.tick(after(minutes=minute))
    assert open_round(standing).told_level == told_level


def test_a_tick_a_little_late_does_not_move_the_timetable() -> None:
    standing = minor()
    standing.tick(after(minutes=15, seconds=9))
    assert open_round(standing).next_at == after(minutes=30)


def test_after_an_outage_the_next_level_comes_at_once_and_the_following_one_15_minutes_later() -> None:
    standing = minor()
    standing.tick(after(hours=2), awake_since=after(hours=2), away=timedelta(hours=2))
    assert (open_round(standing).told_level, open_round(standing).next_at) == (2, after(hours=2, minutes=15))


@pytest.mark.parametrize(
    ("by", "minute", "ends"),
    [
        pytest.param("duty", 5, True, id="the highest level told"),
        pytest.param("leader", 5, True, id="above it"),
        pytest.param("duty", 20, False, id="below it"),
        pytest.param("office_head", 20, True, id="the level told meanwhile"),
    ],
)
def test_who_ends_a_round(by: str, minute: int, ends: bool) -> None:
    standing = minor()
    for tick in range(1, minute):
        standing.tick(after(minutes=tick))
    assert standing.act(acknowledge, by, after(minutes=minute))
    (first,) = standing.dossier.rounds
    assert (first.state is RoundState.ENDED) is ends
    assert first.end_reason == ("acknowledged" if ends else None)


def test_nobody_reachable_at_the_level_told_means_the_next_at_once_with_the_rounds_reason() -> None:
    standing = minor()
    unreachable(standing, "duty", after(minutes=2))
    assert standing.told("detected") == ["duty", "office_head"]
    assert (open_round(standing).told_level, open_round(standing).next_at) == (2, after(minutes=30))
    unreachable(standing, "office_head", after(minutes=4))
    assert standing.told("detected") == ["duty", "office_head", "leader"]
    assert open_round(standing).next_at == after(minutes=19)
    unreachable(standing, "leader", after(minutes=6))
    assert standing.told("detected") == ["duty", "office_head", "leader"]


def test_a_level_is_unreachable_only_when_everybody_of_it_is() -> None:
    second = Person(id="second", name="副班", level=1, channels=("admin-wecom",))
    standing = minor(replace(OFFICE, people=(*OFFICE.people, second)))
    unreachable(standing, "duty", after(minutes=2))
    assert open_round(standing).told_level == 1
    unreachable(standing, "second", after(minutes=3))
    assert open_round(standing).told_level == 2


def test_a_level_below_the_one_an_absorbed_round_had_reached_is_still_passed_on() -> None:
    standing = minor()
    for minute in (15, 30):
        standing.tick(after(minutes=minute))
    standing.join(a_report(after(minutes=35), deaths=4, item_id=2), after(minutes=35))
    raised = [a for a in standing.alerts.values() if a.reason == "severity_raised"]
    assert ([a.to for a in raised], open_round(standing).told_level) == (["duty"], 3)
    changes = note_unreachable(standing.dossier, raised[0], circumstances(after(minutes=37)))
    standing.keep(changes)
    assert standing.told("severity_raised") == ["duty", "office_head"]


def test_a_person_without_any_channel_is_held_back_on_record_and_the_next_level_told() -> None:
    mute = tuple(replace(p, channels=()) if p.id == "duty" else p for p in OFFICE.people)
    standing = minor(replace(OFFICE, people=mute))
    held = [c for c in standing.journal if c.event == "alert_held"]
    assert [(c.facts["to"], c.facts["reason"]) for c in held] == [("duty", "no_channel")]
    assert standing.told("detected") == ["office_head"]


def test_a_route_tells_departments_for_information_once() -> None:
    joint = Route(
        name="joint",
        reasons=("detected", "severity_raised"),
        severities=(1, 2),
        departments=("publicity", "police"),
    )
    office = replace(OFFICE, routes=(joint,))
    assert serious(office).told("detected") == ["duty", "office_head", "publicity", "police"]
    assert minor(office).told("detected") == ["duty"]


def test_a_fourth_level_hears_of_a_breach_too() -> None:
    county = Person(id="county_head", name="县长", level=4, channels=("media_center-email",))
    fourth = replace(OFFICE.levels[-1], number=4, name="主要领导")
    standing = serious(replace(OFFICE, people=(*OFFICE.people, county), levels=(*OFFICE.levels, fourth)))
    standing.tick(after(hours=5, seconds=1))
    assert standing.told("due") == ["duty", "office_head", "leader", "county_head"]


def test_the_end_is_told_to_all_who_were_told_but_not_to_the_actor() -> None:
    standing = minor()
    standing.act(acts.confirm, "leader", after(minutes=1))
    standing.tick(after(hours=24))
    standing.tick(after(hours=24, minutes=15))
    respond = acts.respond(PublicationKind.RESPONSE, title="情况说明")
    standing.act(respond, "office_head", after(hours=24, minutes=20))
    assert standing.told("obligation_met") == ["duty"]
    assert standing.dossier.obligations[0].told == ("duty", "office_head")


def test_what_one_decision_says_to_one_person_leaves_together_and_at_once_if_part_of_it_is_urgent() -> None:
    late = a_report(T0, deaths=1, published_at=after(hours=-49))
    standing = Standing.opened(late, T0)
    mine = [a for a in standing.alerts.values() if a.to == "duty"]
    assert {a.reason for a in mine} == {"detected", "due"}
    assert {(a.urgent, a.send_at) for a in mine} == {(True, T0)}


def test_a_reminder_fired_in_time_is_not_late_and_one_missed_says_how_long_the_service_was_away() -> None:
    standing = serious()
    standing.tick(after(hours=2, minutes=30, seconds=2))
    assert {a.late_by for a in standing.alerts.values()} == {timedelta(0)}
    standing.tick(after(hours=4), awake_since=after(hours=4), away=timedelta(hours=1))
    missed = [a for a in standing.alerts.values() if a.reason == "reminder_75"]
    assert {(a.late_by, a.away) for a in missed} == {(timedelta(minutes=15), timedelta(hours=1))}


def test_an_old_absence_is_not_the_reason_why_something_else_is_late() -> None:
    standing = serious()
    standing.tick(after(hours=3), awake_since=after(hours=1), away=timedelta(hours=1))
    late = [a for a in standing.alerts.values() if a.reason == "reminder_50"]
    assert {(a.late_by, a.away) for a in late} == {(timedelta(minutes=30), None)}


def ack_times(standing: Standing, until: int) -> list[Alert]:
    for minute in range(1, until):
        standing.tick(after(minutes=minute))
    return [a for a in standing.alerts.values() if a.reason == "ack_expired"]


@pytest.mark.parametrize(
    ("act", "expires"),
    [
        pytest.param(None, True, id="nothing followed"),
        pytest.param(acts.confirm, False, id="confirmed"),
        pytest.param(acts.assign("police"), False, id="assigned"),
        pytest.param(acts.set_severity(Severity.RELATIVELY_SERIOUS, "核实"), False, id="graded"),
        pytest.param(acts.respond(PublicationKind.RESPONSE, title="说明"), False, id="answered"),
        pytest.param(acts.dismiss("误报"), False, id="dismissed"),
    ],
)
def test_an_acknowledgement_expires_if_nothing_follows(act: acts.Act | None, expires: bool) -> None:
    standing = minor()
    standing.act(acknowledge, "duty", after(seconds=30))
    if act is not None:
        standing.act(act, "leader", after(seconds=40))
    assert bool(ack_times(standing, 63)) is expires


def test_an_alert_has_a_key_of_its_own_for_every_recipient_round_and_channel() -> None:
    standing = serious()
    standing.tick(after(minutes=15))
    standing.tick(after(hours=2, minutes=30))
    ids = [(a.obligation_id, a.reason, a.alert_round, a.to, a.channel) for a in standing.alerts.values()]
    assert len(ids) == len(set(ids)) == 4
    assert all(a.state is AlertState.QUEUED for a in standing.alerts.values())
