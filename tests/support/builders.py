"""Values with plausible defaults; a test names only the fields it is about.

`an_item(title="…")`, `an_incident(id=3)`, `an_alert(to="duty")` … T0 is 2026-03-02 08:00 in Shanghai.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from alerts.model import Acknowledgement, Alert, Round
from monitor.classifiers.model import Count, Figures, Grade, Severity, Verdict
from monitor.collectors.model import Poll, PollState, Role, Source, SourceKind, SourceState
from monitor.deadlines.model import Obligation, Reminder, StartBasis
from monitor.dossier.model import Change, Changes, Dossier, Joining
from monitor.incidents.model import Incident, Publication, PublicationKind, PublicationState
from monitor.items.model import Item
from monitor.orders.model import Order, OrderKind

T0 = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)

V = TypeVar("V")


def _build(kind: type[V], defaults: dict[str, Any], fields: dict[str, Any]) -> V:
    return kind(**defaults | fields)


def after(*, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
    """Return the instant this long after T0."""
    return T0 + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def a_source(**fields: Any) -> Source:
    """Return a feed of the county's own paper."""
    defaults: dict[str, Any] = {
        "id": "county-paper",
        "name": "县报",
        "kind": SourceKind.FEED,
        "role": Role.MEDIA,
    }
    return _build(Source, defaults | {"address": "http://127.0.0.1/feed"}, fields)


def a_source_state(**fields: Any) -> SourceState:
    """Return the memory of a source that was polled once."""
    return _build(SourceState, {"source_id": "county-paper", "last_poll_at": T0}, fields)


def a_poll(**fields: Any) -> Poll:
    """Return a poll that took one second and brought nothing."""
    defaults: dict[str, Any] = {"source_id": "county-paper", "started_at": T0, "ended_at": after(seconds=1)}
    return _build(Poll, defaults | {"state": PollState.EMPTY}, fields)


def an_item(**fields: Any) -> Item:
    """Return a media item published at T0 and seen two minutes later; `key` follows from the title."""
    title = fields.get("title", "柯街镇一处道路塌方")
    text = fields.get("text", "记者从现场获悉，道路塌方造成交通中断。")
    defaults: dict[str, Any] = {
        "key": f"county-paper|{title}|{text}",
        "source_id": "county-paper",
        "source_name": "县报",
        "role": Role.MEDIA,
        "url": "http://127.0.0.1/a",
        "title": title,
        "text": text,
        "published_at": T0,
        "first_seen_at": after(minutes=2),
        "exact_key": f"{title}{text}"[:64],
    }
    return _build(Item, defaults, fields)


def a_verdict(**fields: Any) -> Verdict:
    """Return a live local road accident with twelve deaths, severity 2."""
    defaults: dict[str, Any] = {
        "matter": True,
        "live": True,
        "local": True,
        "category": "accident",
        "event_type": "road_traffic",
        "figures": Figures(counts={"deaths": Count.exactly(12)}),
        "grade": Grade(confirmed=Severity.SERIOUS, precautionary=Severity.SERIOUS, standard="WSA2007"),
        "tokens": ("道路", "塌方"),
    }
    return _build(Verdict, defaults, fields)


def an_incident(**fields: Any) -> Incident:
    """Return incident 1, open, local, severity 2, published at T0 and detected two minutes later."""
    defaults: dict[str, Any] = {
        "id": 1,
        "title": "柯街镇一处道路塌方",
        "local": True,
        "category": "accident",
        "event_type": "road_traffic",
        "grade": Grade(confirmed=Severity.SERIOUS, precautionary=Severity.SERIOUS, standard="WSA2007"),
        "severity": Severity.SERIOUS,
        "first_published_at": T0,
        "detected_at": after(minutes=2),
        "item_count": 1,
    }
    return _build(Incident, defaults, fields)


def an_obligation(**fields: Any) -> Obligation:
    """Return an open 24-hour press conference of incident 1, counted from T0."""
    starts_at = fields.get("starts_at", T0)
    window = fields.get("window", timedelta(hours=24))
    defaults: dict[str, Any] = {
        "id": "1/press_conference/1",
        "incident_id": 1,
        "kind": "press_conference",
        "name": "新闻发布会",
        "legal_basis": "国办发〔2016〕61号",
        "statutory": True,
        "rule_version": "r1",
        "starts_at": starts_at,
        "start_basis": StartBasis.FIRST_PUBLISHED,
        "window": window,
        "due_at": starts_at + window,
        "opened_at": after(minutes=2),
    }
    return _build(Obligation, defaults, fields)


def a_reminder(**fields: Any) -> Reminder:
    """Return the waiting 50 % reminder of `an_obligation()`."""
    defaults: dict[str, Any] = {
        "id": "1/press_conference/1/reminder_50",
        "obligation_id": "1/press_conference/1",
        "incident_id": 1,
        "kind": "reminder_50",
        "fires_at": after(hours=12),
    }
    return _build(Reminder, defaults, fields)


def a_publication(**fields: Any) -> Publication:
    """Return an accepted first release of incident 1, effective one hour after T0."""
    defaults: dict[str, Any] = {
        "id": "1/publication/1",
        "incident_id": 1,
        "kind": PublicationKind.FIRST_RELEASE,
        "state": PublicationState.ACCEPTED,
        "title": "情况通报",
        "effective_at": after(hours=1),
        "recorded_at": after(hours=2),
        "recorded_by": "duty",
    }
    return _build(Publication, defaults, fields)


def a_round(**fields: Any) -> Round:
    """Return the first round of incident 1, told to level 1, climbing 15 minutes after T0."""
    defaults: dict[str, Any] = {
        "id": "1/round/1",
        "incident_id": 1,
        "serial": 1,
        "reason": "detected",
        "started_at": T0,
        "first_levels": (1,),
        "told_level": 1,
        "next_at": after(minutes=15),
    }
    return _build(Round, defaults, fields)


def an_acknowledgement(**fields: Any) -> Acknowledgement:
    """Return 收到 of the duty officer, one minute after T0, standing for an hour."""
    defaults: dict[str, Any] = {
        "id": "1/round/1/duty",
        "incident_id": 1,
        "round_id": "1/round/1",
        "by": "duty",
        "level": 1,
        "at": after(minutes=1),
        "expires_at": after(minutes=61),
    }
    return _build(Acknowledgement, defaults, fields)


def an_alert(**fields: Any) -> Alert:
    """Return an urgent `detected` alert of incident 1 to the duty officer; `id` follows from its parts."""
    parts: dict[str, Any] = {"incident_id": 1, "reason": "detected", "to": "duty", "channel": "duty-wecom"}
    parts |= fields
    defaults: dict[str, Any] = {
        "id": "|".join(str(parts[name]) for name in ("incident_id", "reason", "to", "channel")),
        "level": 1,
        "urgent": True,
        "created_at": T0,
        "send_at": fields.get("created_at", T0),
    }
    return _build(Alert, defaults, parts)


def an_order(**fields: Any) -> Order:
    """Return 交办单 1 of incident 1 to the emergency bureau, issued at T0, to be answered within a day."""
    kind = fields.get("kind", OrderKind.ASSIGNMENT)
    due_at = fields.get("due_at", None if kind is OrderKind.HANDOVER else after(hours=24))
    defaults: dict[str, Any] = {
        "id": "1-o1",
        "incident_id": 1,
        "kind": kind,
        "year": 2026,
        "number": 1,
        "department": "emergency_bureau",
        "demands": "核实情况并回复",
        "issued_by": "duty",
        "issued_at": T0,
        "due_at": due_at,
        "first_due_at": due_at,
    }
    return _build(Order, defaults, fields)


def a_joining(**fields: Any) -> Joining:
    """Return how item 1 opened incident 1."""
    return _build(Joining, {"incident_id": 1, "item_id": 1, "at": after(minutes=2)}, fields)


def a_change(**fields: Any) -> Change:
    """Return the journal entry of the opening of incident 1."""
    return _build(Change, {"at": T0, "event": "incident_opened", "incident": 1}, fields)


def a_dossier(incident: Incident | None = None, **fields: Any) -> Dossier:
    """Return a dossier of `an_incident()` with nothing else in it."""
    return Dossier(incident=incident or an_incident(), **fields)


def opening(incident: Incident | None = None, **fields: Any) -> Changes:
    """Return the decision that opens an incident, with its journal entry."""
    opened = incident or an_incident()
    journal: Sequence[Change] = (a_change(incident=opened.id, at=opened.detected_at),)
    return _build(Changes, {"incident": opened, "expected_version": None, "journal": journal}, fields)
