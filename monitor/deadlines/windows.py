"""When an obligation starts and is due: 5 h, 24 h, 48 h, follow-up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.classifiers.model import Precision
from monitor.deadlines.model import Rule, StartBasis, StartRule
from monitor.incidents.model import Incident, Publication, PublicationState


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The instant a window counts from, and which one it was.

    `limited` when T2's limit moved it to detection.
    """

    at: datetime
    basis: StartBasis
    limited: bool = False


def occurrence_at(incident: Incident) -> datetime | None:
    """Return the instant of the occurrence that counts, or None where the text gives none.

    An occurrence known only to the day counts at its latest instant not after the first publication
    (C21).
    """
    moment = incident.occurred
    if moment is None:
        return None
    if moment.precision is not Precision.DAY:
        return moment.at
    latest = moment.until or moment.at + timedelta(days=1)
    return max(moment.at, min(latest, incident.first_published_at or incident.detected_at))


def starts_at(rule: StartRule, incident: Incident, max_backdate: timedelta) -> Start:
    """Return where a window starts: never at an assignment or a confirmation (T2).

    24 h and 5 h count from the occurrence, else the first publication, else detection; 48 h from the first
    publication, else detection. A start more than `max_backdate` before detection, or after it, is detection.
    Source: 国办发〔2016〕61号 and 80号 name the hours, not their start; DESIGN T2 decides.
    """
    occurred = occurrence_at(incident) if rule is StartRule.OCCURRENCE else None
    if occurred is not None:
        at, basis = occurred, StartBasis.OCCURRED
    elif incident.first_published_at is not None:
        at, basis = incident.first_published_at, StartBasis.FIRST_PUBLISHED
    else:
        at, basis = incident.detected_at, StartBasis.DETECTED
    if at < incident.detected_at - max_backdate:
        return Start(at=incident.detected_at, basis=StartBasis.DETECTED, limited=True)
    if at > incident.detected_at:
        return Start(at=incident.detected_at, basis=StartBasis.DETECTED)
    return Start(at=at, basis=basis)


def last_release_at(publications: Sequence[Publication]) -> datetime | None:
    """Return the effective time of the latest accepted publication, or None (T8)."""
    times = [p.effective_at for p in publications if p.state is PublicationState.ACCEPTED]
    return max(times, default=None)


def start_of(
    rule: Rule, incident: Incident, publications: Sequence[Publication], limit: timedelta
) -> Start | None:
    """Return where this rule's window starts for the incident; None for a follow-up before any release."""
    if rule.start is StartRule.KNOWN:
        return Start(at=incident.detected_at, basis=StartBasis.KNOWN)
    if rule.start is not StartRule.LAST_RELEASE:
        return starts_at(rule.start, incident, limit)
    released = last_release_at(publications)
    return None if released is None else Start(at=released, basis=StartBasis.LAST_RELEASE)
