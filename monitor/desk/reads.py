"""What pages and API read: one reading transaction each."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from alerts.model import Alert, Delivery
from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI, as_utc
from monitor.collectors.model import Poll, Source, SourceState
from monitor.desk.access import Visitor
from monitor.desk.health import source_trouble
from monitor.desk.roles import may_see, may_see_everything
from monitor.desk.views.board_view import Card, card
from monitor.desk.views.figures_view import Said, figure_timeline
from monitor.desk.views.reach_view import DAY_HOURS
from monitor.desk.views.story_view import Moment, report_moments
from monitor.dossier.model import Dossier, Part
from monitor.errors import MonitorError, NotFoundError, RefusedActError
from monitor.incidents.heat import HOUR, Sighting
from monitor.incidents.model import Incident
from monitor.office.model import Office
from monitor.ports import JoinedItem, JournalEntry, Question, Store, Transaction

CHUNK = 500
MOST_KEPT = 5_000
SHOWN = (Part.OBLIGATIONS, Part.PUBLICATIONS, Part.ROUNDS, Part.ACKNOWLEDGEMENTS)
MOST_REPORTS = 1000
AT_ONCE = 50
FIRST = 20
FILES_KEPT = 8
FRESH = timedelta(minutes=5)
"""How long the reports of an incident are taken as they were read, while nothing joined and nobody acted."""
MOST_ENTRIES = 500

T = TypeVar("T")


class QuestionError(MonitorError):
    """A search form holds something that is no date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Open incidents with a clock or of severity 1–2, and the others, which wait for a check; in order."""

    cards: tuple[Card, ...]
    to_check: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """The newest reports of an incident as it was when they were read, oldest first, and what they tell."""

    incident: Incident
    at: datetime
    items: tuple[JoinedItem, ...]
    figures: tuple[Said, ...]
    moments: tuple[Moment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Everything about one incident, oldest first; `shown` are the items of one page of it."""

    dossier: Dossier
    shown: tuple[JoinedItem, ...]
    reports: Reports
    sightings: tuple[Sighting, ...]
    alerts: tuple[Alert, ...]
    deliveries: tuple[Delivery, ...]
    journal: tuple[JournalEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """One source and how it fares."""

    source: Source
    state: SourceState | None
    trouble: str | None


class Shelf:
    """What was shown last: dossiers of boards, reports of incidents; safe to use from several threads.

    One is taken from here only where its incident has not moved since: every decision about a dossier, of
    this process or another, gives the incident its next version, in the same transaction.
    """

    def __init__(self) -> None:
        self._kept: dict[int, Dossier] = {}
        self._reports: dict[int, Reports] = {}
        self._journals: dict[int, tuple[JournalEntry, ...]] = {}

    def reports(self, transaction: Transaction, incident: Incident, now: datetime) -> Reports:
        """Return the reports of an incident; a verdict given anew may be late by `FRESH`."""
        found = self._reports.get(incident.id)
        if found is None or found.incident != incident or abs(now - found.at) >= FRESH:
            items = transaction.joined_items(incident.id, limit=MOST_REPORTS, newest=True)
            found = Reports(
                incident=incident,
                at=now,
                items=items,
                figures=figure_timeline(items, incident.holding),
                moments=report_moments(items),
            )
        self._reports = _with(self._reports, incident.id, found)
        return found

    def journal(self, transaction: Transaction, incident_id: int) -> tuple[JournalEntry, ...]:
        """Return the newest journal entries of an incident, in order; what was read once stays as it is."""
        newest = deque(self._journals.get(incident_id, ()), maxlen=MOST_ENTRIES)
        last = newest[-1].seq if newest else 0
        while entries := transaction.journal(after_seq=last, incident_id=incident_id):
            newest.extend(entries)
            last = entries[-1].seq
        self._journals = _with(self._journals, incident_id, tuple(newest))
        return tuple(newest)

    def dossiers(self, transaction: Transaction, incidents: Sequence[Incident]) -> list[Dossier]:
        """Return these incidents with the parts a board shows, in their order."""
        kept = self._kept if len(self._kept) <= MOST_KEPT else {}
        known = {i.id: kept[i.id] for i in incidents if i.id in kept and kept[i.id].incident == i}
        known |= {
            d.incident.id: d
            for d in transaction.dossiers_of([i for i in incidents if i.id not in known], SHOWN)
        }
        self._kept = kept | known
        return [known[incident.id] for incident in incidents]


def _with(kept: Mapping[int, T], number: int, found: T) -> dict[int, T]:
    """Return what was kept last, with this as the newest."""
    others = [(other, value) for other, value in kept.items() if other != number]
    return dict([*others[1 - FILES_KEPT :], (number, found)])


def open_incidents(transaction: Transaction, visitor: Visitor) -> list[Incident]:
    """Return every open incident that is ours or not placed yet and that this visitor may see, newest first.

    However many there are: what was left out here would be neither seen nor heard.
    """
    found: list[Incident] = []
    before_id: int | None = None
    while True:
        chunk = transaction.incidents(("open",), limit=CHUNK, before_id=before_id)
        found += [i for i in chunk if i.local is not False and may_see(visitor.account, i)]
        if len(chunk) < CHUNK:
            return found
        before_id = chunk[-1].id


def load_board(store: Store, shelf: Shelf, visitor: Visitor, office: Office, now: datetime) -> Board:
    """Return the board of what this visitor may see; incidents placed elsewhere are not on it."""
    with store.reading() as transaction:
        ours = open_incidents(transaction, visitor)
        last = transaction.last_sent([i.id for i in ours])
        arrivals = transaction.arrivals([i.id for i in ours], now - DAY_HOURS * HOUR)
        cards = [
            card(d, last.get(d.incident.id), office, now, arrivals.get(d.incident.id, ()))
            for d in shelf.dossiers(transaction, ours)
        ]
    cards.sort(key=lambda c: c.rank)
    return Board(
        cards=tuple(c for c in cards if not c.why or c.incident.is_serious),
        to_check=tuple(c for c in cards if c.why and not c.incident.is_serious),
    )


def require_seen(transaction: Transaction, visitor: Visitor, incident_id: int) -> Dossier:
    """Return one incident; raises NotFoundError, also for one this visitor may not see."""
    dossier = transaction.dossier(incident_id)
    if not may_see(visitor.account, dossier.incident):
        raise NotFoundError("incident", incident_id)
    return dossier


def load_folder(
    store: Store,
    shelf: Shelf,
    visitor: Visitor,
    incident_id: int,
    now: datetime,
    after_id: int | None = None,
) -> Folder:
    """Return everything about one incident; raises NotFoundError, also for one this visitor may not see.

    Items are shown from behind `after_id` on; None is the first and the newest.
    """
    with store.reading() as transaction:
        dossier = require_seen(transaction, visitor, incident_id)
        alerts = transaction.alerts_of(incident_id)
        reports = shelf.reports(transaction, dossier.incident, now)
        return Folder(
            dossier=dossier,
            shown=_shown(transaction, incident_id, reports.items, after_id),
            reports=reports,
            sightings=transaction.sightings(incident_id),
            alerts=alerts,
            deliveries=transaction.deliveries({a.message_no for a in alerts}),
            journal=shelf.journal(transaction, incident_id),
        )


def _shown(
    transaction: Transaction, incident_id: int, reports: tuple[JoinedItem, ...], after_id: int | None
) -> tuple[JoinedItem, ...]:
    if after_id is not None:
        return transaction.joined_items(incident_id, AT_ONCE, after_id=after_id)
    if len(reports) <= AT_ONCE:
        return reports
    return (*transaction.joined_items(incident_id, FIRST), *reports[FIRST - AT_ONCE :])


def load_sources(
    store: Store, sources: Iterable[Source], now: datetime
) -> tuple[tuple[SourceLine, ...], tuple[Poll, ...]]:
    """Return every source, those in trouble first, and the newest polls."""
    with store.reading() as transaction:
        states, polls = transaction.source_states(), transaction.polls(None, 50)
    lines = [
        SourceLine(source=s, state=states.get(s.id), trouble=source_trouble(s, states.get(s.id), now))
        for s in sources
    ]
    return tuple(sorted(lines, key=lambda line: (line.trouble is None, not line.source.enabled))), polls


def require_everything(visitor: Visitor) -> None:
    """Refuse a department what concerns all incidents."""
    if not may_see_everything(visitor.account):
        raise RefusedActError("read", "forbidden")


def question(
    *,
    q: str = "",
    since: str = "",
    until: str = "",
    severity: Iterable[int] = (),
    status: Iterable[str] = (),
    cursor: int | None = None,
    limit: int = 50,
) -> Question:
    """Return the question of a search form; raises QuestionError for what is no date, instant or number."""
    severities, states = tuple(severity), tuple(status)
    if "\0" in "".join((q, *states)):
        raise QuestionError("NUL")
    if not set(severities) <= set(Severity) or not 0 < (cursor or 1) < 2**31:
        raise QuestionError("severity or cursor")
    return Question(
        words=tuple(q.split()),
        since=_instant(since, ends=False),
        until=_instant(until, ends=True),
        severities=severities,
        states=states,
        limit=limit,
        before_id=cursor,
    )


def _instant(text: str, *, ends: bool) -> datetime | None:
    """Return a border of a range: a day means the whole local day, a time without a zone is local."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        if len(text) == len("2026-11-24") and ends:
            at += timedelta(days=1)
        return as_utc(at if at.tzinfo else at.replace(tzinfo=SHANGHAI))
    except (ValueError, OverflowError) as error:
        raise QuestionError(text) from error
