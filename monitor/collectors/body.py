"""The body of an answer, unpacked as it streams in and never larger than allowed."""

import zlib
from collections.abc import AsyncIterable

from monitor.errors import MonitorError


class BodyError(MonitorError):
    """A body cannot be taken; `code` is too_large, bad_encoding or broken_encoding."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def read_body(chunks: AsyncIterable[bytes], content_encoding: str, max_bytes: int) -> tuple[bytes, int]:
    """Return the unpacked body and the bytes on the wire; raises BodyError once either exceeds `max_bytes`.

    gzip and deflate are unpacked piece by piece, so that a bomb costs no more memory than an honest document.
    """
    name = content_encoding.strip().lower()
    if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise BodyError("bad_encoding")
    unpack = _Plain() if name in ("", "identity") else _Unpacker()
    body = bytearray()
    wire = 0
    async for chunk in chunks:
        wire += len(chunk)
        body += unpack.take(chunk, max_bytes + 1 - len(body))
        if len(body) > max_bytes or wire > max_bytes:
            raise BodyError("too_large")
    return bytes(body), wire


class _Plain:
    """A body that is not packed."""

    def take(self, chunk: bytes, room: int) -> bytes:
        """Return at most `room` bytes."""
        return chunk[:room]


class _Unpacker:
    """gzip, zlib or bare deflate, told apart by the first bytes as servers mix them up."""

    def __init__(self) -> None:
        self._inflate: zlib._Decompress | None = None
        self._plain = False

    def take(self, chunk: bytes, room: int) -> bytes:
        """Return at most `room` unpacked bytes; raises BodyError for a broken stream."""
        if self._inflate is None and not self._plain:
            self._begin(chunk)
        if self._plain or self._inflate is None:
            return chunk[:room]
        if self._inflate.eof:
            return b""  # padding after the end, which some servers add
        try:
            return self._inflate.decompress(chunk, room)
        except zlib.error as error:
            raise BodyError("broken_encoding") from error

    def _begin(self, chunk: bytes) -> None:
        """Choose how to unpack; a body that says gzip and is plain text is taken as it is."""
        if chunk[:2] == b"\x1f\x8b":
            self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif chunk[:1] == b"\x78" and int.from_bytes(chunk[:2].ljust(2, b"\0"), "big") % 31 == 0:
            self._inflate = zlib.decompressobj()
        elif chunk.lstrip()[:1] in (b"<", b"{", b"[") or chunk[:3] == b"\xef\xbb\xbf":
            self._plain = True
        else:
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
