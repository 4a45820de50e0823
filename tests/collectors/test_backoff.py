from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collectors.backoff import Fault, Stale, next_poll_at, stale, usual_gap
from tests.support.builders import T0, a_source, a_source_state

TEN_MINUTES = a_source(every=timedelta(minutes=10))
luck = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("failures", "minutes"),
    [
        (0.0, 10),
        (Fault.HARD.weight, 20),
        (2 * Fault.SOFT.weight, 20),
        (4 * Fault.TEMPORARY.weight, 20),
        (3.0, 80),
        (99.0, 360),
    ],
)
def test_each_full_failure_doubles_the_wait_up_to_six_hours(failures: float, minutes: int) -> None:
    assert next_poll_at(TEN_MINUTES, failures, T0, 0.5) == T0 + timedelta(minutes=minutes)


@given(st.floats(0, 1e6), luck, st.timedeltas(timedelta(minutes=1), timedelta(days=2)))
def test_a_source_is_never_given_up(failures: float, luck: float, every: timedelta) -> None:
    wait = next_poll_at(a_source(every=every), failures, T0, luck) - T0
    assert every * 0.9 <= wait <= max(every, timedelta(hours=6)) * 1.1


def test_retry_after_is_honoured_up_to_a_day() -> None:
    assert next_poll_at(TEN_MINUTES, 0, T0, 0.5, timedelta(hours=2)) == T0 + timedelta(hours=2)
    assert next_poll_at(TEN_MINUTES, 0, T0, 0.5, timedelta(days=900)) == T0 + timedelta(days=1)


def test_a_habit_follows_slowly() -> None:
    assert usual_gap(None, timedelta(hours=1)) == timedelta(hours=1)
    assert usual_gap(timedelta(hours=1), timedelta(hours=11)) == timedelta(hours=4)


@pytest.mark.parametrize(
    ("source", "state", "reason"),
    [
        pytest.param({}, {"last_success_at": T0}, None, id="it answers"),
        pytest.param(
            {},
            {"last_success_at": T0 - timedelta(days=9), "failures": 1.0},
            "unreachable",
            id="down for days",
        ),
        pytest.param(
            {}, {"last_success_at": T0 - timedelta(minutes=50), "failures": 1.0}, None, id="down for minutes"
        ),
        pytest.param({}, {"failures": 1.0}, "unreachable", id="never reached"),
        pytest.param({"verified": False}, {"failures": 9.0}, None, id="never verified"),
        pytest.param({"enabled": False}, {"failures": 9.0}, None, id="switched off"),
        pytest.param(
            {},
            {"usual_gap": timedelta(hours=1), "last_new_item_at": T0 - timedelta(hours=23)},
            None,
            id="a quiet night",
        ),
        pytest.param(
            {},
            {"usual_gap": timedelta(hours=1), "last_new_item_at": T0 - timedelta(hours=25)},
            "silent",
            id="a silent day",
        ),
        pytest.param(
            {},
            {"usual_gap": timedelta(days=1), "last_new_item_at": T0 - timedelta(hours=60)},
            None,
            id="a slow source",
        ),
    ],
)
def test_a_source_is_stale_when_silent_longer_than_its_habit(
    source: dict[str, Any], state: dict[str, Any], reason: str | None
) -> None:
    found = stale(a_source(**source), a_source_state(**state), T0)
    assert (found.reason if isinstance(found, Stale) else None) == reason
