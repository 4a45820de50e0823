"""How long who guesses must wait: at one place, at many, and for codes longer than for passwords."""

from datetime import timedelta

import pytest

from monitor.desk.throttle import PATIENT, Throttle
from tests.support.builders import T0, after

NONE = timedelta(0)


def tried(throttle: Throttle, times: int, *, from_many: bool) -> timedelta:
    """Fail so many times in a row; return the wait at a place where nobody has failed yet, or at the one."""
    for number in range(times):
        throttle.failed("wang", f"10.0.0.{number}" if from_many else "10.0.0.1", T0)
    return throttle.wait("wang", "10.0.1.1" if from_many else "10.0.0.1", T0)


@pytest.mark.parametrize(
    ("times", "wait"),
    [(4, NONE), (5, timedelta(seconds=30)), (6, timedelta(minutes=1)), (60, timedelta(minutes=15))],
)
def test_at_one_place_each_further_failure_doubles_the_wait(times: int, wait: timedelta) -> None:
    assert tried(Throttle(), times, from_many=False) == wait


@pytest.mark.parametrize(
    ("times", "password", "code"),
    [
        (9, NONE, NONE),
        (10, NONE, timedelta(seconds=30)),
        (30, timedelta(seconds=2), timedelta(minutes=15)),
        (100, timedelta(seconds=30), timedelta(minutes=15)),
    ],
)
def test_from_many_places_codes_are_guessed_more_slowly_than_passwords(
    times: int, password: timedelta, code: timedelta
) -> None:
    assert tried(Throttle(), times, from_many=True) == password
    assert tried(Throttle(PATIENT), times, from_many=True) == code


@pytest.mark.parametrize(
    ("first", "second", "is_one_place"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("10.0.0.1", "10.0.0.2", False),
    ],
)
def test_whoever_holds_a_whole_network_of_addresses_is_one_place(
    first: str, second: str, is_one_place: bool
) -> None:
    throttle = Throttle()
    for number in range(20):
        throttle.failed(f"guess{number}", first, T0)
    assert (throttle.wait("wang", second, T0) > NONE) is is_one_place


def test_a_success_forgets_the_failures_of_the_login_and_an_hour_those_of_all() -> None:
    throttle = Throttle()
    assert tried(throttle, 8, from_many=False) > NONE
    throttle.succeeded("wang", "10.0.0.1")
    assert throttle.wait("wang", "10.0.0.1", T0) == NONE
    assert tried(throttle, 8, from_many=False) > NONE
    throttle.failed("wang", "10.0.0.1", after(hours=1))
    assert throttle.wait("wang", "10.0.0.1", after(hours=1)) == NONE
