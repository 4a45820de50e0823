"""Figures over time: every reported value with its source, and which one holds now, and why."""

from collections.abc import Sequence
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
    return tuple(_said(t, told, holding) for t in told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    metric: str
    count: Count
    trust: Trust
    item: Item


def _trust(count: Count, joined: JoinedItem) -> Trust:
    """Return whose word a figure is; hearsay is a social claim, whoever repeats it (C12)."""
    return Trust.SOCIAL if count.claimed else trust_of(joined.item.role)


def _said(told: _Told, every: Sequence[_Told], holding: Holding) -> Said:
    standing = reports_now(holding).get(told.metric)
    holds = standing is not None and standing[1].item_id == told.item.id
    if holds:
        doubt = told.trust is Trust.SOCIAL
        why = _why_it_holds(told.trust, has_official=told.metric in holding.official)
    else:
        doubt, why = _superseded(told, every, standing)
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
    told: _Told, every: Sequence[_Told], standing: tuple[Trust, Report] | None
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
    firmer = [
        t.count.value
        for t in every
        if t.metric == told.metric and ORDER.index(t.trust) < ORDER.index(told.trust)
    ]
    name = words.word("trust", best.value)
    if told.count.value > max([report.count.value, *firmer]):
        return True, f"待核：高于现行的{name}数据 {report.count.value:g}"
    return False, f"以{name}数据为准"
