"""RSS, Atom, RDF and JSON Feed -> raw items; the only module that knows feedparser."""

import io
import json
import re
from collections.abc import Mapping
from typing import Any

import feedparser

from monitor.collectors.model import RawItem, Reading, Source
from monitor.collectors.readers.limits import is_too_heavy

# 26 kB of an ordinary feed hold about 500 tags; parsing costs 10 to 50 µs a tag.
_MAX_TAGS = 100_000
# What feedparser itself dies of when a document is damaged in the right place: bad references, bad numbers.
_PARSER_FAULTS = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError)
_HTML_START = re.compile(
    r"^\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE | re.DOTALL
)


def read_feed(text: str, source: Source) -> Reading:
    """Read a feed; what is none is a problem, ill-formed XML is read as far as it goes.

    Times stay the publisher's own strings: feedparser takes a time without a zone for UTC and misreads
    Chinese dates.
    """
    if _HTML_START.match(text[:5000]):
        return Reading(problems=("html_instead_of_feed",))
    if text.lstrip()[:1] == "{":
        return _read_json_feed(text)
    if is_too_heavy(text, _MAX_TAGS):
        return Reading(problems=("too_many_elements",))
    root_at = _root_at(text)
    if root_at is None:
        return Reading(problems=("not_a_feed",))
    problems = ["entities_ignored"] if "<!ENTITY" in text[:root_at] else []
    try:
        parsed = _parse(text[root_at:], source.address)
    except _PARSER_FAULTS as error:
        return Reading(problems=(f"not_a_feed: {type(error).__name__}", *problems))
    if not parsed.version and not parsed.entries:
        return Reading(problems=("not_a_feed", *problems))
    if parsed.bozo:
        problems.append(f"ill_formed_xml: {_place(parsed.get('bozo_exception'))}".removesuffix(": "))
    return Reading(items=tuple(_raw_item(entry) for entry in parsed.entries), problems=tuple(problems))


def _root_at(text: str) -> int | None:
    """Return where the root element begins.

    What stands before it is left out: the encoding is known, and an XML bomb needs a document type.
    """
    at = text.find("<")
    while at >= 0:
        if text.startswith("<!--", at):
            at = text.find("-->", at)
        elif text[at + 1 : at + 2].isalpha():
            return at
        at = text.find("<", at + 1) if at >= 0 else at
    return None


def _parse(text: str, address: str) -> Any:
    """Hand feedparser bytes in a stream: a plain string might be taken for an address or a path."""
    body = text.encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": address}
    # Texts are cleaned by our own normaliser, so feedparser's sanitiser would only cost time.
    return feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def _place(error: Any) -> str:
    """Return where the XML breaks, if the parser says so."""
    line = getattr(error, "getLineNumber", lambda: None)()
    return f"第{line}行" if line else ""


def _raw_item(entry: Mapping[str, Any]) -> RawItem:
    """Return one entry as it is; the longest of its texts is its text."""
    texts = [_first_value(part) for part in entry.get("content") or ()]
    texts.append(str(entry.get("summary") or ""))
    published = (entry[name] for name in ("published", "updated", "created") if entry.get(name))
    return RawItem(
        native_id=entry.get("id") or None,
        url=entry.get("link") or None,
        title=str(entry.get("title") or ""),
        text=max(texts, key=len),
        published_raw=next(published, None),
        author=entry.get("author") or None,
    )


def _first_value(part: Mapping[str, Any]) -> str:
    """Return the text of a content element."""
    return str(part.get("value") or "")


def _read_json_feed(text: str) -> Reading:
    """Read a JSON Feed (jsonfeed.org, version 1 and 1.1)."""
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return Reading(problems=("not_json",))
    entries = document.get("items")
    if not isinstance(entries, list):
        return Reading(problems=("not_a_feed",))
    return Reading(items=tuple(_json_item(entry) for entry in entries if isinstance(entry, dict)))


def _json_item(entry: Mapping[str, Any]) -> RawItem:
    """Return one JSON Feed entry as it is."""
    texts = [str(entry.get(name) or "") for name in ("content_html", "content_text", "summary")]
    published = entry.get("date_published") or entry.get("date_modified")
    native_id, url = entry.get("id"), entry.get("url")
    return RawItem(
        native_id=None if native_id is None else str(native_id),
        url=None if url is None else str(url),
        title=str(entry.get("title") or ""),
        text=next(filter(None, texts), ""),
        published_raw=str(published) if published else None,
    )
