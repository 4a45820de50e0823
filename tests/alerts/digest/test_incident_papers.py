"""Flash and special reports: one page, deadlines first, facts, judgement and advice apart, claims marked."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weasyprint import HTML

from alerts.digest.incident_papers import IncidentFile, flash_paper, special_paper
from alerts.digest.paper import LINES, Paper, StoredKind, line_count, numbered
from alerts.digest.print import render_page
from monitor.classifiers.model import DEGREE_TOLD
from monitor.collectors.model import Role
from monitor.dossier.model import Dossier
from monitor.incidents.model import Holding, Trust
from tests.alerts.digest.papers import CONFERENCE, DOSSIER, FILE, ITEMS, MINE, said
from tests.support.builders import a_dossier

CLOCKS = "本事件应于3月2日13时前发布首次权威信息，已超时19小时。应于3月4日7时前召开新闻发布会，还有23小时。"
FACTS = (
    "3月2日8时，县报刊发《白水镇一煤矿透水之1》，3月2日8时2分监测发现；截至目前涉及2个信源、3条信息，"
    "承办单位为县应急管理局〔条目1〕。据官方通报，死亡1人〔条目2〕。网传死亡3人，待核〔条目3〕。网民诉求为“公布伤亡人数”，待核。"
)


def words(paper: Paper) -> list[str]:
    return [n + "".join(s.shown for s in b.sentences) for b, n in numbered(paper.blocks)]


def test_a_flash_report_reads_so() -> None:
    paper = flash_paper(FILE)
    assert (paper.title, paper.dateline) == ("关于“白水镇一煤矿透水”的舆情快报", "2026年3月3日　第1号")
    assert words(paper)[:3] == [
        CLOCKS,
        "一、事实",
        FACTS,
    ]
    assert [line for line in words(paper) if line[1:2] == "、"] == [
        "一、事实",
        "二、研判",
        "三、建议",
    ]


def test_a_special_report_has_the_parts_that_such_reports_have() -> None:
    paper = special_paper(FILE)
    assert [line for line in words(paper) if line[1:2] == "、"] == [
        "一、事项概况", "二、最新进展", "三、风险研判", "四、工作建议", "五、信息来源",
    ]  # fmt: skip
    assert paper.closing == ("以上情况专报，请审阅。",)
    assert words(paper)[0].startswith("信息截至3月3日8时，来源为县报")
    named = special_paper(replace(FILE, readers=("emergency_bureau",)))
    assert words(named)[0].startswith("报送县应急管理局。信息截至")
    assert "3．县报《白水镇一煤矿透水之3》，3月2日8时，https://news.example/3〔条目3〕。" in words(paper)


def test_a_flash_report_can_be_made_the_moment_an_incident_is_stored() -> None:
    bare = a_dossier(replace(MINE, assigned_to=(), demands=(), holding=Holding()))
    paper = flash_paper(replace(FILE, dossier=bare, items=ITEMS[:1], now=MINE.detected_at))
    assert words(paper)[0] == "目前没有在计的回应时限。"
    assert "建议尽快确定承办单位并交办。" in words(paper)


def dossier_with(title: str, demands: tuple[str, ...], duties: int) -> Dossier:
    shelf = {metric: said(12345, 2) for metric in ("deaths", "missing", "trapped", "injuries")}
    incident = replace(MINE, title=title, demands=demands, holding=Holding(official=shelf, media=shelf))
    late = tuple(replace(CONFERENCE, id=f"o{n}", name="突发公共卫生事件报告") for n in range(duties))
    return a_dossier(incident, obligations=late)


def test_what_stands_under_the_title_counts_as_often_as_it_takes_lines() -> None:
    paper = flash_paper(FILE)
    longer = replace(paper, office_name=paper.office_name * 2)
    assert line_count(longer) == line_count(paper) + 1


@settings(max_examples=25)
@given(
    st.text("灾情W ", min_size=1, max_size=80),
    st.lists(st.just("尽快公布调查结果并赔偿损失" * 3), max_size=4),
    st.integers(0, 6),
)
def test_a_flash_report_is_one_page(title: str, demands: list[str], duties: int) -> None:
    items = tuple(replace(i, title=title * 3, url="https://news.example/" + "a" * 90) for i in ITEMS)
    file = replace(FILE, dossier=dossier_with(title, tuple(demands), duties), items=items)
    assert line_count(flash_paper(file)) <= LINES


@pytest.mark.parametrize(
    ("title", "demands", "duties"),
    [
        pytest.param("一", (), 0, id="little"),
        pytest.param(
            "白水镇一煤矿透水事故致多人被困" * 4, ("尽快公布调查结果并赔偿损失" * 3,) * 3, 6, id="much"
        ),
        pytest.param("WORD " * 20, ("尽快公布调查结果并赔偿损失" * 3,) * 3, 0, id="wide letters"),
    ],
)
def test_a_flash_report_is_one_sheet_when_it_is_laid_out(
    title: str, demands: tuple[str, ...], duties: int
) -> None:
    items = tuple(replace(i, title=title, url="https://news.example/" + "a" * 90) for i in ITEMS)
    file = replace(FILE, dossier=dossier_with(title, demands, duties), items=items)
    assert len(HTML(string=render_page(flash_paper(file))).render().pages) == 1


@pytest.mark.parametrize("compose", [flash_paper, special_paper])
def test_every_claim_names_rows_of_this_incident(compose: Callable[[IncidentFile], Paper]) -> None:
    paper = compose(FILE)
    known = {(StoredKind.INCIDENT, "1"), *((StoredKind.ITEM, str(i.id)) for i in ITEMS)}
    known |= {(StoredKind.OBLIGATION, o.id) for o in DOSSIER.obligations}
    known |= {(StoredKind.PUBLICATION, p.id) for p in DOSSIER.publications}
    for sentence in paper.sentences():
        assert sentence.rows
        assert {(row.kind, row.id) for row in sentence.rows} <= known


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://a.example/" + "x" * 200,
        "https://a.example/\u202e",
        "https://a.example/?q=%E5%A1%8C%E6%96%B9",
        None,
    ],
)
def test_only_a_web_address_of_usual_length_is_printed(url: str | None) -> None:
    paper = special_paper(replace(FILE, items=(replace(ITEMS[0], url=url),)))
    assert words(paper)[-1] == "县报《白水镇一煤矿透水之1》，3月2日8时〔条目1〕。"


def test_what_only_the_public_says_is_marked() -> None:
    posts = tuple(replace(item, role=Role.SOCIAL, source_name="论坛") for item in ITEMS)
    said = words(special_paper(replace(FILE, items=posts)))
    assert any("论坛出现《白水镇一煤矿透水之1》（待核），" in line for line in said)
    assert said[-1].startswith("3．论坛《白水镇一煤矿透水之3》（待核），")


def test_a_figure_without_words_of_its_own_comes_last_and_breaks_nothing() -> None:
    shelf = {"zzz": said(7, 3), "deaths": said(1, 2)}
    incident = replace(MINE, holding=Holding(official=shelf))
    paper = special_paper(replace(FILE, dossier=a_dossier(incident)))
    assert "据官方通报，死亡1人、zzz7〔条目2、3〕。" in "".join(words(paper))


def test_what_is_kept_for_grading_alone_is_said_to_nobody() -> None:
    shelf = {DEGREE_TOLD: said(6, 3), "injuries": said(6, 3)}
    holding = Holding(official=shelf, social={DEGREE_TOLD: said(9, 3)})
    text = "".join(words(special_paper(replace(FILE, dossier=a_dossier(replace(MINE, holding=holding))))))
    assert "受伤6人" in text
    assert DEGREE_TOLD not in text


@pytest.mark.parametrize(("trust", "doubted"), [(Trust.SOCIAL, True), (Trust.MEDIA, False)])
def test_a_rumour_that_a_trusted_source_reports_is_none(trust: Trust, doubted: bool) -> None:
    incident = replace(MINE, opinion="rumor_suspected", trusts=frozenset({Trust.SOCIAL, trust}))
    text = "".join(words(special_paper(replace(FILE, dossier=a_dossier(incident)))))
    assert ("疑似谣言" in text) is doubted
    assert ("移交公安" in text) is doubted
