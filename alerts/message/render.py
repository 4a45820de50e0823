"""The alerts of one wire message -> its text, the most severe incident first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from alerts.message.layout import lay_out
from alerts.message.reasons import Occasion, say_lateness, say_reason, say_title
from alerts.message.words import say_clock, say_grade, say_headline, say_owner, say_person, say_reach
from alerts.model import Alert, Text
from monitor.dossier.model import Dossier
from monitor.office.model import Audience, Office

LinkFor = Callable[[Alert], str | None]
_NO_NAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One incident in a message, said in the order a tired person needs it."""

    headline: str
    subject: str
    tone: str  # late | serious | calm: how loud the HTML part shows it
    sentences: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    ack_url: str | None = None
    incident_url: str | None = None
    call: str | None = None


def render_message(
    alerts: Sequence[Alert],
    dossiers: Mapping[int, Dossier],
    office: Office,
    now: datetime,
    link_for: LinkFor,
    *,
    source_names: Mapping[str, str] = _NO_NAMES,
) -> Text:
    """Return the text of the alerts that leave in one message; raises ValueError if there are none.

    `dossiers` holds the incidents as they stand at `now` (A8), `source_names` the names of sources by id.
    `link_for` gives the personal link to acknowledge an alert, or None; a group address never gets one (A12).
    Every word of a poster is masked and harmless.
    """
    if not alerts:
        raise ValueError("a message needs an alert")
    occasions = [
        Occasion(alert=a, dossier=dossiers.get(a.incident_id or 0), office=office, now=now) for a in alerts
    ]
    addressed = _say_addressed(alerts, office)
    links = link_for if addressed is None else _no_link
    blocks = [
        _build_block(group, links, source_names) for group in sorted(_by_incident(occasions), key=_urgency)
    ]
    values = {
        "blocks": blocks,
        "addressed": addressed,
        "message_no": alerts[0].message_no,
        "office": office.name,
    }
    more = f"，另有 {len(blocks) - 1} 件" if len(blocks) > 1 else ""
    return Text(
        subject=blocks[0].subject + more,
        body=lay_out("message.txt.jinja", **values),
        html=lay_out("message.html.jinja", **values),
    )


def _no_link(_: Alert) -> str | None:
    return None


def _by_incident(occasions: Sequence[Occasion]) -> list[list[Occasion]]:
    groups: dict[object, list[Occasion]] = {}
    for occasion in occasions:
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
    sentences = tuple(dict.fromkeys(say_reason(o) for o in group))
    late = _first(say_lateness(o.alert) for o in group)
    url, public = _first(link_for(o.alert) for o in group), lead.office.public_url
    dossier = lead.dossier
    if dossier is None:
        return Block(
            headline=f"【{'、'.join(titles)}】{lead.office.name}",
            subject=f"【{'、'.join(titles)}】{lead.office.name}",
            tone="calm",
            sentences=sentences,
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
        sentences=sentences,
        rows=_build_rows(group, late or "", source_names),
        ack_url=url,
        incident_url=f"{public.rstrip('/')}/incidents/{incident.id}" if public else None,
        call=_say_call(group) if not public else None,
    )


def _build_rows(
    group: Sequence[Occasion], late: str, source_names: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    lead = group[0]
    if lead.dossier is None:
        return ()
    incident = lead.dossier.incident
    spoken = {o.alert.obligation_id for o in group}
    clocks = sorted(
        (o for o in lead.dossier.obligations if o.is_running and o.id not in spoken), key=lambda o: o.due_at
    )
    rows = [
        *((o.name if o.statutory or o.is_promise else "续报", say_clock(o, lead.now)) for o in clocks),
        ("定级", say_grade(incident, lead.office, lead.now)),
        ("来源", say_reach(incident, source_names)),
        ("承办", say_owner(incident, lead.office)),
        ("迟到", late.removeprefix("迟到 ")),
        ("事件", f"{incident.id}号"),
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
