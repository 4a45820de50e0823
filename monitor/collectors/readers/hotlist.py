"""Hot lists -> raw items: newsnow, DailyHotApi, or any JSON through a JMESPath mapping."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from monitor.collectors.model import RawItem, Reading, Source
from monitor.collectors.readers.numbers import read_heat, read_rank

# A board has some 50 entries.
_MAX_ENTRIES = 10_000
_SHAPES: Mapping[str, Mapping[str, str]] = {
    "newsnow": {
        "items": "items",
        "id": "id",
        "title": "title",
        "url": "url || mobileUrl",
        "text": "extra.hover",
        "heat": "extra.info",
        "time": "pubDate || extra.date",
    },
    "dailyhot": {
        "items": "data",
        "id": "id",
        "title": "title",
        "url": "url || mobileUrl",
        "text": "desc",
        "heat": "hot",
        "time": "timestamp",
    },
}


def read_hotlist(text: str, source: Source) -> Reading:
    """Read a board by `reading`: its `shape` (newsnow, dailyhot, jmespath) and one JMESPath a field.

    A rank the mapping does not give is the place in the list, from 1. HTML in place of JSON is a problem
    of its own: that is what a login wall sends.
    """
    if text.lstrip()[:1] == "<":
        return Reading(problems=("html_instead_of_json",))
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return Reading(problems=("not_json",))
    shape = str(source.reading.get("shape", "newsnow"))
    mapping = _SHAPES.get(shape) or {k: str(v) for k, v in source.reading.items() if k != "shape"}
    try:
        found = _compiled(mapping.get("items", "@")).search(document)
        if not isinstance(found, list):
            return Reading(problems=(_why_no_list(document, "unexpected_shape"),))
        entries = [entry for entry in found if entry is not None]
        if not entries:
            return Reading(problems=(_why_no_list(document, "empty_board"),))
        if len(entries) > _MAX_ENTRIES:
            return Reading(problems=("too_many_elements",))
        return Reading(items=tuple(_raw_item(entry, n, mapping) for n, entry in enumerate(entries, start=1)))
    except JMESPathError as error:
        return Reading(problems=(f"bad_mapping: {str(error)[:200]}",))


@lru_cache(maxsize=512)
def _compiled(expression: str) -> ParsedResult:
    """Return the compiled expression; raises JMESPathError where it is faulty."""
    return jmespath.compile(expression)


def _raw_item(entry: Any, place: int, mapping: Mapping[str, str]) -> RawItem:
    """Return one entry of a board; raises JMESPathError where the mapping does not fit."""

    def value(name: str) -> Any:
        return _compiled(mapping[name]).search(entry) if name in mapping else None

    def words(name: str) -> str:
        found = value(name)
        return "" if found is None or isinstance(found, dict | list | bool) else str(found)

    rank = read_rank(value("rank"))
    return RawItem(
        native_id=words("id") or None,
        url=words("url") or None,
        title=words("title"),
        text=words("text"),
        published_raw=words("time") or None,
        heat=read_heat(value("heat")),
        rank=place if rank is None else rank,
    )


def _why_no_list(document: Any, otherwise: str) -> str:
    """Return a problem code that keeps the other side's own words, if it sent an error.

    A board is never empty by itself, so that an empty one must not look like a quiet hour.
    """
    if isinstance(document, dict):
        for name in ("msg", "message", "error", "errmsg"):
            if isinstance(document.get(name), str) and document[name]:
                return f"api_error: {document[name][:100]}"
    return otherwise
