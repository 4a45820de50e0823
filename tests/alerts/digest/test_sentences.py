"""How papers cite: the row of the grading table that decided, a figure of nought, a place named twice."""

import pytest

from alerts.digest.sentences import claimed_figures, firm_figures, judgements, say_name
from monitor.classifiers.model import Count, Grade, NamedPlace, Severity
from monitor.incidents.model import Holding, Report
from tests.alerts.digest.papers import NOW, OFFICE, said
from tests.support.builders import T0, an_incident

BASES = [
    ("WSA2007: deaths >= 3 (S01)", "按《生产安全事故报告和调查处理条例》死亡3人以上的标准研判为重大级别"),
    (
        "WSA2007: direct_loss_wan >= 10000 (S01)",
        "按《生产安全事故报告和调查处理条例》直接经济损失1亿元以上的标准研判为重大级别",
    ),
    (
        "RAIL2012: derailed_cars >= 18 and passenger_train (S02)",
        "按《铁路交通事故应急救援和调查处理条例》脱轨18辆以上等情形的标准研判为重大级别",
    ),
    (
        "RAIL2012: busy_trunk_line_and_more (S02)",
        "按《铁路交通事故应急救援和调查处理条例》有关情形的标准研判为重大级别",
    ),
    ("OWN: deaths >= 2 (X9)", "按死亡2人以上的标准研判为重大级别"),
    ("OWN: some_flag (X9)", "按现有标准研判为重大级别"),
    (None, "按现有信息研判为重大级别"),
]


@pytest.mark.parametrize(("standard", "words"), BASES)
def test_the_row_that_decided_is_cited_as_papers_cite_a_rule(standard: str | None, words: str) -> None:
    grade = Grade(confirmed=Severity.SERIOUS, standard=standard)
    [judged, *_] = judgements(an_incident(severity=Severity.SERIOUS, grade=grade), OFFICE, NOW)
    assert judged.said == words


def test_a_number_of_the_table_itself_that_was_never_checked_says_so() -> None:
    grade = Grade(confirmed=Severity.ORDINARY, standard="ENV2014: deaths >= 1 (GK)")
    [judged, *_] = judgements(an_incident(severity=Severity.ORDINARY, grade=grade), OFFICE, NOW)
    assert judged.said == "按死亡1人以上的惯用标准（尚未对照原文）研判为一般级别"


def test_nobody_harmed_is_said_in_words() -> None:
    none = Report(count=Count(low=0, value=0, high=0), at=T0, item_id=5)
    [sentence] = firm_figures(an_incident(holding=Holding(official={"injuries": none})))
    assert sentence.said == "据官方通报，无人员受伤。"


HOLDING = [
    pytest.param(
        Holding(official={"deaths": said(13, 9)}, social={"deaths": said(11, 4)}),
        ["据官方通报，死亡13人。"],
        id="a claim that the official figure has overtaken",
    ),
    pytest.param(
        Holding(official={"deaths": said(1, 2)}, social={"deaths": said(3, 3), "trapped": said(2, 3)}),
        ["据官方通报，死亡1人。", "网传死亡3人、被困2人，待核。"],
        id="a later and higher claim, and one that nobody answers",
    ),
    pytest.param(
        Holding(official={"deaths": said(5, 9)}, media={"deaths": said(4, 3), "injuries": said(2, 3)}),
        ["据官方通报，死亡5人。", "据媒体报道，受伤2人。"],
        id="what the media said before",
    ),
]


@pytest.mark.parametrize(("holding", "told"), HOLDING)
def test_the_figures_are_those_that_hold_now(holding: Holding, told: list[str]) -> None:
    incident = an_incident(holding=holding)
    assert [s.said for s in (*firm_figures(incident), *claimed_figures(incident))] == told


@pytest.mark.parametrize(
    ("title", "place", "name"),
    [
        ("白水一煤矿透水", "白水镇", "“白水一煤矿透水”"),
        ("大理发生地震", "大理白族自治州", "“大理发生地震”"),
        ("一煤矿透水", "白水镇", "白水镇“一煤矿透水”"),
    ],
)
def test_a_place_that_the_title_names_in_short_is_not_said_twice(title: str, place: str, name: str) -> None:
    assert say_name(an_incident(title=title, places=(NamedPlace(name=place),), local=True)) == name
