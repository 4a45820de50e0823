"""Who hears first, through which channel, and when a message may leave (A6, A7, C18, C25)."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import ChannelHealth
from alerts.policy import (
    EVERY_LEVEL,
    Audience,
    Leave,
    channels_in_order,
    first_audience,
    leave_at,
    quiet_until,
    room_left,
)
from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI
from monitor.office.example import example_office
from monitor.office.model import ChannelKind, ChannelSpec, Office, Policy, QuietHours, Silence
from tests.support.builders import T0, after

SERIOUS, MINOR = Severity.SERIOUS, Severity.ORDINARY
OFFICE = example_office()


def local(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("reason", "severity", "levels", "departments"),
    [
        ("detected", MINOR, (1,), False),
        ("detected", None, (1,), False),
        ("detected", SERIOUS, (1, 2), False),
        ("severity_raised", Severity.RELATIVELY_SERIOUS, (1,), False),
        ("severity_raised", Severity.PARTICULARLY_SERIOUS, (1, 2), False),
        ("ack_expired", MINOR, (1,), False),
        ("ack_expired", SERIOUS, (1, 2), False),
        ("reminder_50", SERIOUS, (1,), True),
        ("reminder_75", MINOR, (1, 2), True),
        ("reminder_90", MINOR, (1, 2, 3), True),
        ("due", None, EVERY_LEVEL, True),
        ("overdue_1", SERIOUS, (1, 2), False),
        ("overdue_11", MINOR, (1, 2), False),
        ("overdue_12", MINOR, EVERY_LEVEL, True),
        ("overdue_24", SERIOUS, EVERY_LEVEL, True),
    ],
)
def test_who_hears_first_of_a_statutory_matter(
    reason: str, severity: Severity | None, levels: tuple[int, ...], departments: bool
) -> None:
    expected = Audience(levels=levels, departments=departments)
    assert first_audience(reason, severity, Policy(), statutory=True) == expected


@pytest.mark.parametrize("reason", ["reminder_50", "reminder_75", "reminder_90", "due"])
@pytest.mark.parametrize("severity", [None, MINOR, Severity.RELATIVELY_SERIOUS])
def test_a_house_rule_stays_with_level_one_and_the_department(reason: str, severity: Severity | None) -> None:
    expected = Audience(levels=(1,), departments=True, climbs=False)
    assert first_audience(reason, severity, Policy(), statutory=False) == expected


@pytest.mark.parametrize("reason", ["reminder_75", "due", "overdue_1"])
def test_a_house_rule_of_a_serious_incident_has_the_ordinary_ladder(reason: str) -> None:
    ordinary = first_audience(reason, SERIOUS, Policy(), statutory=True)
    assert first_audience(reason, SERIOUS, Policy(), statutory=False) == ordinary


def test_how_often_everybody_is_told_again_follows_the_office() -> None:
    policy = Policy(overdue_every=timedelta(hours=1), overdue_all_every=timedelta(hours=6))
    everybody = [
        n
        for n in range(1, 13)
        if first_audience(f"overdue_{n}", MINOR, policy, statutory=True).levels == EVERY_LEVEL
    ]
    assert everybody == [6, 12]


@pytest.mark.parametrize(
    ("failures", "ago", "first"),
    [
        pytest.param(2, timedelta(0), "wecom", id="two failures are no mark"),
        pytest.param(3, timedelta(0), "email", id="three are"),
        pytest.param(3, timedelta(minutes=4, seconds=59), "email", id="it rests"),
        pytest.param(3, timedelta(minutes=5), "wecom", id="and is tried first again"),
    ],
)
def test_an_unhealthy_channel_comes_last_until_it_has_rested(
    failures: int, ago: timedelta, first: str
) -> None:
    health = {"wecom": ChannelHealth(channel="wecom", failures=failures, last_failure_at=T0 - ago)}
    assert channels_in_order(["wecom", "email"], health, T0)[0] == first


def test_channels_that_all_rest_keep_their_order() -> None:
    health = {n: ChannelHealth(channel=n, failures=9, last_failure_at=T0) for n in ("wecom", "email")}
    assert channels_in_order(["wecom", "email"], health, T0) == ("wecom", "email")


NIGHT = QuietHours(level=2, since=time(22, 0), until=time(7, 0))
NOON = QuietHours(level=2, since=time(12, 0), until=time(13, 30))


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        pytest.param(NIGHT, local(21, 59), None, id="before"),
        pytest.param(NIGHT, local(22), local(7, day=3), id="from its first minute"),
        pytest.param(NIGHT, local(23, 30), local(7, day=3), id="before midnight"),
        pytest.param(NIGHT, local(0), local(7), id="at midnight"),
        pytest.param(NIGHT, local(6, 59), local(7), id="after midnight"),
        pytest.param(NIGHT, local(7), None, id="its end is outside"),
        pytest.param(NOON, local(12, 30), local(13, 30), id="within a day"),
        pytest.param(NOON, local(14), None, id="after noon"),
    ],
)
def test_quiet_hours_are_local_and_may_go_over_midnight(
    quiet: QuietHours, now: datetime, until: datetime | None
) -> None:
    assert quiet_until(quiet, now) == until


def silence(since: datetime, until: datetime, incident: int = 1) -> Silence:
    return Silence(incident=incident, since=since, until=until, by="office_head", reason="已知悉")


QUIET = replace(OFFICE, quiet_hours=(NIGHT,))
SILENT = replace(OFFICE, silences=(silence(after(hours=-1), after(hours=1)),))
BOTH = replace(QUIET, silences=(silence(local(20), local(23)),))


@pytest.mark.parametrize(
    ("office", "level", "now", "expected"),
    [
        pytest.param(OFFICE, 1, T0, Leave(at=after(seconds=60)), id="to share one message"),
        pytest.param(QUIET, 2, local(23), Leave(at=local(7, day=3), held_reason="quiet_hours"), id="night"),
        pytest.param(QUIET, 1, local(23), Leave(at=local(23, 1)), id="another level"),
        pytest.param(QUIET, None, local(23), Leave(at=local(23, 1)), id="a department"),
        pytest.param(SILENT, 1, T0, Leave(at=after(hours=1), held_reason="silence"), id="a silence"),
        pytest.param(SILENT, None, T0, Leave(at=after(hours=1), held_reason="silence"), id="for all"),
        pytest.param(SILENT, 1, after(hours=1), Leave(at=after(hours=1, seconds=60)), id="its end"),
        pytest.param(
            BOTH, 2, local(21), Leave(at=local(7, day=3), held_reason="silence"), id="into the quiet hours"
        ),
    ],
)
def test_when_a_message_that_may_wait_leaves(
    office: Office, level: int | None, now: datetime, expected: Leave
) -> None:
    assert leave_at(office, 1, level, urgent=False, now=now) == expected


def test_a_silence_holds_back_its_own_incident_only() -> None:
    assert leave_at(SILENT, 2, 1, urgent=False, now=T0).held_reason is None
    assert leave_at(SILENT, None, 1, urgent=False, now=T0).held_reason is None


@given(st.integers(min_value=0, max_value=60 * 48), st.sampled_from([1, 2, 3, None]))
def test_what_is_urgent_leaves_at_once_whatever_holds_the_rest_back(minute: int, level: int | None) -> None:
    now = after(minutes=minute)
    assert leave_at(BOTH, 1, level, urgent=True, now=now) == Leave(at=now)


@given(st.integers(min_value=0, max_value=60 * 48), st.sampled_from([1, 2, None]))
def test_nothing_held_back_leaves_within_the_hours_that_hold_it(minute: int, level: int | None) -> None:
    leave = leave_at(BOTH, 1, level, urgent=False, now=after(minutes=minute))
    assert leave.at > after(minutes=minute)
    if leave.held_reason is not None:
        assert leave_at(BOTH, 1, level, urgent=False, now=leave.at).held_reason is None


def test_quiet_hours_around_the_clock_hold_back_until_tomorrow_and_end() -> None:
    always = replace(OFFICE, quiet_hours=(QuietHours(level=1, since=time(8), until=time(8)),))
    assert leave_at(always, 1, 1, urgent=False, now=T0) == Leave(at=after(days=1), held_reason="quiet_hours")


def test_an_office_that_tells_everybody_each_time_does_so_each_time() -> None:
    always = Policy(overdue_every=timedelta(hours=2), overdue_all_every=timedelta(hours=2))
    for number in (1, 2, 3):
        assert first_audience(f"overdue_{number}", MINOR, always, statutory=True).levels == EVERY_LEVEL


def test_a_silence_holds_from_its_first_instant_until_just_before_its_last() -> None:
    silence = Silence(incident=1, since=T0, until=after(hours=1), by="duty", reason="同一事件")
    office = replace(OFFICE, silences=(silence,), quiet_hours=())
    held = Leave(at=after(hours=1), held_reason="silence")
    for now, expected in (
        (T0, held),
        (after(minutes=59), held),
        (after(hours=1), Leave(at=after(hours=1) + office.policy.grouping_wait)),
    ):
        assert leave_at(office, 1, 1, urgent=False, now=now) == expected


def test_quiet_hours_are_those_of_the_county_wherever_the_machine_stands() -> None:
    """At 00:30 in the county it is still yesterday in UTC."""
    until = quiet_until(QuietHours(level=1, since=time(0), until=time(6)), local(0, 30))
    assert until == local(6)
    assert until is not None
    assert until.tzinfo is UTC


@pytest.mark.parametrize(
    ("per_minute", "begun", "left"), [(20, 0, 15), (20, 14, 1), (20, 15, 0), (20, 40, -25), (1, 0, 1)]
)
def test_a_quarter_of_a_bots_limit_is_kept_for_what_is_urgent(per_minute: int, begun: int, left: int) -> None:
    kinds = (ChannelKind.WECOM, ChannelKind.EMAIL, ChannelKind.CONSOLE)
    channels = [ChannelSpec(name=kind, kind=kind, per_minute=per_minute) for kind in kinds]
    office = replace(example_office(), channels=tuple(channels))
    assert room_left(office, {"wecom": begun, "email": 99}) == {"wecom": left}


@pytest.mark.parametrize(
    ("kind", "per_minute", "sent", "room"),
    [
        pytest.param(ChannelKind.WECOM, 20, 0, 15, id="three quarters of the limit"),
        pytest.param(ChannelKind.WECOM, 20, 4, 11, id="less what was sent"),
        pytest.param(ChannelKind.WECOM, 20, 17, -2, id="urgent ones took more"),
        pytest.param(ChannelKind.DINGTALK, 1, 0, 1, id="one at least"),
        pytest.param(ChannelKind.FEISHU, 5, 0, 3, id="rounded down"),
        pytest.param(ChannelKind.EMAIL, 20, 99, None, id="mail has no such limit"),
    ],
)
def test_a_quarter_of_each_limit_is_kept_for_what_is_urgent(
    kind: ChannelKind, per_minute: int, sent: int, room: int | None
) -> None:
    spec = ChannelSpec(name="bot", kind=kind, per_minute=per_minute)
    attempts = {"bot": sent, "other": 9} if sent else {}
    found = room_left(replace(OFFICE, channels=(spec,)), attempts)
    assert found == ({} if room is None else {"bot": room})
