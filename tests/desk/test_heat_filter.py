"""The board by 舆情热度: chosen in the address, without scripts, and what is hidden is said."""

from datetime import timedelta

import pytest

from monitor.desk.heat_filter import FRESH, HeatLevels, read_choice
from monitor.dossier.model import Changes
from monitor.incidents.opinion_level import OpinionLevel, packaged_levels
from monitor.ports import Store
from tests.desk.conftest import ServedDesk
from tests.desk.story import NOW, save
from tests.support.builders import an_incident, an_item


@pytest.mark.parametrize(
    ("query", "chosen", "red", "without"),
    [
        pytest.param("", set(), "/?heat=red", "/", id="nothing chosen"),
        pytest.param("heat=red", {"red"}, "/", "/", id="a second click takes it back"),
        pytest.param("heat=blue&heat=orange", {"orange", "blue"}, "/?heat=red&heat=orange&heat=blue", "/",
                     id="several"),
        pytest.param("kind=fire&heat=blue", {"blue"}, "/?kind=fire&heat=red&heat=blue", "/?kind=fire",
                     id="another filter stays"),
        pytest.param("heat=purple", set(), "/?heat=red", "/", id="no such level"),
    ],
)  # fmt: skip
def test_the_choice_stays_in_the_address(query: str, chosen: set[str], red: str, without: str) -> None:
    choice = read_choice(query)
    assert {level.value for level in choice.chosen} == chosen
    assert (choice.links[0].address, choice.without) == (red, without)
    assert read_choice(choice.address[2:]) == choice


def test_a_level_is_measured_anew_when_the_incident_changed_or_five_minutes_later(told: Store) -> None:
    levels, table = HeatLevels(), packaged_levels()
    with told.reading() as transaction:
        [incident] = [i for i in transaction.incidents() if i.id == 1]
    first = levels.measure(told, [incident], table, NOW)
    assert first == {1: OpinionLevel.ORANGE}
    told.close()  # whoever looks again would fail
    assert levels.measure(told, [incident], table, NOW + FRESH - timedelta(seconds=1)) == first


async def test_the_board_shows_the_chosen_levels_and_says_what_it_hides(
    served: ServedDesk, told: Store
) -> None:
    calm = an_incident(id=8, title="柯街镇停水", severity=None)
    save(told, [an_item(key="calm", title="停水")], Changes(incident=calm, expected_version=None))
    async with served.browser("duty") as browser:
        everything = (await browser.get("/")).text
        orange = (await browser.get("/?heat=orange&kind=x")).text
        part = (await browser.get("/board?heat=blue")).text
        red = (await browser.get("/?heat=red")).text
    assert "热度橙" not in everything
    assert "没有显示" not in everything
    assert "热度橙" in orange
    assert "柯街镇停水" not in orange
    assert "柯街镇停水" in part
    assert 'href="/?kind=x">显示全部' in orange
    assert "其中" in part
    assert "目前没有在办事件" not in red


async def test_acknowledging_on_a_filtered_board_comes_back_to_it(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        fields = {"act": "acknowledge", "back": "board?heat=orange"}
        assert (await browser.act(1, **fields)).url.endswith("/?heat=orange")
        assert (await browser.act(1, **fields | {"back": "//elsewhere.example"})).url.endswith("/incidents/1")
