"""Who saw it first, and how far it went."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from monitor.analysis.facts import LEDGER, ArrivalFact, Material
from monitor.analysis.table import Cell, Naming, Table, counts, hours, rate, share, table, text
from monitor.incidents.heat import Sighting, arrivals

_HOUR = timedelta(hours=1)
REACH_HOURS = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 36, 48, 60, 72, 96, 120, 144, 168)
"""At which hours after the first post reach is compared."""


def sources_by_lead(material: Material, naming: Naming) -> Table:
    """Return who had what first: of incidents that two sources at least carried, the earlier source leads."""
    carried: defaultdict[str, int] = defaultdict(int)
    leads: defaultdict[str, list[float]] = defaultdict(list)
    lags: defaultdict[str, list[float]] = defaultdict(list)
    names: dict[str, tuple[str, str]] = {}
    for firsts in _orders(material):
        for arrival in firsts:
            carried[arrival.source_id] += 1
            names[arrival.source_id] = arrival.source_name or arrival.source_id, naming.role(arrival.role)
            lags[arrival.source_id].append((arrival.at - firsts[0].at) / _HOUR)
        leads[firsts[0].source_id].append((firsts[1].at - firsts[0].at) / _HOUR)
    order = sorted(carried, key=lambda id_: (-len(leads[id_]), -carried[id_], names[id_]))
    rows = (
        (*names[id_], carried[id_], first, rate(first, carried[id_]), _median(leads[id_]), _median(lags[id_]))
        for id_ in order
        for first in (len(leads[id_]),)
    )
    return table(
        (
            text("source", "信源"),
            text("role", "类别"),
            *counts(incidents="涉及事件", first="最先出现"),
            share("rate", "最先占比"),
            *hours(lead="领先第二家（中位，小时）", lag="晚于首家（中位，小时）"),
        ),
        rows,
    )


def _orders(material: Material) -> Iterator[list[ArrivalFact]]:
    """Yield, for each incident of ours with two sources or more, the first item of each source in order."""
    ours = {i.id for i in material.incidents if i.counts and not i.is_imported}
    by_incident: defaultdict[int, dict[str, ArrivalFact]] = defaultdict(dict)
    for arrival in sorted(material.arrivals, key=lambda a: (a.at, a.source_id)):
        if arrival.incident_id in ours and arrival.source_id != LEDGER:
            by_incident[arrival.incident_id].setdefault(arrival.source_id, arrival)
    for firsts in by_incident.values():
        if len(firsts) > 1:
            yield list(firsts.values())


def _median(lengths: Sequence[float]) -> float | None:
    return median(lengths) if lengths else None


def reach(found: Mapping[int, Iterable[Sighting]], now: datetime) -> Table:
    """Return how many items had come to each incident so many hours after its first one.

    None where those hours are not over yet, and where nothing came at all.
    """
    orders = {id_: [s.at for s in arrivals(seen)] for id_, seen in found.items()}
    last = max((at - at_[0] for at_ in orders.values() for at in at_), default=timedelta(0))
    return table(
        (text("hours", "首发后（小时）"), *counts(**{f"i{id_}": f"{id_}号" for id_ in orders})),
        (
            (str(hour), *(_reached(instants, hour, now) for instants in orders.values()))
            for before, hour in pairwise((-1, *REACH_HOURS))
            if before * _HOUR <= last
        ),
    )


def _reached(instants: Sequence[datetime], hour: int, now: datetime) -> Cell:
    if not instants or instants[0] + hour * _HOUR > now:
        return None
    return sum(at <= instants[0] + hour * _HOUR for at in instants)
