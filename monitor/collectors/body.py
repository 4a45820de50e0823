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
    unpack = _Unpacker(packed=name not in ("", "identity"))
    body = bytearray()
    wire = 0
    async for chunk in chunks:
        wire += len(chunk)
        body += unpack.take(chunk, max_bytes + 1 - len(body))
        if len(body) > max_bytes or wire > max_bytes:
            raise BodyError("too_large")
    return bytes(body), wire


class _Unpacker:
    """gzip, zlib or bare deflate, told apart by the first bytes, as servers mix them up or forget to say."""

    def __init__(self, *, packed: bool) -> None:
        self._packed = packed
        self._begun = False
        self._inflate: zlib._Decompress | None = None

    def take(self, chunk: bytes, room: int) -> bytes:
        """Return at most `room` unpacked bytes; raises BodyError for a broken stream."""
        if not self._begun and chunk:
            self._begun = True
            self._inflate = self._begin(chunk)
        if self._inflate is None:
            return chunk[:room]
        if self._inflate.eof:
            return b""  # padding after the end, which some servers add
        try:
            return self._inflate.decompress(chunk, room)
        except zlib.error as error:
            raise BodyError("broken_encoding") from error

    def _begin(self, chunk: bytes) -> "zlib._Decompress | None":
        """Choose how to unpack; None for plain bytes, also where a header calls them packed."""
        if chunk.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        if not self._packed or chunk.lstrip()[:1] in (b"<", b"{", b"[", b"\xef"):
            return None
        has_zlib_header = chunk[:1] == b"\x78" and int.from_bytes(chunk[:2], "big") % 31 == 0
        return zlib.decompressobj(zlib.MAX_WBITS if has_zlib_header else -zlib.MAX_WBITS)
