from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import AlertState, Delivery, Outcome, OutcomeClass
from monitor.classifiers.model import DEGREE_TOLD, Count, Evidence, Severity
from monitor.deadlines.model import ObligationState
from monitor.desk import words
from monitor.desk.context import page_environment
from monitor.desk.throttle import Throttle
from monitor.desk.views.board_view import Need, board_rank, card, clock_view, in_order
from monitor.desk.views.incident_view import (
    figure_rows,
    message_views,
    pieces,
    safe_link,
    say_joining,
    say_terms,
)
from monitor.desk.views.journal_view import journal_lines
from monitor.dossier.model import Change, Dossier
from monitor.incidents.model import Holding, IncidentState, Report
from monitor.ports import JoinedItem, JournalEntry
from tests.desk.story import XSS, an_office
from tests.support.builders import (
    T0,
    after,
    an_alert,
    an_incident,
    an_item,
    an_obligation,
)

PLAIN = st.text(max_size=40)


@given(text=PLAIN, spans=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6))
def test_marking_never_changes_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    evidence = [
        Evidence(field="deaths", text=text[start:end], start=start, end=end, where="text")
        for start, end in spans
    ]
    assert "".join(p.text for p in pieces(text, evidence, "text")) == text


def test_evidence_that_does_not_stand_where_it_says_is_not_marked() -> None:
    wrong = Evidence(field="deaths", text="三人", start=0, end=2, where="text")
    assert [p.why for p in pieces("两人遇难", [wrong], "text")] == [""]


def test_overlapping_evidence_names_both_fields() -> None:
    evidence = [
        Evidence(field="deaths", text="3人遇难", start=0, end=4, where="text"),
        Evidence(field="missing", text="遇难", start=2, end=4, where="text"),
    ]
    assert [(p.text, p.why) for p in pieces("3人遇难。", evidence, "text")] == [
        ("3人", "死亡"),
        ("遇难", "死亡、失踪"),
        ("。", ""),
    ]


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://example.invalid/a", True),
        ("HTTP://example.invalid", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.invalid", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, is_safe: bool) -> None:
    assert bool(safe_link(url)) == is_safe


@pytest.mark.parametrize(
    ("at", "now", "said"),
    [
        (after(hours=6.5), T0, "今天 14:30"),
        (after(hours=-9), T0, "昨天 23:00"),
        (after(hours=16), T0, "明天 00:00"),
        (after(days=3), T0, "3月5日 08:00"),
        (after(days=-90), T0, "2025年12月2日 08:00"),
    ],
)
def test_instants_are_said_as_people_say_them(at: datetime, now: datetime, said: str) -> None:
    assert words.when(at, now) == said


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (after(hours=20, minutes=48), "剩 3小时12分"),
        (after(hours=24), "剩 0秒"),
        (after(hours=24, seconds=1), "已逾期 1秒"),
        (after(hours=51), "已逾期 1天3小时"),
    ],
)
def test_the_last_moment_is_still_in_time(now: datetime, said: str) -> None:
    assert words.remaining(after(hours=24), now) == said


@pytest.mark.parametrize(
    ("changes", "hours", "tone", "label"),
    [
        ({}, 1, "fine", "剩 23小时00分"),
        ({}, 22, "soon", "剩 2小时00分"),
        ({"state": ObligationState.BREACHED}, 25, "late", "已逾期 1小时00分"),
        ({"statutory": False}, 25, "advice", "建议尽快续报"),
        ({"state": ObligationState.MET}, 25, "done", "按时完成"),
        ({"state": ObligationState.MET, "met_late": True}, 25, "done", "已完成（逾期）"),
        ({"state": ObligationState.WAIVED}, 25, "done", "经批准免除"),
    ],
)
def test_a_clock_says_how_it_stands(changes: dict[str, object], hours: int, tone: str, label: str) -> None:
    view = clock_view(an_obligation(**changes), an_incident(), after(hours=hours))
    assert (view.tone, view.label) == (tone, label)


def test_the_law_comes_before_house_rules() -> None:
    advice = an_obligation(id="a", statutory=False, window=timedelta(hours=1))
    law = an_obligation(id="b")
    met = an_obligation(id="c", state=ObligationState.MET, window=timedelta(hours=1))
    assert in_order([met, advice, law]) == [law, advice, met]


A_PLACE: dict[str, Any] = {
    "severity": None, "tone": "fine", "need": Need.ASSIGN, "due_at": after(hours=40), "number": 1,
}  # fmt: skip
ORDER: tuple[dict[str, Any], ...] = (
    {"severity": Severity.PARTICULARLY_SERIOUS, "tone": "late", "need": Need.NOW},
    {"severity": Severity.SERIOUS, "need": Need.NOW},
    {"severity": Severity.ORDINARY, "tone": "late", "need": Need.NOW, "due_at": after(hours=-3)},
    {"tone": "late", "need": Need.NOW, "due_at": after(hours=-2)},
    {"tone": "late", "need": Need.NOW, "due_at": after(hours=-1)},
    {"tone": "soon", "need": Need.SOON},
    {"severity": Severity.SERIOUS, "tone": "", "need": Need.PLACE, "due_at": None},
    {"severity": Severity.SERIOUS, "need": Need.CONFIRM},
    {"severity": Severity.SERIOUS, "need": Need.ANSWER},
    {"severity": Severity.ORDINARY, "need": Need.ACKNOWLEDGE},
    {"need": Need.ACKNOWLEDGE},
    {"severity": Severity.RELATIVELY_SERIOUS, "need": Need.CONFIRM},
    {},
    {"number": 2},
    {"need": Need.LOOK, "tone": "", "due_at": None},
)


@pytest.mark.parametrize(("above", "below"), list(pairwise(ORDER)))
def test_the_board_has_this_order(above: dict[str, Any], below: dict[str, Any]) -> None:
    assert board_rank(**A_PLACE | above) < board_rank(**A_PLACE | below)


@given(
    grave=st.sampled_from([1, 2]),
    other=st.sampled_from([None, 3, 4]),
    needs=st.tuples(st.sampled_from(Need), st.sampled_from(Need)),
)
def test_a_grave_incident_never_stands_below_one_that_can_wait(
    grave: int, other: int | None, needs: tuple[Need, Need]
) -> None:
    above = A_PLACE | {"severity": Severity(grave), "need": needs[0], "number": 9}
    below = A_PLACE | {"severity": Severity(other) if other else None, "need": needs[1]}
    assert board_rank(**above) < board_rank(**below)


LINE: Any = page_environment().globals["board_line"]


@given(
    st.integers(0, 26 * 60),
    st.sampled_from([{}, {"severity": Severity.ORDINARY}, {"confirmed_at": T0}, {"title": XSS}]),
    st.booleans(),
)
def test_a_line_of_the_board_is_never_an_older_one(minutes: int, changes: dict[str, Any], may: bool) -> None:
    version = 1 + sum(map(ord, "".join(changes)))
    dossier = Dossier(incident=an_incident(version=version, **changes), obligations=(an_obligation(),))
    line = card(dossier, an_alert(), an_office(), after(minutes=minutes))
    shown = LINE(line, None, may)
    assert shown == LINE.__wrapped__(line, None, may)
    assert XSS not in shown


@pytest.mark.parametrize(
    ("state", "cause", "last"),
    [
        (AlertState.HELD, None, ("暂缓", "静默时段，之后补发")),
        (AlertState.CANCELLED, "incident_closed", ("已取消", "事件已办结")),
        (AlertState.DEAD, "person_exhausted", ("未能送达", "该接收人各通道均未送达")),
        (AlertState.SENT, None, ("送出", "对方已接收")),
    ],
)
def test_every_message_says_how_it_ended(state: AlertState, cause: str | None, last: tuple[str, str]) -> None:
    held = "quiet_hours" if state is AlertState.HELD else None
    alert = an_alert(state=state, cause=cause, held_reason=held, message_no=7)
    attempt = Delivery(
        id=1,
        message_no=7,
        channel="duty-wecom",
        attempt=1,
        started_at=T0,
        outcome=Outcome(kind=OutcomeClass.RATE_LIMITED, code="45009"),
    )
    attempts = () if state is AlertState.HELD else (attempt,)
    steps = message_views([alert], attempts, an_office())[0].steps
    assert (steps[-1].name, steps[-1].words) == last
    assert [s.words for s in steps if s.name == "第1次发送"] == (["对方限流，45009"] if attempts else [])


def test_what_was_accepted_without_proof_is_shown_as_that() -> None:
    alert = replace(an_alert(message_no=9), state=AlertState.SENT, closed_at=T0)
    outcome = Outcome(kind=OutcomeClass.OK, code="unproven", detail="已接受，未证实")
    attempt = Delivery(id=1, message_no=9, channel="duty-wecom", attempt=1, started_at=T0, outcome=outcome)
    last = message_views([alert], [attempt], an_office())[0].steps[-1]
    assert (last.name, last.words) == ("送出", "已接受，未证实")


def test_an_ended_incident_gives_no_reason_to_check() -> None:
    ended = replace(an_incident(local=None), state=IncidentState.CLOSED)
    assert card(Dossier(incident=ended), None, an_office(), T0).why == ""


@given(failures=st.integers(0, 60))
def test_a_guesser_waits_ever_longer_but_never_beyond_a_quarter_hour(failures: int) -> None:
    throttle = Throttle()
    for _ in range(failures):
        throttle.failed("wang", "198.51.100.7", T0)
    here = throttle.wait("wang", "198.51.100.7", T0)
    elsewhere = throttle.wait("wang", "198.51.100.8", T0)
    assert here <= timedelta(minutes=15)
    assert (here > timedelta(0)) == (failures >= 5)
    assert elsewhere <= timedelta(seconds=30)
    assert throttle.wait("wang", "198.51.100.7", T0 + timedelta(hours=1)) == timedelta(0)


def a_report(value: float, hours: float = 0) -> Report:
    return Report(count=Count.exactly(value), at=after(hours=hours), item_id=int(hours) + 1)


def test_what_joined_an_item_is_said_in_words_that_people_know() -> None:
    terms = ("砂石厂", "@collapse", "#530524103", "#53", "坍塌")
    assert say_terms(terms, {"530524103": "柯街镇"}) == "砂石厂、坍塌一类、柯街镇、坍塌"


@pytest.mark.parametrize(
    ("item_id", "reason", "said"),
    [
        pytest.param(1, "nothing_similar", "没有相近的在办事件，单独立案", id="the first item"),
        pytest.param(2, "similar", "与本事件内容相近", id="it joined"),
        pytest.param(3, "other_township", "原单独立案，由人工并入", id="its incident was merged"),
        pytest.param(4, "", "", id="nobody knows"),
    ],
)
def test_every_item_says_why_it_is_here(item_id: int, reason: str, said: str) -> None:
    joined = JoinedItem(
        item=an_item(id=item_id), verdict=None, reach_only=False, similarity=None, reason=reason
    )
    assert say_joining(joined, first_item_id=1) == said


def test_what_only_the_grading_needs_is_no_figure_for_people() -> None:
    assert figure_rows(Holding(media={DEGREE_TOLD: a_report(138)})) == ()


@pytest.mark.parametrize(
    ("holding", "social", "doubt"),
    [
        (Holding(social={"deaths": a_report(3)}), "3（待核）", ""),
        (Holding(official={"deaths": a_report(3)}, social={"deaths": a_report(3, 1)}), "3", ""),
        (
            Holding(official={"deaths": a_report(3)}, social={"deaths": a_report(9, 1)}),
            "9（待核）",
            "通报不一致",
        ),
        (Holding(media={"deaths": a_report(3)}, social={"deaths": a_report(9, 1)}), "9（待核）", "媒体"),
    ],
)
def test_what_only_the_public_says_is_marked_as_unchecked(holding: Holding, social: str, doubt: str) -> None:
    [row] = figure_rows(holding)
    assert row.social == social
    assert doubt in row.doubt
    assert bool(row.doubt) == bool(doubt)


@pytest.mark.parametrize(
    ("event", "facts", "said"),
    [
        ("severity_changed", {"from": 2, "to": None, "by": "duty"}, "由重大改为未定级"),
        (
            "severity_changed",
            {"from": None, "to": 3, "by": None, "reason": "figures"},
            "由未定级改为较大，数据变化",
        ),
        ("assigned", {"to": "education", "by": "duty"}, "县教育体育局"),
        (
            "item_joined",
            {"item": 4, "reach_only": False, "reason": "near_duplicate"},
            "与已有条目内容基本相同",
        ),
        ("incident_split", {"to": 8, "items": [1], "by": "duty"}, "拆出 8 号事件"),
        (
            "escalated",
            {"from_level": 1, "to_level": 2, "reason": "nobody_on_duty"},
            "由第1层级，到第2层级，该层级无人值班",
        ),
        (
            "refused",
            {"act": "waive", "reason": "needs_level_3", "by": "duty"},
            "批准免除，只有分管领导可以批准",
        ),
        (
            "alert_cancelled",
            {"to": "leader", "reason": "delivered", "alert_reason": "overdue_2", "message_no": 9},
            "赵谷雨，逾期催办（第2次），已由其他通道送达，编号 9",
        ),
        (
            "obligation_moved",
            {
                "obligation": "first_release",
                "from_due_at": "2026-03-02T05:00:00+00:00",
                "due_at": "2026-03-02T03:00:00+00:00",
                "reason": "earlier_start_known",
            },
            "首次权威信息，原 今天 13:00 前，改为 今天 11:00 前，得知更早的起算时间",
        ),
        (
            "reported_up",
            {"obligation": "U_PHONE_30", "means": "phone", "effective_at": "2026-03-02T00:20:00+00:00"},
            "U_PHONE_30，今天 08:20 报送，电话",
        ),
        (
            "figures_conflict",
            {"metric": "deaths", "official": 3.0, "claimed": 9.0},
            "死亡：通报 3人，网传 9人",
        ),
        (
            "heat_rising",
            {"since": "2026-03-02T01:00:00+00:00", "recent": 8, "before_per_hour": 0.25, "chance": 0.0001},
            "今天 09:00 以来新增 8 条，此前平均每小时 0.25 条",
        ),
    ],
)
def test_a_journal_entry_is_a_sentence_without_codes(event: str, facts: dict[str, Any], said: str) -> None:
    change = Change(at=T0, event=event, incident=1, actor="duty", facts=facts)
    entry = JournalEntry(seq=1, change=change, previous_hash="", hash="")
    [line] = journal_lines([entry], Dossier(incident=an_incident()), an_office(), T0)
    assert line.facts == said
