"""The alerts of one wire message -> its text, the most severe incident first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from alerts.message.layout import PACKAGED, lay_out
from alerts.message.reasons import Occasion, rank, say_lateness, say_reason, say_title
from alerts.message.words import say_clock, say_grade, say_headline, say_owner, say_person, say_reach
from alerts.model import Alert, Mention, Text
from monitor.dossier.model import Dossier
from monitor.office.model import Audience, Office

LinkFor = Callable[[Alert], str | None]
_NO_NAMES: Mapping[str, str] = MappingProxyType({})
_ABOUT_A_CLOCK = frozenset({"reminder", "due", "overdue", "corrected"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One incident in a message, said in the order a tired person needs it.

    `reminders` are the sentences that say a clock, `clocks` the clocks of which no sentence speaks, `reasons`
    the other sentences. `link_label` is what `ack_url` leads to where that is not the page to acknowledge on.
    """

    headline: str
    subject: str
    tone: str  # late | serious | calm: how loud the HTML part shows it
    reminders: tuple[str, ...] = ()
    clocks: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    ack_url: str | None = None
    link_label: str = ""
    incident_url: str | None = None


def render_message(
    alerts: Sequence[Alert],
    dossiers: Mapping[int, Dossier],
    office: Office,
    now: datetime,
    link_for: LinkFor,
    *,
    source_names: Mapping[str, str] = _NO_NAMES,
    templates: Mapping[str, str] = PACKAGED,
) -> Text:
    """Return the text of the alerts that leave in one message; raises ValueError if there are none.

    `dossiers` holds the incidents as they stand at `now` (A8), `source_names` the names of sources by id.
    `link_for` gives the link to acknowledge an alert, or None; behind that of a group stands the question who
    one is (A12). Every word of a poster is masked and harmless. `templates` are the office's own, by name.
    """
    if not alerts:
        raise ValueError("a message needs an alert")
    occasions = [
        Occasion(alert=a, dossier=dossiers.get(a.incident_id or 0), office=office, now=now) for a in alerts
    ]
    addressed = _say_addressed(alerts, office)
    blocks = [
        _build_block(group, link_for, source_names) for group in sorted(_by_incident(occasions), key=_urgency)
    ]
    values = {
        "blocks": blocks,
        "addressed": addressed,
        "message_no": alerts[0].message_no,
        "office": office.name,
        "call": None if office.public_url else _say_call(occasions),
    }
    more = f"，另有 {len(blocks) - 1} 件" if len(blocks) > 1 else ""
    return Text(
        subject=blocks[0].subject + more,
        body=lay_out("message.txt.jinja", templates, **values),
        html=lay_out("message.html.jinja", templates, **values),
        mentions=_mentions(alerts, office),
    )


def _mentions(alerts: Sequence[Alert], office: Office) -> tuple[Mention, ...]:
    """Return how those addressed are called in a group; departments and those without a number are not."""
    people = [person for to in dict.fromkeys(a.to for a in alerts) if (person := office.person(to))]
    return tuple(Mention(mobile=p.mobile, feishu_id=p.feishu_id) for p in people if p.mobile or p.feishu_id)


def _by_incident(occasions: Sequence[Occasion]) -> list[list[Occasion]]:
    groups: dict[object, list[Occasion]] = {}
    for occasion in sorted(occasions, key=lambda o: rank(o.alert)):
        groups.setdefault(occasion.alert.incident_id or occasion.alert.id, []).append(occasion)
    return list(groups.values())


def _urgency(group: Sequence[Occasion]) -> tuple[int, bool, datetime, int]:
    """Order incidents: severity, then a breach, then what is due first; alerts about none come last."""
    dossier = group[0].dossier
    if dossier is None:
        return (9, False, group[0].now, 0)
    severity = dossier.incident.severity
    due = [o.due_at for o in dossier.obligations if o.is_running and o.statutory]
    return (
        severity.value if severity else 5,
        not _is_late(group),
        min(due, default=group[0].now),
        dossier.incident.id,
    )


def _is_late(group: Sequence[Occasion]) -> bool:
    dossier = group[0].dossier
    running = [o for o in dossier.obligations if o.is_running and o.statutory] if dossier else []
    return any(group[0].now > o.due_at for o in running)


def _build_block(group: Sequence[Occasion], link_for: LinkFor, source_names: Mapping[str, str]) -> Block:
    lead = group[0]
    titles = dict.fromkeys(say_title(o.alert, o.obligation) for o in group)
    voices = _voices(group)
    reminders = tuple(dict.fromkeys(say_reason(o) for o in voices if _says_clock(o)))
    reasons = tuple(dict.fromkeys(say_reason(o) for o in voices if not _says_clock(o)))
    late = _first(say_lateness(o.alert) for o in group)
    url, public = _first(link_for(o.alert) for o in group), lead.office.public_url
    dossier = lead.dossier
    if dossier is None:
        return Block(
            headline=f"【{'、'.join(titles)}】{lead.office.name}",
            subject=f"【{'、'.join(titles)}】{lead.office.name}",
            tone="calm",
            reasons=(*reminders, *reasons),
            rows=(("迟到", late.removeprefix("迟到 ")),) if late else (),
            ack_url=url,
        )
    incident = dossier.incident
    is_late = _is_late(group)
    mark = "·已超时" if is_late else ""
    return Block(
        headline=say_headline(incident, lead.office, mark=mark),
        subject=f"{say_headline(incident, lead.office, mark=mark, limit=30)}（{'、'.join(titles)}）",
        tone="late" if is_late else "serious" if incident.is_serious else "calm",
        reminders=reminders,
        clocks=_build_clocks(group),
        reasons=reasons,
        rows=_build_rows(group, late or "", source_names),
        ack_url=url,
        link_label=_first(_link_label(o.alert) for o in group if link_for(o.alert) == url) or "",
        incident_url=f"{public.rstrip('/')}/incidents/{incident.id}" if public else None,
    )


def _link_label(alert: Alert) -> str:
    """Return where the link of an alert leads: to a draft, a department's slip, or nothing to acknowledge."""
    if "draft" in alert.codes:
        return "打开回应稿"
    return "打开公文" if alert.order_id is not None and alert.level is None else ""


def _voices(group: Sequence[Occasion]) -> list[Occasion]:
    """Return the occasions that speak: what somebody on duty is asked to do, departments need not be told."""
    asked = {o.alert.reason for o in group if o.alert.level is not None}
    return [o for o in group if o.alert.level is not None or o.alert.reason not in asked]


def _says_clock(occasion: Occasion) -> bool:
    """Return whether the sentence of this alert says when its obligation is due."""
    return occasion.obligation is not None and occasion.alert.reason.partition("_")[0] in _ABOUT_A_CLOCK


def _build_clocks(group: Sequence[Occasion]) -> tuple[tuple[str, str], ...]:
    """Return the running clocks of which no sentence speaks, the first due first."""
    lead = group[0]
    spoken = {o.alert.obligation_id for o in group if _says_clock(o)}
    known = lead.dossier.obligations if lead.dossier else ()
    clocks = sorted((o for o in known if o.is_running and o.id not in spoken), key=lambda o: o.due_at)
    return tuple((o.name if o.statutory or o.is_promise else "续报", say_clock(o, lead.now)) for o in clocks)


def _build_rows(
    group: Sequence[Occasion], late: str, source_names: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    lead = group[0]
    if lead.dossier is None:
        return ()
    incident = lead.dossier.incident
    rows = [
        ("定级", say_grade(incident, lead.office, lead.now)),
        ("来源", say_reach(incident, source_names)),
        ("承办", say_owner(incident, lead.office)),
        ("迟到", late.removeprefix("迟到 ")),
        ("事件", "" if lead.office.public_url else f"{incident.id}号"),
    ]
    return tuple((label, said) for label, said in rows if said)


def _say_call(group: Sequence[Occasion]) -> str | None:
    """Return how to acknowledge without a link, for alerts of a round; departments acknowledge nothing."""
    if not any(o.alert.alert_round and o.alert.level is not None for o in group):
        return None
    phone = group[0].office.desk_phone
    return f"确认收到请致电值班室 {phone}，报编号" if phone else "确认收到请到值班台，报编号"


def _say_addressed(alerts: Sequence[Alert], office: Office) -> str | None:
    """Return whom a message to a group address is for (A12); None on a personal channel."""
    spec = office.channel(alerts[0].channel)
    if spec is None or spec.audience is not Audience.GROUP:
        return None
    return "、".join(dict.fromkeys(say_person(a.to, office) for a in alerts))


def _first(found: Iterable[str | None]) -> str | None:
    return next((said for said in found if said), None)
