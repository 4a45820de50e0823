"""Slips in the life of an incident: issued by an assignment, signed, answered, extended, urged, missed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.classifiers.model import Figures, Grade
from monitor.collectors.model import Role
from monitor.dossier.acts import Act, assign, close, reopen, withdraw_answer
from monitor.dossier.draft import Draft
from monitor.dossier.joining import merge
from monitor.dossier.order_acts import (
    ask_extension,
    decide_extension,
    feed_back,
    give_back,
    hand_over,
    sign_order,
    urge,
)
from monitor.errors import NotFoundError, RefusedActError
from monitor.incidents.model import AnswerForm
from monitor.office.example import example_office
from monitor.office.model import Office, Policy
from monitor.orders.model import Order, OrderKind, OrderState, SignMeans
from tests.dossier.standing import Standing, a_report, circumstances
from tests.support.builders import T0, a_publication, a_verdict, after, an_incident, an_item

BUREAU, POLICE = "emergency_bureau", "police"
DAY = timedelta(hours=24)


def an_office(**settings: Any) -> Office:
    defaults = {"order_unsigned_after": timedelta(minutes=30), "order_feedback_within": DAY}
    return replace(example_office(), policy=Policy(**defaults | settings))


def assigned(**settings: Any) -> Standing:
    """Return an incident of severity 3 that was handed to the emergency bureau at T0."""
    standing = Standing.opened(a_report(T0, deaths=3), T0, office=an_office(**settings))
    assert standing.act(assign(BUREAU), "duty", T0)
    return standing


def slip(standing: Standing, order_id: str = "1-o1") -> Order:
    return next(o for o in standing.dossier.orders if o.id == order_id)


def refusal(standing: Standing, act: Act, by: str, now: datetime, via: str = "desk") -> str:
    """Return why an act is refused; an act that is not refused fails."""
    draft = Draft(standing.dossier, circumstances(now, actor=by, office=standing.office, via=via))
    with pytest.raises(RefusedActError) as refused:
        act(draft, by)
    return refused.value.reason


def test_an_assignment_is_a_slip_with_the_offices_own_deadline() -> None:
    order = slip(assigned())
    assert (order.kind, order.department, order.issued_by, order.year) == (
        OrderKind.ASSIGNMENT, BUREAU, "duty", 2026,
    )  # fmt: skip
    assert (order.due_at, order.first_due_at, order.sign_due_at) == (T0 + DAY, T0 + DAY, after(minutes=30))


def test_an_office_that_sets_no_hours_has_slips_without_a_clock() -> None:
    standing = assigned(order_unsigned_after=None, order_feedback_within=None)
    assert (slip(standing).due_at, slip(standing).sign_due_at) == (None, None)
    before = len(standing.alerts)
    standing.tick(after(minutes=40))
    assert not [a for a in list(standing.alerts.values())[before:] if a.order_id]


def test_the_department_is_told_once_however_often_it_is_assigned() -> None:
    standing = assigned()
    assert standing.act(assign(BUREAU), "duty", after(minutes=1))
    assert standing.told("assigned") == [BUREAU]
    assert len(standing.dossier.orders) == 1
    assert standing.act(assign(BUREAU, "再报一次伤亡", after(hours=3)), "duty", after(minutes=2))
    assert slip(standing, "1-o2").due_at == after(hours=3)
    assert standing.dossier.incident.assigned_to == (BUREAU,)


def test_no_deadline_lies_in_the_past() -> None:
    standing = assigned()
    assert refusal(standing, assign(POLICE, "", T0), "duty", after(minutes=1)) == "in_the_past"
    assert refusal(standing, urge("1-o1", "催办", T0), "duty", after(minutes=1)) == "in_the_past"


def test_the_statutory_clocks_do_not_know_of_slips() -> None:
    with_slip, without = assigned(), assigned(order_feedback_within=None)
    assert with_slip.act(feed_back("1-o1", "已处置"), BUREAU, after(hours=1))
    assert with_slip.dossier.obligations == without.dossier.obligations
    assert with_slip.dossier.publications == ()


def test_level_one_hears_once_that_nobody_signed() -> None:
    standing = assigned()
    for minutes in (29, 30, 31, 90):
        standing.tick(after(minutes=minutes))
    assert standing.told("order_unsigned") == ["duty"]


@pytest.mark.parametrize(
    ("by", "means", "found"),
    [
        (BUREAU, SignMeans.PHONE, SignMeans.LOGIN),
        ("duty", SignMeans.PAPER, SignMeans.PAPER),
        ("office_head", SignMeans.PHONE, SignMeans.PHONE),
    ],
)
def test_a_slip_is_signed_for_once_and_the_way_is_on_record(
    by: str, means: SignMeans, found: SignMeans
) -> None:
    standing = assigned()
    assert standing.act(sign_order("1-o1", "杨师傅", means), by, after(minutes=5))
    assert standing.act(sign_order("1-o1", "别人", means), by, after(minutes=9))
    signed = slip(standing).signed
    assert signed is not None
    assert (signed.by, signed.signer, signed.at, signed.means) == (by, "杨师傅", after(minutes=5), found)
    standing.tick(after(minutes=40))
    assert standing.told("order_unsigned") == []


def test_a_link_is_its_own_way_and_an_officer_has_none_of_the_departments() -> None:
    standing = assigned()
    draft = Draft(standing.dossier, circumstances(after(minutes=5), actor=BUREAU, via="link"))
    sign_order("1-o1", "杨师傅", SignMeans.PHONE)(draft, BUREAU)
    signed = draft.orders["1-o1"].signed
    assert signed is not None
    assert signed.means is SignMeans.LINK
    officer = sign_order("1-o1", "杨师傅", SignMeans.LINK)
    assert refusal(standing, officer, "duty", after(minutes=5)) == "not_the_department"


@pytest.mark.parametrize(
    "act",
    [
        sign_order("1-o1", "某人", SignMeans.PHONE),
        feed_back("1-o1", "不归我们"),
        give_back("1-o1", "不归我们"),
        ask_extension("1-o1", after(days=3), "人手不足"),
        sign_order("1-o9", "某人", SignMeans.PHONE),
    ],
)
def test_a_department_finds_no_slip_of_another(act: Act) -> None:
    draft = Draft(assigned().dossier, circumstances(after(minutes=5), actor=POLICE))
    with pytest.raises(NotFoundError):
        act(draft, POLICE)


def test_a_missed_feedback_is_told_to_the_department_and_level_one_once_then_daily() -> None:
    standing = assigned()
    told = []
    for now in (T0 + DAY, after(hours=24, seconds=1), after(hours=30), after(hours=48), after(hours=60)):
        standing.tick(now)
        told.append(standing.told("feedback_overdue"))
    assert told == [[], [BUREAU, "duty"], [BUREAU, "duty"], [BUREAU, "duty"] * 2, [BUREAU, "duty"] * 2]
    assert standing.act(feed_back("1-o1", "已处置"), BUREAU, after(hours=61))
    assert slip(standing).is_answered_late
    standing.tick(after(hours=72))
    assert len(standing.told("feedback_overdue")) == 4
    assert standing.told("order_answered") == ["duty"]


def test_what_an_officer_takes_down_is_no_news_to_the_officers() -> None:
    standing = assigned()
    assert standing.act(feed_back("1-o1", "来电：已处置"), "duty", after(hours=1))
    assert standing.told("order_answered") == []
    assert refusal(standing, feed_back("1-o1", "再报"), BUREAU, after(hours=2)) == "not_waiting"


def test_a_returned_slip_has_no_clock_and_level_one_hears_of_it() -> None:
    standing = assigned()
    assert standing.act(give_back("1-o1", "属交通部门职责"), BUREAU, after(hours=1))
    standing.tick(after(days=2))
    assert (slip(standing).state, standing.told("order_returned")) == (OrderState.RETURNED, ["duty"])
    assert standing.told("feedback_overdue") == []


def test_a_department_that_returned_its_slip_has_the_incident_no_more_and_may_be_given_it_again() -> None:
    standing = assigned()
    assert standing.act(assign(POLICE), "duty", after(minutes=1))
    assert standing.act(give_back("1-o1", "属交通部门职责"), BUREAU, after(hours=1))
    assert BUREAU not in standing.dossier.incident.assigned_to
    [entry] = [change for change in standing.journal if change.event == "unassigned"]
    assert (entry.facts["to"], entry.facts["by"]) == (BUREAU, BUREAU)
    assert standing.act(assign(BUREAU), "duty", after(hours=2))
    assert standing.dossier.incident.assigned_to == (POLICE, BUREAU)
    assert standing.told("assigned") == [BUREAU, POLICE, BUREAU]
    assert slip(standing, "1-o3").state is OrderState.ISSUED


@pytest.mark.parametrize(
    ("before", "keeps"),
    [
        ([assign(BUREAU, "另报伤亡")], True),
        ([feed_back("1-o1", "已处置"), assign(BUREAU, "另报伤亡")], True),
        ([urge("1-o1", "今日反馈")], False),
    ],
)
def test_a_department_keeps_the_incident_while_it_has_another_slip(before: list[Act], keeps: bool) -> None:
    standing = assigned()
    for act in before:
        assert standing.act(act, "duty", after(hours=1))
    last = standing.dossier.orders[-1]
    assert standing.act(give_back(last.id, "不归我们"), BUREAU, after(hours=2))
    assert (BUREAU in standing.dossier.incident.assigned_to) == keeps


def test_an_extension_is_granted_by_a_head_and_moves_the_feedback_deadline_alone() -> None:
    standing = assigned()
    clocks = [(o.id, o.due_at) for o in standing.dossier.obligations]
    assert standing.act(ask_extension("1-o1", after(hours=48), "道路中断"), BUREAU, after(hours=20))
    assert standing.told("extension_asked") == ["office_head"]
    assert slip(standing).due_at == T0 + DAY
    for by in ("duty", BUREAU):
        grant = decide_extension("1-o2", granted=True)
        assert refusal(standing, grant, by, after(hours=21)) == "needs_level_2"
    assert standing.act(decide_extension("1-o2", granted=True), "office_head", after(hours=21))
    order, asked = slip(standing), slip(standing, "1-o2")
    assert (order.due_at, order.first_due_at, order.is_extended) == (after(hours=48), T0 + DAY, True)
    assert (asked.kind, asked.state, asked.about) == (OrderKind.EXTENSION, OrderState.GRANTED, "1-o1")
    assert standing.told("extension_decided") == [BUREAU]
    assert [(o.id, o.due_at) for o in standing.dossier.obligations] == clocks
    standing.tick(after(hours=47))
    assert standing.told("feedback_overdue") == []
    standing.tick(after(hours=48, seconds=1))
    assert standing.told("feedback_overdue") == [BUREAU, "duty"]


def test_a_refused_extension_leaves_the_deadline_and_needs_a_reason() -> None:
    standing = assigned()
    assert standing.act(ask_extension("1-o1", after(hours=48), "道路中断"), BUREAU, after(hours=1))
    refuse = decide_extension("1-o2", granted=False)
    assert refusal(standing, refuse, "office_head", after(hours=2)) == "reason_missing"
    refuse = decide_extension("1-o2", granted=False, reason="时间充足")
    assert standing.act(refuse, "leader", after(hours=2))
    assert (slip(standing).due_at, slip(standing, "1-o2").state) == (T0 + DAY, OrderState.REFUSED)
    assert refusal(standing, refuse, "leader", after(hours=3)) == "already_decided"


@pytest.mark.parametrize(
    ("until", "reason"), [(after(hours=24), "not_later"), (after(hours=48), "already_asked")]
)
def test_what_may_not_be_asked_for(until: datetime, reason: str) -> None:
    standing = assigned()
    assert standing.act(ask_extension("1-o1", after(hours=36), "道路中断"), BUREAU, after(hours=1))
    assert refusal(standing, ask_extension("1-o1", until, "再缓"), BUREAU, after(hours=2)) == reason


def test_without_a_deadline_there_is_nothing_to_extend() -> None:
    standing = assigned(order_feedback_within=None)
    act = ask_extension("1-o1", after(hours=48), "再缓")
    assert refusal(standing, act, BUREAU, after(hours=1)) == "no_deadline"


def test_an_urging_takes_the_clock_over_and_its_answer_answers_both() -> None:
    standing = assigned()
    assert standing.act(ask_extension("1-o1", after(hours=48), "道路中断"), BUREAU, after(hours=1))
    standing.tick(after(hours=25))
    assert standing.act(urge("1-o1", "今日必须反馈", after(hours=30)), "duty", after(hours=25))
    urging = slip(standing, "1-o3")
    assert (urging.kind, urging.about, urging.due_at) == (OrderKind.URGING, "1-o1", after(hours=30))
    assert slip(standing, "1-o2").state is OrderState.LAPSED
    assert standing.told("order_urged") == [BUREAU]
    for hours in (29, 49):  # a day after the first slip was missed nothing more is told of it
        standing.tick(after(hours=hours))
    assert len(standing.told("feedback_overdue")) == 4
    assert standing.act(feed_back("1-o3", "已处置"), BUREAU, after(hours=50))
    assert {o.state for o in standing.dossier.orders} == {OrderState.ANSWERED, OrderState.LAPSED}


def test_a_closed_incident_urges_nobody_and_a_reopened_one_does_again() -> None:
    standing = assigned()
    assert standing.act(close("办结"), "leader", after(hours=2))
    assert standing.wakes_at is None
    assert refusal(standing, urge("1-o1", "催办"), "duty", after(hours=3)) == "is_closed"
    standing.tick(after(days=2))
    assert standing.told("feedback_overdue") == []
    assert standing.act(feed_back("1-o1", "补报"), BUREAU, after(days=2))
    other = assigned()
    assert other.act(close("办结"), "leader", after(hours=2))
    assert other.act(reopen("又有情况"), "duty", after(days=2))
    other.tick(after(days=2, minutes=1))
    assert other.told("feedback_overdue") == [BUREAU, "duty"]


def test_slips_go_along_with_a_merge() -> None:
    gone = assigned().dossier
    kept = replace(gone, incident=an_incident(id=2), obligations=(), reminders=(), rounds=(), orders=())
    survivor, ended = merge(gone, kept, "duty", circumstances(after(hours=1)))
    assert [(o.id, o.incident_id) for o in survivor.orders] == [("1-o1", 2)]
    assert ended.orders == ()


CLAIM = an_item(id=7, role=Role.SOCIAL, title="听说水厂被投毒", url="https://forum.example/7")
HARMLESS = a_verdict(opinion="rumor", figures=Figures(), grade=Grade(), category=None, event_type=None)
DENIAL = a_publication(id="1-p1", form=AnswerForm.DENIAL, item_id=9, title="辟谣")


def refuted() -> Standing:
    standing = assigned()
    standing.dossier = replace(standing.dossier, publications=(DENIAL,))
    return standing


def test_a_head_hands_over_a_refuted_claim_and_the_police_are_told() -> None:
    standing = refuted()
    assert standing.act(hand_over(CLAIM, HARMLESS, "1-p1", POLICE, ""), "office_head", after(hours=3))
    order = slip(standing, "1-o2")
    assert (order.kind, order.department, order.issued_by) == (OrderKind.HANDOVER, POLICE, "office_head")
    assert order.lead is not None
    assert order.lead.url == CLAIM.url
    assert standing.told("order_handed_over") == [POLICE]
    assert POLICE not in standing.dossier.incident.assigned_to


def test_when_the_denial_is_taken_back_whoever_was_handed_the_claim_hears_of_it() -> None:
    standing = refuted()
    assert standing.act(hand_over(CLAIM, HARMLESS, "1-p1", POLICE, ""), "office_head", after(hours=3))
    assert standing.act(withdraw_answer("1-p1", "通报有误"), "duty", after(hours=4))
    assert standing.told("handover_unfounded") == [POLICE, "office_head"]
    lead = slip(standing, "1-o2").lead
    assert lead is not None
    assert lead.withdrawn_at == after(hours=4)


def test_a_lead_that_goes_along_with_a_merge_still_rests_on_its_denial() -> None:
    standing = refuted()
    assert standing.act(hand_over(CLAIM, HARMLESS, "1-p1", POLICE, ""), "office_head", after(hours=3))
    gone = standing.dossier
    kept = replace(gone, incident=an_incident(id=2), obligations=(), reminders=(), rounds=(), orders=())
    kept = replace(kept, publications=(a_publication(id="2-p1", incident_id=2),))
    survivor, _ = merge(gone, kept, "duty", circumstances(after(hours=4)))
    assert [o.lead.refuted_by for o in survivor.orders if o.lead] == ["2-p2"]


@pytest.mark.parametrize(
    ("act", "by", "reason"),
    [
        (hand_over(CLAIM, HARMLESS, "1-p1", POLICE, ""), "duty", "needs_level_2"),
        (hand_over(CLAIM, HARMLESS, "1-p1", POLICE, ""), BUREAU, "needs_level_2"),
        (hand_over(CLAIM, HARMLESS, "1-p1", "health", ""), "office_head", "unknown_department"),
        (hand_over(CLAIM, HARMLESS, "1-p2", POLICE, ""), "office_head", "not_refuted"),
        (hand_over(CLAIM, HARMLESS, "1-p1", POLICE, "账号：某某"), "office_head", "names_account"),
        (hand_over(CLAIM, a_verdict(), "1-p1", POLICE, ""), "office_head", "claims_casualties"),
        (
            hand_over(CLAIM, replace(HARMLESS, opinion="complaint"), "1-p1", POLICE, ""),
            "office_head",
            "is_complaint",
        ),
    ],
)
def test_what_is_not_handed_over_says_why(act: Act, by: str, reason: str) -> None:
    assert refusal(refuted(), act, by, after(hours=3)) == reason


def test_nothing_is_handed_over_once_the_incident_has_ended_for_nobody_would_be_told() -> None:
    standing = refuted()
    assert standing.act(close("办结"), "leader", after(hours=2))
    act = hand_over(CLAIM, HARMLESS, "1-p1", POLICE, "")
    assert refusal(standing, act, "office_head", after(hours=3)) == "is_closed"


def test_a_claim_is_handed_to_one_department_once() -> None:
    standing = refuted()
    act = hand_over(CLAIM, HARMLESS, "1-p1", POLICE, "")
    assert standing.act(act, "office_head", after(hours=3))
    assert refusal(standing, act, "office_head", after(hours=4)) == "already_handed_over"
    to_others = hand_over(CLAIM, HARMLESS, "1-p1", "cyberspace", "")
    assert standing.act(to_others, "office_head", after(hours=4))


def test_the_journal_has_numbers_and_codes_and_only_hashes_of_words() -> None:
    standing = assigned()
    assert standing.act(feed_back("1-o1", "已抢通道路"), BUREAU, after(hours=1))
    [entry] = [change for change in standing.journal if change.event == "order_answered"]
    assert (entry.words, entry.facts["order"], entry.facts["by"]) == ("已抢通道路", "1-o1", BUREAU)
    assert "已抢通道路" not in str(entry.facts)
