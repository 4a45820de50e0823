"""Figures over time: every reported value with its source, and which one holds now, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.message.words import METRICS, say_count
from monitor.classifiers.model import Count
from monitor.desk import words
from monitor.incidents.model import Holding, Report, Trust
from monitor.incidents.reconcile import reports_now, trust_of
from monitor.items.model import Item
from monitor.ports import JoinedItem

ORDER = tuple(Trust)
MOST_OF_ONE = 30
"""How many reports of one figure are shown: hundreds that say the same hide the one that does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One reported value: who said it when; `why` it holds, or does not; `doubt` marks 待核."""

    metric: str
    value: str
    at: datetime
    source: str
    role: str
    holds: bool
    doubt: bool
    why: str


def figure_timeline(reports: Sequence[JoinedItem], holding: Holding) -> tuple[Said, ...]:
    """Return every value that was reported, metric after metric, the newest first."""
    told = [
        _Told(metric=metric, count=count, trust=_trust(count, joined), item=joined.item)
        for joined in reports
        if not joined.reach_only and joined.verdict is not None
        for metric, count in joined.verdict.figures.counts.items()
    ]
    order = {metric: place for place, metric in enumerate(METRICS)}
    told.sort(key=lambda t: t.item.at, reverse=True)
    told.sort(key=lambda t: order.get(t.metric, len(order)))
    standing, firmest = reports_now(holding), _firmest(told)
    return tuple(_said(t, firmest, standing.get(t.metric), holding) for t in told)


def foremost(timeline: Sequence[Said]) -> tuple[Said, ...]:
    """Return what of a long timeline is shown: the newest of each metric, and whatever holds or is in doubt.

    A doubt that says the same as a newer one is left out as well.
    """
    shown: list[Said] = []
    for said in timeline:
        same = [s for s in shown if s.metric == said.metric]
        is_news = said.doubt and all(s.value != said.value or not s.doubt for s in same)
        if len(same) < MOST_OF_ONE or said.holds or is_news:
            shown.append(said)
    return tuple(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    metric: str
    count: Count
    trust: Trust
    item: Item


def _trust(count: Count, joined: JoinedItem) -> Trust:
    """Return whose word a figure is; hearsay is a social claim, whoever repeats it (C12)."""
    return Trust.SOCIAL if count.claimed else trust_of(joined.item.role)


def _firmest(every: Iterable[_Told]) -> dict[tuple[str, Trust], float]:
    """Return the greatest value of each metric that a more trusted source than this one ever said."""
    found: dict[tuple[str, Trust], float] = {}
    for told in every:
        for less in ORDER[ORDER.index(told.trust) + 1 :]:
            key = (told.metric, less)
            found[key] = max(told.count.value, found.get(key, told.count.value))
    return found


def _said(
    told: _Told,
    firmest: Mapping[tuple[str, Trust], float],
    standing: tuple[Trust, Report] | None,
    holding: Holding,
) -> Said:
    holds = standing is not None and standing[1].item_id == told.item.id
    if holds:
        doubt = told.trust is Trust.SOCIAL
        why = _why_it_holds(told.trust, has_official=told.metric in holding.official)
    else:
        doubt, why = _superseded(told, firmest, standing)
    return Said(
        metric=told.metric,
        value=say_count(told.metric, told.count),
        at=told.item.at,
        source=told.item.source_name,
        role=told.item.role.value,
        holds=holds,
        doubt=doubt,
        why=why,
    )


def _why_it_holds(trust: Trust, *, has_official: bool) -> str:
    if trust is Trust.SOCIAL:
        return "现行，待核：官方和媒体都没有说，只用于从严预判"
    if trust is Trust.OFFICIAL:
        return "现行：官方最新"
    return "现行：媒体比官方新，且不低于官方" if has_official else "现行：媒体最新，官方没有说"


def _superseded(
    told: _Told, firmest: Mapping[tuple[str, Trust], float], standing: tuple[Trust, Report] | None
) -> tuple[bool, str]:
    """Return whether a value that does not hold is in doubt, and why it does not hold.

    In doubt is what lies above all that a more trusted source ever said: a number that was official once
    and has been corrected since is merely old.
    """
    if standing is None:
        return told.trust is Trust.SOCIAL, "未采用"
    best, report = standing
    if ORDER.index(told.trust) <= ORDER.index(best):
        is_newer = told.trust is best and told.item.at > report.at
        return False, "较新但较少，没有说明是更正：可能是旧数或只是一部分" if is_newer else "已有更新的数据"
    name = words.word("trust", best.value)
    if told.count.value > max(report.count.value, firmest.get((told.metric, told.trust), 0.0)):
        return True, f"待核：高于现行的{name}数据 {report.count.value:g}"
    return False, f"以{name}数据为准"
