"""What may be handed over: a claim that an official denial refuted, no complaint, no casualties."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.classifiers.model import Background, Count, Evidence, Figures, Grade
from monitor.collectors.model import Role
from monitor.incidents.model import AnswerForm, PublicationState
from monitor.orders.handover import CASUALTIES, fix_lead, handover_refusal, names_account, refutations
from tests.support.builders import a_publication, a_verdict, after, an_incident, an_item

NO_FIGURES: dict[str, Any] = {"figures": Figures(), "grade": Grade(), "category": None, "event_type": None}
CLAIM = an_item(
    id=7,
    role=Role.SOCIAL,
    title="听说自来水厂被投毒",
    text="千万别喝",
    url="https://forum.example/7",
    source_name="某某的主页",
)
RUMOUR = a_verdict(opinion="rumor_suspected", **NO_FIGURES)
DENIAL = a_publication(
    id="1-p1", form=AnswerForm.DENIAL, item_id=9, title="关于水质传言的辟谣", url="https://county.example/p"
)
INCIDENT = an_incident(opinion="rumor", severity=None, grade=Grade(), category=None, event_type=None)


def test_a_refuted_claim_may_be_handed_over() -> None:
    assert handover_refusal(INCIDENT, CLAIM, RUMOUR, DENIAL) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"refutation": None}, "not_refuted"),
        ({"refutation": a_publication(form=AnswerForm.DENIAL, effective_at=after(hours=-1))}, "not_refuted"),
        ({"incident": an_incident(opinion="complaint")}, "is_complaint"),
        ({"verdict": a_verdict(opinion="complaint", **NO_FIGURES)}, "is_complaint"),
        ({"claim": an_item(role=Role.HOTLINE)}, "is_complaint"),
        ({"claim": an_item(role=Role.MEDIA)}, "not_a_claim"),
        ({"claim": an_item(role=Role.OFFICIAL)}, "not_a_claim"),
        ({"claim": an_item(role=Role.SOCIAL, url=None)}, "no_link"),
        ({"verdict": None}, "claims_casualties"),
        (
            {
                "verdict": a_verdict(
                    opinion="rumor",
                    **NO_FIGURES
                    | {"evidence": (Evidence(field="deaths", text="死了人", start=0, end=3, where="text"),)},
                )
            },
            "claims_casualties",
        ),
        (
            {
                "verdict": a_verdict(
                    **NO_FIGURES,
                    background=Background(
                        figures=Figures(counts={"missing": Count.exactly(2)}), grade=Grade(), occurred=None
                    ),
                )
            },
            "claims_casualties",
        ),
    ],
)
def test_what_may_not_be_handed_over_and_why(changed: dict[str, Any], reason: str) -> None:
    given: dict[str, Any] = {"incident": INCIDENT, "claim": CLAIM, "verdict": RUMOUR, "refutation": DENIAL}
    assert handover_refusal(**given | changed) == reason


@pytest.mark.parametrize("metric", sorted(CASUALTIES))
def test_no_claim_of_casualties_is_ever_handed_over(metric: str) -> None:
    verdict = a_verdict(**NO_FIGURES | {"figures": Figures(counts={metric: Count.exactly(1, claimed=True)})})
    assert handover_refusal(INCIDENT, CLAIM, verdict, DENIAL) == "claims_casualties"


@pytest.mark.parametrize(
    ("title", "text", "reason"),
    [
        ("听说山上塌了，死了好多人", "", "claims_casualties"),
        ("厂里炸了", "救护车一趟一趟拉，有人没救过来", "claims_casualties"),
        ("井下出事", "里面还有人没上来", "claims_casualties"),
        ("听说娃娃们吃坏了", "好几个在住院", "claims_casualties"),
        ("通报的数是假的", "真实人数没人敢说", "claims_casualties"),
        ("村里的水是黄的", "打了几次电话没人管", "is_complaint"),
        ("工资拖欠半年", "", "is_complaint"),
        ("路断了", "请有关部门来看看", "is_complaint"),
        ("村干部吃拿卡要", "实名举报", "is_complaint"),
        ("听说要停水一个月", "大家快去囤水", None),
        ("银行要倒闭了", "赶紧去取钱", None),
    ],
)
def test_harm_and_complaints_told_in_words_that_no_lexicon_counts_are_never_handed_over(
    title: str, text: str, reason: str | None
) -> None:
    claim = replace(CLAIM, title=title, text=text)
    assert handover_refusal(INCIDENT, claim, RUMOUR, DENIAL) == reason


@pytest.mark.parametrize(
    ("note", "names"),
    [
        ("发帖人账号“云溪百事通”", True),
        ("见＠云溪百事通", True),
        ("昵称云溪百事通", True),
        ("网友“云溪百事通”", True),
        ("微信号 yxbst", True),
        ("13800000000", True),
        ("请依法处理，3月5日前回复", False),
        ("该说法在微博、论坛上传播较广", False),
        ("", False),
    ],
)
def test_a_note_that_may_say_who_posted_it_is_found(note: str, names: bool) -> None:
    assert names_account(note) == names


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, True),
        ({"state": PublicationState.OFFERED}, False),
        ({"state": PublicationState.WITHDRAWN}, False),
        ({"form": AnswerForm.BULLETIN}, False),
        ({"item_id": None}, False),
    ],
)
def test_only_an_accepted_official_denial_refutes(fields: dict[str, Any], counts: bool) -> None:
    denial = a_publication(**{"form": AnswerForm.DENIAL, "item_id": 9} | fields)
    assert refutations([denial]) == ((denial,) if counts else ())


def test_the_lead_holds_link_hash_and_time_and_no_account_name() -> None:
    lead = fix_lead(CLAIM, DENIAL)
    assert (lead.url, lead.published_at, lead.refuted_by) == (CLAIM.url, CLAIM.published_at, "1-p1")
    assert lead.digest == "c7195ac32640f78c60baba84d7519f9d83574016a4ad6e24164403f1339f8a94"
    assert CLAIM.source_name not in repr(lead)
    assert CLAIM.text not in repr(lead)
