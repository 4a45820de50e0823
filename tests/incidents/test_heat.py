from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.incidents.heat import Sighting, binomial_tail, measure_heat
from tests.support.builders import T0, after


def seen(minutes: float, item_id: int = 1, **fields: object) -> Sighting:
    return Sighting(
        at=after(minutes=minutes),
        item_id=item_id,
        source_id=str(fields.get("source_id", "weibo")),
        platform="weibo",
        rank=fields.get("rank"),  # type: ignore[arg-type]
    )


def test_reach_counts_items_sources_platforms_and_the_best_rank() -> None:
    heat = measure_heat([seen(0, 1, rank=9), seen(5, 2, rank=3), seen(90, 2, source_id="x")], after(hours=2))
    assert (heat.items, heat.sources, heat.platforms, heat.best_rank) == (2, 2, 1, 3)
    assert heat.growth_per_hour == 1
    assert [(bucket.at, bucket.sightings) for bucket in heat.series] == [(T0, 2), (after(hours=1), 1)]


def test_what_is_seen_later_is_not_known_yet() -> None:
    assert measure_heat([seen(90)], after(hours=1)).items == 0


def test_a_steady_incident_is_not_rising() -> None:
    steady = [seen(60 * hour + 30, hour) for hour in range(24)]
    assert not measure_heat(steady, after(hours=24)).rise.is_rising


def test_ten_reports_in_an_hour_after_one_an_hour_are_a_rise() -> None:
    steady = [seen(60 * hour + 30, hour) for hour in range(10)]
    burst = [seen(605 + 5 * n, 100 + n) for n in range(10)]
    rise = measure_heat(steady + burst, after(hours=11)).rise
    assert rise.is_rising
    assert rise.recent == 10
    assert rise.chance < 0.001


def test_a_birth_is_no_rise() -> None:
    assert not measure_heat([seen(n, n) for n in range(4)], after(minutes=30)).rise.is_rising


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.01, 0.99))
def test_the_tail_is_a_probability_and_falls_with_what_is_asked(k: int, n: int, share: float) -> None:
    assert 0.0 <= binomial_tail(k + 1, n, share) <= binomial_tail(k, n, share) <= 1.0


@given(st.lists(st.integers(0, 3000), max_size=20), st.integers(0, 3000))
def test_the_order_of_sightings_never_matters(minutes: list[int], until: int) -> None:
    now = T0 + timedelta(minutes=until)
    sightings = [seen(minute, index) for index, minute in enumerate(minutes)]
    assert measure_heat(sightings, now) == measure_heat(sightings[::-1], now)
