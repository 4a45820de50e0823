"""Everything as JSON Lines for the analysts' own tools: one folder for each local day, as DuckDB reads them.

Words of posters are masked; unknown is null. A day's file is written beside the old one and put in its place
at the end, so that whoever reads meanwhile reads whole files.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from alerts.message import mask_personal
from monitor.analysis.period import Period, local_day
from monitor.clock import as_local
from monitor.dossier.model import Dossier, Part
from monitor.incidents.model import PublicationState
from monitor.ports import Store
from monitor.ports.analysis import StoredItem

AT_ONCE = 1_000
_PARTS = (Part.OBLIGATIONS, Part.PUBLICATIONS)


def write_days(store: Store, folder: Path, period: Period) -> Iterator[int]:
    """Write `items` and `incidents` of these days, yielding how many rows each step wrote.

    An item's day is that of its publication (else of its first sight), an incident's that of its detection.
    Days that were written before are replaced; one to which nothing belongs any more keeps its file.
    """
    items, incidents = _Days(folder, "items"), _Days(folder, "incidents")
    for some in _items(store, period):
        items.add((local_day(each.item.at), item_line(each)) for each in some)
        yield len(some)
    for dossiers in _dossiers(store, period):
        incidents.add((local_day(each.incident.detected_at), incident_line(each)) for each in dossiers)
        yield len(dossiers)
    items.finish()
    incidents.finish()


def _items(store: Store, period: Period) -> Iterator[tuple[StoredItem, ...]]:
    last = 0
    while True:
        with store.reading() as transaction:
            some = transaction.items_after(last, AT_ONCE, since=period.since, until=period.until)
        if not some:
            return
        yield some
        last = some[-1].item.id


def _dossiers(store: Store, period: Period) -> Iterator[tuple[Dossier, ...]]:
    before: int | None = None
    while True:
        with store.reading() as transaction:
            some = transaction.incidents(since=period.since, limit=AT_ONCE, before_id=before)
            found = [incident for incident in some if incident.detected_at < period.until]
            dossiers = transaction.dossiers_of(found, _PARTS)
        if not some:
            return
        yield dossiers
        before = some[-1].id


class _Days:
    """One kind of rows, a file for each day: `KIND/day=2026-11-24/KIND.jsonl`."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder = folder / kind
        self._kind = kind
        self._begun: set[date] = set()

    def add(self, lines: Iterable[tuple[date, str]]) -> None:
        """Append lines to the files of their days."""
        by_day: defaultdict[date, list[str]] = defaultdict(list)
        for day, line in lines:
            by_day[day].append(line)
        for day, some in by_day.items():
            path = self._part(day)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a" if day in self._begun else "w", encoding="utf-8") as file:
                file.writelines(some)
            self._begun.add(day)

    def finish(self) -> None:
        """Put every file in the place of the old one."""
        for day in self._begun:
            self._part(day).replace(self._part(day).with_suffix(""))

    def _part(self, day: date) -> Path:
        return self._folder / f"day={day.isoformat()}" / f"{self._kind}.jsonl.part"


def item_line(stored: StoredItem) -> str:
    """Return an item with what was judged of it as one line of JSON."""
    item, verdict = stored.item, stored.verdict
    return _line(
        {
            "id": item.id,
            "at": _local(item.at),
            "published_at": _local(item.published_at),
            "first_seen_at": _local(item.first_seen_at),
            "source_id": item.source_id,
            "source": item.source_name,
            "role": item.role.value,
            "title": mask_personal(item.title),
            "text": mask_personal(item.text),
            "url": item.url,
            "heat": item.heat,
            "board_rank": item.board_rank,
            "incident": stored.incident_id,
            "matter": verdict and verdict.matter,
            "live": verdict and verdict.live,
            "local": verdict and verdict.local,
            "severity": verdict and verdict.severity and int(verdict.severity),
            "category": verdict and verdict.category,
            "event_type": verdict and verdict.event_type,
            "opinion": verdict and verdict.opinion,
            "places": [place.name for place in verdict.places] if verdict else [],
            "rules_version": verdict and verdict.rules_version,
        }
    )


def incident_line(dossier: Dossier) -> str:
    """Return an incident with its obligations as one line of JSON."""
    incident = dossier.incident
    words = [p.effective_at for p in dossier.publications if p.state is PublicationState.ACCEPTED]
    return _line(
        {
            "id": incident.id,
            "title": mask_personal(incident.title),
            "state": incident.state.value,
            "local": incident.local,
            "severity": incident.severity and int(incident.severity),
            "automatic_severity": incident.grade.effective and int(incident.grade.effective),
            "category": incident.category,
            "event_type": incident.event_type,
            "opinion": incident.opinion,
            "places": [place.name for place in incident.places],
            "departments": list(incident.assigned_to),
            "first_published_at": _local(incident.first_published_at),
            "detected_at": _local(incident.detected_at),
            "first_word_at": _local(min(words, default=None)),
            "ended_at": _local(incident.ended_at),
            "item_count": incident.item_count,
            "obligations": [
                {
                    "kind": duty.kind,
                    "name": duty.name,
                    "statutory": duty.statutory,
                    "due_at": _local(duty.due_at),
                    "state": duty.state.value,
                    "met_at": _local(duty.met_effective_at),
                    "late": duty.met_late,
                }
                for duty in dossier.obligations
            ],
        }
    )


def _local(at: datetime | None) -> str | None:
    return None if at is None else as_local(at).isoformat()


def _line(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False) + "\n"
