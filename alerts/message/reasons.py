"""Why somebody is told: one Chinese sentence for each alert reason of the contract."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from alerts.message import draft_reasons, order_reasons
from alerts.message.privacy import quote
from alerts.message.words import METRICS, say_clock, say_length, say_person, say_severity, say_time
from alerts.model import Alert
from monitor.classifiers.model import Severity
from monitor.deadlines.derive import no_clock_reason
from monitor.deadlines.model import Obligation
from monitor.dossier.model import Dossier
from monitor.incidents.model import Publication, PublicationState
from monitor.incidents.reconcile import figures_now
from monitor.office.model import Office
from monitor.orders.model import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """An alert with what its sentence may need; `dossier` is None for an alert about no incident."""

    alert: Alert
    dossier: Dossier | None
    office: Office
    now: datetime

    @property
    def facts(self) -> Mapping[str, Any]:
        """Return the codes frozen when the alert was decided."""
        return self.alert.codes

    @property
    def order(self) -> Order | None:
        """Return the slip the alert is about, as it stands now."""
        known = self.dossier.orders if self.dossier else ()
        return next((o for o in known if o.id == self.alert.order_id), None)

    @property
    def obligation(self) -> Obligation | None:
        """Return the obligation the alert is about, as it stands now."""
        known = self.dossier.obligations if self.dossier else ()
        return next((o for o in known if o.id == self.alert.obligation_id), None)

    @property
    def publication(self) -> Publication | None:
        """Return the publication the alert is about, else the one that met its obligation."""
        known = self.dossier.publications if self.dossier else ()
        met_by = self.obligation.met_by if self.obligation else None
        return next((p for p in known if p.id in (self.alert.publication_id, met_by)), None)


def say_reason(occasion: Occasion) -> str:
    """Return the sentence for an alert's reason; `overdue_3` is said by the rule of `overdue`."""
    stem, _, number = occasion.alert.reason.partition("_")
    if stem == "overdue" and number.isdigit():
        return _say_overdue(occasion, int(number))
    if stem == "reminder" and number.isdigit():
        return _say_reminder(occasion, int(number))
    return _SENTENCES[occasion.alert.reason](occasion)


def _name(obligation: Obligation | None) -> str:
    return obligation.name if obligation else "回应"


def _say_detected(o: Occasion) -> str:
    if o.dossier is None:
        return "新发现舆情。"
    incident = o.dossier.incident
    published = (
        f"，首发于 {say_time(incident.first_published_at, o.now)}" if incident.first_published_at else ""
    )
    ask = "请判断是否属于本县" if incident.local is None else "请确认、交办"
    if o.alert.level is None:
        ask = "供知悉"
    is_again = any(r.id == o.alert.alert_round and r.serial > 1 for r in o.dossier.rounds)
    news = "再次告知" if is_again else "新发现"  # reopened, placed, or paged again while nobody placed it
    return f"{news}：{say_time(incident.detected_at, o.now)} 监测到{published}。{ask}。"


def _say_raised(o: Occasion) -> str:
    now_holds = say_severity(o.dossier.incident.severity) if o.dossier else ""
    before, after = o.facts.get("from"), o.facts.get("to")
    to = Severity(after).zh if after in list(Severity) else now_holds
    was = f"由{Severity(before).zh}" if before in list(Severity) else ""
    return f"级别上调：{was}升为{to}，时限从严计算。"


def _say_reminder(o: Occasion, share: int) -> str:
    obligation = o.obligation
    if obligation is None:
        return f"时限已过 {share}%。"
    if obligation.is_promise:
        return f"兑现承诺：答应的期限已过 {share}%，{say_time(obligation.due_at, o.now)} 前须公开结果。"
    if not obligation.statutory:
        return f"建议续报：距上次发布已过间隔的 {share}%，{say_clock(obligation, o.now)}。"
    return f"{obligation.name}时限已过 {share}%：{say_clock(obligation, o.now)}。{_say_waiting(o)}"


def _say_due(o: Occasion) -> str:
    obligation = o.obligation
    if obligation is None:
        return "时限已到，尚未回应。"
    if obligation.is_promise:
        due = say_time(obligation.due_at, o.now)
        return f"兑现承诺：答应公开的时间（{due}）已到，请发布结果或说明原因。"
    if not obligation.statutory:
        return f"建议续报：距上次发布已满 {say_length(obligation.window)}，请发布最新进展。"
    over = say_length(o.now - obligation.due_at)
    act = _say_waiting(o) or f"请立即{'报送' if obligation.is_report else '发布'}。"
    return f"{obligation.name}已超时 {over}：应于 {say_time(obligation.due_at, o.now)} 前完成，{act}"


def _say_overdue(o: Occasion, number: int) -> str:
    obligation = o.obligation
    if obligation is not None and obligation.is_promise:
        return "兑现承诺：答应公开的时间已过，请发布结果或说明原因。"
    if obligation is None or not obligation.statutory:
        return "建议续报：请发布最新进展。"
    over = say_length(o.now - obligation.due_at)
    due = say_time(obligation.due_at, o.now)
    return f"超时后第 {number} 次催办：{obligation.name}应于 {due} 前完成，已超时 {over}。{_say_waiting(o)}"


def _say_waiting(o: Occasion) -> str:
    """Return that an official answer waits for a person's word, which may stop the clock, or nothing."""
    known = o.dossier.publications if o.dossier else ()
    is_report = o.obligation is not None and o.obligation.is_report
    waits = not is_report and any(p.state is PublicationState.OFFERED for p in known)
    return "有疑似官方回应，请先认定。" if waits else ""


def _say_unacknowledged(o: Occasion) -> str:
    wait = say_length(o.office.policy.ack_wait)
    return f"此前的预警 {wait} 内无人确认收到，现报告给您，请过问。"


def _say_ack_expired(o: Occasion) -> str:
    lasts = say_length(o.office.policy.ack_lasts)
    return f"有人确认收到后 {lasts} 内没有确认、交办或回应，请重新处理。"


def _say_publication(publication: Publication | None, now: datetime) -> str:
    if publication is None:
        return ""
    where = f"，{quote(publication.channel, 20)}" if publication.channel else ""
    return f"《{quote(publication.title, 40)}》（{say_time(publication.effective_at, now)}{where}）"


def _say_met(o: Occasion) -> str:
    obligation, shown = o.obligation, _say_publication(o.publication, o.now)
    if obligation is not None and obligation.is_promise:
        return f"承诺已兑现：{shown}。"
    if obligation is not None and not obligation.statutory:
        return f"已续报：{shown}。" if shown else "已续报。"
    late = ""
    if obligation is not None and obligation.met_effective_at is not None and obligation.met_late:
        late = f"，比时限晚 {say_length(obligation.met_effective_at - obligation.due_at)}"
    return f"{_name(obligation)}已完成{late}{f'：{shown}' if shown else ''}。"


def _say_corrected(o: Occasion) -> str:
    obligation, shown = o.obligation, _say_publication(o.publication, o.now)
    if obligation is not None and o.facts.get("cause") == "corrected":
        return _say_corrected_time(obligation, o)
    if obligation is not None and obligation.is_running and obligation.met_by is None:
        clock = say_clock(obligation, o.now)
        kind, what = ("报送", "") if obligation.is_report else ("发布", f"：{shown}" if shown else "")
        return f"更正：此前登记的{kind}已撤回{what}。{obligation.name}恢复计时，{clock}。"
    if obligation is not None and obligation.met_late:
        return f"更正：此前登记的发布已撤回，改按另一条发布计。{_say_met(o)}"
    at = obligation.met_effective_at if obligation else None
    when = f"已于 {say_time(at, o.now)} 按时完成" if at else "已按时完成"
    return f"更正：此前通知的{_name(obligation)}超时不成立，补录显示{when}{f'：{shown}' if shown else ''}。"


def _say_corrected_time(obligation: Obligation, o: Occasion) -> str:
    """Return what a time that a person corrected makes of a breach: taken back, or found out."""
    if obligation.met_late:
        return f"更正：时间经人工更正，此前通知的{obligation.name}按时完成不成立。{_say_met(o)}"
    late = "超时" if obligation.statutory else "到点"
    said = f"更正：时间经人工更正，此前通知的{obligation.name}{late}不成立"
    if obligation.is_running:
        return f"{said}。恢复计时，{say_clock(obligation, o.now)}。"
    return f"{said}，已按时完成。" if obligation.met_by else f"{said}。"


def _say_offered(o: Occasion) -> str:
    shown = _say_publication(o.publication, o.now)
    if o.publication is not None and o.publication.recorded_by == "policy":
        return f"本单位渠道的一条发布已按规定自动采用为回应：{shown}。如有误，请到值班台撤回。"
    return f"本单位渠道的一条发布可能已回应此事{f'：{shown}' if shown else ''}。请确认是否采用。"


def _say_conflict(o: Occasion) -> str:
    conflicts = figures_now(o.dossier.incident.holding).conflicts if o.dossier else ()
    said = "；".join(
        f"{word}通报 {c.official:g}{unit}，网传 {c.claimed:g}{unit}"
        for c in conflicts
        for word, unit in [METRICS.get(c.metric, (c.metric, ""))]
    )
    return f"与通报不一致，待核{f'：{said}' if said else ''}。请核实通报数据是否需要更新。"


def _say_rising(o: Occasion) -> str:
    since = _instant(o.facts.get("since"))
    recent, before = o.facts.get("recent", 0), o.facts.get("before_per_hour", 0)
    counted = (
        f"：{say_time(since, o.now)} 以来新增 {recent} 条，此前平均每小时 {before:g} 条" if since else ""
    )
    waits = o.dossier is not None and no_clock_reason(o.dossier.incident) == "single_complaint"
    ask = "此诉求尚未计时，请研判是否列为须回应。" if waits else "请关注走势。"
    return f"传播加快{counted}。{ask}"


def _say_assigned(o: Occasion) -> str:
    said = f"交办：请{say_person(o.alert.to, o.office)}按时限办理并回应。"
    return said + order_reasons.say_demands(o.order, o.now) if o.order else said


def _say_order(say: order_reasons.Say, o: Occasion) -> str:
    return say(o.order, o.office, o.now) if o.order else "公文流转有新情况，请到值班台查看。"


def _say_draft(say: draft_reasons.Say, o: Occasion) -> str:
    return say(o.facts)


def _say_stale(o: Occasion) -> str:
    source = quote(str(o.facts.get("source", "")), 30)
    since = _instant(o.facts.get("since"))
    when = f"自 {say_time(since, o.now)} 起" if since else ""
    return f"信源中断：{source or '有信源'}{when}没有数据，此间无法判断有无舆情。请检查。"


def _say_answered(o: Occasion) -> str:
    name, count = quote(str(o.facts.get("name", "")), 40), str(o.facts.get("count", ""))
    return f"您保存的检索“{name}”有 {count} 个新结果，请到值班台“历史检索”查看。"


def _say_unhealthy(o: Occasion) -> str:
    channel = quote(str(o.facts.get("channel", "")), 30)
    return f"通道故障：{channel or '一个通道'}连续 3 次发送失败，消息已改走其他通道。请检查。"


def _instant(raw: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(raw))
    except ValueError:
        return None
    return found if found.tzinfo else None


_SENTENCES: Mapping[str, Callable[[Occasion], str]] = {
    "detected": _say_detected,
    "severity_raised": _say_raised,
    "due": _say_due,
    "unacknowledged": _say_unacknowledged,
    "ack_expired": _say_ack_expired,
    "obligation_met": _say_met,
    "corrected": _say_corrected,
    "evidence_offered": _say_offered,
    "figures_conflict": _say_conflict,
    "heat_rising": _say_rising,
    "assigned": _say_assigned,
    **{reason: partial(_say_order, say) for reason, say in order_reasons.SENTENCES.items()},
    **{reason: partial(_say_draft, say) for reason, say in draft_reasons.SENTENCES.items()},
    "source_stale": _say_stale,
    "question_answered": _say_answered,
    "channel_unhealthy": _say_unhealthy,
    "shift_handover": lambda _: "交接班：请接班人到值班台查看未结事项并确认收到。",
    "digest": lambda _: "每日简报已生成，请到值班台查看。",
    "flash": lambda _: "舆情快报已生成，请到值班台查看。",
    "paper": lambda _: "简报已审定，请到值班台查看。",
    "paper_review": lambda _: "简报已拟好，请到值班台审定。",
}

TITLES: Mapping[str, str] = {
    "detected": "新发现",
    "severity_raised": "级别上调",
    "reminder": "催办",
    "due": "已超时",
    "overdue": "超时催办",
    "unacknowledged": "无人确认收到",
    "ack_expired": "收到后未处理",
    "obligation_met": "已完成",
    "corrected": "更正",
    "evidence_offered": "回应待确认",
    "figures_conflict": "数据待核",
    "heat_rising": "传播加快",
    "assigned": "交办",
    **order_reasons.TITLES,
    **draft_reasons.TITLES,
    "source_stale": "信源中断",
    "question_answered": "检索有新结果",
    "channel_unhealthy": "通道故障",
    "shift_handover": "交接班",
    "digest": "每日简报",
    "flash": "舆情快报",
    "paper": "简报",
    "paper_review": "简报待审定",
}


def _stem(reason: str) -> str:
    """Return the reason without its number: `reminder` of `reminder_50`."""
    families = ("reminder", "overdue")
    return next((family for family in families if reason.startswith(f"{family}_")), reason)


def rank(alert: Alert) -> int:
    """Return the place of a reason among those of one incident: first what happened, then what to do."""
    return list(TITLES).index(_stem(alert.reason))


def say_title(alert: Alert, obligation: Obligation | None) -> str:
    """Return the reason in a word or two; a house rule (T8) is 建议续报 and never late."""
    stem = _stem(alert.reason)
    if obligation is not None and obligation.is_promise and stem in ("reminder", "due", "overdue"):
        return obligation.name
    if obligation is not None and not obligation.statutory and stem in ("reminder", "due", "overdue"):
        return "建议续报"
    return TITLES[stem]


def say_lateness(alert: Alert) -> str:
    """Return how late this message is and how long the service was away (T10), or nothing."""
    if alert.late_by < timedelta(minutes=1):
        return ""
    away = f"，服务曾中断 {say_length(alert.away)}" if alert.away else ""
    return f"迟到 {int(alert.late_by.total_seconds()) // 60} 分钟{away}"
