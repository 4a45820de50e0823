from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.incidents.heat import Sighting, arrivals, measure_heat, per_hour
from tests.support.builders import T0, after


def seen(
    minutes: float,
    item_id: int = 1,
    *,
    source_id: str = "weibo",
    rank: int | None = None,
    heat: float | None = None,
) -> Sighting:
    return Sighting(
        at=after(minutes=minutes),
        item_id=item_id,
        source_id=source_id,
        platform="微博",
        rank=rank,
        heat=heat,
    )


def test_reach_counts_items_sources_platforms_and_the_best_rank() -> None:
    heat = measure_heat([seen(0, 1, rank=9), seen(5, 2, rank=3), seen(90, 3, source_id="x")], after(hours=2))
    assert (heat.items, heat.sources, heat.platforms, heat.best_rank) == (3, 2, 1, 3)
    assert heat.growth_per_hour == 1
    assert [(b.at, b.arrivals, b.best_rank) for b in heat.series] == [
        (T0, 2, 3),
        (after(hours=1), 1, None),
        (after(hours=2), 0, None),
    ]


def test_an_item_seen_again_adds_rank_and_heat_and_is_no_growth() -> None:
    again = [seen(0, rank=40, heat=10.0), seen(70, rank=2, heat=90.0), seen(130, rank=5, heat=50.0)]
    heat = measure_heat(again, after(minutes=131))
    assert (heat.items, heat.growth_per_hour) == (1, 0)
    assert [(b.arrivals, b.best_rank, b.peak_heat) for b in heat.series] == [
        (1, 40, 10.0),
        (0, 2, 90.0),
        (0, 5, 50.0),
    ]


def test_duplicates_of_a_source_are_folded_into_one_carrier_with_its_best_and_its_last() -> None:
    sightings = [seen(0, 1, rank=40), seen(70, 1, rank=2, heat=90.0), seen(130, 2, rank=5, heat=50.0)]
    (carrier,) = measure_heat(sightings, after(hours=3)).carriers
    assert (carrier.items, carrier.first_at, carrier.last_at) == (2, T0, after(minutes=130))
    assert (carrier.best_rank, carrier.best_rank_at, carrier.last_rank) == (2, after(minutes=70), 5)
    assert (carrier.peak_heat, carrier.last_heat) == (90.0, 50.0)


def test_the_source_that_was_first_stands_first() -> None:
    heat = measure_heat([seen(9, 1), seen(3, 2, source_id="forum")], after(hours=1))
    assert [c.source_id for c in heat.carriers] == ["forum", "weibo"]


def test_what_is_seen_later_is_not_known_yet() -> None:
    assert measure_heat([seen(90)], after(hours=1)).items == 0


def test_a_quiet_hour_is_a_zero_and_what_is_older_than_asked_is_left_out() -> None:
    instants = [after(minutes=m) for m in (-200, 2, 3, 119)]
    assert per_hour(instants, after(minutes=120), 3) == (0, 2, 1)


@given(st.lists(st.integers(0, 3000), max_size=20), st.integers(0, 3000))
def test_the_order_of_sightings_never_matters(minutes: list[int], until: int) -> None:
    now = T0 + timedelta(minutes=until)
    sightings = [seen(minute, index) for index, minute in enumerate(minutes)]
    assert measure_heat(sightings, now) == measure_heat(sightings[::-1], now)


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 6)), max_size=30), st.integers(0, 3000))
def test_every_item_that_arrived_stands_in_exactly_one_hour(
    seen_at: list[tuple[int, int]], until: int
) -> None:
    now: datetime = after(minutes=until)
    sightings = [seen(minute, item) for minute, item in seen_at]
    known = [s for s in sightings if s.at <= now]
    heat = measure_heat(sightings, now)
    assert sum(bucket.arrivals for bucket in heat.series) == heat.items == len(arrivals(known))
    assert sum(carrier.items for carrier in heat.carriers) == heat.items
