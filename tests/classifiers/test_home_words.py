"""Words that count only at home, signs of trouble there, and daily work told in the same words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.classifiers.grade import GradingTable
from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.model import Verdict
from monitor.collectors.model import Role
from monitor.office.example import example_territory

AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
ROWS: dict[str, Sequence[Any]] = yaml.safe_load(
    Path(__file__).with_name("home_words.yaml").read_text(encoding="utf-8")
)
HOME = ["昌宁县", "柯街镇", "勐统镇", "更戛乡", "漭水镇", "卡斯镇", "湾甸乡", "珠街乡", "耈街乡", "大田坝镇"]
HOME += ["温泉镇", "翁堵镇", "鸡飞镇", "田园镇", "昌宁"]


def judged(judge: Judge, title: str, role: Role | None = None, source_name: str | None = None) -> Verdict:
    return judge.judge(
        title=title, text="", published_at=AT, source_name=source_name, role=role, scope=None, now=AT
    )


def nameless(title: str) -> str:
    for name in HOME:
        title = title.replace(name, "")
    return title


@pytest.mark.parametrize("row", ROWS["ours"], ids=lambda row: row["title"])
def test_plain_words_about_home_make_a_matter(judge: Judge, row: dict[str, str]) -> None:
    verdict = judged(judge, row["title"])
    assert (verdict.live, verdict.local, verdict.event_type) == (True, True, row["type"])


@pytest.mark.parametrize("row", ROWS["ours"], ids=lambda row: row["title"])
def test_a_source_of_ours_needs_no_name(judge: Judge, row: dict[str, str]) -> None:
    verdict = judged(judge, nameless(row["title"]), source_name="昌宁县融媒体中心")
    assert (verdict.live, verdict.event_type) == (True, row["type"])


@pytest.mark.parametrize("title", ROWS["trouble"])
def test_a_sign_of_trouble_at_home_is_shown_without_a_clock(judge: Judge, title: str) -> None:
    verdict = judged(judge, title)
    assert (verdict.matter, verdict.opinion, verdict.event_type) == (True, "topic", None)
    shown = [proof.text for proof in verdict.evidence if proof.field == "opinion"]
    assert shown
    assert all(word in title for word in shown)


@pytest.mark.parametrize("title", [*ROWS["trouble"], *(row["title"] for row in ROWS["ours"])])
def test_the_same_words_from_nowhere_say_nothing_of_ours(judge: Judge, title: str) -> None:
    assert not judged(judge, nameless(title)).local


@pytest.mark.parametrize("title", ROWS["trouble"])
def test_an_office_that_writes_itself_gives_no_sign(judge: Judge, title: str) -> None:
    assert not judged(judge, title, Role.OFFICIAL).matter


@pytest.mark.parametrize("title", ROWS["trouble"])
def test_signs_are_for_counties_and_cities_only(lexicon: Lexicon, table: GradingTable, title: str) -> None:
    province = replace(example_territory(), level="province")
    assert not judged(Judge(lexicon, table, province, segmenter=_Whole()), title).matter


@pytest.mark.parametrize("row", ROWS["routine"], ids=lambda row: row["title"])
def test_daily_work_is_no_incident_and_says_by_which_word(judge: Judge, row: dict[str, str]) -> None:
    verdict = judged(judge, row["title"])
    assert (verdict.matter, verdict.not_live_reason) == (False, row["reason"])
    assert [proof.field for proof in verdict.evidence].count("not_live_reason") == 1


@pytest.mark.parametrize("title", ROWS["nothing"])
def test_what_only_sounds_like_trouble_is_left_alone(judge: Judge, title: str) -> None:
    assert not judged(judge, title).matter


def test_daily_work_beside_harm_stays_an_incident(judge: Judge) -> None:
    assert judged(judge, "柯街镇检查电站时山体滑坡 2人失联").live
    assert judged(judge, "柯街镇发生山体滑坡 县领导赴现场检查").live


class _Whole:
    """A segmenter for texts whose words do not matter."""

    def lcut(self, text: str) -> list[str]:
        return [text]
