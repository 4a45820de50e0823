"""What pages and API read: one reading transaction each."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model import Alert, Delivery
from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI, as_utc
from monitor.collectors.model import Poll, Source, SourceState
from monitor.desk.access import Visitor
from monitor.desk.health import source_trouble
from monitor.desk.roles import may_see, may_see_everything
from monitor.desk.views.board_view import Card, card
from monitor.desk.views.reach_view import DAY_HOURS
from monitor.dossier.model import Dossier, Part
from monitor.errors import MonitorError, NotFoundError, RefusedActError
from monitor.incidents.heat import HOUR, Sighting
from monitor.incidents.model import Incident
from monitor.office.model import Office
from monitor.ports import JoinedItem, JournalEntry, Question, Store, Transaction

MOST_OPEN = 500
SHOWN = (Part.OBLIGATIONS, Part.PUBLICATIONS, Part.ROUNDS, Part.ACKNOWLEDGEMENTS)
MOST_ITEMS = 200
MOST_REPORTS = 1000
MOST_ENTRIES = 500


class QuestionError(MonitorError):
    """A search form holds something that is no date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Open incidents with a clock or of severity 1–2, and the others, which wait for a check; in order."""

    cards: tuple[Card, ...]
    to_check: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """Everything about one incident, oldest first; `items` are the first of its `reports`."""

    dossier: Dossier
    items: tuple[JoinedItem, ...]
    reports: tuple[JoinedItem, ...]
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
    """The dossiers that boards showed last, as far as they are shown; safe to use from several threads.

    One is taken from here only where its incident has not moved since: every decision about a dossier, of
    this process or another, gives the incident its next version, in the same transaction.
    """

    def __init__(self) -> None:
        self._kept: dict[int, Dossier] = {}

    def dossiers(self, transaction: Transaction, incidents: Sequence[Incident]) -> list[Dossier]:
        """Return these incidents with the parts a board shows, in their order."""
        kept = self._kept if len(self._kept) <= 2 * MOST_OPEN else {}
        known = {i.id: kept[i.id] for i in incidents if i.id in kept and kept[i.id].incident == i}
        known |= {
            d.incident.id: d
            for d in transaction.dossiers_of([i for i in incidents if i.id not in known], SHOWN)
        }
        self._kept = kept | known
        return [known[incident.id] for incident in incidents]


def load_board(store: Store, shelf: Shelf, visitor: Visitor, office: Office, now: datetime) -> Board:
    """Return the board of what this visitor may see; incidents placed elsewhere are not on it."""
    with store.reading() as transaction:
        seen = [i for i in transaction.incidents(("open",), limit=MOST_OPEN) if may_see(visitor.account, i)]
        ours = [i for i in seen if i.local is not False]
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


def load_folder(store: Store, visitor: Visitor, incident_id: int) -> Folder:
    """Return one incident; raises NotFoundError, also for one this visitor may not see."""
    with store.reading() as transaction:
        dossier = require_seen(transaction, visitor, incident_id)
        alerts = transaction.alerts_of(incident_id)
        reports = transaction.joined_items(incident_id, limit=MOST_REPORTS)
        return Folder(
            dossier=dossier,
            items=reports[:MOST_ITEMS],
            reports=reports,
            sightings=transaction.sightings(incident_id),
            alerts=alerts,
            deliveries=transaction.deliveries({a.message_no for a in alerts}),
            journal=_newest_entries(transaction, incident_id),
        )


def _newest_entries(transaction: Transaction, incident_id: int) -> tuple[JournalEntry, ...]:
    """Return the newest journal entries of an incident, in order; the port gives the oldest first."""
    newest, last = deque[JournalEntry](maxlen=MOST_ENTRIES), 0
    while entries := transaction.journal(after_seq=last, incident_id=incident_id):
        newest.extend(entries)
        last = entries[-1].seq
    return tuple(newest)


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
