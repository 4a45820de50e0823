"""Many reports -> the figures that hold now: the newest of the most trusted source (DESIGN 2.4, C12).

The dead and the hurt do not become fewer. So a newer, lower number of them is as a rule an older count told
late, or a part (one county, one victim), and does not replace the higher one, unless the report is that of
an authority, whose word the toll is; calls itself a correction; or, of the hurt, counts the dead beside them,
for who dies is hurt no more. What does become fewer (the missing, the trapped) follows the newest report.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from monitor.classifiers.model import DEGREE_TOLD, Count, Figures
from monitor.collectors.model import Role
from monitor.incidents.model import Holding, Report, Trust

_NEVER_FEWER = frozenset(
    {"deaths", "injuries", "serious_injuries", "slight_injuries", "ill_persons", DEGREE_TOLD}
)
_TRUST_OF_ROLE = {
    Role.OFFICIAL: Trust.OFFICIAL,
    Role.WARNING: Trust.OFFICIAL,
    Role.MEDIA: Trust.MEDIA,
    Role.HOTLINE: Trust.SOCIAL,
    Role.SOCIAL: Trust.SOCIAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A later social claim above a trusted figure: shown as 与通报不一致，待核; it raises nothing (C12)."""

    metric: str
    official: float
    claimed: float
    official_item_id: int
    social_item_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The figures that hold now.

    `confirmed` rests on official and media reports, `precautionary` adds what only social sources or
    hearsay claim. `conflicts` contradict an official figure (level 1 is told), `doubts` a media figure
    (shown on the desk only).
    """

    confirmed: Figures
    precautionary: Figures
    conflicts: tuple[Conflict, ...] = ()
    doubts: tuple[Conflict, ...] = ()


def trust_of(role: Role) -> Trust:
    """Return whose word a source's role is."""
    return _TRUST_OF_ROLE[role]


def absorb_report(holding: Holding, figures: Figures, trust: Trust, at: datetime, item_id: int) -> Holding:
    """Return the holding with this report in it, whatever the order of arrival; repeated, it changes nothing.

    `at` orders reports within one trust (the later item id wins a tie). Hedged and hearsay counts
    (`claimed`) are a social claim, whoever repeats them: they never overwrite a firm figure.
    """
    firm = {metric: count for metric, count in figures.counts.items() if not count.claimed}
    hedged = {metric: count for metric, count in figures.counts.items() if count.claimed}
    shelves = {
        Trust.OFFICIAL: holding.official,
        Trust.MEDIA: holding.media,
        Trust.SOCIAL: holding.social,
    }
    if "serious_injuries" in firm and "injuries" in firm:
        firm[DEGREE_TOLD] = firm["injuries"]
    shelves[trust] = united_shelf(shelves[trust], _reported(firm, trust, at, item_id))
    shelves[Trust.SOCIAL] = united_shelf(shelves[Trust.SOCIAL], _reported(hedged, Trust.SOCIAL, at, item_id))
    is_claim = trust is Trust.SOCIAL
    return replace(
        holding,
        official=shelves[Trust.OFFICIAL],
        media=shelves[Trust.MEDIA],
        social=shelves[Trust.SOCIAL],
        flags=holding.flags if is_claim else holding.flags | figures.flags,
        claimed_flags=holding.claimed_flags | figures.flags if is_claim else holding.claimed_flags,
    )


def _reported(counts: Mapping[str, Count], trust: Trust, at: datetime, item_id: int) -> Mapping[str, Report]:
    """Return what one item reports, each figure with whether it replaces a higher one."""
    return {
        metric: Report(
            count=count,
            at=at,
            item_id=item_id,
            settles=trust is Trust.OFFICIAL
            or count.corrects
            or metric not in _NEVER_FEWER
            or (metric != "deaths" and "deaths" in counts),
        )
        for metric, count in counts.items()
    }


def united_shelf(one: Mapping[str, Report], other: Mapping[str, Report]) -> Mapping[str, Report]:
    """Return what one trust says by the reports of both shelves."""
    united = {m: _holding_report(_every(one[m]) + _every(r)) if m in one else r for m, r in other.items()}
    return MappingProxyType({**one, **united}) if united else one


def _every(report: Report | None) -> tuple[Report, ...]:
    """Return the report that holds within its trust, and those that may count once more is known."""
    return () if report is None else (replace(report, others=()), *report.others)


def _holding_report(reports: Iterable[Report]) -> Report:
    """Return the report that holds, with those in `others` that no later one has put out of question.

    Of what came with and after the last settling report, the highest holds.
    """
    left: list[Report] = []
    for report in sorted(set(reports), key=_order, reverse=True):
        if not any(_outdoes(later, report) for later in left):
            left.append(report)
    best = _highest(left)
    return replace(best, others=tuple(r for r in reversed(left) if r is not best))


def _outdoes(later: Report, report: Report) -> bool:
    return later.settles or (not report.settles and later.count.value >= report.count.value)


def _order(report: Report) -> tuple[datetime, int]:
    return report.at, report.item_id


def _highest(reports: Iterable[Report]) -> Report:
    return max(reports, key=lambda report: (report.count.value, *_order(report)))


def _since(at: datetime, report: Report | None) -> Report | None:
    """Return the highest report of one trust that is later than an instant."""
    later = [r for r in _every(report) if r.at > at]
    return _highest(later) if later else None


def figures_now(holding: Holding) -> Now:
    """Return the figures that hold now, metric by metric.

    An official figure holds until a newer official one comes, or a newer media figure that is not lower
    (C12). A social claim counts only where nothing better is known, and then for the precautionary severity
    alone.
    """
    confirmed = {
        metric: report.count
        for metric in sorted({*holding.official, *holding.media})
        if (report := _trusted(holding.official.get(metric), holding.media.get(metric))) is not None
    }
    claimed = {
        metric: report.count for metric, report in sorted(holding.social.items()) if metric not in confirmed
    }
    unofficial = {metric: r for metric, r in holding.media.items() if metric not in holding.official}
    return Now(
        confirmed=Figures(counts=MappingProxyType(confirmed), flags=holding.flags),
        precautionary=Figures(
            counts=MappingProxyType({**confirmed, **claimed}), flags=holding.flags | holding.claimed_flags
        ),
        conflicts=_contradicted(holding.official, holding.social, confirmed),
        doubts=_contradicted(unofficial, holding.social, confirmed),
    )


def reports_now(holding: Holding) -> Mapping[str, tuple[Trust, Report]]:
    """Return, for every metric, the report whose figure holds now, and whose word it is."""
    found: dict[str, tuple[Trust, Report]] = {}
    for metric in sorted({*holding.official, *holding.media, *holding.social}):
        official, media = holding.official.get(metric), holding.media.get(metric)
        report = _trusted(official, media)
        if report is None:
            found[metric] = Trust.SOCIAL, holding.social[metric]
        else:
            found[metric] = Trust.OFFICIAL if report is official else Trust.MEDIA, report
    return MappingProxyType(found)


def _trusted(official: Report | None, media: Report | None) -> Report | None:
    """Return the report that holds: the official one unless a newer media figure is not lower."""
    if official is None:
        return media
    newer = _since(official.at, media)
    return newer if newer is not None and newer.count.value >= official.count.value else official


def _contradicted(
    trusted: Mapping[str, Report], social: Mapping[str, Report], confirmed: Mapping[str, Count]
) -> tuple[Conflict, ...]:
    """Return the later social claims above what holds, for the metrics of `trusted` that are shown."""
    return tuple(
        Conflict(
            metric=metric,
            official=report.count.value,
            claimed=claim.count.value,
            official_item_id=report.item_id,
            social_item_id=claim.item_id,
        )
        for metric, report in sorted(trusted.items())
        if metric != DEGREE_TOLD
        and (claim := _since(report.at, social.get(metric))) is not None
        and claim.count.value > max(report.count.value, confirmed[metric].value)
    )


def figures_seen(figures: Figures) -> Mapping[str, float]:
    """Return the figures a person has before their eyes, for `Judgement.figures_seen`; a flag counts as 1."""
    numbers = {metric: count.value for metric, count in figures.counts.items() if metric != DEGREE_TOLD}
    return MappingProxyType({**numbers, **dict.fromkeys(sorted(figures.flags), 1.0)})


def figures_above(now: Figures, seen: Mapping[str, float]) -> bool:
    """Return whether a figure exceeds what the person saw; one not seen counts as 0 (C14)."""
    return any(value > seen.get(metric, 0.0) for metric, value in figures_seen(now).items())
