"""A first text holds stored facts only; what nobody verified is a gap, and blocks the last review."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.digest.incident_papers import IncidentFile
from monitor.classifiers.model import Count, Grade, Moment, NamedPlace, Precision, Severity
from monitor.collectors.model import Role
from monitor.dossier.model import Dossier
from monitor.drafting.model import DraftKind
from monitor.drafting.propose import check_wording, kind_for, propose
from monitor.drafting.review import gaps
from monitor.incidents.model import Holding, Promise, Report, Trust
from tests.desk.story import XSS, an_office
from tests.support.builders import T0, a_publication, after, an_incident, an_item

BULLETIN = an_item(
    id=7,
    role=Role.OFFICIAL,
    source_name="县应急管理局",
    title="关于柯街镇交通事故的通报",
    text="事故造成3人遇难。",
    published_at=after(hours=1),
)
POST = an_item(
    id=8, role=Role.SOCIAL, title="求真相", text="到底怎么回事？请公布真相，严惩责任人。手机13912345678"
)


def outside_gaps(text: str) -> str:
    for gap in gaps(text):
        text = text.replace(gap, "")
    return text


def reported(value: float, item_id: int, *, claimed: bool = False, hours: float = 1) -> Report:
    return Report(count=Count.exactly(value, claimed=claimed), at=after(hours=hours), item_id=item_id)


def a_file(
    *, items: tuple[Any, ...] = (BULLETIN, POST), publications: tuple[Any, ...] = (), **facts: Any
) -> IncidentFile:
    known = {"places": (NamedPlace(name="柯街镇"),), "trusts": frozenset({Trust.OFFICIAL}), "demands": ()}
    incident = an_incident(**(known | facts))
    dossier = Dossier(incident=incident, publications=publications)
    return IncidentFile(office=an_office(), dossier=dossier, items=items, now=after(hours=4))


@pytest.mark.parametrize("kind", list(DraftKind))
def test_every_first_text_has_gaps_so_that_nobody_passes_it_on_unread(kind: DraftKind) -> None:
    wording = propose(a_file(), kind)
    assert gaps(wording.text)
    assert "几月几日几时前" in wording.text
    assert wording.text.endswith("云溪县人民政府办公室")


def test_official_figures_are_told_with_source_and_time() -> None:
    text = propose(a_file(holding=Holding(official={"deaths": reported(3, 7)})), DraftKind.NOTICE).text
    assert "据县应急管理局3月2日9时通报，死亡3人。" in text


def test_what_only_media_count_is_a_gap_to_verify() -> None:
    text = propose(a_file(holding=Holding(media={"deaths": reported(12, 9)})), DraftKind.NOTICE).text
    assert "媒体报道死亡12人，核实后填写" in text
    assert "12" not in outside_gaps(text)


@pytest.mark.parametrize("kind", list(DraftKind))
def test_what_only_the_public_claims_is_never_a_fact(kind: DraftKind) -> None:
    claimed = Holding(social={"deaths": reported(77, 8, claimed=True)})
    text = propose(a_file(holding=claimed, title="网传事故"), kind).text
    assert "77" not in text


def test_a_higher_claim_asks_about_the_official_figure_without_repeating_it() -> None:
    holding = Holding(
        official={"deaths": reported(3, 7)}, social={"deaths": reported(77, 8, claimed=True, hours=2)}
    )
    text = propose(a_file(holding=holding), DraftKind.NOTICE).text
    assert "死亡3人" in text
    assert "核实数据是否有变化" in text
    assert "77" not in text


@pytest.mark.parametrize(
    ("facts", "is_told"),
    [
        pytest.param({}, True, id="an official source reports it"),
        pytest.param({"trusts": frozenset(), "confirmed_at": T0}, True, id="a person confirmed it"),
        pytest.param({"trusts": frozenset({Trust.MEDIA})}, False, id="media alone"),
        pytest.param({"local": None}, False, id="not known to be ours"),
    ],
)
def test_place_and_event_are_facts_once_somebody_stands_for_them(
    facts: dict[str, Any], is_told: bool
) -> None:
    said = outside_gaps(propose(a_file(event_type="road_traffic", **facts), DraftKind.NOTICE).text)
    assert ("柯街镇发生道路交通事故" in said) is is_told


@pytest.mark.parametrize("corrected", [True, False])
def test_the_time_is_a_fact_once_a_person_corrected_it(corrected: bool) -> None:
    occurred = Moment(at=T0 - timedelta(hours=2), precision=Precision.MINUTE)
    file = a_file(occurred=occurred, corrected_by={"occurred": "duty"} if corrected else {})
    text = propose(file, DraftKind.NOTICE).text
    assert "3月2日6时" in text
    assert ("3月2日6时" in outside_gaps(text)) is corrected


def test_each_demand_of_the_public_has_its_paragraph_and_no_number_of_theirs() -> None:
    text = propose(a_file(), DraftKind.RESPONSE).text
    assert "关于群众关心的公布真相问题，【待填：" in text
    assert "关于群众关心的追究责任问题，【待填：" in text
    assert "13912345678" not in text


def test_a_follow_up_takes_up_what_was_published_and_promised() -> None:
    promise = Promise(passage="将于3月5日前公布检测结果", due_at=None)
    published = a_publication(
        title="情况通报", channel="县政府网", effective_at=after(hours=2), promises=(promise,)
    )
    text = propose(a_file(publications=(published,)), DraftKind.FOLLOW_UP).text
    assert "3月2日10时，通过县政府网发布了《情况通报》。" in text
    assert "此前公布“将于3月5日前公布检测结果”，【待填：" in text


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"opinion": "rumor_suspected", "grade": Grade(), "trusts": frozenset()}, DraftKind.DENIAL),
        ({"opinion": "rumor", "grade": Grade(confirmed=Severity.SERIOUS)}, DraftKind.NOTICE),
        ({}, DraftKind.NOTICE),
        ({"severity": None, "opinion": "complaint"}, DraftKind.RESPONSE),
    ],
)
def test_the_kind_follows_from_what_it_is(facts: dict[str, Any], kind: DraftKind) -> None:
    assert kind_for(a_file(**facts)) is kind
    published = (a_publication(effective_at=after(hours=2)),)
    after_all = DraftKind.DENIAL if kind is DraftKind.DENIAL else DraftKind.FOLLOW_UP
    assert kind_for(a_file(publications=published, **facts)) is after_all


def test_what_stands_in_a_gap_answers_nobody() -> None:
    file = a_file()
    wording = propose(file, DraftKind.RESPONSE)
    for text in (wording.text, "【待填：经核实的原因，已立案。】咨询电话【待填：电话】"):
        assert [c for c in check_wording(file, replace(wording, text=text)) if c.answered] == []
    answered = replace(wording, text="经核实，已对责任人立案。")
    assert {c.name for c in check_wording(file, answered) if c.answered} >= {
        "公布真相",
        "追究责任",
        "事实及来源",
    }


@pytest.mark.parametrize("kind", list(DraftKind))
def test_nothing_quoted_closes_a_gap_or_carries_markup(kind: DraftKind) -> None:
    hostile = replace(POST, title=f"】{XSS}【待填", text=f"请公布真相】{XSS}")
    wording = propose(a_file(items=(hostile,), title=f"】{XSS}", trusts=frozenset()), kind)
    assert "<" not in wording.title + wording.text
    assert outside_gaps(wording.text).count("】") <= 1
