"""Which days are worked: the State Council's arrangement, the office's own table, and years nobody knows."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.deadlines.workdays import (
    UnknownYearError,
    add_workdays,
    count_workdays,
    is_workday,
    next_workday,
)
from monitor.office.model import CalendarYear

KNOWN = st.dates(date(2024, 1, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("on", "worked"),
    [
        pytest.param(date(2025, 1, 26), True, id="a Sunday worked for 春节 2025"),
        pytest.param(date(2025, 1, 28), False, id="除夕 2025"),
        pytest.param(date(2026, 2, 14), True, id="a Saturday worked for 春节 2026"),
        pytest.param(date(2026, 2, 23), False, id="the last day of 春节 2026"),
        pytest.param(date(2026, 2, 24), True, id="the day after it"),
        pytest.param(date(2026, 10, 10), True, id="a Saturday worked for 国庆节 2026"),
        pytest.param(date(2026, 11, 24), True, id="a Tuesday"),
        pytest.param(date(2026, 11, 28), False, id="a Saturday"),
    ],
)
def test_holidays_and_the_days_worked_for_them(on: date, worked: bool) -> None:
    assert is_workday(on) is worked


@pytest.mark.parametrize(
    ("on", "count", "last"),
    [
        pytest.param(date(2026, 11, 24), 3, date(2026, 11, 27), id="within a week"),
        pytest.param(date(2026, 11, 27), 1, date(2026, 11, 30), id="over a weekend"),
        pytest.param(date(2026, 9, 30), 2, date(2026, 10, 9), id="over 国庆节"),
        pytest.param(date(2026, 9, 30), 3, date(2026, 10, 10), id="to a Saturday worked"),
        pytest.param(date(2026, 11, 28), 0, date(2026, 11, 28), id="none at all"),
    ],
)
def test_working_days_are_counted_from_the_next_day(on: date, count: int, last: date) -> None:
    assert add_workdays(on, count) == last


def test_a_year_that_nobody_knows_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnknownYearError, match=r"2031.*calendar.*complete: true") as refused:
        is_workday(date(2031, 3, 3))
    assert refused.value.year == 2031
    with pytest.raises(UnknownYearError):
        add_workdays(date(2030, 12, 31), 1)


LOCAL = CalendarYear(year=2026, holidays=(date(2026, 4, 13),), workdays=(date(2026, 4, 18),))
ENTERED = CalendarYear(year=2031, holidays=(date(2031, 1, 1),), workdays=(date(2031, 1, 4),), complete=True)


@pytest.mark.parametrize(
    ("on", "year", "worked"),
    [
        pytest.param(date(2026, 4, 13), LOCAL, False, id="a local holiday"),
        pytest.param(date(2026, 4, 18), LOCAL, True, id="a Saturday worked for it"),
        pytest.param(date(2026, 4, 14), LOCAL, True, id="the rest as the State Council says"),
        pytest.param(date(2031, 1, 1), ENTERED, False, id="a holiday of a year entered whole"),
        pytest.param(date(2031, 1, 4), ENTERED, True, id="a Saturday worked in it"),
        pytest.param(date(2031, 1, 5), ENTERED, False, id="a Sunday in it"),
        pytest.param(date(2031, 1, 6), ENTERED, True, id="a Monday in it"),
    ],
)
def test_the_offices_own_table_goes_first(on: date, year: CalendarYear, worked: bool) -> None:
    assert is_workday(on, (year,)) is worked


def test_a_local_holiday_does_not_make_a_year_known() -> None:
    calendar = (CalendarYear(year=2031, holidays=(date(2031, 4, 13),)),)
    assert not is_workday(date(2031, 4, 13), calendar)
    with pytest.raises(UnknownYearError):
        is_workday(date(2031, 4, 14), calendar)


@given(KNOWN, st.integers(1, 30))
def test_the_day_counted_to_is_worked_and_so_many_lie_between(on: date, count: int) -> None:
    last = add_workdays(on, count)
    assert is_workday(last)
    assert count_workdays(on + timedelta(days=1), last + timedelta(days=1)) == count


@given(KNOWN)
def test_the_next_working_day_is_the_first_after_this_one(on: date) -> None:
    assert next_workday(on) > on
    assert count_workdays(on + timedelta(days=1), next_workday(on)) == 0
