"""Bodies of answers: what the API says, in codes and instants; unknown is null."""

from datetime import datetime

from pydantic import BaseModel

from alerts.model import Alert
from monitor.deadlines.model import Obligation
from monitor.dossier.model import Dossier
from monitor.incidents.model import Incident, Publication
from monitor.ports import Hit, JoinedItem


class FaultOut(BaseModel):
    """One fault of a body or parameter: where, which kind, and what is wrong with it."""

    at: str
    fault: str
    message: str


class ProblemOut(BaseModel):
    """A refusal (RFC 9457); `code` is for programs, `detail` is Chinese, `title` and `detail_en` English."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    detail_en: str
    faults: list[FaultOut] | None = None


class PlaceOut(BaseModel):
    """A named place."""

    name: str
    code: str | None


class IncidentOut(BaseModel):
    """One incident as a line of a list."""

    id: int
    version: int
    state: str
    title: str
    local: bool | None
    places: list[PlaceOut]
    category: str | None
    event_type: str | None
    opinion: str | None
    severity: int | None
    severity_confirmed: int | None
    severity_precautionary: int | None
    standard: str | None
    confirmed_by: str | None
    occurred_at: datetime | None
    occurred_precision: str | None
    first_published_at: datetime | None
    corrected_by: dict[str, str]
    detected_at: datetime
    assigned_to: list[str]
    item_count: int
    ended_at: datetime | None
    merged_into: int | None

    @classmethod
    def of(cls, incident: Incident) -> "IncidentOut":
        """Return the body of an incident."""
        occurred, grade = incident.occurred, incident.grade
        return cls(
            id=incident.id,
            version=incident.version,
            state=incident.state.value,
            title=incident.title,
            local=incident.local,
            places=[PlaceOut(name=p.name, code=p.code) for p in incident.places],
            category=incident.category,
            event_type=incident.event_type,
            opinion=incident.opinion,
            severity=incident.severity,
            severity_confirmed=grade.confirmed,
            severity_precautionary=grade.precautionary,
            standard=grade.standard or grade.precautionary_standard,
            confirmed_by=incident.confirmed_by,
            occurred_at=occurred.at if occurred else None,
            occurred_precision=occurred.precision.value if occurred else None,
            first_published_at=incident.first_published_at,
            corrected_by=dict(incident.corrected_by),
            detected_at=incident.detected_at,
            assigned_to=list(incident.assigned_to),
            item_count=incident.item_count,
            ended_at=incident.ended_at,
            merged_into=incident.merged_into,
        )


class ObligationOut(BaseModel):
    """One clock."""

    id: str
    kind: str
    name: str
    legal_basis: str
    statutory: bool
    state: str
    starts_at: datetime
    start_basis: str
    due_at: datetime
    met_effective_at: datetime | None
    met_late: bool
    ended_reason: str | None

    @classmethod
    def of(cls, obligation: Obligation) -> "ObligationOut":
        """Return the body of an obligation."""
        names = cls.model_fields
        return cls.model_validate({name: getattr(obligation, name) for name in names})


class PublicationOut(BaseModel):
    """Evidence of a publication."""

    id: str
    kind: str
    state: str
    title: str
    channel: str
    url: str
    effective_at: datetime
    recorded_at: datetime
    recorded_by: str

    @classmethod
    def of(cls, publication: Publication) -> "PublicationOut":
        """Return the body of a publication."""
        return cls.model_validate({name: getattr(publication, name) for name in cls.model_fields})


class AlertOut(BaseModel):
    """One outbox row."""

    id: str
    message_no: int
    reason: str
    to: str
    level: int | None
    channel: str
    state: str
    created_at: datetime
    due_at: datetime | None
    held_reason: str | None
    cause: str | None
    closed_at: datetime | None

    @classmethod
    def of(cls, alert: Alert) -> "AlertOut":
        """Return the body of an alert."""
        return cls.model_validate({name: getattr(alert, name) for name in cls.model_fields})


class EvidenceOut(BaseModel):
    """The words that led to a field; `where` is title or text."""

    field: str
    text: str
    start: int
    end: int
    where: str


class ItemOut(BaseModel):
    """One item; times null where the publisher gave none."""

    id: int
    source_id: str
    source_name: str
    role: str
    url: str | None
    title: str
    text: str
    published_at: datetime | None
    first_seen_at: datetime
    severity: int | None
    evidence: list[EvidenceOut]
    incident_id: int | None

    @classmethod
    def of(cls, found: Hit | JoinedItem, incident_id: int | None) -> "ItemOut":
        """Return the body of an item with its verdict."""
        item, verdict = found.item, found.verdict
        marks = verdict.evidence if verdict else ()
        return cls(
            id=item.id,
            source_id=item.source_id,
            source_name=item.source_name,
            role=item.role.value,
            url=item.url,
            title=item.title,
            text=item.text,
            published_at=item.published_at,
            first_seen_at=item.first_seen_at,
            severity=verdict.severity if verdict else None,
            evidence=[
                EvidenceOut(field=e.field, text=e.text, start=e.start, end=e.end, where=e.where)
                for e in marks
            ],
            incident_id=incident_id,
        )


class IncidentDetailOut(IncidentOut):
    """One incident with everything about it."""

    obligations: list[ObligationOut]
    publications: list[PublicationOut]
    items: list[ItemOut]
    alerts: list[AlertOut]

    @classmethod
    def whole(
        cls, dossier: Dossier, items: tuple[JoinedItem, ...], alerts: tuple[Alert, ...]
    ) -> "IncidentDetailOut":
        """Return the body of an incident with its clocks, items and messages."""
        return cls(
            **IncidentOut.of(dossier.incident).model_dump(),
            obligations=[ObligationOut.of(o) for o in dossier.obligations],
            publications=[PublicationOut.of(p) for p in dossier.publications],
            items=[ItemOut.of(j, dossier.incident.id) for j in items],
            alerts=[AlertOut.of(a) for a in alerts],
        )


class SourceOut(BaseModel):
    """One source and how it fares; `trouble` is null while it is well."""

    id: str
    name: str
    kind: str
    role: str
    enabled: bool
    last_poll_at: datetime | None
    last_success_at: datetime | None
    last_new_item_at: datetime | None
    last_state: str | None
    trouble: str | None


class HealthOut(BaseModel):
    """`ok` or `degraded`; reasons only for those who may know them."""

    status: str
    version: str | None = None
    reasons: list[str] | None = None


class AnswerOut(BaseModel):
    """What came of an act, in Chinese."""

    answer: str


class ReceivedOut(BaseModel):
    """What came of an inbox post: `raw = created + duplicate + filtered + failed`."""

    raw: int
    created: int
    duplicate: int
    filtered: int
    failed: int
    message: str
