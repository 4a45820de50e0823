"""Headings are numbered 一、（一）1. anew under the one above; citations stand before the full stop."""

import pytest

from alerts.digest.paper import Rank, Sentence, Stored, StoredKind, heading, numbered, points

INCIDENT = Stored(kind=StoredKind.INCIDENT, id="3")
ITEMS = tuple(Stored(kind=StoredKind.ITEM, id=str(n)) for n in (35, 36))


def test_each_rank_is_counted_anew_under_the_one_above() -> None:
    two = points([Sentence(said="甲。"), Sentence(said="乙。")])
    blocks = [
        heading(Rank.FIRST, "子"), heading(Rank.SECOND, "丑"), *two, heading(Rank.SECOND, "寅"), *two,
        heading(Rank.FIRST, "卯"), *two, heading(Rank.SECOND, "辰"),
    ]  # fmt: skip
    assert [number for _, number in numbered(blocks)] == [
        "一、", "（一）", "1．", "2．", "（二）", "1．", "2．", "二、", "1．", "2．", "（一）",
    ]  # fmt: skip


def test_a_single_point_has_no_number() -> None:
    assert [number for _, number in numbered(points([Sentence(said="甲。")]))] == [""]


CITED = [
    pytest.param((), "甲。", id="none"),
    pytest.param((INCIDENT,), "甲〔3号〕。", id="an incident"),
    pytest.param(ITEMS, "甲〔条目35、36〕。", id="items"),
    pytest.param((INCIDENT, *ITEMS), "甲〔3号，条目35、36〕。", id="both"),
]


@pytest.mark.parametrize(("cited", "shown"), CITED)
def test_a_citation_stands_before_the_full_stop(cited: tuple[Stored, ...], shown: str) -> None:
    assert Sentence(said="甲。", rows=cited, cited=cited).shown == shown
