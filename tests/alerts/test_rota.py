"""Who is on duty, and whose word counts at which level (A5, A6)."""

from dataclasses import replace
from datetime import date, datetime, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.rota import duty_spans, level_of, on_duty, unknown_year
from monitor.clock import SHANGHAI
from monitor.office.example import example_office
from monitor.office.model import Days, MonthRota, Office, Rotation, Shift, Substitution
from monitor.office.registry import month_rota
from tests.support.builders import T0, after

OFFICE = example_office()


def rostered(*shifts: Shift) -> Office:
    return replace(OFFICE, shifts=shifts, rostered_levels=tuple({s.level for s in shifts}))


DAY = Shift(level=1, person="duty", since=T0, until=after(hours=8))
LATE = Shift(level=1, person="office_head", since=after(hours=9), until=after(hours=16))
BESIDE = Shift(level=1, person="admin", since=after(hours=4), until=after(hours=10))


@pytest.mark.parametrize(
    ("office", "now", "names"),
    [
        pytest.param(OFFICE, T0, ["duty"], id="without shifts everybody of the level"),
        pytest.param(rostered(DAY, LATE), after(seconds=-1), [], id="before the first shift nobody"),
        pytest.param(rostered(DAY, LATE), T0, ["duty"], id="from the first second"),
        pytest.param(rostered(DAY, LATE), after(hours=8), [], id="the end is outside"),
        pytest.param(rostered(DAY, LATE), after(hours=8, minutes=30), [], id="a gap is nobody"),
        pytest.param(rostered(DAY, LATE), after(hours=9), ["office_head"], id="somebody of another level"),
        pytest.param(rostered(DAY, BESIDE), after(hours=5), ["duty", "admin"], id="two share a shift"),
        pytest.param(rostered(replace(DAY, person="gone")), T0, [], id="somebody who left is nobody"),
        pytest.param(replace(OFFICE, rostered_levels=(1,)), T0, [], id="a rota without any shift"),
    ],
)
def test_who_is_on_duty_at_level_one(office: Office, now: datetime, names: list[str]) -> None:
    assert [person.id for person in on_duty(office, 1, now)] == names


def test_a_level_without_a_rota_is_not_touched_by_that_of_another() -> None:
    assert [p.id for p in on_duty(rostered(DAY), 2, after(days=9))] == ["office_head"]


@pytest.mark.parametrize(
    ("office", "person", "level"),
    [
        pytest.param(OFFICE, "duty", 1, id="a duty officer"),
        pytest.param(OFFICE, "leader", 3, id="a leader"),
        pytest.param(OFFICE, "admin", None, id="an administrator has none"),
        pytest.param(OFFICE, "police", None, id="a department has none"),
        pytest.param(OFFICE, "nobody", None, id="a stranger has none"),
        pytest.param(rostered(BESIDE), "admin", 1, id="a shift gives one"),
        pytest.param(rostered(LATE), "office_head", 2, id="a lower shift takes none away"),
        pytest.param(
            rostered(Shift(level=3, person="office_head", since=T0, until=after(days=1))),
            "office_head",
            3,
            id="a higher shift counts",
        ),
    ],
)
def test_the_highest_level_counts(office: Office, person: str, level: int | None) -> None:
    assert level_of(office, person, after(hours=9)) == level


# -- rotations

TURNS = Rotation(level=1, people=("duty", "admin"), starts_on=date(2026, 3, 2))
NIGHTS = replace(TURNS, people=("office_head",), since=time(20), until=time(6))
WEEKLY = replace(TURNS, days=7)
WORKED = replace(TURNS, starts_on=date(2026, 9, 28), on=Days.WORKDAYS)
OFF = replace(TURNS, people=("leader", "office_head"), starts_on=date(2026, 9, 28), on=Days.HOLIDAYS)


def rotating(*rotations: Rotation) -> Office:
    return replace(OFFICE, rotations=rotations, rostered_levels=(1,))


def at(month: int, day: int, hour: int = 9, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("rotations", "now", "names"),
    [
        pytest.param([TURNS], at(3, 2, 7), [], id="before it begins nobody"),
        pytest.param([TURNS], at(3, 2), ["duty"], id="the first"),
        pytest.param([TURNS], at(3, 3, 7), ["duty"], id="until eight the next morning"),
        pytest.param([TURNS], at(3, 3), ["admin"], id="then the second"),
        pytest.param([TURNS], at(3, 4), ["duty"], id="then the first again"),
        pytest.param([WEEKLY], at(3, 8), ["duty"], id="a week each"),
        pytest.param([WEEKLY], at(3, 9), ["admin"], id="the week after"),
        pytest.param([TURNS, NIGHTS], at(3, 2, 21), ["duty", "office_head"], id="two rotations at once"),
        pytest.param([NIGHTS], at(3, 3, 5), ["office_head"], id="a night lasts into the next day"),
        pytest.param([NIGHTS], at(3, 3, 6), [], id="to its end"),
        pytest.param([WORKED, OFF], at(9, 28), ["duty"], id="a Monday"),
        pytest.param([WORKED, OFF], at(10, 1), ["leader"], id="国庆节"),
        pytest.param([WORKED, OFF], at(10, 2, 7), ["leader"], id="the night after it belongs to it"),
        pytest.param([WORKED, OFF], at(10, 2), ["office_head"], id="the second day off"),
        pytest.param([WORKED, OFF], at(10, 8), ["admin"], id="days off do not use up turns"),
        pytest.param([WORKED, OFF], at(10, 10), ["admin"], id="a Saturday worked"),
    ],
)
def test_whose_turn_it_is(rotations: list[Rotation], now: datetime, names: list[str]) -> None:
    assert [person.id for person in on_duty(rotating(*rotations), 1, now)] == names


def test_in_a_year_that_nobody_knows_everybody_of_the_rotation_is_on_duty() -> None:
    office = rotating(WORKED, OFF)
    assert [p.id for p in on_duty(office, 1, at(3, 3, year=2031))] == [
        "duty",
        "admin",
        "leader",
        "office_head",
    ]
    assert unknown_year(office, at(3, 3, year=2031)) is not None
    assert unknown_year(office, at(12, 31, 23)) is None
    assert unknown_year(rotating(TURNS), at(3, 3, year=2031)) is None


# -- what the desk adds

MONTH = month_rota((replace(DAY, person="leader"),))
AWAY = Substitution(person="duty", stand_in="admin", since=T0, until=after(hours=4), id=1)


def changed(*away: Substitution, months: tuple[MonthRota, ...] = ()) -> Office:
    return replace(rostered(DAY, LATE), months=months, substitutions=away)


@pytest.mark.parametrize(
    ("office", "now", "names"),
    [
        pytest.param(changed(AWAY), T0, ["admin"], id="a stand-in"),
        pytest.param(changed(AWAY), after(hours=4), ["duty"], id="until it ends"),
        pytest.param(changed(replace(AWAY, stand_in=None)), T0, [], id="out of office"),
        pytest.param(
            changed(AWAY, replace(AWAY, stand_in=None, id=2)), T0, ["admin"], id="a stand-in before none"
        ),
        pytest.param(
            changed(AWAY, replace(AWAY, stand_in="leader", id=2)), T0, ["leader"], id="the latest of two"
        ),
        pytest.param(
            changed(AWAY, replace(AWAY, person="admin", stand_in="leader")),
            T0,
            ["leader"],
            id="a stand-in of the stand-in",
        ),
        pytest.param(
            changed(AWAY, replace(AWAY, person="admin", stand_in=None)), T0, [], id="a stand-in who is away"
        ),
        pytest.param(
            changed(AWAY, replace(AWAY, person="admin", stand_in="duty")), T0, ["admin"], id="two who swapped"
        ),
        pytest.param(changed(months=(MONTH,)), T0, ["leader"], id="the imported month before the file"),
        pytest.param(changed(months=(MONTH,)), after(hours=9), ["office_head"], id="only while it lasts"),
        pytest.param(
            changed(replace(AWAY, person="leader"), months=(MONTH,)), T0, ["admin"], id="a stand-in before it"
        ),
        pytest.param(
            changed(months=(replace(MONTH, until=after(hours=12)),)),
            after(hours=9),
            [],
            id="its gaps are gaps",
        ),
        pytest.param(
            replace(OFFICE, substitutions=(AWAY,)), T0, ["admin"], id="also at a level without a rota"
        ),
    ],
)
def test_a_substitution_goes_before_the_month_and_that_before_the_file(
    office: Office, now: datetime, names: list[str]
) -> None:
    assert [person.id for person in on_duty(office, 1, now)] == names


def test_the_stand_in_has_the_level_while_standing_in() -> None:
    assert level_of(changed(AWAY), "admin", T0) == 1
    assert level_of(changed(AWAY), "admin", after(hours=4)) is None


@given(
    st.lists(
        st.builds(
            Substitution,
            person=st.sampled_from(["duty", "office_head", "leader", "admin"]),
            stand_in=st.none() | st.sampled_from(["duty", "office_head", "leader", "admin"]),
            since=st.integers(-5, 20).map(lambda h: after(hours=h)),
            until=st.integers(-5, 30).map(lambda h: after(hours=h)),
            id=st.integers(1, 9),
        ),
        max_size=6,
    )
)
def test_spans_say_at_every_instant_who_is_on_duty_then(away: list[Substitution]) -> None:
    office = replace(changed(*away, months=(MONTH,)), rotations=(NIGHTS,))
    spans = duty_spans(office, 1, after(hours=-6), after(hours=30))
    assert spans[0].since == after(hours=-6)
    assert spans[-1].until == after(hours=30)
    assert all(a.until == b.since and a.people != b.people for a, b in pairwise(spans))
    for half_hours in range(-12, 60):
        now = after(minutes=30 * half_hours)
        (span,) = [s for s in spans if s.since <= now < s.until]
        assert span.people == on_duty(office, 1, now)
