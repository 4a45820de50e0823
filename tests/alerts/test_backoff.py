"""How long to wait after a failed attempt, and when to give up (C15)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.backoff import GiveUp, Retry, after_failure, wait_after
from alerts.model import Outcome, OutcomeClass
from tests.support.builders import T0, after

TRANSIENT = Outcome(kind=OutcomeClass.TRANSIENT)
seeds = st.text(max_size=20)


def limited(seconds: float | None) -> Outcome:
    wait = None if seconds is None else timedelta(seconds=seconds)
    return Outcome(kind=OutcomeClass.RATE_LIMITED, retry_after=wait)


GIVEN_UP = [
    pytest.param(1, Outcome(kind=OutcomeClass.AUTH), 0, "auth", id="auth at once"),
    pytest.param(1, Outcome(kind=OutcomeClass.PERMANENT), 0, "permanent", id="permanent at once"),
    pytest.param(1, Outcome(kind=OutcomeClass.UNKNOWN), 0, "unknown", id="unknown at once"),
    pytest.param(3, TRANSIENT, 44, "attempts_exhausted", id="the third transient failure"),
    pytest.param(1, TRANSIENT, 3600, "too_late_to_retry", id="back after an outage"),
    pytest.param(1, limited(None), 0, "rate_limited", id="limited for nobody knows how long"),
    pytest.param(1, limited(121), 0, "rate_limited", id="limited beyond two minutes"),
    pytest.param(2, limited(60), 61, "rate_limited", id="two minutes count from the first attempt"),
]


@pytest.mark.parametrize(("attempts", "outcome", "seconds", "why"), GIVEN_UP)
@pytest.mark.parametrize("urgent", [True, False])
def test_a_hopeless_channel_is_given_up(
    attempts: int, outcome: Outcome, seconds: float, why: str, urgent: bool
) -> None:
    assert after_failure(attempts, outcome, T0, urgent, after(seconds=seconds)) == GiveUp(why=why)


@pytest.mark.parametrize(
    ("outcome", "seconds", "at"),
    [
        pytest.param(limited(30), 0, 30, id="as long as it says"),
        pytest.param(limited(120), 0, 120, id="two minutes, their end included"),
        pytest.param(limited(0), 5, 6, id="never at once: time must pass"),
    ],
)
def test_a_rate_limit_is_waited_for_exactly(outcome: Outcome, seconds: float, at: float) -> None:
    assert after_failure(1, outcome, T0, False, after(seconds=seconds)) == Retry(at=after(seconds=at))


@pytest.mark.parametrize("urgent", [True, False])
@pytest.mark.parametrize("outcome", [TRANSIENT, limited(30)])
def test_what_is_urgent_goes_through_the_next_channel_meanwhile(urgent: bool, outcome: Outcome) -> None:
    act = after_failure(1, outcome, T0, urgent, T0)
    assert isinstance(act, Retry)
    assert act.fall_back_now is urgent


def test_nothing_follows_a_success() -> None:
    with pytest.raises(ValueError, match="nothing failed"):
        after_failure(1, Outcome(kind=OutcomeClass.OK), T0, False, T0)


@given(seeds, st.sampled_from([timedelta(0), timedelta(seconds=10)]))
def test_three_attempts_end_within_a_minute_however_long_each_takes(seed: str, took: timedelta) -> None:
    now = T0
    for attempt in (1, 2):
        act = after_failure(attempt, TRANSIENT, T0, False, now + took, seed)
        assert isinstance(act, Retry)
        assert act.at > now + took
        now = act.at
    assert now + took <= T0 + timedelta(seconds=60)
    assert isinstance(after_failure(3, TRANSIENT, T0, False, now + took, seed), GiveUp)


@given(seeds)
def test_the_wait_of_a_seed_is_always_the_same_and_the_second_is_longer(seed: str) -> None:
    assert wait_after(1, TRANSIENT, seed) == wait_after(1, TRANSIENT, seed)
    assert wait_after(2, TRANSIENT, seed) > wait_after(1, TRANSIENT, seed)


def test_different_seeds_wait_differently() -> None:
    assert len({wait_after(1, TRANSIENT, str(seed)) for seed in range(20)}) == 20
