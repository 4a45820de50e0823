"""Raw item -> item: clean text, canonical address, the publisher's time as an instant, a key of its own."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from html import unescape
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from monitor.collectors.model import RawItem, Source
from monitor.items.dates import read_published
from monitor.items.fingerprint import exact_key
from monitor.items.model import Item

_MAX_TITLE = 300
_MAX_TEXT = 200_000
_MAX_MARKUP = 1_000_000
_MAX_URL = 2_000
# Not an HTML parser on purpose: their time grows with the square of the nesting depth (minutes for a hostile
# megabyte), and what is shown is escaped anyway. Every pattern stops at the next `<`, so all are linear.
_SILENT = re.compile(
    r"<(script|style|noscript|template|iframe|svg)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_REMARK = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<![a-z][^<>]*>", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(
    r"</?(?:p|div|br|li|tr|h[1-6]|section|article|table|ul|ol|dl|dd|dt|blockquote|pre|hr|header|footer)"
    r"\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-z][a-z0-9:-]{0,20}(?:\s[^<>]*|/)?>", re.IGNORECASE)
_UNSEEN = re.compile("[\u200b\u200c\u200e\u200f\u2028\u2029\u2060\ufeff\u00ad]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"[ \t\u00a0\u3000\u2000-\u200a]+")
_TRACKING = re.compile(
    r"utm_.*|spm|spm_id_from|fbclid|gclid|msclkid|mc_[ce]id|isappinstalled|share_\w+|nsukey|chksm|wfr|_hs\w+",
    re.IGNORECASE,
)
_WEIXIN_TRACKING = frozenset(
    {"scene", "subscene", "sessionid", "clicktime", "enterid", "ascene", "srcid", "from"}
)


def normalize_item(raw: RawItem, source: Source, first_seen_at: datetime) -> Item | None:
    """Return the item, or None where the entry has neither title nor text.

    `published_at` is None where the publisher gave no time or an impossible one; the raw string is kept
    (C11). Nothing is masked here: masking happens where a text leaves the desk.
    """
    title = " ".join(clean_text(raw.title).split())[:_MAX_TITLE]
    text = clean_text(raw.text)[:_MAX_TEXT]
    if not title and not text:
        return None
    url = canonical_url(urljoin_or_none(source.address, raw.url))
    published = read_published(
        raw.published_at.isoformat() if raw.published_at else raw.published_raw,
        zone=source.zone,
        seen_at=first_seen_at,
    )
    item = Item(
        key="",
        source_id=source.id,
        source_name=source.name,
        role=source.role,
        rank=source.rank,
        scope=source.scope,
        platform=source.platform,
        url=url,
        title=title,
        text=text,
        published_at=published.at if published else None,
        published_raw=_clean(raw.published_raw)[:200] if raw.published_raw else None,
        first_seen_at=first_seen_at.astimezone(UTC),
        heat=raw.heat,
        board_rank=raw.rank,
        exact_key=exact_key(title, text),
    )
    return replace(item, key=_key(item, raw.native_id))


def text_key(item: Item) -> str:
    """Return a key from the words alone, for entries that ids and addresses do not tell apart."""
    return _digest(item.source_id, "words", item.title, item.text)


def revision_key(item: Item) -> str:
    """Return the key of an entry edited in place: that of the entry and of its title together."""
    return _digest(item.key, "title", exact_key(item.title, ""))


def clean_text(markup: str) -> str:
    """Return the words of HTML or plain text: scripts gone, entities resolved, blocks on lines of their own.

    Characters stay as the publisher wrote them (no NFKC): evidence must be found again in the original.
    """
    text = markup[:_MAX_MARKUP]
    for _ in range(2):  # many feeds escape their HTML twice
        if "<" in text:
            text = _REMARK.sub("", _SILENT.sub("", text))
            text = _TAG.sub("", _BREAK.sub("\n", text))
        text = unescape(text)
        if not _TAG.search(text):
            break
    lines = (_SPACES.sub(" ", line).strip() for line in _clean(text).splitlines())
    return "\n".join(line for line in lines if line)


def canonical_url(url: str | None) -> str | None:
    """Return one spelling for every address of the same page; None for what is no web address.

    Dropped: user, default port, fragment (unless it is the route of a script-driven page: `#/…`, `#!…`),
    parameters that only track readers. The query is sorted only where that cannot change its meaning:
    named, not repeated.
    """
    try:
        parts = urlsplit(_clean(url or "").strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https") or not host:
        return None
    if ":" in host:
        host = f"[{host}]"
    if port and port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{port}"
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._") or "/"
    fragment = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    whole = urlunsplit((scheme, host, path, _canonical_query(parts.query, host), fragment))
    return whole if len(whole) <= _MAX_URL else None


def urljoin_or_none(base: str, url: str | None) -> str | None:
    """Return the address made absolute, or None where either cannot be read."""
    try:
        return urljoin(base, url.strip()) if url and url.strip() else None
    except ValueError:
        return None


def _canonical_query(query: str, host: str) -> str:
    """Return the query without tracking parameters; sorted if it is all names and values and none repeats."""
    if not query or any("=" not in part for part in query.split("&")):
        return quote(query, safe="%=&+,:;/?@!$'()*~-._")
    pairs = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
        if not _TRACKING.fullmatch(name) and not (host == "mp.weixin.qq.com" and name in _WEIXIN_TRACKING)
    ]
    names = [name for name, _ in pairs]
    if len(set(names)) == len(names):
        pairs.sort()
    return urlencode(pairs, errors="surrogateescape")


def _key(item: Item, native_id: str | None) -> str:
    """Return the unique key of an item: its native id, else its address, else its words."""
    if native_id and native_id.strip():
        return _digest(item.source_id, "id", native_id.strip())
    if item.url:
        return _digest(item.source_id, "url", item.url)
    return text_key(item)


def _digest(*parts: str) -> str:
    """Return a short hash of the parts, which cannot run into each other."""
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _clean(text: str) -> str:
    """Return the text without characters that no database takes and no reader sees."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text))
