"""Segmentation: nothing is lost, the lexicon's terms are words, the cache lies where it was told to."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from monitor.classifiers.segment import JiebaSegmenter

SEGMENTER = JiebaSegmenter(["耈街", "梭瓦"])


@given(st.text(max_size=80))
def test_the_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(SEGMENTER.lcut(text)) == text


def test_words_of_the_lexicon_are_tokens() -> None:
    assert SEGMENTER.lcut("耈街房屋梭瓦") == ["耈街", "房屋", "梭瓦"]


def test_the_dictionary_cache_lies_in_the_folder_of_the_service(tmp_path: Path) -> None:
    JiebaSegmenter(cache_dir=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["jieba.cache"]
