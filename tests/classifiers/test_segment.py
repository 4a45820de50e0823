"""Segmentation: nothing is lost, the lexicon's terms are words, the cache lies where it was told to."""

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.bench.texts import plain_jieba
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.segment import SEGMENTERS, JiebaSegmenter, RjiebaSegmenter
from monitor.errors import ConfigurationError
from tests.support.dictionary import dictionary_folder

WORDS = ["耈街", "梭瓦"]
SEGMENTER = JiebaSegmenter(WORDS, dictionary_folder())
TWIN = RjiebaSegmenter(WORDS, dictionary_folder())
PLAIN = JiebaSegmenter()
JIEBA = plain_jieba()
PIECES = [
    "昨日", "下午", "3时20分", "11月22日19时许", "昌宁县", "耈街", "柯街镇", "发生", "一起",
    "交通事故", "造成", "2人死亡",
    "G5615", "K2429+530m", "t.cn/A6x", "92-120", "，", "。", " ", "\n", "房屋", "梭瓦",
    "学生", "食物中毒", "@某某", "#话题#",
    "Ⅲ级", "５万元", "3.5级地震", "的", "了", "在", "被困", "群众", "安全", "转移", "𠮷野家", "鱻", "WeChat",
]  # fmt: skip


@given(st.text(max_size=80))
def test_the_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(SEGMENTER.lcut(text)) == text


def test_words_of_the_lexicon_are_tokens() -> None:
    assert SEGMENTER.lcut("耈街房屋梭瓦") == ["耈街", "房屋", "梭瓦"]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=25).map("".join))
def test_one_walk_finds_the_words_that_jieba_itself_finds(text: str) -> None:
    assert PLAIN.lcut(text) == JIEBA.lcut(text, HMM=False)


@settings(derandomize=True)  # where two ways to cut are equally likely the twin may choose the other one
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_the_twin_cuts_alike(text: str) -> None:
    assert TWIN.lcut(text) == SEGMENTER.lcut(text)


@given(st.text(max_size=80))
def test_the_twin_loses_nothing(text: str) -> None:
    assert "".join(TWIN.lcut(text)) == text


def test_the_twin_cuts_every_term_of_the_lexicon_alike_and_finds_it_as_rare(lexicon: Lexicon) -> None:
    ours, twin = (kind(lexicon.user_words) for kind in SEGMENTERS.values())
    different = [
        word
        for word in lexicon.user_words
        if ours.lcut(f"昨日{word}了") != twin.lcut(f"昨日{word}了") or ours.rarity(word) != twin.rarity(word)
    ]
    assert different == []


def test_a_twin_that_is_not_installed_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rjieba", None)
    with pytest.raises(ConfigurationError, match=r"HUIYING_SEGMENTER: rjieba 没有安装.*huiying\[fast\]"):
        RjiebaSegmenter()


def test_the_dictionary_cache_lies_in_the_folder_of_the_service(tmp_path: Path) -> None:
    JiebaSegmenter(cache_dir=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["jieba.cache"]
