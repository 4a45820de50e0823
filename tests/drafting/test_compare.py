"""The difference between two texts loses nothing of either."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.drafting.compare import compare

TEXTS = st.lists(
    st.sampled_from(["道路已抢通。", "两人受伤。", "正在救治；", "\n", "3", "据", "A<b>"]), max_size=30
).map("".join)


@given(TEXTS | st.text(), TEXTS | st.text())
def test_without_what_was_added_it_is_the_old_text_and_the_other_way_round(old: str, new: str) -> None:
    found = compare(old, new)
    assert "".join(s.text for s in found if s.change != "in") == old
    assert "".join(s.text for s in found if s.change != "out") == new
    assert all(s.text for s in found)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        pytest.param("甲。乙。", "甲。乙。", [("", "甲。乙。")], id="the same"),
        pytest.param("", "甲。", [("in", "甲。")], id="all new"),
        pytest.param(
            "已有3人。", "已有5人。", [("", "已有"), ("out", "3"), ("in", "5"), ("", "人。")], id="one sign"
        ),
        pytest.param("道路中断。", "学校停课。", [("out", "道路中断。"), ("in", "学校停课。")], id="another"),
        pytest.param(
            "甲。\n乙。", "甲。\n丙。\n乙。", [("", "甲。\n"), ("in", "丙。\n"), ("", "乙。")], id="a line"
        ),
    ],
)
def test_the_difference_is_readable(old: str, new: str, shown: list[tuple[str, str]]) -> None:
    assert [(s.change, s.text) for s in compare(old, new)] == shown


@pytest.mark.parametrize("sign", ["。", "道路中断，正在抢修。"])
def test_texts_of_very_many_sentences_are_not_compared_one_by_one(sign: str) -> None:
    old, new = sign * 20_000, sign * 19_999
    assert "".join(s.text for s in compare(old, new) if s.change != "in") == old
