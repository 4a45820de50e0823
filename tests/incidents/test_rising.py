import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.incidents.heat import Sighting
from monitor.incidents.rising import FALSE_ALARM, FEWEST, HISTORY, Rise, binomial_tail, rising
from tests.support.builders import after


def arrived(*minutes: float) -> list[Sighting]:
    return [Sighting(at=after(minutes=m), item_id=n, source_id="forum") for n, m in enumerate(minutes)]


def look(minutes: Sequence[float], **given_: object) -> Rise:
    """Look at the instant the last item arrives, as the service does."""
    return rising(arrived(*minutes), after(minutes=max(minutes)), looks=len(minutes), **given_)  # type: ignore[arg-type]


HOURLY = [60 * hour + 30.0 for hour in range(12)]
BURST = [*HOURLY, *(700.0 + 4 * n for n in range(12))]


@pytest.mark.parametrize(
    ("minutes", "is_rising"),
    [
        pytest.param(HOURLY, False, id="one an hour"),
        pytest.param(BURST, True, id="twelve in an hour after one an hour"),
        pytest.param([5.0 * n for n in range(12)], False, id="a birth, however fast"),
        pytest.param(
            [0, 600, *(900 + 5.0 * n for n in range(8))], True, id="a forgotten complaint comes back"
        ),
        pytest.param([0, 600, 900, 905], False, id="four are too few after a day of two"),
        pytest.param(
            [*(120.0 * n for n in range(9)), *(1000 + 15.0 * n for n in range(22))], True, id="a slow climb"
        ),
    ],
)
def test_what_comes_faster_than_before_is_a_rise(minutes: list[float], is_rising: bool) -> None:
    assert look(minutes).is_rising is is_rising


def test_a_rise_says_how_many_came_since_when_and_how_fast_it_was_before() -> None:
    rise = look(BURST)
    assert rise.begins_at == after(minutes=744 - 60)
    assert rise.recent == 12  # eleven of the burst and the one at 690; the last one made us look
    assert rise.before_per_hour == pytest.approx(10 / ((744 - 60 - 30) / 60))
    assert rise.chance <= rise.spent


def test_a_told_rise_that_goes_on_is_not_told_again_and_a_faster_one_is() -> None:
    goes_on = [*BURST, *(748.0 + 4 * n for n in range(30))]
    faster = [*goes_on, *(870.0 + n for n in range(45))]
    told = look(BURST).begins_at
    assert not rising(arrived(*goes_on), after(minutes=864), looks=30, since=told).is_rising
    assert rising(arrived(*faster), after(minutes=914), looks=75, since=told).is_rising


def test_what_one_source_brings_at_one_instant_is_one_arrival() -> None:
    assert not look([*HOURLY, *[700.0] * 12]).is_rising


def test_what_piled_up_while_the_service_was_away_is_no_rise() -> None:
    hourly_undated = [*HOURLY, *[1320.0 + n / 60 for n in range(9)]]
    assert look(hourly_undated).is_rising
    assert not look(hourly_undated, awake_since=after(minutes=1320), away=timedelta(hours=10)).is_rising


def test_every_look_of_an_incident_s_life_together_spends_the_chance_of_a_false_alarm() -> None:
    spent = sum(2 * rising([], after(), looks=k).spent for k in range(1, 3000))
    assert FALSE_ALARM * 0.99 < spent < FALSE_ALARM


def test_fewer_items_than_the_fewest_never_rise() -> None:
    day = HISTORY.total_seconds() / 60
    soonest = [0, *[day - 0.01] * (FEWEST - 2)]
    spread_over_sources = [
        Sighting(at=after(minutes=m), item_id=n, source_id=str(n)) for n, m in enumerate(soonest)
    ]
    assert not rising(spread_over_sources, after(minutes=day), looks=FEWEST - 1).is_rising


def test_steady_incidents_are_seldom_called_rising_although_every_arrival_is_a_look() -> None:
    luck = random.Random(7)  # noqa: S311 - draws instants, protects nothing
    alarms = 0
    for _ in range(60):
        minutes = [0.0]
        while minutes[-1] < 48 * 60:
            minutes.append(minutes[-1] + luck.expovariate(1 / 60))
        alarms += any(look(minutes[: k + 1]).is_rising for k in range(FEWEST - 1, len(minutes)))
    assert alarms <= 60 * FALSE_ALARM


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 0.99))
def test_the_tail_is_a_probability_and_falls_with_what_is_asked(k: int, n: int, share: float) -> None:
    assert 0.0 <= binomial_tail(k + 1, n, share) <= binomial_tail(k, n, share) <= 1.0


def test_the_tail_of_a_large_incident_is_exact() -> None:
    assert binomial_tail(8, 9, 0.5) == pytest.approx(10 / 512)
    assert binomial_tail(10_001, 20_001, 0.5) == pytest.approx(0.5)
