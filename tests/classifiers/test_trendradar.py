"""A keyword file of another program becomes a watch list; what cannot be carried over is said by line."""

import pytest

from monitor.classifiers.lexicon import Topic
from monitor.classifiers.registry import load_lexicon
from monitor.classifiers.trendradar import read_trendradar, write_watch
from monitor.errors import ConfigurationError


def topic(name: str, *any_of: str, all_of: tuple[str, ...] = ()) -> Topic:
    return Topic(name=name, any_of=any_of, all_of=all_of)


@pytest.mark.parametrize(
    ("text", "topics", "exclude", "noted"),
    [
        pytest.param(
            "停水\n停电\n\n茶价", [topic("停水", "停水", "停电"), topic("茶价", "茶价")], (), [], id="groups"
        ),
        pytest.param(
            "停水\r\n\r\n茶价\r\n", [topic("停水", "停水"), topic("茶价", "茶价")], (), [], id="CRLF"
        ),
        pytest.param("停水\n \n茶价", [topic("停水", "停水", "茶价")], (), [], id="blanks part no group"),
        pytest.param("[水]\n停水\n+昌宁", [topic("水", "停水", all_of=("昌宁",))], (), [], id="name, needed"),
        pytest.param("+昌宁\n+停水", [topic("昌宁", all_of=("昌宁", "停水"))], (), [], id="needed ones only"),
        pytest.param("停水\n!广告\n@3", [topic("停水", "停水")], ("广告",), [2, 3], id="excluded, limited"),
        pytest.param("停水 => 供水", [topic("供水", "停水")], (), [], id="a word with a name"),
        pytest.param("/停水|\\bWiFi\\b/i", [topic("停水", "停水", "WiFi")], (), [], id="words in a pattern"),
        pytest.param("停水\n/第[0-9]+号/", [topic("停水", "停水")], (), [2], id="a real pattern"),
        pytest.param("停水\n+/甲|乙/", [topic("停水", "停水")], (), [2], id="needed of several"),
        pytest.param("停水\n!\n=> 名", [topic("停水", "停水")], (), [2, 2, 3], id="words that are empty"),
        pytest.param(
            "[GLOBAL_FILTER]\n广告\n!招聘\n\n抽奖\n\n[WORD_GROUPS]\n# 说明\n停水",
            [topic("停水", "停水")],
            ("广告", "抽奖"),
            [3],
            id="sections",
        ),
    ],
)
def test_a_file_is_read_as_that_program_reads_it(
    text: str, topics: list[Topic], exclude: tuple[str, ...], noted: list[int]
) -> None:
    found = read_trendradar(text.encode("utf-8-sig"))
    assert (list(found.watch.topics), found.watch.exclude) == (topics, exclude)
    assert [int(note.split(":")[1]) for note in found.notes] == noted
    assert load_lexicon(office={"words/watch.yaml": write_watch(found.watch)}).watch == found.watch


@pytest.mark.parametrize(
    "data", [b"", b"# only\n\n\n", b"[GLOBAL_FILTER]\nad", b"@3", "柯街停水".encode("gb18030")]
)
def test_a_file_that_names_no_word_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigurationError, match=r"frequency_words\.txt:1:1"):
        read_trendradar(data)
