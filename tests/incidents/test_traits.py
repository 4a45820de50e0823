"""Which kinds of event may be one event told twice."""

import pytest

from monitor.incidents.traits import packaged_themes


@pytest.mark.parametrize(
    ("one", "other", "akin"),
    [
        pytest.param("gas", "gas", True, id="the same kind"),
        pytest.param("gas", None, True, id="nothing is known of one"),
        pytest.param("gas", "fire", True, id="a blast burns"),
        pytest.param("other_accident", "gas", True, id="a blast before and after its cause is known"),
        pytest.param("other_accident", "hazardous_chemicals", True, id="and at a chemical works"),
        pytest.param("geological", "other_accident", True, id="a fall of earth before it is known of what"),
        pytest.param("road_traffic", "gas", False, id="two accidents"),
        pytest.param("other_accident", "road_traffic", False, id="a blast and a crash"),
    ],
)
def test_kinds_that_share_a_theme_may_be_one_event(one: str, other: str | None, akin: bool) -> None:
    themes = packaged_themes()
    assert themes.are_akin(one, other) is akin
    assert themes.are_akin(other, one) is akin
