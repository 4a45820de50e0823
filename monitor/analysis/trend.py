"""How many, when, of what and where."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from monitor.analysis.facts import IncidentFact, Material
from monitor.analysis.period import local_day, local_month
from monitor.analysis.table import Naming, Table, counts, rate, share, table, text
from monitor.classifiers.model import Severity

UNKNOWN = "未认定"


def trend(material: Material, naming: Naming) -> Table:
    """Return incidents by day of detection, by month where the period is long."""
    del naming
    period = material.period
    cut, steps = (local_day, period.days()) if period.is_by_day else (local_month, period.months())
    ours = [incident for incident in material.incidents if incident.counts]
    found = Counter(cut(incident.detected_at) for incident in ours)
    serious = Counter(cut(incident.detected_at) for incident in ours if is_serious(incident))
    items: Counter[date] = Counter()
    for day, count in material.daily_items.items():
        items[day if period.is_by_day else day.replace(day=1)] += count
    form, today = "%m-%d" if period.is_by_day else "%Y-%m", local_day(material.now)
    return table(
        (text("at", "日期"), *counts(incidents="舆情事件", serious="其中重大及以上", items="报道和帖文")),
        (
            (f"{step:{form}}", *(_figure(n[step], step, today) for n in (found, serious, items)))
            for step in steps
        ),
    )


def calendar(material: Material, naming: Naming) -> Table:
    """Return incidents by day: a row for each month, a column for each day, None where there is none."""
    del naming
    found = Counter(local_day(incident.detected_at) for incident in material.incidents if incident.counts)
    days, today = frozenset(material.period.days()), local_day(material.now)
    return table(
        (text("month", "月份"), *counts(**{f"d{day}": f"{day}日" for day in range(1, 32)})),
        (
            (
                f"{month:%Y-%m}",
                *(_figure(found[on], on, today) if on and on in days else None for on in _days_of(month)),
            )
            for month in material.period.months()
        ),
    )


def _figure(count: int, on: date, today: date) -> int | None:
    """Return a count, None where the day is still to come and nothing is known of it."""
    return count if count or on <= today else None


def _days_of(month: date) -> list[date | None]:
    """Return the 31 days of a month, None for those that it has not."""
    days: list[date | None] = []
    for number in range(1, 32):
        try:
            days.append(month.replace(day=number))
        except ValueError:
            days.append(None)
    return days


def by_type(material: Material, naming: Naming) -> Table:
    """Return incidents by type of event, or else by what sort of opinion it is."""
    return _composed("type", "类型", ((naming.kind(i), i) for i in material.incidents if i.counts))


def by_place(material: Material, naming: Naming) -> Table:
    """Return incidents by the first place that they name."""
    del naming
    ours = [incident for incident in material.incidents if incident.counts]
    return _composed("place", "地点", ((i.places[0].name if i.places else UNKNOWN, i) for i in ours))


def _composed(key: str, name: str, named: Iterable[tuple[str, IncidentFact]]) -> Table:
    """Return how many of each name there are, the most frequent first."""
    pairs = list(named)
    found = Counter(word for word, _ in pairs)
    serious = Counter(word for word, incident in pairs if is_serious(incident))
    return table(
        (text(key, name), *counts(incidents="舆情事件", serious="其中重大及以上"), share("share", "占比")),
        ((word, n, serious[word], rate(n, len(pairs))) for word, n in sorted(found.items(), key=_most_first)),
    )


def _most_first(entry: tuple[str, int]) -> tuple[int, str]:
    return -entry[1], entry[0]


def is_serious(incident: IncidentFact) -> bool:
    """Return whether its severity is 重大 or 特别重大."""
    return incident.severity is not None and incident.severity.at_least(Severity.SERIOUS)
