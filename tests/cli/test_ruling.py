"""`rules`: the office's own words are checked, tried and tested from the command line."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import SystemClock
from storage.engine import open_store
from tests.cli.conftest import Run
from tests.support.builders import an_item

WORDS = "add:\n  events:\n    - type: 道路交通事故\n      words: [栽沟]\n"
EXAMPLE = """
sentences:
  - title: 柯街镇一农用车栽沟
    text: 11月24日8时许，柯街镇一农用车栽沟，12人受伤。
    published_at: 2026-11-24T12:00:00+08:00
    role: media
    expect: {matter: true, local: true, event_type: road_traffic, occurred_at: 2026-11-24T08:00:00+08:00,
             figures: {injuries: [10, 19], deaths: null}}
"""


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "example", "code", "said"),
    [
        pytest.param(WORDS, EXAMPLE, 0, "共 1 句，0 句不符", id="as wanted"),
        pytest.param(
            WORDS, EXAMPLE.replace("road_traffic", "道路交通事故"), 0, "0 句不符", id="as wanted, in Chinese"
        ),
        pytest.param(WORDS, EXAMPLE.replace("[10, 19]", "3"), 1, "injuries 应为 3，实为 12", id="a figure"),
        pytest.param(WORDS, EXAMPLE.replace("08:00:00", "09:00:00"), 1, "occurred_at 应为", id="a time"),
        pytest.param(
            WORDS, EXAMPLE.replace("deaths: null", "deaths: 1"), 1, "实为 null（不知道）", id="null"
        ),
        pytest.param(
            "remove: {events: [{type: 道路交通事故, words: [栽沟]}]}",
            EXAMPLE.replace("road_traffic", "fire"),
            1,
            "event_type 应为 fire",
            id="another kind, with the reasoning",
        ),
    ],
)
def test_examples_say_what_differs_and_why(
    huiying: Run, home: Path, words: str, example: str, code: int, said: str
) -> None:
    write(home, "words/words.yaml", words)
    write(home, "examples.yaml", example)
    ran = huiying("rules", "test", "examples.yaml")
    assert (ran.code, said in ran.out) == (code, True)
    assert ("结论：" in ran.out) is (code == 1)


def test_the_words_and_the_example_of_the_manual_agree(huiying: Run, home: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    words, example = (
        next(
            block for block in re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL) if block.startswith(first)
        )
        for first in ("add:", "sentences:")
    )
    write(home, "words/words.yaml", words)
    write(home, "examples.yaml", example)
    ran = huiying("rules", "test", "examples.yaml")
    assert (ran.code, ran.out) == (0, "共 1 句，0 句不符。\n")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("expect:", "expected:", "7:5: sentences[0].expected: 不认识的键"),
        (
            "road_traffic",
            "道路交通",
            "7:41: sentences[0].expect.event_type: 没有“道路交通”，是不是 道路交通事故",
        ),
        ("deaths: null", "death: 1", "8:44: sentences[0].expect.figures.death: 没有这项数据，是不是 deaths"),
        ("local: true", "opinion: 抱怨", "7:28: sentences[0].expect.opinion: 没有“抱怨”，只有 rumor"),
        ("matter: true", "matter: 是", "7:14: sentences[0].expect.matter: 应为 true 或 false"),
    ],
)
def test_a_faulty_file_of_examples_ends_with_2_and_the_place(
    huiying: Run, home: Path, old: str, new: str, place: str
) -> None:
    write(home, "examples.yaml", EXAMPLE.replace(old, new))
    ran = huiying("rules", "test", "examples.yaml")
    assert (ran.code, ran.out) == (2, "")
    assert any(fault.startswith(f"examples.yaml:{place}") for fault in ran.err.splitlines())


def test_check_tells_faults_and_what_changes_nothing(huiying: Run, home: Path) -> None:
    write(home, "words/a.yaml", "remove: {events: [{type: fire, words: [没有这词]}]}")
    ran = huiying("rules", "check")
    assert (ran.code, "words/a.yaml:1:40: " in ran.out, "用词正确" in ran.out) == (0, True, True)
    write(home, "words/b.yaml", "add: {events: [{type: nope, words: [栽沟]}]}")
    ran = huiying("rules", "check")
    assert (ran.code, ran.err.startswith("words/b.yaml:1:")) == (2, True)


def test_a_folder_that_a_setting_names_must_be_there(huiying: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert huiying("rules", "check").code == 0
    monkeypatch.setenv("HUIYING_WORDS", "elsewhere")
    assert huiying("rules", "check").code == 2


@pytest.mark.parametrize("name", ["new.yaml", "words/new.yaml"])
def test_try_shows_what_stored_items_would_become(huiying: Run, home: Path, name: str) -> None:
    write(home, name, WORDS)
    store = open_store(f"sqlite:///{home}/some.db")
    now = SystemClock().now()
    items = [
        an_item(key=f"{days}", title="柯街镇一农用车栽沟", text="", published_at=at, first_seen_at=at)
        for days, at in ((days, now - timedelta(days=days)) for days in (1, 20))
    ]
    with store.transaction() as transaction:
        transaction.add_items(items, [None, None])
    store.close()
    ran = huiying("rules", "try", name, "--database", f"sqlite:///{home}/some.db")
    assert (ran.code, "看了 1 条，1 条的结论会变：新成为舆情 1 条" in ran.out) == (0, True)
    assert "不是舆情 → 舆情 · 当前 · 本地 · 道路交通事故；依据词：" in ran.out
    ran = huiying("rules", "try", name, "--days", "30", "--database", f"sqlite:///{home}/some.db")
    assert "看了 2 条，2 条的结论会变" in ran.out


def test_a_keyword_file_of_another_program_becomes_a_watch_list(huiying: Run, home: Path) -> None:
    write(home, "frequency_words.txt", "停水\n@3\n")
    ran = huiying("rules", "import-trendradar", "frequency_words.txt")
    assert (ran.code, 'any: ["停水"]' in ran.out, ran.err.startswith("frequency_words.txt:2:1: ")) == (
        0,
        True,
        True,
    )
    write(home, "frequency_words.txt", "# nothing\n")
    assert huiying("rules", "import-trendradar", "frequency_words.txt").code == 2
