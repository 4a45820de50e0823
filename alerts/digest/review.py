"""What a week or a month brought, counted beside the one before: by kind, by place, what was kept in time."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, partial
from statistics import median

from alerts.digest.build import SourceSummary, Totals, count_totals, ours, rank
from alerts.digest.paper import Stored, stored
from alerts.message.words import OPINIONS, say_person
from monitor.classifiers.registry import load_table
from monitor.deadlines.model import Obligation, ObligationState
from monitor.dossier.model import Dossier
from monitor.incidents.model import Incident, PublicationState
from monitor.office.model import Office, Place, PlaceKind

UNPLACED = "未明确乡镇"
UNASSIGNED = "未交办"
OTHER = "其他"


class Term(StrEnum):
    """Over how long is looked back."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def this(self) -> str:
        """Return how the term is called by itself."""
        return "本周" if self is Term.WEEKLY else "本月"

    @property
    def last(self) -> str:
        """Return how the one before is called."""
        return "上周" if self is Term.WEEKLY else "上月"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many incidents of one sort were found, and how many in the term before, with their rows."""

    name: str
    count: int
    before: int
    rows: tuple[Stored, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How many duties of one sort fell due within the term: done in time, done late, still not done."""

    name: str
    in_time: int
    late: int
    unmet: int
    rows: tuple[Stored, ...]

    @property
    def due(self) -> int:
        """Return how many fell due."""
        return self.in_time + self.late + self.unmet


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A word that stands in surely more reports than in the term before, and the items it stands in."""

    word: str
    count: int
    before: int
    rows: tuple[Stored, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """How many of the incidents found within the term were answered, and how long the middle one took."""

    found: int
    answered: int
    typical: timedelta | None
    rows: tuple[Stored, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A week or month `[since, until)` and the one before it, from `before_since`, as things stood at `now`.

    `before` is None where there is no whole record of the term before. `away` are the absences of the service
    within the term, `item_count` how many items tell of our incidents. `unwatched` are the local days, by
    their beginning, on which no source was asked.
    """

    term: Term
    office: Office
    live: tuple[Dossier, ...]
    standing: tuple[Dossier, ...]
    sources: tuple[SourceSummary, ...]
    before_since: datetime
    since: datetime
    until: datetime
    now: datetime
    totals: Totals
    before: Totals | None
    types: tuple[Share, ...]
    places: tuple[Share, ...]
    duties: tuple[Kept, ...]
    duties_before: tuple[Kept, ...]
    departments: tuple[Kept, ...]
    answering: Answering
    item_count: int
    rising: tuple[Rise, ...]
    away: tuple[timedelta, ...]
    unwatched: frozenset[datetime]
    journal_head: str

    @property
    def found(self) -> tuple[Incident, ...]:
        """Return the incidents found within the term."""
        return tuple(_found(self.live, self.since, self.until))

    @property
    def parts(self) -> str:
        """Return what the parts of the territory are called."""
        return "乡镇" if _townships(self.office) else "地区"

    @property
    def is_blind(self) -> bool:
        """Return whether nobody may conclude from silence that nothing happened."""
        unseen = [s for s in self.sources if s.is_untried]
        broken = [s for s in self.sources if s.down_since or (s.polls and s.failed == s.polls)]
        gaps = any(self.since <= at < self.until for at in self.unwatched)
        return bool(broken or self.away or gaps) or len(unseen) == len(self.sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a review is made of: incidents as they stood at `now` and what else was counted."""

    dossiers: Sequence[Dossier]
    sources: Sequence[SourceSummary]
    item_count: int
    rising: Sequence[Rise] = ()
    away: Sequence[timedelta]
    unwatched: Iterable[datetime] = ()
    recorded_since: datetime | None
    journal_head: str


def build_review(
    term: Term,
    office: Office,
    gathered: Gathered,
    before_since: datetime,
    since: datetime,
    until: datetime,
    now: datetime,
) -> Review:
    """Return the review of `[since, until)`; incidents merged into others speak through their survivor."""
    live = ours(gathered.dossiers)
    standing = sorted((d for d in live if d.incident.is_open), key=rank)
    has_before = gathered.recorded_since is not None and gathered.recorded_since <= before_since
    shares = partial(_shares, _found(live, since, until), _found(live, before_since, since))
    return Review(
        term=term,
        office=office,
        live=tuple(live),
        standing=tuple(standing),
        sources=tuple(gathered.sources),
        before_since=before_since,
        since=since,
        until=until,
        now=now,
        totals=count_totals(live, standing, since, until),
        before=count_totals(live, standing, before_since, since) if has_before else None,
        types=shares(name_type),
        places=shares(lambda incident: name_township(incident, office)),
        duties=_kept(_due(live, since, until, now), lambda _, duty: duty.name),
        duties_before=_kept(_due(live, before_since, since, now), lambda _, duty: duty.name),
        departments=_kept(_due(live, since, until, now), lambda incident, _: _name_owner(incident, office)),
        answering=_answering(live, since, until),
        item_count=gathered.item_count,
        rising=tuple(gathered.rising) if has_before else (),
        away=tuple(gathered.away),
        unwatched=frozenset(gathered.unwatched),
        journal_head=gathered.journal_head,
    )


def _found(live: Iterable[Dossier], since: datetime, until: datetime) -> list[Incident]:
    return [d.incident for d in live if since <= d.incident.detected_at < until]


def _shares(
    now: Sequence[Incident], before: Sequence[Incident], name_of: Callable[[Incident], str]
) -> tuple[Share, ...]:
    """Return the sorts that occur in either term, the most frequent first; what has no name comes last."""
    counts, earlier = Counter(map(name_of, now)), Counter(map(name_of, before))
    names = sorted({*counts, *earlier}, key=lambda n: (n in (OTHER, UNPLACED), -counts[n], -earlier[n], n))
    return tuple(
        Share(
            name=name,
            count=counts[name],
            before=earlier[name],
            rows=stored(*(i for i in (*now, *before) if name_of(i) == name)),
        )
        for name in names
    )


Due = tuple[Incident, Obligation]


def _due(live: Iterable[Dossier], since: datetime, until: datetime, now: datetime) -> list[Due]:
    """Return the statutory answers that fell due within the range: met, or missed by `now`."""
    return [
        (d.incident, o)
        for d in live
        for o in d.obligations
        if o.statutory
        and not o.is_report
        and since <= o.due_at < until
        and (_is_met(o) or _is_missed(o, now))
    ]


def _is_met(duty: Obligation) -> bool:
    return duty.state is ObligationState.MET


def _is_missed(duty: Obligation, now: datetime) -> bool:
    return duty.is_running and now > duty.due_at


def _kept(due: Sequence[Due], name_of: Callable[[Incident, Obligation], str]) -> tuple[Kept, ...]:
    groups: dict[str, list[Due]] = {}
    for incident, duty in due:
        groups.setdefault(name_of(incident, duty), []).append((incident, duty))
    return tuple(
        Kept(
            name=name,
            in_time=sum(_is_met(o) and not o.met_late for _, o in group),
            late=sum(_is_met(o) and o.met_late for _, o in group),
            unmet=sum(not _is_met(o) for _, o in group),
            rows=tuple(row for i, o in group for row in stored(i, o)),
        )
        for name, group in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    )


def _answering(live: Iterable[Dossier], since: datetime, until: datetime) -> Answering:
    found = [d for d in live if since <= d.incident.detected_at < until]
    waits, rows = [], list(stored(*(d.incident for d in found)))
    for dossier in found:
        answers = [p for p in dossier.publications if p.state is PublicationState.ACCEPTED]
        if answers:
            first = min(answers, key=lambda p: p.effective_at)
            began_at = dossier.incident.first_published_at or dossier.incident.detected_at
            waits.append(max(first.effective_at - began_at, timedelta(0)))
            rows += stored(first)
    typical = timedelta(seconds=median(wait.total_seconds() for wait in waits)) if waits else None
    return Answering(found=len(found), answered=len(waits), typical=typical, rows=tuple(rows))


# -- names


def name_type(incident: Incident) -> str:
    """Return of which kind it is: the event type in short, else what sort of opinion."""
    known = _types()
    return known.get(incident.event_type or "") or OPINIONS.get(incident.opinion or "") or OTHER


@cache
def _types() -> Mapping[str, str]:
    return {code: re.split(r"[(（/]", kind.name)[0] for code, kind in load_table().event_types.items()}


def name_township(incident: Incident, office: Office) -> str:
    """Return in which township it is, by code or name; without townships of ours the first place named."""
    townships = _townships(office)
    if not townships:
        ours_ = {office.territory.name, *office.territory.aliases}
        return next((p.name for p in incident.places if p.name not in ours_), "未明确地点")
    for place in incident.places:
        for township in townships:
            is_within = township.code and place.code and place.code.startswith(township.code)
            if is_within or place.name in (township.name, *township.aliases):
                return township.name
    return UNPLACED


def _townships(office: Office) -> tuple[Place, ...]:
    return tuple(p for p in office.territory.places if p.kind is PlaceKind.TOWNSHIP)


def _name_owner(incident: Incident, office: Office) -> str:
    return say_person(incident.assigned_to[0], office) if incident.assigned_to else UNASSIGNED
