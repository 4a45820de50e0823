"""The daily report: deadlines first; facts, judgement and advice apart; sentences made of stored rows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.digest.build import SourceSummary
from alerts.digest.daily import daily_paper
from alerts.digest.paper import Paper, Rank, Sentence, StoredKind, numbered
from alerts.digest.render import render_text
from monitor.classifiers.model import Severity
from monitor.deadlines.model import Obligation, ObligationState
from monitor.dossier.model import Dossier
from monitor.incidents.model import Holding, IncidentState, Trust
from monitor.ports import Store
from tests.alerts.digest.papers import (
    CONFERENCE,
    DOSSIER,
    DOWN,
    HEAD,
    MINE,
    NOW,
    RELEASE,
    RUMOR,
    UNTRIED,
    UP,
    a_digest,
)
from tests.support.builders import T0, a_dossier, after, an_incident, an_obligation, opening
from tests.support.lite import lite, template

__all__ = ["lite", "template"]

WHOLE = daily_paper(a_digest(DOSSIER, a_dossier(RUMOR)))
NOTHINGS = {
    "没有超时事项。", "没有24小时内到期事项。", "没有未结事项。", "期内没有发布回应。",
    "期内没有新增谣言线索。", "没有较大以上级别或者疑似谣言的未结舆情。", "建议按现有安排继续监测。",
}  # fmt: skip
"""Sentences that say that there is nothing: the only ones without a row."""


LEAD = (
    "3月2日8时至3月3日8时，新发现政务舆情2件。截至3月3日8时，未结2件，其中重大1件、未定级1件。"
    "期内完成法定回应0项，新增超时1项。2个信源监测正常。"
)
OPEN = (
    "“白水镇一煤矿透水”，3月2日8时2分监测发现，涉及2个信源、3条信息，承办单位为县应急管理局，已回应1次。"
    "据官方通报，死亡1人。网传死亡3人，待核。"
)

ADVISED = (
    "建议尽快核实第3号舆情是否发生在本辖区。",
    "建议责成县应急管理局立即对第1号舆情发布首次权威信息，并说明超时原因。",
    "建议督促县应急管理局按时对第1号舆情召开新闻发布会。",
    "建议抓紧核实第1号舆情的网传数据，核实前不对外引用。",
    "建议抓紧核实第3号舆情，确属谣言的及时发布权威信息，并将线索移交公安、网信部门。",
)


def words(paper: Paper) -> list[str]:
    return [n + "".join(s.said for s in b.sentences) for b, n in numbered(paper.blocks)]


def lead(paper: Paper) -> str:
    return words(paper)[0]


def test_deadlines_come_first_and_facts_judgement_and_advice_are_apart() -> None:
    headings = [
        n + b.sentences[0].said for b, n in numbered(WHOLE.blocks) if b.rank in (Rank.FIRST, Rank.SECOND)
    ]
    assert headings == [
        "一、时限", "（一）已超时", "（二）24小时内到期",
        "二、事实", "（一）未结事项", "（二）已发布回应", "（三）待核线索",
        "三、研判", "四、建议",
    ]  # fmt: skip


def test_the_paper_reads_as_an_official_would_write_it() -> None:
    assert words(WHOLE) == [
        LEAD,
        "一、时限",
        "（一）已超时",
        "“白水镇一煤矿透水”应于3月2日13时前发布首次权威信息，已超时19小时，承办单位为县应急管理局。",
        "（二）24小时内到期",
        "“白水镇一煤矿透水”应于3月4日7时前召开新闻发布会，还有23小时，承办单位为县应急管理局。",
        "二、事实",
        "（一）未结事项",
        OPEN,
        "（二）已发布回应",
        "3月2日9时，通过云溪发布公开《情况通报》。",
        "（三）待核线索",
        "地点待核的“网传小学停课”，3月2日8时2分监测发现，待核。",
        "三、研判",
        (
            "1．第1号舆情按《生产安全事故报告和调查处理条例》死亡3人以上的标准研判为重大级别"
            "（从严预判，待人工确认）。"
        ),
        "2．第1号舆情网传死亡3人，多于通报的1人，待核。",
        "3．第3号舆情疑似谣言，待核。",
        "四、建议",
        *(f"{n}．{said}" for n, said in enumerate(ADVISED, 1)),
    ]
    assert WHOLE.closing == (f"信息截至3月3日8时。留痕校验码：{HEAD[:16]}。",)


def test_an_ordinary_day_takes_about_500_characters() -> None:
    assert 350 <= sum(len(s.said) for s in WHOLE.sentences()) <= 650


QUIET = [
    pytest.param(UP, "未发现新的政务舆情。", "2个信源监测正常。", id="quiet"),
    pytest.param(DOWN, "不能据此认定没有舆情。", "可能有遗漏：县论坛自3月3日5时起中断。", id="one is down"),
    pytest.param(DOWN[1:], "不能据此认定没有舆情。", "不能说明有无舆情：县论坛自", id="all are down"),
    pytest.param(
        UNTRIED, "不能据此认定没有舆情。", "2个信源均未取到过内容，不能说明有无", id="none answered yet"
    ),
    pytest.param((), "不能据此认定没有舆情。", "没有信源在监测，不能说明有无舆情。", id="nobody watches"),
]


@pytest.mark.parametrize(("sources", "found", "covered"), QUIET)
def test_no_incident_and_sources_down_never_look_alike(
    sources: Sequence[SourceSummary], found: str, covered: str
) -> None:
    said = lead(daily_paper(a_digest(sources=sources)))
    assert found in said
    assert covered in said
    assert ("未发现新的政务舆情" in said) is (sources == UP)


def test_a_source_that_is_down_is_the_first_advice() -> None:
    paper = daily_paper(a_digest(DOSSIER, sources=DOWN))
    advised = words(paper)[words(paper).index("四、建议") + 1]
    assert advised == "1．建议尽快恢复中断的1个信源，恢复前安排人工巡查。"


def late_ones(count: int) -> list[Dossier]:
    return [
        a_dossier(
            replace(MINE, id=n, severity=Severity.ORDINARY),
            obligations=(replace(RELEASE, id=f"release{n}", incident_id=n),),
        )
        for n in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("count", "left_out"),
    [
        pytest.param(3, [], id="an ordinary day shows everything"),
        pytest.param(5, ["另有2项，见值班台〔4、5号〕。"] * 2, id="a full day"),
        pytest.param(30, ["另有28项，见值班台〔3、4、5、6、7号等28件〕。"] * 2, id="a very full day"),
    ],
)
def test_what_a_full_day_leaves_out_for_length_is_counted_and_named(count: int, left_out: list[str]) -> None:
    sentences = list(daily_paper(a_digest(*late_ones(count))).sentences())
    assert [s.shown for s in sentences if s.said.startswith("另有")] == left_out
    assert sum(len(s.said) for s in sentences) <= 600


def test_what_is_advised_alike_for_several_is_one_sentence_for_each_body() -> None:
    unowned = replace(late_ones(4)[3], incident=replace(MINE, id=4, assigned_to=(), holding=Holding()))
    said = words(daily_paper(a_digest(*late_ones(2), unowned)))
    assert said[said.index("四、建议") + 1 :] == [
        "1．建议尽快确定第4号舆情的承办单位并交办。",
        "2．建议责成承办单位立即对第4号舆情发布首次权威信息，并说明超时原因。",
        "3．建议责成县应急管理局立即对第1、2号舆情发布首次权威信息，并说明超时原因。",
        "4．建议抓紧核实第1、2号舆情的网传数据，核实前不对外引用。",
    ]


def test_what_is_late_is_told_the_most_severe_first_with_all_its_clocks() -> None:
    both = replace(DOSSIER, obligations=(replace(CONFERENCE, due_at=after(hours=20)), RELEASE))
    said = words(daily_paper(a_digest(*late_ones(2)[1:], both)))
    assert said[3] == (
        "1．“白水镇一煤矿透水”应于3月2日13时前发布首次权威信息，已超时19小时；"
        "应于3月3日4时前召开新闻发布会，已超时4小时，承办单位为县应急管理局。"
    )


def test_a_journal_in_which_nothing_stands_is_said_to_be_empty() -> None:
    empty = replace(a_digest(), journal_head="")
    assert daily_paper(empty).closing[-1].endswith("留痕校验码：尚无记录。")
    assert render_text(empty).endswith("留痕校验码 尚无记录")


def test_where_only_a_rumour_is_open_it_is_not_said_that_nothing_is() -> None:
    said = words(daily_paper(a_digest(a_dossier(RUMOR))))
    assert "没有其他未结事项。" in said
    assert "没有未结事项。" not in said


def test_what_only_the_public_says_is_marked() -> None:
    heard = replace(DOSSIER, incident=replace(DOSSIER.incident, trusts=frozenset({Trust.SOCIAL})))
    assert "“白水镇一煤矿透水”（网传，待核），" in "".join(words(daily_paper(a_digest(heard))))
    assert "（网传，待核）" not in "".join(words(WHOLE))


# -- every sentence and the rows it was made of


def rows(sentences: Iterable[Sentence], kind: StoredKind) -> set[str]:
    return {row.id for s in sentences for row in s.rows if row.kind is kind}


@pytest.mark.parametrize("sources", [UP, DOWN])
def test_every_sentence_names_its_rows_or_says_that_there_is_nothing(
    sources: Sequence[SourceSummary],
) -> None:
    for paper in (
        daily_paper(a_digest(DOSSIER, a_dossier(RUMOR), sources=sources)),
        daily_paper(a_digest(sources=sources)),
    ):
        bare = [s.said for s in paper.sentences() if not s.rows]
        assert [s for s in bare if s not in NOTHINGS and not s.startswith(("截至", "期内完成"))] == []
        assert not rows(paper.sentences(), StoredKind.INCIDENT) - {"1", "3"}


def test_every_row_that_a_paper_or_a_digest_names_is_stored(lite: Store) -> None:
    with lite.transaction() as transaction:
        for dossier in (DOSSIER, a_dossier(RUMOR)):
            transaction.save(
                opening(dossier.incident, obligations=dossier.obligations, publications=dossier.publications)
            )
    with lite.reading() as transaction:
        stored = transaction.dossiers_of(transaction.incidents())
    digest = a_digest(*stored)
    sentences = [*daily_paper(digest).sentences()]
    for line in (line for section in digest.sections for line in section.lines):
        assert str(line.incident_id) in {row.id for row in line.rows if row.kind is StoredKind.INCIDENT}
        sentences.append(Sentence(said=line.said, rows=line.rows))
    assert rows(sentences, StoredKind.INCIDENT) == {str(d.incident.id) for d in stored}
    assert rows(sentences, StoredKind.OBLIGATION) == {o.id for d in stored for o in d.obligations}
    assert rows(sentences, StoredKind.PUBLICATION) == {p.id for d in stored for p in d.publications}


@st.composite
def dossiers(draw: st.DrawFn) -> list[Dossier]:
    """Draw a day's incidents: open, ended, ours and not, with duties in every state."""
    return [_dossier(draw, number) for number in range(1, draw(st.integers(0, 6)) + 1)]


def _dossier(draw: st.DrawFn, number: int) -> Dossier:
    found = after(hours=draw(st.integers(-30, 23)))
    is_open = draw(st.booleans())
    incident = an_incident(
        id=number,
        detected_at=found,
        local=draw(st.sampled_from([True, None, False])),
        severity=draw(st.sampled_from([*Severity, None])),
        state=IncidentState.OPEN if is_open else IncidentState.CLOSED,
        ended_at=None if is_open else after(hours=draw(st.integers(-10, 23))),
    )
    duties = tuple(_duty(draw, number, n, is_open=is_open) for n in range(draw(st.integers(0, 3))))
    return a_dossier(incident, obligations=duties)


def _duty(draw: st.DrawFn, number: int, n: int, *, is_open: bool) -> Obligation:
    met = draw(st.booleans()) or not is_open
    at = after(hours=draw(st.integers(-10, 23)))
    duty = an_obligation(
        id=f"{number}.{n}", incident_id=number, due_at=after(hours=draw(st.integers(-20, 60)))
    )
    if met:
        late = draw(st.booleans())
        return replace(duty, state=ObligationState.MET, ended_at=at, met_late=late)
    return replace(duty, state=ObligationState.BREACHED, breached_at=at) if draw(st.booleans()) else duty


@settings(max_examples=40)
@given(dossiers())
def test_the_numbers_of_the_first_paragraph_equal_a_recount_of_its_rows(found: list[Dossier]) -> None:
    sentences = daily_paper(a_digest(*found)).blocks[0].sentences
    recounted = [_recount(sentence, found) for sentence in sentences[:3]]
    assert [_numbers(s.said) for s in sentences[:3]] == recounted


def _numbers(said: str) -> list[int]:
    return [int(number) for number in re.findall(r"(\d+)[件项]", said)]


def _recount(sentence: Sentence, found: list[Dossier]) -> list[int]:
    """Return the numbers of a sentence counted from its rows alone, zeros left out as the sentence does."""
    ids = rows([sentence], StoredKind.INCIDENT)
    incidents = [d.incident for d in found if str(d.incident.id) in ids]
    duty_ids = rows([sentence], StoredKind.OBLIGATION)
    duties = [o for d in found for o in d.obligations if o.id in duty_ids]
    day = range(int(T0.timestamp()), int(NOW.timestamp()))
    within = [o for o in duties if o.ended_at and int(o.ended_at.timestamp()) in day]
    if "期内完成" in sentence.said:
        late = sum(o.met_late for o in within)
        breached = sum(bool(o.breached_at and int(o.breached_at.timestamp()) in day) for o in duties)
        return [len(within), *([late] if late else []), breached]
    if sentence.said.startswith("截至"):
        open_ones = [i for i in incidents if i.state is IncidentState.OPEN]
        graded = [n for s in (*Severity, None) if (n := sum(i.severity is s for i in open_ones))]
        # All of one severity are not counted twice: 均为重大级别.
        return [len(open_ones), *graded] if len(graded) > 1 else graded
    opened = sum(int(i.detected_at.timestamp()) in day for i in incidents)
    ended = sum(bool(i.ended_at and int(i.ended_at.timestamp()) in day) for i in incidents)
    return [n for n in (opened, ended) if n]
