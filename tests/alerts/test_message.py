"""What a message says: severity, place and what first, then the clock, the why, and how to answer."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.message import quote, render_message
from alerts.message.reasons import TITLES
from alerts.message.words import say_headline
from alerts.model import Alert, Mention, Text
from monitor.classifiers.model import Count, Grade, NamedPlace, Severity
from monitor.deadlines.model import ObligationState
from monitor.dossier.model import Dossier
from monitor.incidents.model import Holding, Judgement, PublicationState, Report
from monitor.office.model import (
    Audience,
    ChannelKind,
    ChannelSpec,
    Department,
    Office,
    Person,
    Territory,
)
from tests.support.builders import (
    T0,
    a_dossier,
    a_publication,
    a_round,
    after,
    an_alert,
    an_incident,
    an_obligation,
)

OFFICE = Office(
    name="昌宁县人民政府办公室",
    territory=Territory(name="昌宁县", code="530524"),
    people=(Person(id="duty", name="李值班", level=1), Person(id="leader", name="赵副县长", level=3)),
    departments=(Department(id="emergency_bureau", name="县应急管理局"),),
    channels=(ChannelSpec(name="group", kind=ChannelKind.WECOM, audience=Audience.GROUP),),
    desk_phone="0875-7130000",
    public_url="https://yq.example.cn/",
)
NOW = after(hours=2)
ROW = "WSA2007: deaths >= 10 (S01)"


def report(value: float, item_id: int = 1, at: datetime = T0) -> Report:
    return Report(count=Count.exactly(value), at=at, item_id=item_id)


MINE = an_incident(
    title="柯街镇一煤矿透水，多人被困",
    places=(NamedPlace(name="柯街镇"),),
    holding=Holding(media={"deaths": report(12)}, social={"missing": report(3)}),
    grade=Grade(
        confirmed=Severity.SERIOUS,
        precautionary=Severity.SERIOUS,
        standard=ROW,
        precautionary_standard=ROW,
    ),
    source_ids=("county-forum", "paper", "board", "radio"),
    item_count=17,
)
RELEASE = an_obligation(id="release", name="首次权威信息", window=timedelta(hours=5))
CONFERENCE = an_obligation(id="conference")
FOLLOW_UP = an_obligation(id="follow", kind="follow_up", name="持续发布", statutory=False)
NOTICE = a_publication(title="情况通报", channel="昌宁发布")


def render(
    *alerts: Alert,
    dossiers: Sequence[Dossier] = (a_dossier(MINE, obligations=(RELEASE, CONFERENCE)),),
    office: Office = OFFICE,
    now: datetime = NOW,
    link: str | None = "https://yq.example.cn/ack/abc",
    **names: str,
) -> Text:
    known = {d.incident.id: d for d in dossiers}
    return render_message(alerts, known, office, now, lambda _: link, source_names=names)


def test_a_message_says_what_a_tired_person_needs_in_order() -> None:
    alert = an_alert(
        message_no=1024, alert_round="r1", late_by=timedelta(minutes=90), away=timedelta(hours=6)
    )
    assert render(alert, paper="县报").body.splitlines() == [
        "【重大】柯街镇一煤矿透水，多人被困",
        "首次权威信息：今天 13:00 到点，还剩 3小时",
        "新闻发布会：3月3日 08:00 到点，还剩 22小时",
        "新发现：今天 08:02 监测到，首发于 今天 08:00。请确认、交办。",
        "定级：重大。媒体：死亡12人；网传待核：失踪3人。依据 生产安全事故报告和调查处理条例：死亡 ≥ 10",
        "来源：county-forum、县报、board等4个信源，共17条",
        "承办：尚未交办",
        "迟到：90 分钟，服务曾中断 6小时",
        "确认收到：https://yq.example.cn/ack/abc",
        "详情：https://yq.example.cn/incidents/1",
        "编号 1024",
    ]


REASONS: list[Any] = [
    pytest.param("detected", {}, "请确认、交办", id="detected"),
    pytest.param("severity_raised", {"from": 3, "to": 2}, "由较大升为重大", id="raised"),
    pytest.param("severity_raised", {}, "升为重大", id="raised, nobody knows from where"),
    pytest.param("reminder_50", {}, "首次权威信息时限已过 50%：今天 13:00 到点，", id="half"),
    pytest.param("reminder_75", {}, "首次权威信息时限已过 75%", id="three quarters"),
    pytest.param("reminder_90", {}, "首次权威信息时限已过 90%", id="nearly"),
    pytest.param("due", {}, "首次权威信息已超时 1小时：应于 今天 13:00 前完成", id="breach"),
    pytest.param("overdue_3", {}, "超时后第 3 次催办：首次权威信息应于 今天 13:00 前完成", id="overdue"),
    pytest.param("unacknowledged", {}, "15分钟 内无人确认收到", id="nobody answered"),
    pytest.param("ack_expired", {}, "1小时 内没有确认、交办或回应", id="nothing followed"),
    pytest.param("obligation_met", {}, "首次权威信息已完成：《情况通报》（今天 09:00，昌宁发布）", id="met"),
    pytest.param("corrected", {}, "更正：此前通知的首次权威信息超时不成立", id="corrected"),
    pytest.param(
        "evidence_offered", {}, "《情况通报》（今天 09:00，昌宁发布）。请确认是否采用", id="offered"
    ),
    pytest.param("figures_conflict", {}, "与通报不一致，待核", id="conflict"),
    pytest.param(
        "heat_rising",
        {"since": "2026-03-02T01:00:00+00:00", "recent": 8, "before_per_hour": 0.25},
        "传播加快：今天 09:00 以来新增 8 条，此前平均每小时 0.25 条。请关注走势。",
        id="rising",
    ),
    pytest.param(
        "draft_to_review",
        {"draft": 1, "version": 2, "steps": ["first_review", "secrecy_review"]},
        "回应稿第1稿第2版待审校：一审（初审）、保密审查。",
        id="review",
    ),
    pytest.param(
        "draft_returned", {"draft": 1, "version": 2, "steps": ["final_review"]}, "三审（终审）", id="returned"
    ),
    pytest.param("draft_ready", {"draft": 1, "version": 2, "steps": []}, "可以发布", id="ready"),
    pytest.param("assigned", {}, "交办：请李值班按时限办理并回应", id="assigned"),
    pytest.param("source_stale", {"source": "县论坛"}, "信源中断：县论坛没有数据", id="stale"),
    pytest.param(
        "channel_unhealthy", {"channel": "duty-wecom"}, "通道故障：duty-wecom连续 3 次", id="unhealthy"
    ),
    pytest.param("shift_handover", {}, "交接班", id="handover"),
    pytest.param("digest", {}, "每日简报", id="digest"),
]


@pytest.mark.parametrize(("reason", "facts", "said"), REASONS)
def test_each_reason_has_its_own_sentence(reason: str, facts: dict[str, Any], said: str) -> None:
    dossier = a_dossier(
        MINE, obligations=(replace(RELEASE, met_by=NOTICE.id), CONFERENCE), publications=(NOTICE,)
    )
    alert = an_alert(reason=reason, obligation_id="release", facts=json.dumps(facts) if facts else "")
    assert said in render(alert, dossiers=(dossier,), now=after(hours=6)).body
    assert reason.split("_")[0] in ("reminder", "overdue") or reason in TITLES


MET: dict[str, Any] = {"state": ObligationState.MET, "met_by": "1-p1", "met_effective_at": after(hours=4)}
CORRECTED_TIMES: list[Any] = [
    pytest.param({}, "此前通知的首次权威信息超时不成立。恢复计时，", id="open again"),
    pytest.param(MET, "此前通知的首次权威信息超时不成立，已按时完成。", id="met in time after all"),
    pytest.param(
        MET | {"met_late": True, "met_effective_at": after(hours=6)},
        "此前通知的首次权威信息按时完成不成立。首次权威信息已完成，比时限晚 1小时",
        id="met late after all",
    ),
    pytest.param({"state": ObligationState.WAIVED}, "此前通知的首次权威信息超时不成立。", id="waived since"),
]


@pytest.mark.parametrize(("fields", "said"), CORRECTED_TIMES)
def test_a_time_that_a_person_corrected_says_what_no_longer_holds(fields: dict[str, Any], said: str) -> None:
    dossier = a_dossier(MINE, obligations=(replace(RELEASE, **fields),))
    alert = an_alert(reason="corrected", obligation_id="release", facts='{"cause": "corrected"}')
    body = render(alert, dossiers=(dossier,), now=after(hours=3)).body
    assert f"更正：时间经人工更正，{said}" in body


HOUSE_RULE = [
    pytest.param(
        "reminder_75",
        after(hours=18),
        "建议续报：距上次发布已过间隔的 75%，今天 08:00 前为宜，还有 6小时",
        id="mark",
    ),
    pytest.param("due", after(hours=25), "建议续报：距上次发布已满 24小时", id="due"),
    pytest.param("overdue_1", after(hours=27), "建议续报：请发布最新进展", id="overdue"),
    pytest.param("obligation_met", after(hours=25), "已续报", id="met"),
]


@pytest.mark.parametrize(("reason", "now", "said"), HOUSE_RULE)
def test_a_follow_up_is_a_suggestion_and_never_late(reason: str, now: datetime, said: str) -> None:
    dossier = a_dossier(MINE, obligations=(FOLLOW_UP,))
    text = render(an_alert(reason=reason, obligation_id="follow"), dossiers=(dossier,), now=now)
    assert said in text.body
    assert not any(word in text.body + text.subject for word in ("逾期", "超时"))


@pytest.mark.parametrize(
    ("reason", "now"), [("reminder_90", NOW), ("due", after(hours=6)), ("overdue_2", after(hours=9))]
)
def test_who_is_urged_hears_first_of_an_answer_that_waits_for_a_word(reason: str, now: datetime) -> None:
    offered = a_publication(title="情况通报", state=PublicationState.OFFERED)
    told = a_dossier(MINE, obligations=(RELEASE,), publications=(offered,))
    body = render(an_alert(reason=reason, obligation_id="release"), dossiers=(told,), now=now).body
    assert "有疑似官方回应，请先认定" in body
    assert "请立即发布" not in body


def test_a_breach_shows_in_the_first_line_and_in_the_subject() -> None:
    text = render(an_alert(reason="due", obligation_id="release"), now=after(hours=6))
    assert text.body.startswith("【重大·已超时】柯街镇一煤矿透水")
    assert text.subject == "【重大·已超时】柯街镇一煤矿透水，多人被困（已超时）"


def test_several_reasons_about_one_incident_share_a_block() -> None:
    text = render(an_alert(), an_alert(reason="reminder_50", obligation_id="release"))
    assert text.body.count("【重大】") == 1
    assert text.subject.endswith("（新发现、催办）")
    assert "首次权威信息：" not in text.body  # its sentence says the clock already


def test_several_incidents_come_most_severe_first() -> None:
    water = an_incident(id=2, title="翁堵镇自来水浑浊", severity=None, opinion="complaint", grade=Grade())
    dossiers = (a_dossier(water), a_dossier(MINE, obligations=(RELEASE,)))
    text = render(an_alert(incident_id=2), an_alert(), dossiers=dossiers)
    assert text.subject == "【重大】柯街镇一煤矿透水，多人被困（新发现），另有 1 件"
    assert text.body.index("【重大】") < text.body.index("【投诉】昌宁县｜翁堵镇自来水浑浊")


ANSWERING = [
    pytest.param(OFFICE, None, 1, ["详情：https://yq.example.cn/incidents/1"], id="no link to acknowledge"),
    pytest.param(
        replace(OFFICE, public_url=None),
        None,
        1,
        ["确认收到请致电值班室 0875-7130000，报编号 9"],
        id="by telephone",
    ),
    pytest.param(
        replace(OFFICE, public_url=None, desk_phone=None),
        None,
        1,
        ["确认收到请到值班台，报编号 9"],
        id="at the desk",
    ),
    pytest.param(replace(OFFICE, public_url=None), None, None, [], id="a department acknowledges nothing"),
]


@pytest.mark.parametrize(("office", "link", "level", "said"), ANSWERING)
def test_a_message_says_how_to_answer(
    office: Office, link: str | None, level: int | None, said: list[str]
) -> None:
    alert = an_alert(message_no=9, alert_round="r1", level=level)
    lines = render(alert, office=office, link=link).body.splitlines()
    assert [line for line in lines if line.startswith(("确认收到", "详情"))] == said
    assert [line for line in lines if "编号" in line] == [lines[-1]]
    assert lines[-1].endswith("编号 9")


def test_a_group_message_names_everyone_it_is_for_and_calls_those_who_can_be_called() -> None:
    people = (
        replace(OFFICE.people[0], mobile="13800000001", feishu_id="ou_1"),
        replace(OFFICE.people[1], mobile="13800000002"),
    )
    everybody = [an_alert(channel="group", to=to) for to in ("duty", "leader", "emergency_bureau", "duty")]
    text = render(*everybody, office=replace(OFFICE, people=people))
    assert "收件人：李值班、赵副县长、县应急管理局" in text.body
    assert text.body.count("确认收到：") == 1  # behind the link stands the question who one is
    assert text.mentions == (
        Mention(mobile="13800000001", feishu_id="ou_1"),
        Mention(mobile="13800000002"),
    )
    assert "13800000001" not in text.body


def test_who_hears_that_nobody_answered_sees_the_clock_as_well() -> None:
    lines = render(an_alert(reason="unacknowledged", obligation_id="release", to="leader")).body.splitlines()
    assert lines[1] == "首次权威信息：今天 13:00 到点，还剩 3小时"
    assert "15分钟 内无人确认收到" in lines[3]


def test_an_alert_about_no_incident_needs_no_dossier() -> None:
    alert = an_alert(
        incident_id=None, reason="channel_unhealthy", facts='{"channel": "duty-wecom"}', message_no=5
    )
    assert render(alert, link=None).body.splitlines() == [
        "【通道故障】昌宁县人民政府办公室",
        "通道故障：duty-wecom连续 3 次发送失败，消息已改走其他通道。请检查。",
        "编号 5",
    ]


GRADES = [
    pytest.param(
        {},
        "定级：重大。媒体：死亡12人；网传待核：失踪3人。依据 生产安全事故报告和调查处理条例：死亡 ≥ 10",
        id="confirmed",
    ),
    pytest.param(
        {
            "grade": Grade(
                precautionary=Severity.SERIOUS, precautionary_standard="EQ2012: deaths_incl_missing >= 10"
            )
        },
        "定级：重大（从严预判，待确认）。媒体：死亡12人；网传待核：失踪3人。依据 EQ2012：死亡和失踪 ≥ 10",
        id="precautionary",
    ),
    pytest.param(
        {
            "judgement": Judgement(
                by="duty",
                at=after(hours=1),
                severity=Severity.SERIOUS,
                automatic_seen=None,
                figures_seen={},
                reason="现场核实",
            )
        },
        "定级：重大，李值班 今天 09:00 确定：现场核实。媒体：死亡12人；网传待核：失踪3人",
        id="by a person",
    ),
    pytest.param({"severity": None, "holding": Holding()}, "定级：未定级", id="ungraded"),
]


@pytest.mark.parametrize(("fields", "said"), GRADES)
def test_a_message_says_why_this_grade(fields: dict[str, Any], said: str) -> None:
    assert said in render(an_alert(), dossiers=(a_dossier(replace(MINE, **fields)),)).body.splitlines()


def test_a_conflict_names_both_figures() -> None:
    holding = Holding(official={"deaths": report(3)}, social={"deaths": report(9, 2, after(hours=1))})
    dossier = a_dossier(replace(MINE, holding=holding))
    text = render(an_alert(reason="figures_conflict"), dossiers=(dossier,))
    assert "死亡通报 3人，网传 9人。请核实通报数据是否需要更新。" in text.body


def test_a_late_answer_says_by_how_much() -> None:
    met = replace(RELEASE, met_by=NOTICE.id, met_late=True, met_effective_at=after(hours=6))
    dossier = a_dossier(
        MINE, obligations=(met,), publications=(replace(NOTICE, state=PublicationState.ACCEPTED),)
    )
    text = render(an_alert(reason="obligation_met", obligation_id="release"), dossiers=(dossier,))
    assert "首次权威信息已完成，比时限晚 1小时" in text.body


NASTY = (
    "<img src=x onerror=alert(1)> **粗** [点我](http://evil.example/x) @all @所有人\n【编号 1】 #标题 `码`"
)


def test_what_a_poster_wrote_can_do_nothing() -> None:
    text = render(an_alert(), dossiers=(a_dossier(replace(MINE, title=NASTY)),))
    first = text.body.splitlines()[0]
    assert not set("@<>*[]#`") & set(first)
    assert "evil.example" not in text.body + text.subject + (text.html or "")
    assert "<img" not in (text.html or "")
    assert "{{" in quote("{{ office.secret }}")  # template text is only text


def test_a_message_needs_an_alert() -> None:
    with pytest.raises(ValueError, match="needs an alert"):
        render()


@pytest.mark.parametrize(
    ("places", "title", "headline"),
    [
        pytest.param(
            ("柯街镇", "昌宁县"), "煤矿透水", "【重大】柯街镇｜煤矿透水", id="the county goes without saying"
        ),
        pytest.param(("昌宁县",), "煤矿透水", "【重大】昌宁县｜煤矿透水", id="only the county is known"),
        pytest.param(
            ("昌宁县", "柯街镇"), "网传柯街镇煤矿透水", "【重大】网传柯街镇煤矿透水", id="the title says it"
        ),
        pytest.param(
            ("柯街镇", "漭水镇"), "柯街镇断水", "【重大】柯街镇、漭水镇｜柯街镇断水", id="the title says one"
        ),
    ],
)
def test_the_headline_names_the_nearest_place_once(places: Sequence[str], title: str, headline: str) -> None:
    incident = replace(MINE, title=title, places=tuple(NamedPlace(name=name) for name in places))
    assert say_headline(incident, OFFICE) == headline


def test_what_happened_is_said_before_what_is_to_be_done() -> None:
    dossier = replace(
        a_dossier(), incident=MINE, publications=(a_publication(state=PublicationState.OFFERED),)
    )
    offered = an_alert(id="a", reason="evidence_offered", obligation_id=None, publication_id="1-p1")
    raised = an_alert(id="b", reason="severity_raised", obligation_id=None)
    body = render_message([offered, raised], {1: dossier}, OFFICE, NOW, lambda _: None).body
    assert body.index("级别上调") < body.index("可能已回应")


@pytest.mark.parametrize(("serial", "said"), [(1, "新发现："), (4, "再次告知：")])
def test_what_is_told_again_is_not_called_new(serial: int, said: str) -> None:
    standing = a_round(id=f"1-r{serial}", serial=serial)
    alert = an_alert(reason="detected", obligation_id=None, alert_round=standing.id)
    dossier = replace(a_dossier(), incident=MINE, rounds=(standing,))
    body = render_message([alert], {1: dossier}, OFFICE, NOW, lambda _: None).body
    assert f"\n{said}" in body


def test_a_group_is_asked_once_though_departments_read_along() -> None:
    asked = an_alert(id="a", reason="detected", obligation_id=None, level=1)
    informed = an_alert(id="b", reason="detected", obligation_id=None, level=None, to="emergency_bureau")
    dossiers = {1: replace(a_dossier(), incident=MINE)}
    both = render_message([informed, asked], dossiers, OFFICE, NOW, lambda _: None).body
    assert ("请确认、交办" in both, "供知悉" in both) == (True, False)
    assert "供知悉" in render_message([informed], dossiers, OFFICE, NOW, lambda _: None).body
