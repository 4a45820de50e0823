"""Who is on duty, and whose word counts at which level (A5, A6)."""

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.rota import level_of, on_duty
from monitor.office.example import example_office
from monitor.office.model import Office, Shift
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
