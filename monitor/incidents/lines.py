"""Lines of JSON in and out: which items are one incident, as the service would decide (CONTRACTS 3)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

from monitor.classifiers.model import Verdict
from monitor.classifiers.segment import JiebaSegmenter
from monitor.clock import as_utc
from monitor.collectors.model import Role
from monitor.errors import NaiveTimeError
from monitor.incidents.group import Grouper, Grouping
from monitor.incidents.model import Incident
from monitor.incidents.reconcile import absorb_report, trust_of
from monitor.incidents.traits import blend
from monitor.items.fingerprint import exact_key
from monitor.items.model import Item

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class Judging(Protocol):
    """What is asked of a judge."""

    def judge_item(self, item: Item, now: datetime) -> Verdict:
        """Return the verdict of an item."""
        ...


def group_lines(
    lines: Iterable[str], judge: Judging, segmenter: JiebaSegmenter, *, all_items: bool
) -> Iterator[str]:
    """Yield one line for each line in; a faulty line gives `{"line": n, "error": …}` and the rest goes on.

    Without `all_items` only live matters that are ours, or whose place cannot be told, are grouped, as the
    service does; other items get a null group.
    """
    stream = _Stream(judge, segmenter, all_items=all_items)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            item = _item(row, number)
        except (ValueError, TypeError, KeyError, NaiveTimeError) as error:
            yield json.dumps({"line": number, "error": str(error)}, ensure_ascii=False)
            continue
        yield json.dumps({"id": row["id"], **stream.take(row["id"], item)}, ensure_ascii=False)


class _Stream:
    """The incidents of one run, kept in memory."""

    def __init__(self, judge: Judging, segmenter: JiebaSegmenter, *, all_items: bool) -> None:
        self._judge = judge
        self._segmenter = segmenter
        self._all = all_items
        self._grouper = Grouper(segmenter.rarity)
        self._incidents: dict[int, Incident] = {}
        self._ids: dict[int, Any] = {}

    def take(self, id_: Any, item: Item) -> dict[str, Any]:
        """Return the answer for one item and remember it."""
        verdict = self._judge.judge_item(item, item.at)
        if not self._all and not (verdict.matter and verdict.live and verdict.local is not False):
            return {
                "group": None,
                "duplicate_of": None,
                "similarity": None,
                "reason": "not_ours_or_no_matter",
            }
        if not verdict.tokens:
            verdict = replace(
                verdict, tokens=tuple(self._segmenter.lcut(f"{item.title}\n{item.text}"[:10_000]))
            )
        self._ids[item.id] = id_
        grouping = self._grouper.group(item, verdict)
        incident = self._join(grouping, item, verdict)
        return {
            "group": f"g{incident.id}",
            "duplicate_of": None if grouping.duplicate_of is None else self._ids[grouping.duplicate_of],
            "similarity": grouping.similarity,
            "reason": " ".join([grouping.reason, *grouping.shared]),
        }

    def _join(self, grouping: Grouping, item: Item, verdict: Verdict) -> Incident:
        """Let the item join its incident, or open one."""
        number = grouping.incident_id or len(self._incidents) + 1
        incident = self._incidents.get(number) or Incident(
            id=number,
            title=item.title or item.text[:40],
            local=verdict.local,
            occurred=verdict.occurred,
            detected_at=item.first_seen_at,
        )
        if grouping.duplicate_of is None:
            incident = replace(
                incident,
                places=tuple(dict.fromkeys([*incident.places, *verdict.places]))[:20],
                event_type=incident.event_type or verdict.event_type,
                holding=absorb_report(
                    incident.holding, verdict.figures, trust_of(item.role), item.at, item.id
                ),
                profile=blend(incident.profile, grouping.traits),
            )
        incident = replace(incident, last_item_at=max(incident.last_item_at or item.at, item.at))
        self._incidents[number] = incident
        self._grouper.put(incident)
        self._grouper.remember(item, number)
        return incident


def _item(row: Any, number: int) -> Item:
    """Return the item of a row; raises ValueError or TypeError where it breaks the contract."""
    if not isinstance(row, dict) or "id" not in row:
        raise ValueError("应为带 id 的对象")
    title, text = row.get("title") or "", row.get("text") or ""
    if not isinstance(title, str) or not isinstance(text, str) or not (title or text):
        raise ValueError("title 与 text 须为文字，且不能都为空")
    f"{row['id']}{title}{text}".encode()  # JSON allows half a character: raises UnicodeEncodeError
    published = row.get("published_at")
    at = as_utc(datetime.fromisoformat(published)) if published else None
    source = row.get("source") or ""
    return Item(
        id=number,
        key=str(row["id"]),
        source_id=source,
        source_name=source,
        role=Role(row.get("role") or Role.SOCIAL),
        title=title,
        text=text,
        published_at=at,
        first_seen_at=at or _NO_TIME,
        heat=row.get("heat"),
        exact_key=exact_key(title, text),
    )
