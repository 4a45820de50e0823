from typing import Any

import pytest

from monitor.classifiers.model import Count, Severity, Verdict
from monitor.errors import ConfigurationError
from monitor.incidents.heat import Sighting, measure_heat
from monitor.incidents.model import Holding, Report, Trust
from monitor.incidents.opinion_level import (
    Attention,
    OpinionLevel,
    measure_attention,
    packaged_levels,
    read_levels,
)
from monitor.items.model import Item
from tests.support.builders import T0, a_verdict, after, an_incident, an_item

TABLE = packaged_levels()
SHIPPED = """
levels: {red: 13, orange: 8, yellow: 4}
advice: {red: a, orange: b, yellow: c, blue: d}
serious_at_least: orange
severity: {1: 8}
source_rank: {7: 1}
items: {10: 1}
growth_per_hour: {5: 1}
platforms: {2: 1}
negative: {0.3: 1}
board_rank: {50: 1}
demand: 1
sensitive: 1
sensitive_at_most: 3
rumor: 2
offline: 3
offline_words: [聚集]
"""


def quiet(**fields: Any) -> Verdict:
    return a_verdict(**{"sentiment": 0.0} | fields)


def attention(*reports: tuple[Item, Verdict | None], platforms: int = 1, **incident: Any) -> Attention:
    seen = [
        Sighting(at=T0, item_id=n, source_id=f"s{n % platforms}", rank=report[0].board_rank)
        for n, report in enumerate(reports)
    ]
    found = an_incident(**{"severity": None, "event_type": None} | incident)
    return measure_attention(found, measure_heat(seen, after(hours=2)), reports, TABLE)


def points(found: Attention) -> dict[str, int]:
    return {reason.factor: reason.points for reason in found.reasons}


def test_a_quiet_complaint_is_blue_without_any_reason() -> None:
    found = attention((an_item(), quiet()))
    assert (found.level, found.points, found.reasons) == (OpinionLevel.BLUE, 0, ())
    assert found.advice == TABLE.advice.blue


@pytest.mark.parametrize(
    ("item", "verdict", "incident", "factor", "given"),
    [
        pytest.param({}, {}, {"severity": Severity.ORDINARY}, "severity", 1, id="severity"),
        pytest.param({"rank": 9}, {}, {}, "source_rank", 2, id="a heavy source"),
        pytest.param({"board_rank": 3}, {}, {}, "board_rank", 3, id="third of a board"),
        pytest.param({"board_rank": 11}, {}, {}, "board_rank", 1, id="eleventh of a board"),
        pytest.param({}, {"sentiment": -0.4}, {}, "negative", 1, id="angry"),
        pytest.param({}, {}, {"demands": ("尽快恢复",)}, "demand", 1, id="a demand"),
        pytest.param({}, {"sensitive": ("school", "children")}, {}, "sensitive", 2, id="pupils"),
        pytest.param({}, {}, {"opinion": "rumor_suspected"}, "rumor", 2, id="a rumour"),
        pytest.param({"text": "多人聚集堵门。"}, {}, {}, "offline", 3, id="people gather"),
        pytest.param({}, {}, {"event_type": "mass_incident"}, "offline", 3, id="a mass incident"),
    ],
)
def test_each_factor_gives_its_points(
    item: dict[str, Any], verdict: dict[str, Any], incident: dict[str, Any], factor: str, given: int
) -> None:
    assert points(attention((an_item(**item), quiet(**verdict)), **incident)) == {factor: given}


def test_spread_counts_items_platforms_and_the_last_hour() -> None:
    reports = [(an_item(), quiet())] * 30
    assert points(attention(*reports, platforms=4)) == {"items": 2, "platforms": 2}


def test_sensitive_factors_together_give_no_more_than_the_table_allows() -> None:
    dead = Holding(social={"deaths": Report(count=Count.exactly(1), at=T0, item_id=1)})
    found = attention((an_item(), quiet(sensitive=("school", "children", "police", "medical"))), holding=dead)
    assert points(found) == {"sensitive": 3}
    assert "death" in found.reasons[0].found


def test_what_official_or_media_sources_report_is_no_rumour_any_more() -> None:
    trusts = frozenset({Trust.SOCIAL, Trust.MEDIA})
    assert attention((an_item(), quiet()), opinion="rumor_suspected", trusts=trusts).points == 0


def test_a_serious_incident_is_never_below_orange_and_a_hot_one_is_red() -> None:
    calm = attention((an_item(), quiet()), severity=Severity.SERIOUS)
    assert (calm.level, calm.raised, calm.points) == (OpinionLevel.ORANGE, True, 6)
    loud = attention(
        (an_item(rank=9, board_rank=1, text="聚集"), quiet(sentiment=-0.9)), severity=Severity.SERIOUS
    )
    assert (loud.level, loud.raised) == (OpinionLevel.RED, False)


@pytest.mark.parametrize(
    ("given", "level"),
    [(0, OpinionLevel.BLUE), (3, OpinionLevel.BLUE), (4, OpinionLevel.YELLOW), (8, OpinionLevel.ORANGE)],
)
def test_so_many_points_make_a_level(given: int, level: OpinionLevel) -> None:
    table = TABLE.model_copy(update={"demand": given})
    heat = measure_heat([], T0)
    incident = an_incident(severity=None, event_type=None, demands=("退款",))
    assert measure_attention(incident, heat, [], table).level is level


def test_a_table_of_one_s_own_is_read_and_a_faulty_one_names_its_place() -> None:
    assert read_levels(SHIPPED).levels.red == 13
    for wrong, where in (
        (SHIPPED.replace("orange: 8", "orange: 14"), "levels"),
        (SHIPPED.replace("red: 13, ", ""), "levels.red"),
        (SHIPPED.replace("serious_at_least: orange", "serious_at_least: pink"), "serious_at_least"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            read_levels(wrong)
        assert where in caught.value.faults[0]
