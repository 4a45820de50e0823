"""The board by severity, what waits, place, department, type and heat: in the address, without scripts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.classifiers.model import NamedPlace, Severity
from monitor.desk import reads
from monitor.desk.board_filter import choose, read_choice, with_fields
from monitor.desk.heat_levels import HeatLevels
from monitor.desk.reads import FRESH, Shelf, load_board
from monitor.dossier.model import Changes
from monitor.incidents.opinion_level import OpinionLevel, packaged_levels
from monitor.office.model import Place, PlaceKind
from monitor.ports import Store
from tests.desk.conftest import ServedDesk
from tests.desk.story import NOW, an_office, save
from tests.desk.test_reads import DUTY
from tests.support.builders import an_incident, an_item

OFFICE = an_office()
TOWN = replace(
    OFFICE,
    territory=replace(
        OFFICE.territory, places=(Place(name="达丙镇", kind=PlaceKind.TOWNSHIP, code="530000101"),)
    ),
)


@pytest.mark.parametrize(
    ("query", "chosen", "red", "without"),
    [
        pytest.param("", set(), "/?heat=red", "/", id="nothing chosen"),
        pytest.param("heat=red", {"red"}, "/", "/", id="a second click takes it back"),
        pytest.param("heat=orange&heat=blue", {"orange", "blue"}, "/?heat=red&heat=orange&heat=blue", "/",
                     id="several"),
        pytest.param("sort=x&severity=2&heat=blue", {"blue"}, "/?sort=x&severity=2&heat=red&heat=blue",
                     "/?sort=x", id="another filter stays"),
        pytest.param("heat=purple", set(), "/?heat=red", "/", id="no such level"),
        pytest.param("severity=&waits=&township=", set(), "/?heat=red", "/", id="a form left empty"),
    ],
)  # fmt: skip
def test_the_choice_stays_in_the_address(query: str, chosen: set[str], red: str, without: str) -> None:
    choice = read_choice(query)
    assert {level.value for level in choice.choice.heat} == chosen
    assert (choice.links[0].address, choice.without) == (red, without)
    assert read_choice(choice.address[2:]) == choice


@pytest.mark.parametrize(
    ("query", "numbers", "pressing"),
    [
        pytest.param("severity=2", {1}, 1, id="severity"),
        pytest.param("severity=none&severity=3", {2, 3, 4}, 1, id="several severities, and none"),
        pytest.param("waits=late", {2}, 1, id="late"),
        pytest.param("waits=unacknowledged", {1}, 1, id="not acknowledged"),
        pytest.param("waits=unplaced", {3}, 2, id="to be placed"),
        pytest.param("department=emergency_bureau", {2}, 1, id="department"),
        pytest.param("type=complaint", {2, 4}, 1, id="type"),
        pytest.param("township=达丙镇", {2, 8}, 1, id="a township and a village in it"),
        pytest.param("severity=2&waits=late", set(), 2, id="all filters must hold"),
        pytest.param("severity=9", {1, 2, 3, 4, 5, 8}, 0, id="no such severity is no filter"),
        pytest.param("waits=boredom", {1, 2, 3, 4, 5, 8}, 0, id="no such wait is no filter"),
    ],
)
def test_the_board_shows_what_fits_and_counts_the_pressing_ones_it_hides(
    told: Store, query: str, numbers: set[int], pressing: int
) -> None:
    village = an_incident(
        id=8,
        title="村内停水",
        severity=Severity.ORDINARY,
        places=(NamedPlace(name="河边村", code="530000101203"),),
    )
    save(told, [an_item(key="v", title="停水")], Changes(incident=village, expected_version=None))
    board = load_board(told, Shelf(), DUTY, TOWN, NOW)
    shown, choice = choose(board, read_choice(query), {}, TOWN)
    every = {card.incident.id for card in (*board.cards, *board.to_check)}
    assert {card.incident.id for card in (*shown.cards, *shown.to_check)} == numbers & every
    assert (choice.hidden, choice.pressing) == (len(every - numbers), pressing)


def test_a_filter_offers_what_is_there_with_its_count_and_keeps_what_was_chosen(told: Store) -> None:
    board = load_board(told, Shelf(), DUTY, TOWN, NOW)
    choice = with_fields(read_choice("severity=1&type=complaint"), board, TOWN)
    offered: Mapping[str, list[tuple[str, int]]] = {
        field.name: [(o.name, o.count) for o in field.options] for field in choice.fields
    }
    assert offered["severity"][:2] == [("特别重大", 0), ("重大", 1)]
    assert ("已逾期", 1) in offered["waits"]
    assert offered["township"] == [("达丙镇", 1)]
    assert ("县应急管理局", 1) in offered["department"]
    assert ("投诉", 2) in offered["type"]
    assert choice.said == "特别重大、投诉"


def test_no_open_incident_is_left_out_however_many_there_are(
    told: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = load_board(told, Shelf(), DUTY, OFFICE, NOW)
    for size in (1, 2, 5):
        monkeypatch.setattr(reads, "CHUNK", size)
        assert load_board(told, Shelf(), DUTY, OFFICE, NOW) == every


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
        orange = (await browser.get("/?heat=orange&sort=x")).text
        part = (await browser.get("/board?heat=blue")).text
        red = (await browser.get("/?heat=red")).text
    assert "热度橙" not in everything
    assert "没有显示" not in everything
    assert "热度橙" in orange
    assert "柯街镇停水" not in orange
    assert "柯街镇停水" in part
    assert 'href="/?sort=x">显示全部' in orange
    assert "其中" in part
    assert "目前没有在办事件" not in red


async def test_a_long_list_to_check_is_cut_and_says_how_to_see_the_rest(
    served: ServedDesk, told: Store
) -> None:
    with told.transaction() as transaction:
        for number in range(100, 160):
            late = an_incident(
                id=number, title=f"待核事件{number}", local=None, severity=None, event_type="fire"
            )
            transaction.save(Changes(incident=late, expected_version=None))
    async with served.browser("duty") as browser:
        short = (await browser.get("/?type=fire")).text
        whole = (await browser.get("/?type=fire&checks=all")).text
    assert (short.count("待核事件"), whole.count("待核事件")) == (50, 60)
    assert 'href="/?checks=all&amp;type=fire"' in short


async def test_acknowledging_on_a_filtered_board_comes_back_to_it(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        fields = {"act": "acknowledge", "back": "board?heat=orange"}
        assert (await browser.act(1, **fields)).url.endswith("/?heat=orange")
        assert (await browser.act(1, **fields | {"back": "//elsewhere.example"})).url.endswith("/incidents/1")
