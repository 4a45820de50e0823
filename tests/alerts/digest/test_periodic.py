"""The weekly and monthly reports: counted beside the term before, kept apart, made of rows, with pictures."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.charts.model import Chart
from alerts.digest.build import SourceSummary
from alerts.digest.paper import Paper, Rank, StoredKind, numbered, stored_items
from alerts.digest.periodic import periodic_paper
from alerts.digest.review import Kept, Rise, name_township, name_type
from monitor.classifiers.model import NamedPlace
from monitor.dossier.model import Dossier
from tests.alerts.digest.papers import (
    DOWN,
    HEAD,
    OFFICE,
    ROAD,
    TOWNS,
    UNMET,
    UNTRIED,
    UP,
    WEEKLY,
    WEEKS,
    a_review,
)
from tests.support.builders import a_dossier, after, an_incident

NOTHINGS = ("没有", "未发现", "另有", "按现有安排", "期内完成法定回应0项")


def words(paper: Paper) -> list[str]:
    return [n + "".join(s.said for s in b.sentences) for b, n in numbered(paper.blocks)]


LEAD = (
    "本周新发现政务舆情3件，比上周增加2件，办结或者排除1件。共采集有关信息4条。截至3月2日9时，未结3件，"
    "均为一般级别。期内完成法定回应2项（其中1项迟于时限），新增超时1项。2个信源监测正常。"
)


def test_it_reads_as_an_official_would_write_it() -> None:
    said = words(WEEKLY)
    assert said[: said.index("（四）已发布回应")] == [
        LEAD,
        "一、时限",
        "（一）已超时",
        "“白水镇客车侧翻”应于3月1日8时前作出回应，已超时25小时，尚未交办。",
        "（二）24小时内到期",
        "没有24小时内到期事项。",
        "二、事实",
        "（一）走势和分布",
        "1．按类型分，道路交通事故3件（上周0件）。",
        "2．按乡镇分，白水镇3件（上周0件）。",
        "（二）按时回应情况",
        "1．期内到期法定回应3项，按时率为33.3%。",
        "2．按种类分，回应3项，按时1项、迟于时限1项、超时未完成1项。",
        "3．按承办单位分，县应急管理局2项，按时1项、迟于时限1项；未交办1项，超时未完成1项。",
        "4．本周新发现的3件中，已回应1件，从首发到首次回应用时的中位数为25小时。",
        "（三）未结事项",
        "1．“白水镇客车侧翻”，2月20日8时监测发现，涉及1个信源、1条信息，承办单位为县应急管理局，尚未回应。",
        "2．“白水镇客车侧翻”，2月27日8时监测发现，涉及1个信源、1条信息，承办单位为县应急管理局，已回应1次。",
        "3．“白水镇客车侧翻”，2月27日8时监测发现，涉及1个信源、1条信息，尚未交办，尚未回应。",
    ]
    assert WEEKLY.dateline == "2026年2月23日至3月1日"


def test_judgement_and_advice_follow_from_the_counts() -> None:
    said = words(WEEKLY)
    assert said[said.index("三、研判") + 1 :] == [
        "1．道路交通事故舆情占本周新发现的一半以上，较为集中。",
        "2．白水镇舆情占本周新发现的一半以上，较为集中。",
        "四、建议",
        "1．建议对道路交通事故舆情组织风险源头研判。",
        "2．建议对白水镇舆情组织风险源头研判。",
        "3．建议请县应急管理局说明超时原因。",
        "4．建议尽快确定第9号舆情的承办单位并交办。",
        "5．建议责成承办单位立即对第9号舆情作出回应，并说明超时原因。",
    ]


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        pytest.param(UP, "本周未发现新的政务舆情", id="quiet"),
        pytest.param(DOWN, "不能据此认定没有舆情", id="one is down"),
        pytest.param(UNTRIED, "不能据此认定没有舆情", id="none answered yet"),
        pytest.param(
            (replace(UP[0], polls=9, failed=9), UP[1]), "不能据此认定没有舆情", id="all polls failed"
        ),
        pytest.param((), "不能据此认定没有舆情", id="nobody watches"),
    ],
)
def test_no_incident_and_nobody_watching_never_look_alike(
    sources: Sequence[SourceSummary], found: str
) -> None:
    said = words(periodic_paper(a_review(sources=sources)))[0]
    assert found in said
    assert ("未发现新的政务舆情" in said) is (sources == UP)


def test_failed_polls_and_absences_within_the_term_are_told() -> None:
    bad = replace(UP[0], polls=2016, failed=900)
    said = words(periodic_paper(a_review(sources=(bad, UP[1]), away=(timedelta(hours=2),))))[0]
    assert "期内1个信源一成以上的采集失败，可能有遗漏：县报（2016次中900次失败）。" in said
    assert "期内服务中断1次，共2小时，其间没有监测。" in said
    assert "不能据此认定没有舆情" in said


def test_a_day_on_which_nobody_watched_has_no_figure_instead_of_none() -> None:
    days = [after(days=-7), after(days=-3)]
    paper = periodic_paper(a_review(*WEEKS, unwatched=days))
    [trend, *_] = (f.shown for f in paper.figures if isinstance(f.shown, Chart))
    assert trend.series[0].values == (None, 0, 0, 0, 3, 0, 0)
    assert "期内有2天没有采集到任何信源，不能据此认定当日没有舆情。" in words(paper)[0]
    assert "未发现新的政务舆情" not in words(periodic_paper(a_review(unwatched=days)))[0]


def test_the_busiest_days_and_the_words_that_rose_are_named() -> None:
    rise = Rise(word="停水", count=9, before=1, rows=stored_items([4, 5]))
    two_days = [
        a_dossier(replace(ROAD, id=n, detected_at=after(days=-3 if n < 4 else -2))) for n in range(1, 7)
    ]
    said = words(periodic_paper(a_review(*two_days, rising=[rise])))
    assert "1．本周有2天发现新舆情，2月27日、2月28日最多，各3件。" in said
    assert "4．明显增多的用词有“停水”（9条，上周1条）。" in said
    unrecorded = a_review(*two_days, rising=[rise], recorded_since=after(days=-9))
    assert not [line for line in words(periodic_paper(unrecorded)) if "增多" in line]


def test_what_is_late_by_far_leaves_room_for_the_others_in_a_picture() -> None:
    far = a_dossier(replace(ROAD, id=9), obligations=(replace(UNMET, starts_at=after(days=-40)),))
    shown = periodic_paper(a_review(far)).figures[-1].shown
    assert isinstance(shown, Chart)
    assert (shown.series[0].values, shown.unit) == ((200,), "%，200表示200以上")


@pytest.mark.parametrize(
    ("dossiers", "said"),
    [
        (WEEKS[1:2], "本周新发现的1件未回应。"),
        (WEEKS[1:3], "本周新发现的2件均未回应。"),
        (WEEKS[:1], "本周新发现的1件已回应，从首发到首次回应用时的中位数为25小时。"),
    ],
)
def test_all_or_none_answered_is_said_in_a_word(dossiers: Sequence[Dossier], said: str) -> None:
    assert any(line.endswith(said) for line in words(periodic_paper(a_review(*dossiers))))


def test_a_term_that_was_not_recorded_is_compared_with_nothing() -> None:
    paper = periodic_paper(a_review(*WEEKS, recorded_since=after(days=-9)))
    said = words(paper)
    assert "上周没有完整记录，不作比较。" in said[0]
    assert not [line for line in said if "（上周" in line or "比上周" in line]
    assert [len(f.shown.series) for f in paper.figures if isinstance(f.shown, Chart)] == [1, 1, 1, 1]


def test_every_sentence_and_every_picture_names_its_rows_or_says_that_there_is_nothing() -> None:
    known = {str(d.incident.id) for d in WEEKS}
    duties = {o.id for d in WEEKS for o in d.obligations}
    for paper in (WEEKLY, periodic_paper(a_review())):
        bare = [s.said for s in paper.sentences() if not s.rows]
        assert not [said for said in bare if not any(nothing in said for nothing in NOTHINGS)]
        rows = [row for s in paper.sentences() for row in s.rows]
        rows += [row for figure in paper.figures for row in figure.rows]
        assert {row.id for row in rows if row.kind is StoredKind.INCIDENT} <= known
        assert {row.id for row in rows if row.kind is StoredKind.OBLIGATION} <= duties
    assert all(figure.rows for figure in WEEKLY.figures)


def test_the_pictures_show_what_the_sentences_count() -> None:
    shown = {f.shown.title: f.shown for f in WEEKLY.figures if isinstance(f.shown, Chart)}
    assert list(shown) == ["每日新发现舆情", "舆情类型分布", "舆情乡镇分布", "时限使用情况"]
    assert sum(v or 0 for v in shown["每日新发现舆情"].series[0].values) == 3
    assert shown["每日新发现舆情"].labels[0] == "2月23日"
    kinds = shown["舆情类型分布"]
    assert dict(zip(kinds.labels, kinds.series[0].values, strict=True)) == {"道路交通事故": 3, "火灾": 0}
    used = shown["时限使用情况"]
    assert dict(zip(used.labels, used.series[0].values, strict=True)) == {
        "9号 回应": 152, "8号 回应": 125, "7号 回应": 50,
    }  # fmt: skip


def test_a_quiet_term_shows_its_trend_alone() -> None:
    [trend] = periodic_paper(a_review()).figures
    assert trend.shown.title == "每日新发现舆情"


@pytest.mark.parametrize(
    ("dossier", "name"),
    [
        pytest.param(a_dossier(ROAD), "白水镇", id="by another name of it"),
        pytest.param(
            a_dossier(replace(ROAD, places=(NamedPlace(name="某村", code="530000101207"),))),
            "白水镇",
            id="a village by its code",
        ),
        pytest.param(a_dossier(replace(ROAD, places=())), "未明确乡镇", id="nowhere"),
    ],
)
def test_each_incident_counts_for_one_township(dossier: Dossier, name: str) -> None:
    assert name_township(dossier.incident, TOWNS) == name


def test_a_territory_without_townships_is_told_by_the_places_named() -> None:
    assert name_township(ROAD, OFFICE) == "白水"


@pytest.mark.parametrize(
    ("event_type", "opinion", "name"),
    [("geological", "complaint", "地质灾害"), (None, "rumor", "谣言"), (None, None, "其他")],
)
def test_a_kind_is_the_event_type_in_short_else_the_opinion(
    event_type: str | None, opinion: str | None, name: str
) -> None:
    assert name_type(an_incident(event_type=event_type, opinion=opinion)) == name


def test_what_is_kept_late_or_not_adds_up() -> None:
    review = a_review(*WEEKS)
    assert [(k.name, k.due, k.in_time, k.late, k.unmet) for k in review.duties] == [("回应", 3, 1, 1, 1)]
    assert isinstance(review.departments[0], Kept)
    assert sum(k.due for k in review.departments) == 3


def test_the_closing_prints_the_term_and_the_journals_hash() -> None:
    [closing] = WEEKLY.closing
    assert closing == (
        f"统计时段为2月23日8时至3月2日8时，未结事项和时限截至3月2日9时。留痕校验码：{HEAD[:16]}。"
    )
    assert {b.rank for b in WEEKLY.blocks} == set(Rank)
