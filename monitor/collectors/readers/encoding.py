"""Bytes -> text: which encoding a document is really in, whatever it says of itself."""

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How `<?xml` or `<` looks without a byte order mark (XML 1.0, appendix F).
_XML_STARTS = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_EBCDIC_XML = b"\x4c\x6f\xa7\x94"
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([\w.:+-]+)")
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE)
# Publishers say gb2312 and mean its supersets; web browsers read these names the same way.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}
_HEAD = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A document as text and the encoding that was used; `damaged` if some bytes could not be read."""

    text: str
    encoding: str
    damaged: bool = False


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Read bytes in the order header, BOM, XML declaration, meta, UTF-8 test, GB18030.

    A declaration that the bytes contradict loses its turn: UTF-8 text under a GB2312 label is read as
    UTF-8, and GB2312 text under the Latin-1 label that web servers add by themselves is read as GB18030.
    """
    declared = _declared(body, content_type)
    if _is_wide_utf8(body):
        declared.insert(0, "utf-8")
    elif declared[:1] == ["cp1252"] and _looks_like_gb(body):
        declared.insert(0, "gb18030")
    candidates = list(dict.fromkeys([*declared, "utf-8", "gb18030"]))
    for encoding in candidates:
        text = _strictly(body, encoding)
        if text is not None:
            return Decoded(text=text.removeprefix("\ufeff"), encoding=encoding)
    texts = [(body.decode(encoding, "replace"), encoding) for encoding in candidates]
    text, encoding = min(texts, key=lambda pair: pair[0].count("\ufffd"))
    return Decoded(text=text.removeprefix("\ufeff"), encoding=encoding, damaged=True)


def _declared(body: bytes, content_type: str | None) -> list[str]:
    """Return what the document says, header first; Latin-1 is a server's default and speaks last."""
    head = body[:_HEAD]
    names = []
    if found := _HEADER.search(content_type or ""):
        names.append(found.group(1))
    names += [encoding for bom, encoding in _BOMS if body.startswith(bom)][:1]
    names += [encoding for start, encoding in _XML_STARTS if body.startswith(start)][:1]
    if body.startswith(_EBCDIC_XML):
        head = head.decode("cp037").encode("latin-1", "replace")
        names.append("cp037")
    names += [match.group(1).decode("ascii", "ignore") for match in [_XML_DECLARATION.search(head)] if match]
    names += [match.group(1).decode("ascii", "ignore") for match in [_META.search(head)] if match]
    known = [encoding for encoding in map(_canonical, names) if encoding]
    return sorted(known, key=lambda encoding: encoding == "cp1252")


def _canonical(name: str) -> str | None:
    """Return Python's name of a text encoding, widened to the superset publishers mean; None if unknown."""
    try:
        found = codecs.lookup(name.strip().lower().removeprefix("x-"))
        b"a".decode(found.name, "ignore")  # refuses codecs that are no text encodings, such as base64
    except (LookupError, ValueError):
        return None
    return _WIDER.get(found.name, found.name)


def _strictly(body: bytes, encoding: str) -> str | None:
    """Return the text, or None where a byte does not fit or the result holds NULs, as a wrong width does."""
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        return body.decode("latin-1") if encoding == "cp1252" and b"\0" not in body else None
    return None if "\0" in text else text


def _is_wide_utf8(body: bytes) -> bool:
    """Return whether this is valid UTF-8 with characters of three bytes: GBK text practically never is."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(text) and max(text) >= "\u0800" and "\0" not in text


def _looks_like_gb(body: bytes) -> bool:
    """Return whether the high bytes come in pairs that are Han characters, as Western accents never do."""
    try:
        text = body.decode("gb18030")
    except UnicodeDecodeError:
        return False
    wide = [c for c in text if c >= "\x80"]
    high = sum(1 for byte in body if byte >= 0x80)
    han = sum(1 for c in wide if "\u4e00" <= c <= "\u9fff")
    return len(wide) > 1 and high >= 1.8 * len(wide) and han >= 0.6 * len(wide)
