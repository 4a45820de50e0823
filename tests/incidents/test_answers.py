from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.classifiers.judge import Judge
from monitor.classifiers.model import Verdict
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.collectors.model import Role
from monitor.incidents.answers import Answer, answer_form, match_answer, packaged_words
from monitor.incidents.group import Grouping
from monitor.incidents.model import AnswerForm, Incident
from monitor.incidents.traits import item_traits
from monitor.items.model import Item
from monitor.office.example import example_territory
from tests.incidents.words import joined, opened, segmenter, told
from tests.support.builders import after

FOLDER = Path(__file__).parent
LEAST_RECALL = {"answers.yaml": 0.95, "answers_held_out.yaml": 0.85, "answers_third.yaml": 0.8}
LEAST_RECALL_OF_ALL = 0.9


@cache
def book(name: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return loaded


@cache
def judge() -> Judge:
    return Judge(load_lexicon(), load_table(), example_territory(), segmenter=segmenter())


def verdict_of(item: Item) -> Verdict:
    """Return the verdict with tokens, which the pipeline adds for what is no matter of its own."""
    verdict = judge().judge_item(item, item.at)
    words = tuple(segmenter().words(f"{item.title}\n{item.text}"))
    return verdict if verdict.tokens else replace(verdict, tokens=words)


def read(number: int, row: Mapping[str, str], role: Role) -> Item:
    item = told(number, row["title"], row["text"], datetime.fromisoformat(row["at"]), role)
    return replace(item, scope="county") if role is Role.OFFICIAL else item


@cache
def incident(name: str, key: str) -> Incident:
    """Return the incident that all these reports are about."""
    rows = book(name)["incidents"][key]
    reports = [read(n, row, Role(row["role"])) for n, row in enumerate(rows, start=1)]
    found = opened(1, reports[0])
    for report in reports:
        verdict = verdict_of(report)
        traits = item_traits(report, verdict, segmenter().rarity)
        found = joined(found, report, verdict, Grouping(incident_id=1, reason="similar", traits=traits))
    return found


def answer(name: str, pair: Mapping[str, str]) -> Answer | None:
    item = read(99, pair, Role.OFFICIAL)
    return match_answer(item, verdict_of(item), incident(name, pair["incident"]))


@pytest.mark.parametrize("name", LEAST_RECALL)
def test_answers_are_offered_and_near_misses_never(name: str) -> None:
    pairs = book(name)["pairs"]
    wrong = [p["title"] for p in pairs if "form" not in p and answer(name, p) is not None]
    answers = [p for p in pairs if "form" in p]
    missed = [p["title"] for p in answers if answer(name, p) is None]
    assert wrong == []
    assert len(missed) <= (1 - LEAST_RECALL[name]) * len(answers), missed


@pytest.mark.parametrize("name", LEAST_RECALL)
def test_an_offer_names_its_form_and_the_passage_that_matches(name: str) -> None:
    for pair in book(name)["pairs"]:
        offered = answer(name, pair) if "form" in pair else None
        if offered is not None:
            assert (pair["title"], offered.form.value) == (pair["title"], pair["form"])
            assert offered.kind is packaged_words().kind(offered.form)
            assert offered.passage in f"{pair['title']}\n{pair['text']}"


def test_nine_of_ten_answers_of_all_books_together_are_offered() -> None:
    answers = [(name, p) for name in LEAST_RECALL for p in book(name)["pairs"] if "form" in p]
    offered = [p["title"] for name, p in answers if answer(name, p) is not None]
    assert len(offered) >= LEAST_RECALL_OF_ALL * len(answers)


def test_a_third_of_the_pairs_are_near_misses() -> None:
    pairs = book("answers.yaml")["pairs"]
    assert len(pairs) >= 45
    assert sum("form" not in p for p in pairs) >= len(pairs) / 3


def test_what_was_published_before_the_event_answers_nothing() -> None:
    pair = book("answers.yaml")["pairs"][0]
    assert answer("answers.yaml", pair) is not None
    assert answer("answers.yaml", {**pair, "at": "2026-02-26T11:00+08:00"}) is None


FORMS = [
    pytest.param("昌宁县将召开新闻发布会", "新闻发布会定于明日召开。", None, id="a conference to come"),
    pytest.param("关于火灾的情况通报（二）", "", AnswerForm.UPDATE, id="a second bulletin"),
    pytest.param(
        "警情通报", "将于明日召开新闻发布会。", AnswerForm.BULLETIN, id="a bulletin that announces one"
    ),
    pytest.param("2024年事故情况通报", "", None, id="last years' figures"),
    pytest.param("停水通知", "定于3月3日8时停水。", None, id="a plan"),
    pytest.param("今天天气不错", "适合出行。", None, id="no fact told"),
]


@pytest.mark.parametrize(("title", "text", "form"), FORMS)
def test_the_form_of_an_official_text_is_told(title: str, text: str, form: AnswerForm | None) -> None:
    assert answer_form(told(1, title, text, after(hours=1), Role.OFFICIAL), packaged_words()) is form


def test_a_word_of_routine_that_the_incident_has_itself_shows_nothing() -> None:
    item = told(1, "教师招聘面试有关情况的说明", "经查，未发现泄题。", after(hours=1), Role.OFFICIAL)
    assert answer_form(item, packaged_words()) is None
    assert answer_form(item, packaged_words(), about="教师招聘被指泄题") is AnswerForm.STATEMENT
