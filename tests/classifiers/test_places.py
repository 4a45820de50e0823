"""Ours or not, for offices of every size."""

import pytest

from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.places import Gazetteer, Standing, is_local
from monitor.office.example import example_territory
from monitor.office.model import Place, PlaceKind, Territory

HENAN = Territory(name="河南省", code="41", level="province")
NATION = Territory(name="全国", code=None, level="nation")
BAOSHAN = Territory(name="保山市", code="5305", level="city")


def local(lexicon: Lexicon, territory: Territory, text: str) -> bool | None:
    return is_local(
        Gazetteer(lexicon, territory).find(text),
        names_border=False,
        source_is_ours=False,
        level=territory.level,
    )


@pytest.mark.parametrize(
    ("territory", "text", "wanted"),
    [
        (HENAN, "郑州发生内涝", True),
        (HENAN, "河南安阳一厂房起火", True),
        (HENAN, "河北燕郊发生爆炸", False),
        (HENAN, "中国发生地震", None),
        (NATION, "郑州发生内涝", True),
        (NATION, "一居民楼起火", True),
        (BAOSHAN, "昌宁县发生地震", True),
        (BAOSHAN, "腾冲发生地震", True),
        (BAOSHAN, "云南发生地震", None),
        (BAOSHAN, "昆明发生地震", False),
    ],
)
def test_a_territory_of_any_size_knows_its_own(
    lexicon: Lexicon, territory: Territory, text: str, wanted: bool | None
) -> None:
    assert local(lexicon, territory, text) is wanted


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("关于田园镇火灾的通报", ["田园镇"]),
        ("事故发生地位于都匀市", ["都匀市"]),
        ("山西安康两地相距甚远", ["山西省", "安康市"]),
    ],
)
def test_of_names_that_overlap_the_longest_is_meant(lexicon: Lexicon, text: str, names: list[str]) -> None:
    found = Gazetteer(lexicon, example_territory()).find(text)
    assert [mention.name for mention in found] == names


def test_names_that_the_office_adds_are_ours(lexicon: Lexicon) -> None:
    nickname = Place(name="天堂山林场", kind=PlaceKind.INSTITUTION, aliases=("老林场",))
    home = Territory(name="昌宁县", code="530524", places=(nickname,))
    assert local(lexicon, home, "老林场起火") is True


def test_a_name_shared_by_counties_follows_its_parent(lexicon: Lexicon) -> None:
    gazetteer = Gazetteer(lexicon, example_territory())
    (_, jilin_chaoyang), (_, beijing_chaoyang) = (
        gazetteer.find(text) for text in ("长春朝阳区一楼房起火", "北京朝阳区一楼房起火")
    )
    assert (jilin_chaoyang.code, beijing_chaoyang.code) == ("220104", "110105")


def test_a_country_of_one_character_is_abroad_only_in_a_headline_of_its_kind(lexicon: Lexicon) -> None:
    gazetteer = Gazetteer(lexicon, example_territory())
    assert [mention.standing for mention in gazetteer.find("韩踩踏事故")] == [Standing.ABROAD]
    assert gazetteer.find("韩信故里") == []
