"""What leaders read each morning, as values: stored facts only, each with its incident's number.

Order and contents follow the daily report of the domain: totals, open matters with status, what is overdue or
falls due, answers published, new rumours, and whether the sources were there to tell us.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.digest.paper import Stored, stored
from alerts.message.privacy import quote
from alerts.message.words import say_clock, say_headline, say_length, say_owner, say_time
from monitor.classifiers.model import Severity
from monitor.deadlines.model import Obligation, ObligationState
from monitor.dossier.model import Dossier
from monitor.incidents.model import Incident, IncidentState, Publication, PublicationState, Trust
from monitor.office.model import Office

DUE_WITHIN = timedelta(hours=24)
"""What falls due before the next digest is on this one's page."""

Clock = tuple[Dossier, Obligation]

_SHOWN = 8
"""Lines of one section; how many more there are is said, never hidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSummary:
    """How one source fares.

    `down_since` is None while it answers within its own habit; `is_untried` says that it never answered yet.
    `polls` and `failed` count its polls within the range and those that failed, where that was asked.
    """

    name: str
    id: str = ""
    down_since: datetime | None = None
    is_untried: bool = False
    polls: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts over `[since, until)`; `open_by_severity` is what is open at `now`: 1 to 4, then ungraded."""

    opened: int
    open_now: int
    open_by_severity: tuple[int, int, int, int, int]
    ended: int
    met: int
    met_late: int
    breached: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One fact: the number of its incident, its words, the stored rows they were made of, how loud it is."""

    incident_id: int
    said: str
    rows: tuple[Stored, ...]
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Lines under a heading; `more` were left out for length, `nothing` is said where there are none."""

    heading: str
    lines: tuple[Line, ...]
    more: int
    nothing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One daily digest, or what a shift hands over to the next one under its own `heading`.

    `coverage` and `is_blind` tell a quiet night from one nobody was watching. `live` and `sources` are what
    everything was made of, `standing` the open ones among `live`, the most severe first. `now` is when things
    stood so. `remark` says what a reader must know of this copy: that it is late, and why.
    """

    office: Office
    live: tuple[Dossier, ...]
    standing: tuple[Dossier, ...]
    sources: tuple[SourceSummary, ...]
    office_name: str
    since: datetime
    until: datetime
    now: datetime
    totals: Totals
    coverage: str
    is_blind: bool
    sections: tuple[Section, ...]
    journal_head: str
    heading: str | None = None
    remark: str = ""


def build_digest(
    office: Office,
    dossiers: Sequence[Dossier],
    sources: Sequence[SourceSummary],
    since: datetime,
    until: datetime,
    now: datetime,
    journal_head: str,
) -> Digest:
    """Return the digest of `[since, until)`, with what is open, overdue and due as it stands at `now`.

    `dossiers` are the incidents that are ours or not placed yet: the open ones and those that changed since
    `since`. Merged incidents speak through their survivor.
    """
    live = ours(dossiers)
    standing = sorted((d for d in live if d.incident.is_open), key=rank)
    return Digest(
        office=office,
        live=tuple(live),
        standing=tuple(standing),
        sources=tuple(sources),
        office_name=office.name,
        since=since,
        until=until,
        now=now,
        totals=count_totals(live, standing, since, until),
        coverage=_say_coverage(sources, now),
        is_blind=any(source.down_since for source in sources) or all(source.is_untried for source in sources),
        sections=(
            *_clock_sections(standing, office, now),
            _section("未结事项", (_open_line(d, office, now) for d in standing), "没有未结事项。"),
            _section("已发布回应", _released(live, since, until, now), "本时段没有发布回应。"),
            _section("新增谣言线索", _new_rumors(live, office, since, until, now), "没有新增谣言线索。"),
        ),
        journal_head=journal_head,
    )


def ours(dossiers: Iterable[Dossier]) -> list[Dossier]:
    """Return those that are ours or not placed yet; merged incidents speak through their survivor."""
    return [
        d for d in dossiers if d.incident.local is not False and d.incident.state is not IncidentState.MERGED
    ]


def _clock_sections(standing: Sequence[Dossier], office: Office, now: datetime) -> tuple[Section, Section]:
    late, soon = running_clocks(standing, now)
    return (
        _section("已超时", (_clock_line(d, o, office, now) for d, o in late), "没有超时事项。"),
        _section("24小时内到期", (_clock_line(d, o, office, now) for d, o in soon), "没有24小时内到期事项。"),
    )


def running_clocks(standing: Iterable[Dossier], now: datetime) -> tuple[list[Clock], list[Clock]]:
    """Return what is past its statutory instant, the most severe first; what falls due within a day."""
    clocks = sorted(((d, o) for d in standing for o in d.obligations if o.is_running), key=_due_at)
    late, soon = [], []
    for dossier, duty in clocks:
        if duty.statutory and now > duty.due_at:
            late.append((dossier, duty))
        elif duty.due_at < now + DUE_WITHIN:
            soon.append((dossier, duty))
    return sorted(late, key=lambda clock: rank(clock[0])), soon


def _due_at(pair: tuple[Dossier, Obligation]) -> tuple[datetime, int]:
    return (pair[1].due_at, pair[0].incident.id)


def rank(dossier: Dossier) -> tuple[int, int]:
    """Order incidents: the most severe first, then the oldest."""
    severity = dossier.incident.severity
    return (severity.value if severity else 5, dossier.incident.id)


def _section(heading: str, lines: Iterable[Line], nothing: str) -> Section:
    found = tuple(lines)
    return Section(heading=heading, lines=found[:_SHOWN], more=max(0, len(found) - _SHOWN), nothing=nothing)


def count_totals(
    live: Sequence[Dossier], standing: Sequence[Dossier], since: datetime, until: datetime
) -> Totals:
    """Count what was found, ended, kept and missed in `[since, until)`, and what is open by severity."""

    def within(at: datetime | None) -> bool:
        return at is not None and since <= at < until

    graded = [d.incident.severity for d in standing]
    statutory = [o for d in live for o in d.obligations if o.statutory and not o.is_report]
    met = [o for o in statutory if o.state is ObligationState.MET and within(o.ended_at)]
    one, two, three, four = (graded.count(severity) for severity in Severity)
    return Totals(
        opened=sum(within(d.incident.detected_at) for d in live),
        open_now=len(standing),
        open_by_severity=(one, two, three, four, graded.count(None)),
        ended=sum(within(d.incident.ended_at) for d in live),
        met=len(met),
        met_late=sum(o.met_late for o in met),
        breached=sum(within(o.breached_at) for o in statutory),
    )


def _say_coverage(sources: Sequence[SourceSummary], now: datetime) -> str:
    down = [source for source in sources if source.down_since is not None]
    untried = sum(source.is_untried for source in sources)
    if not sources:
        return "没有信源在监测，本期不能说明有无舆情。"
    if untried == len(sources):
        return f"{untried} 个信源都还没有取到过内容，本期不能说明有无舆情。"
    if not down:
        working = len(sources) - untried
        return (
            f"{working} 个信源正常，{untried} 个还没有取到过内容。"
            if untried
            else f"{working} 个信源全部正常。"
        )
    said = "、".join(
        f"{quote(s.name, 20)}（自 {say_time(s.down_since, now)} 起，已 {say_length(now - s.down_since)}）"
        for s in down[:_SHOWN]
        if s.down_since is not None
    )
    more = f"等 {len(down)} 个" if len(down) > _SHOWN else ""
    if len(down) == len(sources):
        return f"{len(sources)} 个信源全部中断，本期不能说明有无舆情：{said}{more}。"
    return f"{len(sources)} 个信源中 {len(down)} 个中断，可能有遗漏：{said}{more}。"


def _name(incident: Incident, office: Office) -> str:
    return say_headline(incident, office, limit=28)


def _open_line(dossier: Dossier, office: Office, now: datetime) -> Line:
    incident = dossier.incident
    return Line(
        incident_id=incident.id,
        said=f"{_name(incident, office)}：{say_status(dossier)}，承办：{say_owner(incident, office)}。",
        rows=stored(incident, *dossier.publications, *dossier.obligations),
        is_late=any(o.is_running and o.statutory and now > o.due_at for o in dossier.obligations),
    )


def say_status(dossier: Dossier) -> str:
    """Return how far an open incident has come, in one word."""
    incident = dossier.incident
    if any(p.state is PublicationState.ACCEPTED for p in dossier.publications):
        return "已回应"
    if incident.assigned_to:
        return "已交办"
    return "已确认" if incident.confirmed_at else "待确认"


def _clock_line(dossier: Dossier, obligation: Obligation, office: Office, now: datetime) -> Line:
    name = obligation.name if obligation.statutory else "建议续报"
    return Line(
        incident_id=dossier.incident.id,
        said=f"{_name(dossier.incident, office)}：{name} {say_clock(obligation, now)}。",
        rows=stored(dossier.incident, obligation),
        is_late=obligation.statutory and now > obligation.due_at,
    )


def _released(dossiers: Iterable[Dossier], since: datetime, until: datetime, now: datetime) -> Iterable[Line]:
    for incident, publication in released(dossiers, since, until):
        where = f"，{quote(publication.channel, 20)}" if publication.channel else ""
        yield Line(
            incident_id=incident.id,
            said=f"《{quote(publication.title, 40)}》（{say_time(publication.effective_at, now)}{where}）。",
            rows=stored(incident, publication),
        )


def released(
    dossiers: Iterable[Dossier], since: datetime, until: datetime
) -> list[tuple[Incident, Publication]]:
    """Return the accepted answers recorded within the range, in the order they took effect."""
    found = [
        (d.incident, p)
        for d in dossiers
        for p in d.publications
        if p.state is PublicationState.ACCEPTED and since <= p.recorded_at < until
    ]
    return sorted(found, key=lambda pair: (pair[1].effective_at, pair[0].id))


def is_rumor(incident: Incident) -> bool:
    """Return whether it is a rumour, or may be one: what a trusted source reports no longer may."""
    is_trusted = bool(incident.trusts & {Trust.OFFICIAL, Trust.MEDIA})
    return incident.opinion == "rumor" or (incident.opinion == "rumor_suspected" and not is_trusted)


def new_rumors(dossiers: Iterable[Dossier], since: datetime, until: datetime) -> list[Incident]:
    """Return the incidents found within the range that are, or may be, rumours."""
    found = (d.incident for d in dossiers)
    return [i for i in found if is_rumor(i) and since <= i.detected_at < until]


def _new_rumors(
    dossiers: Iterable[Dossier], office: Office, since: datetime, until: datetime, now: datetime
) -> Iterable[Line]:
    for incident in new_rumors(dossiers, since, until):
        said = f"{_name(incident, office)}：{say_time(incident.detected_at, now)} 监测到，待核。"
        yield Line(incident_id=incident.id, said=said, rows=stored(incident))
