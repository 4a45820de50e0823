"""What is pushed to us -> raw items: JSON posts, JSON Lines, CSV and XLSX with a column mapping."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from monitor.collectors.model import RawItem, Reading, Source
from monitor.collectors.readers.encoding import decode
from monitor.collectors.readers.numbers import read_heat, read_rank
from monitor.collectors.readers.tables import Table, TableError, read_csv, read_xlsx

# The names a field may have where the source maps nothing: the contract's own, then what hotline exports use.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "编号", "工单编号", "工单号"),
    "url": ("url", "link", "链接", "网址"),
    "title": ("title", "标题", "工单标题", "主题"),
    "text": ("text", "content", "内容", "诉求内容", "正文"),
    "time": ("published_at", "time", "时间", "发布时间", "来电时间", "受理时间"),
    "author": ("author", "作者"),
    "heat": ("heat", "热度"),
    "rank": ("rank", "排名"),
}
_MAX_LINES = 100_000


def read_inbox(body: bytes, content_type: str | None, source: Source) -> Reading:
    """Read a post (one object, a list, or `{"items": [...]}`), JSON Lines, CSV or XLSX.

    `reading["columns"]` maps our fields (id, url, title, text, time, author, heat, rank) to the sender's
    names. A line that cannot be read becomes an empty raw item, so that the ledger counts it as failed,
    and a problem with its place.
    """
    if body.startswith(b"PK\x03\x04"):
        return _read_table(read_xlsx(body, _MAX_LINES), source, "xlsx")
    decoded = decode(body, content_type)
    text = decoded.text.lstrip()
    if text[:1] in "{[":
        reading = _read_json(text, source)
    else:
        reading = _read_table(read_csv(decoded.text, _MAX_LINES), source, decoded.encoding)
    return Reading(items=reading.items, encoding=decoded.encoding, problems=reading.problems)


def _read_json(text: str, source: Source) -> Reading:
    """Read a whole JSON document, or else one object a line."""
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _read_lines(text, source)
    if isinstance(document, dict):
        document = document.get("items", [document])
    if not isinstance(document, list):
        return Reading(problems=("unexpected_shape",))
    return _collect(enumerate(document, start=1), source)


def _read_lines(text: str, source: Source) -> Reading:
    """Read JSON Lines; if not one line can be read it is no JSON at all."""
    lines = [(n, _loads(line)) for n, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not any(isinstance(entry, dict) for _, entry in lines):
        return Reading(problems=("not_json",))
    return _collect(lines, source)


def _read_table(table: Table | TableError, source: Source, encoding: str) -> Reading:
    """Read a table whose first row names the columns."""
    if isinstance(table, TableError):
        return Reading(problems=(f"{table.code}: {table.place}".removesuffix(": "),))
    if not set(table.names) & set(_names("title", source) + _names("text", source)):
        present = "、".join(table.names)[:100]
        return Reading(encoding=encoding, problems=(f"bad_table: 缺少标题或内容列，现有列 {present}",))
    reading = _collect(enumerate(table.rows, start=2), source)
    return Reading(items=reading.items, encoding=encoding, problems=reading.problems)


def _loads(line: str) -> Any:
    """Return what a line holds, or None where it is no JSON."""
    try:
        return json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return None


def _collect(entries: Iterable[tuple[int, Any]], source: Source) -> Reading:
    """Return the raw items and which lines could not be read."""
    entries = list(entries)
    if len(entries) > _MAX_LINES:
        return Reading(problems=(f"too_large: 超过{_MAX_LINES}行",))
    items: list[RawItem] = []
    bad: list[int] = []
    for line, entry in entries:
        if not isinstance(entry, dict):
            bad.append(line)
        items.append(_raw_item(entry, source) if isinstance(entry, dict) else RawItem())
    places = "、".join(map(str, bad[:10])) + ("…" if len(bad) > 10 else "")
    return Reading(items=tuple(items), problems=(f"bad_line: 第{places}行",) if bad else ())


def _raw_item(entry: Mapping[str, Any], source: Source) -> RawItem:
    """Return one pushed entry."""

    def value(name: str) -> Any:
        return next((entry[key] for key in _names(name, source) if entry.get(key) not in (None, "")), None)

    def words(name: str) -> str:
        found = value(name)
        if isinstance(found, datetime):
            return found.isoformat()
        return "" if isinstance(found, dict | list | bool | None) else str(found)

    return RawItem(
        native_id=words("id") or None,
        url=words("url") or None,
        title=words("title"),
        text=words("text"),
        published_raw=words("time") or None,
        author=words("author") or None,
        heat=read_heat(value("heat")),
        rank=read_rank(value("rank")),
    )


def _names(name: str, source: Source) -> tuple[str, ...]:
    """Return the column names to look for, the source's own mapping first."""
    columns = source.reading.get("columns") or {}
    mapped = columns.get(name)
    return (str(mapped),) if mapped else _COLUMNS[name]
