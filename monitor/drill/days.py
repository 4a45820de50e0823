"""Read a folder of recorded hot-list days and tell how each list stood at every recorded instant.

The layout is `days.jsonl` (one row a day, with its platforms) and `<days>/<date>/<platform>.jsonl` (one row
an item). What the archive does not keep is filled in by a rule that is stated here: an item without
`last_seen` leaves the list `LINGERS` after it was last recorded there, and a list without ranks is ordered
by heat, then newest first.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from monitor.clock import SHANGHAI, as_utc
from monitor.errors import MonitorError, NaiveTimeError

Value = TypeVar("Value")

LINGERS = timedelta(hours=2)
_ADDRESS_OF_PLATFORM = {
    "weibo": "https://s.weibo.com/weibo?q=%23{}%23",
    "baidu": "https://www.baidu.com/s?wd={}",
}


class DaysError(MonitorError):
    """A folder of days is missing or cannot be read; `path` says where, `line` which line of it."""

    def __init__(self, path: Path, message: str, line: int | None = None) -> None:
        super().__init__(f"{path}{'' if line is None else f':{line}'}: {message}")
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a list, with the span `[first_seen_at, last_seen_at]` in which the list showed it."""

    title: str
    url: str
    excerpt: str
    first_seen_at: datetime
    last_seen_at: datetime
    best_rank: int | None
    heats: tuple[tuple[datetime, float], ...]

    def heat_at(self, at: datetime) -> float | None:
        """Return the heat recorded last up to `at`, or the first one known."""
        past = [heat for when, heat in self.heats if when <= at]
        return past[-1] if past else (self.heats[0][1] if self.heats else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One list as it stood at one instant: `body` is the JSON a newsnow server would answer."""

    at: datetime
    platform: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One recorded day: which platforms were recorded, and why the day was chosen (`kind`, `block`)."""

    on: date
    kind: str
    block: str
    platforms: tuple[str, ...]


def read_days(folder: Path, since: date | None = None, until: date | None = None) -> tuple[Day, ...]:
    """Return the recorded days from `since` to `until`, both included, oldest first; raises DaysError.

    `folder` holds the days themselves or a `days` folder; `days.jsonl` stands in it or beside it.
    """
    index = next((p for p in (folder / "days.jsonl", folder.parent / "days.jsonl") if p.is_file()), None)
    if index is None:
        raise DaysError(folder, "no days.jsonl here or one folder up")
    days = _read(index, _day)
    chosen = (d for d in days if (since is None or d.on >= since) and (until is None or d.on <= until))
    return tuple(sorted(chosen, key=lambda d: d.on))


def _day(row: Mapping[str, Any]) -> Day:
    """Return one day of a recorded row."""
    return Day(
        on=date.fromisoformat(row["date"]),
        kind=row.get("kind", ""),
        block=row.get("block", ""),
        platforms=tuple(row.get("platforms", {})),
    )


def boards(folder: Path, day: Day) -> Iterator[Board]:
    """Yield every list of one day at every instant at which it is known to have changed, in order of time."""
    base = folder if (folder / day.on.isoformat()).is_dir() else folder / "days"
    lists = {platform: _entries(base, day, platform) for platform in day.platforms}
    instants = sorted((at, platform) for platform, entries in lists.items() for at in _instants(entries))
    for at, platform in instants:
        yield Board(at=at, platform=platform, body=_body(platform, at, lists[platform]))


def _entries(base: Path, day: Day, platform: str) -> tuple[Entry, ...]:
    """Read one platform's file of one day; an address that occurs twice is one entry."""
    path = base / day.on.isoformat() / f"{platform}.jsonl"
    if not path.is_file():
        return ()
    midnight = datetime(day.on.year, day.on.month, day.on.day, tzinfo=SHANGHAI)
    return _read(path, lambda row: _entry(row, platform, midnight))


def _entry(row: Mapping[str, Any], platform: str, midnight: datetime) -> Entry:
    """Return one entry of a recorded row."""
    first = as_utc(datetime.fromisoformat(row["first_seen"]))
    recorded = row.get("heat") or ()
    heats = tuple((as_utc(midnight + timedelta(minutes=m)), float(h)) for m, h in recorded)
    if not heats and row.get("heat_max") is not None:
        heats = ((first, float(row["heat_max"])),)
    stated_last = row.get("last_seen")
    last = as_utc(datetime.fromisoformat(stated_last)) if stated_last else None
    template = _ADDRESS_OF_PLATFORM.get(platform, f"https://{platform}.example/{{}}")
    return Entry(
        title=row["title"],
        url=row.get("url") or template.format(quote(row["title"])),
        excerpt=row.get("excerpt") or "",
        first_seen_at=first,
        last_seen_at=last or max([first, *(at for at, _ in heats)]) + LINGERS,
        best_rank=row.get("best_rank"),
        heats=heats,
    )


def _instants(entries: Sequence[Entry]) -> set[datetime]:
    """Return the instants at which something entered the list, to the minute it was recorded."""
    return {entry.first_seen_at for entry in entries}


def _body(platform: str, at: datetime, entries: Sequence[Entry]) -> bytes:
    """Return the list at this instant as newsnow JSON, best first, one line an address."""
    standing = [entry for entry in entries if entry.first_seen_at <= at <= entry.last_seen_at]
    standing.sort(key=lambda e: (e.best_rank or 0, -(e.heat_at(at) or 0.0), -e.first_seen_at.timestamp()))
    unique = {entry.url: entry for entry in reversed(standing)}
    rows = [_line(entry, at) for entry in reversed(unique.values())]
    document = {
        "status": "success",
        "id": platform,
        "updatedTime": round(at.timestamp() * 1000),
        "items": rows,
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _line(entry: Entry, at: datetime) -> dict[str, Any]:
    """Return one line of a newsnow answer."""
    heat = entry.heat_at(at)
    extra = {"info": heat, "hover": entry.excerpt}
    return {
        "id": entry.url,
        "title": entry.title,
        "url": entry.url,
        "extra": {key: value for key, value in extra.items() if value},
    }


def _read(path: Path, value_of: Callable[[Mapping[str, Any]], Value]) -> tuple[Value, ...]:
    """Return a value for every line of a JSON Lines file; raises DaysError with the first faulty line."""
    values = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                values.append(value_of(json.loads(line)))
            except (ValueError, TypeError, LookupError, AttributeError, NaiveTimeError) as error:
                raise DaysError(path, f"cannot be read: {error!r}", number) from error
    return tuple(values)
