from datetime import timedelta

import pytest

from monitor.items.fingerprint import NearIndex, exact_key, letters
from tests.support.builders import T0

REPORT = (
    "今日凌晨，柯街镇一处在建边坡发生塌方，造成道路中断。事发后，镇政府立即组织应急、交通、公安等力量赶赴现场处置，"
    "目前已疏散附近群众，暂未接到人员伤亡报告，抢修工作正在进行，预计今晚恢复单向通行。"
)
OTHER = (
    "县教育局发布新学期工作安排，要求各中小学做好校园安全和食堂卫生检查，开学第一周开展应急疏散演练，"
    "并对家长关心的校车线路作出调整，具体班次由各学校另行通知。"
)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("塌方通报", "道路中断。"), ("塌方通报！", "道路 中断")),
        (("", "#柯街塌方#道路中断"), ("", "道路中断")),
        (("道路中断", "道路中断，正在抢修"), ("", "道路中断正在抢修")),
        (("ＡＢＣ路", ""), ("abc路", "")),
    ],
)
def test_the_same_words_have_the_same_exact_key(a: tuple[str, str], b: tuple[str, str]) -> None:
    assert exact_key(*a) == exact_key(*b)


def test_other_words_and_bare_tags_have_other_keys() -> None:
    keys = {
        exact_key("3人受伤", ""),
        exact_key("8人受伤", ""),
        exact_key("#塌方#", ""),
        exact_key("#停水#", ""),
    }
    assert len(keys) == 4


def _index() -> NearIndex:
    index = NearIndex(window=timedelta(hours=72))
    index.add(1, REPORT, T0)
    index.add(2, OTHER, T0)
    index.add(3, "柯街镇发生边坡塌方道路中断", T0)
    return index


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(REPORT, 1, id="itself"),
        pytest.param("【转发】" + REPORT.replace("今日凌晨", "3月2日凌晨"), 1, id="a light edit"),
        pytest.param(REPORT[:80] + "更多消息请关注县融媒体中心。", 1, id="another tail"),
        pytest.param("柯街镇发生一起边坡塌方，道路中断", 3, id="a title only"),
        pytest.param("全县春季造林工作启动", None, id="something else"),
        pytest.param("！？", None, id="nothing to compare"),
    ],
)
def test_near_duplicates_are_found(text: str, expected: int | None) -> None:
    found = _index().query(text)
    assert (found[0].item_id if found else None) == expected
    assert all(0.5 <= near.likeness <= 1 for near in found)


def test_what_is_removed_or_out_of_the_window_is_forgotten() -> None:
    index = _index()
    index.remove(1)
    index.remove(1)
    assert index.query(REPORT) == []
    index.add(4, REPORT, T0 + timedelta(hours=73))
    assert [near.item_id for near in index.query(REPORT)] == [4]
    assert index.query(OTHER) == []
    assert len(index) == 1


def test_other_numbers_are_told_apart() -> None:
    index = _index()
    index.add(5, REPORT + "3人受伤", T0)
    [(first, _, same), *_] = index.query(REPORT + "5人受伤")
    assert (first, same) == (5, False)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("ＡＢＣ路，３人！", "abc路3人", id="width, case and signs"),
        pytest.param("㎡ ① ㈱", "m21株", id="signs that stand for letters"),
        pytest.param("#柯街塌方#", "柯街塌方", id="a tag that is all there is"),
    ],
)
def test_only_letters_are_compared(text: str, plain: str) -> None:
    assert letters(text) == plain


def test_adding_twice_changes_nothing() -> None:
    index = _index()
    index.add(1, OTHER, T0)
    assert index.query(REPORT)[0] == (1, 1.0, True)
    assert len(index) == 3
