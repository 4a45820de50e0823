"""What an office adds, removes and watches; what is said of a file that is faulty."""

from datetime import datetime
from typing import Any

import pytest

from monitor.classifiers.grade import GradingTable
from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.model import Verdict
from monitor.classifiers.registry import load_lexicon
from monitor.errors import ConfigurationError
from monitor.office.example import example_territory

NOW = datetime.fromisoformat("2026-11-24T12:00:00+08:00")
NAME = "words/words.yaml"


class EveryCharacter:
    """Cuts everywhere: what is tested here does not hang on segmentation."""

    def lcut(self, text: str) -> list[str]:
        return list(text)


def own(text: str) -> Lexicon:
    return load_lexicon(office={NAME: text})


def judged(text: str, table: GradingTable, title: str, **more: Any) -> Verdict:
    judge = Judge(own(text), table, example_territory(), segmenter=EveryCharacter())
    asked: dict[str, Any] = {
        "text": "",
        "published_at": NOW,
        "source_name": None,
        "role": None,
        "scope": None,
        "now": NOW,
    }
    return judge.judge(title=title, **(asked | more))


@pytest.mark.parametrize(
    ("words", "title", "before", "after"),
    [
        pytest.param(
            "add: {events: [{type: 道路交通事故, words: [栽沟]}]}",
            "柯街镇一农用车栽沟",
            None,
            "road_traffic",
            id="a word by the type's Chinese name",
        ),
        pytest.param(
            "add: {events: [{type: road_traffic, words: [栽溝]}]}",
            "柯街镇一农用车栽沟",
            None,
            None,
            id="a character the lexicon does not simplify stays as it is",
        ),
        pytest.param(
            "add: {events: [{type: road_traffic, words: [滚车車禍]}]}",
            "柯街镇滚车车祸",
            "road_traffic",
            "road_traffic",
            id="traditional characters are understood",
        ),
        pytest.param(
            "remove: {events: [{type: 火灾, words: [火灾]}]}",
            "柯街镇火灾",
            "fire",
            None,
            id="a removed word tells of nothing",
        ),
        pytest.param(
            "add: {events: [{type: 燃气事故, words: [山体滑坡]}]}",
            "柯街镇山体滑坡",
            "geological",
            "gas",
            id="a rule of the office claims a word first",
        ),
        pytest.param(
            "add: {liveness: {cues: {drill: {title: [走台]}}}}",
            "柯街镇山体滑坡走台",
            "geological",
            None,
            id="a cue makes it nothing current",
        ),
    ],
)
def test_what_an_office_adds_and_removes_holds(
    table: GradingTable, words: str, title: str, before: str | None, after: str | None
) -> None:
    found = [judged(text, table, title).event_type for text in ("# nothing\n", words)]
    assert found == [before, after]


def test_lists_change_by_single_words_and_the_version_with_them() -> None:
    changed = own(
        "add: {casualties: {words: {deaths: [归西]}}, liveness: {landmarks: {某某矿难: 2009}}}\n"
        "remove: {places: {border: [上游]}}"
    )
    packaged = load_lexicon()
    assert set(changed.casualties["deaths"]) - set(packaged.casualties["deaths"]) == {"归西"}
    assert set(packaged.places["border"]) - set(changed.places["border"]) == {"上游"}
    assert changed.landmarks["某某矿难"] == 2009
    assert changed.version != packaged.version
    assert own("# only a comment\n").events == packaged.events


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("add:\n  events:\n    - {type: road_trafic, words: [栽沟]}", "3:8: add.events[0].type: 没有"),
        ("add:\n  events:\n    - {type: fire, words: [火]}", "3:28: add.events[0].words[0]: 一个字"),
        ("add:\n  events:\n    - {type: fire, with: [山林]}", "3:7: add.events[0]: 至少要有"),
        ("add:\n  events:\n    - {type: fire, word: [起火]}", "3:20: add.events[0].word: 不认识的键"),
        ("add:\n  liveness:\n    cues: {nope: {title: [某]}}", "3:12: add.liveness.cues.nope: 没有这一类"),
        ("add:\n  casualties:\n    words: {dead: [某某]}", "3:13: add.casualties.words.dead: 没有这一类"),
        (
            "remove:\n  places:\n    border: [交界处, 交界, 接壤, 毗邻, 上游, 下游, 沿线]",
            "3:5: remove.places.border: 不能把这一组词全部去掉",
        ),
        ("watch:\n  topics:\n    - {name: 空}", "3:7: watch.topics[0]: 至少要有 any 或 all"),
        ("add:\n\tevents: []", "2:1: 不能用制表符"),
        (
            "add:\n  events:\n    - {type: fire, words: [起旺火、冒大烟]}",
            "3:28: add.events[0].words[0]: “起旺火、",
        ),
        (
            "add:\n  events:\n    - {type: fire, hints: [某，某]}",
            "3:28: add.events[0].hints[0]: “某，某”里有",
        ),
        (
            "add:\n  events:\n    - {type: fire, words: [“起旺火”]}",
            "3:28: add.events[0].words[0]: “起旺火” 的",
        ),
        (
            "add:\n  events:\n    - {type: fire, words: ['.*']}",
            "3:28: add.events[0].words[0]: “.*”里没有文字",
        ),
        ("add:\n  liveness: {idioms: [的]}", "2:23: add.liveness.idioms[0]: 一个字的词"),
        ("add:\n  liveness:\n    cues: {plan: {item: [的]}}", "3:26: add.liveness.cues.plan.item[0]: 一个字"),
        (
            "add:\n  liveness:\n    landmarks: {某某矿难: 20090}",
            "3:17: add.liveness.landmarks.某某矿难: 不得",
        ),
        ("add:\n  liveness:\n    landmarks: {难: 2009}", "3:17: add.liveness.landmarks.难: 一个字"),
        ("add:\n  opinions:\n    complaint: {subjects: [车]}", "3:28: add.opinions.complaint.subjects[0]: "),
        ("watch:\n  topics:\n    - {name: 全, any: [的]}", "3:23: watch.topics[0].any[0]: 一个字"),
        ("watch:\n  exclude: [的]", "2:13: watch.exclude[0]: 一个字"),
    ],
)
def test_a_fault_is_told_with_its_line_and_column(text: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        own(text)
    assert [f for f in caught.value.faults if f.startswith(f"{NAME}:{fault}")] != []


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "add:\n  events:\n    - {type: fire, words: [栽沟, 栽沟]}",
            "3:32: add.events[0].words[1]: “栽沟”前面已写过",
        ),
        (
            "add:\n  events:\n    - {type: fire, words: [火灾]}",
            "3:28: add.events[0].words[0]: 这一类已有“火灾”",
        ),
        ("add:\n  places: {border: [上游]}", "2:21: add.places.border[0]: 词表里已有“上游”"),
    ],
)
def test_a_word_that_is_there_already_is_noted(text: str, note: str) -> None:
    assert [found.startswith(f"{NAME}:{note}") for found in own(text).notes] == [True]


def test_a_list_of_single_characters_takes_more_of_them() -> None:
    assert "坏" in own("add: {opinions: {sentiment: {negative: [坏]}}}").opinions["negative"]


def test_faults_of_all_files_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_lexicon(office={"words/a.yaml": "ad: 1", "words/b.yaml": "add: 1", "words/c.yaml": "\ufeff#\n"})
    assert [fault[:12] for fault in caught.value.faults] == ["words/a.yaml", "words/b.yaml"]


def test_removing_what_is_not_there_is_noted_and_changes_nothing() -> None:
    lexicon = own(
        "remove:\n  events:\n    - {type: fire, words: [没有这词]}\n"
        "  liveness: {cues: {drill: {title: [也没有]}}}"
    )
    assert [note.split(": ")[0] for note in lexicon.notes] == [f"{NAME}:3:28", f"{NAME}:4:37"]
    assert lexicon.events == load_lexicon().events


WATCH = """
watch:
  topics: [{name: 供水, any: [停水, WiFi], all: [水厂]}, {name: 茶, any: [茶价]}]
  exclude: [广告]
"""


@pytest.mark.parametrize(
    ("title", "more", "opinion"),
    [
        ("昌宁县水厂检修今夜停水", {}, "topic"),
        ("昌宁县今夜停水", {}, None),
        ("昌宁县水厂停水广告", {}, None),
        ("某地茶价回升", {}, None),
        ("茶价回升", {"source_name": "昌宁县融媒体中心"}, "topic"),
        ("昌宁县水厂有wifi了", {}, "topic"),
        ("昌宁县水厂用上 myWiFi", {}, None),
        ("村民投诉昌宁县水厂停水无人处理，茶价也跌", {}, "complaint"),
    ],
)
def test_a_watched_topic_shows_where_it_is_ours_and_nothing_stronger_was_found(
    table: GradingTable, title: str, more: dict[str, Any], opinion: str | None
) -> None:
    verdict = judged(WATCH, table, title, **more)
    assert (verdict.opinion, verdict.matter) == (opinion, opinion is not None)
    if opinion == "topic":
        assert (verdict.live, verdict.local, verdict.basis_61) == (True, True, "hot_topic")
        assert all(title[proof.start : proof.end] == proof.text for proof in verdict.evidence)


def test_a_watched_word_never_hides_an_incident(table: GradingTable) -> None:
    words = "watch: {topics: [{name: 村, any: [柯街镇山体滑坡致三人]}]}"
    verdict = judged(words, table, "柯街镇山体滑坡致三人死亡")
    assert (verdict.event_type, verdict.opinion) == ("geological", None)
