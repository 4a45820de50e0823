"""OPML in and out: feed sources exchanged with feed readers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from monitor.collectors.model import Role, Source, SourceKind
from monitor.collectors.registry import SCOPES, SOURCE_ID
from monitor.errors import ConfigurationError
from monitor.yamlfile import read_web_address

MAX_BYTES = 5_000_000
_NAMESPACE = "urn:huiying:sources"
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CHINESE_ENCODING = re.compile(rb"""(<\?xml[^>]{0,100}encoding=["'])(?:gb2312|gbk|gb18030)""", re.IGNORECASE)


def read_opml(data: bytes, name: str = "import.opml") -> tuple[Source, ...]:
    """Return the feeds of an OPML file as sources, each address once, in the order of the file.

    A feed of unknown origin becomes `media`, rank 5, every 30 minutes, `verified: false`; folders become its
    comment. Documents with a DOCTYPE are refused, and with them every entity bomb. Raises ConfigurationError
    with every fault.
    """
    if len(data) > MAX_BYTES:
        raise ConfigurationError((f"{name}:1:1: 文件太大，最多 {MAX_BYTES} 字节",))
    outlines = _Outlines(name)
    try:
        outlines.parser.Parse(_as_utf8(data), True)
    except expat.ExpatError as error:
        fault = (
            f"{name}:{error.lineno}:{error.offset + 1}: 不是有效的 OPML（{expat.ErrorString(error.code)}）"
        )
        raise ConfigurationError((*outlines.faults, fault)) from error
    if outlines.faults:
        raise ConfigurationError(tuple(outlines.faults))
    return tuple(outlines.sources.values())


def write_opml(sources: Iterable[Source], title: str = "回应信源") -> str:
    """Return the feed sources as OPML 2.0; role, rank, scope and cadence travel in attributes of our own."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:huiying="{_NAMESPACE}">',
        f"  <head><title>{escape(_NOT_XML.sub('', title))}</title></head>",
        "  <body>",
        *(f"    {_outline(source)}" for source in sources if source.kind == SourceKind.FEED),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


def _outline(source: Source) -> str:
    attributes = {
        "type": "rss",
        "text": source.name,
        "xmlUrl": source.address,
        "huiying:id": source.id,
        "huiying:role": str(source.role),
        "huiying:rank": str(source.rank),
        "huiying:every": str(int(source.every.total_seconds())),
        **({"huiying:scope": source.scope} if source.scope else {}),
    }
    words = (f"{key}={quoteattr(_NOT_XML.sub('', value))}" for key, value in attributes.items())
    return f"<outline {' '.join(words)}/>"


def _as_utf8(data: bytes) -> bytes:
    """Return the document as the parser can read it: it knows no Chinese encoding."""
    if not _CHINESE_ENCODING.match(data):
        return data
    text = data.decode("gb18030", "replace")
    return _CHINESE_ENCODING.sub(rb"\g<1>utf-8", text.encode())


@dataclass(slots=True)
class _Outlines:
    """Collects sources from the parser's calls; `folders` are the names of the outlines around."""

    name: str
    sources: dict[str, Source] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)

    def __post_init__(self) -> None:
        self.parser.StartDoctypeDeclHandler = lambda *_: self._refuse("不接受带 DOCTYPE 的文件")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _fault(self, message: str) -> None:
        place = f"{self.parser.CurrentLineNumber}:{self.parser.CurrentColumnNumber + 1}"
        self.faults.append(f"{self.name}:{place}: {message}")

    def _refuse(self, message: str) -> None:
        self._fault(message)
        raise ConfigurationError(tuple(self.faults))

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self.folders and tag != "opml":
            self._refuse("不是 OPML 文件")
        self.folders.append(attributes.get("text", ""))
        if not (address := attributes.get("xmlUrl", "").strip()):
            return
        try:
            self.sources.setdefault(read_web_address(address), self._source(address, attributes))
        except ValueError:
            self._fault(f"{address[:80]!r} 不是 http 网址")

    def _end(self, _: str) -> None:
        self.folders.pop()

    def _source(self, address: str, attributes: Mapping[str, str]) -> Source:
        own = {key.removeprefix("huiying:"): value for key, value in attributes.items() if ":" in key}
        taken = {source.id for source in self.sources.values()}
        id_ = own.get("id", "")
        role, scope = own.get("role"), own.get("scope")
        return Source(
            id=id_ if SOURCE_ID.fullmatch(id_) and id_ not in taken else _id_of(address),
            name=attributes.get("text") or attributes.get("title") or address,
            kind=SourceKind.FEED,
            role=next((known for known in Role if known == role), Role.MEDIA),
            address=address,
            rank=_number(own.get("rank"), 5, 1, 10),
            scope=scope if scope in SCOPES else None,
            every=timedelta(seconds=_number(own.get("every"), 1800, 60, 86400)),
            verified=False,
            comment=" / ".join(folder for folder in self.folders[:-1] if folder),
        )


def _id_of(address: str) -> str:
    return f"feed-{blake2b(address.encode(), digest_size=5).hexdigest()}"


def _number(text: str | None, default: int, low: int, high: int) -> int:
    return max(low, min(high, int(text))) if text and re.fullmatch(r"[0-9]{1,6}", text) else default
