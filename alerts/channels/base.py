"""One POST to the outside: guarded, limited in size and time, never raising for what the other side does."""

import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from alerts.model import Outcome, OutcomeClass

TIMEOUT = timedelta(seconds=10)
"""How long one attempt may take, connecting included (C15)."""

ANSWER_LIMIT = 64 * 1024
"""Answers of bots are a few hundred bytes; what is longer is cut and then judged as it stands."""


BAD_ADDRESS = Outcome(kind=OutcomeClass.PERMANENT, code="bad_address", detail="地址无效或指向内网")


class PrivateAddressError(OSError):
    """A name led only to addresses that are not public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: the HTTP status, the start of the body, and Retry-After if it was given in seconds."""

    status: int
    body: bytes = b""
    retry_after: timedelta | None = None

    def json(self) -> Mapping[str, Any] | None:
        """Return the body as a JSON object, or None if it is anything else."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is about to be asked; address, signature and text are secrets or nobody else's business."""

    url: URL = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"


def read_address(raw: str) -> URL:
    """Return the address, or an empty one, which no request is sent to, where it is none."""
    try:
        return URL(raw)
    except ValueError:
        return URL()


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one TLS context of the process: making one costs 50 ms."""
    return ssl.create_default_context()


def is_public(address: str) -> bool:
    """Return whether this literal address is reachable by everybody; a name or nonsense is not."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_global and not ip.is_multicast


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, while connecting, so that a name cannot change its mind."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses of a host; raises PrivateAddressError if it has none."""
        public = [
            found for found in await self._inner.resolve(host, port, family) if is_public(found["host"])
        ]
        if not public:
            raise PrivateAddressError("no public address")
        return public

    async def close(self) -> None:
        """Let go of the resolver beneath."""
        await self._inner.close()


def open_session(*, allow_private: bool = False) -> aiohttp.ClientSession:
    """Open the session that all channels share; the caller closes it. Needs a running loop.

    Without `allow_private` a name that leads to a private address is refused while connecting.
    """
    resolver = None if allow_private else PublicResolver()
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver, ssl=tls_context(), limit_per_host=8),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "huiying"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """The shared session and whether private addresses may be reached through it."""

    session: aiohttp.ClientSession = field(repr=False)
    allow_private: bool = False
    timeout: timedelta = TIMEOUT

    async def ask(self, request: Request) -> Answer | Outcome:
        """Send a request, its body JSON unless its headers say otherwise; return the answer.

        Where there was none, its outcome.

        Redirects are not followed: the body and the address hold what a stranger must not get.
        """
        if not self._may_reach(request.url):
            return BAD_ADDRESS
        try:
            async with self.session.request(
                request.method,
                request.url,
                data=request.body or None,
                headers={"Content-Type": "application/json; charset=utf-8", **request.headers},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=self.timeout.total_seconds()),
            ) as response:
                return Answer(
                    status=response.status,
                    body=await _read_start(response.content),
                    retry_after=read_retry_after(response.headers.get("Retry-After")),
                )
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            return judge_silence(error)

    def _may_reach(self, url: URL) -> bool:
        if url.scheme not in ("http", "https") or not url.host:
            return False
        return self.allow_private or not _is_literal(url.host) or is_public(url.host)


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


async def _read_start(stream: aiohttp.StreamReader) -> bytes:
    found = bytearray()
    async for chunk in stream.iter_chunked(8192):
        found += chunk
        if len(found) >= ANSWER_LIMIT:
            break
    return bytes(found[:ANSWER_LIMIT])


def read_retry_after(raw: str | None) -> timedelta | None:
    """Return Retry-After given in seconds, at most a day; a date or nonsense is None."""
    if raw is None or not raw.strip().isascii() or not raw.strip().isdigit():
        return None
    return timedelta(seconds=min(int(raw.strip()[:9]), 86_400))


def judge_silence(error: aiohttp.ClientError | OSError) -> Outcome:
    """Return the outcome of a call that brought no answer.

    The error's text may hold an address, so only its kind is kept.
    """
    if isinstance(error, aiohttp.InvalidURL) or isinstance(error.__cause__, PrivateAddressError):
        return BAD_ADDRESS
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return Outcome(kind=OutcomeClass.PERMANENT, code="certificate", detail="对方证书无效")
    if isinstance(error, TimeoutError):
        return Outcome(kind=OutcomeClass.TRANSIENT, code="timeout", detail="10 秒内没有回答")
    return Outcome(kind=OutcomeClass.TRANSIENT, code="unreachable", detail="连接不上或被断开")


def judge_status(answer: Answer) -> Outcome:
    """Return what the HTTP status alone says, for answers whose body says nothing usable."""
    code = f"http_{answer.status}"
    match answer.status:
        case 429:
            return Outcome(
                kind=OutcomeClass.RATE_LIMITED,
                code=code,
                detail="发送过于频繁",
                retry_after=answer.retry_after,
            )
        case 401 | 403 | 407:
            return Outcome(kind=OutcomeClass.AUTH, code=code, detail="对方拒绝身份")
        case 408:
            return Outcome(kind=OutcomeClass.TRANSIENT, code=code, detail="对方超时")
        case status if status >= 500:
            return Outcome(kind=OutcomeClass.TRANSIENT, code=code, detail="对方故障")
        case status if status >= 300:
            return Outcome(kind=OutcomeClass.PERMANENT, code=code, detail="对方拒绝这个请求")
    return Outcome(kind=OutcomeClass.UNKNOWN, code="unreadable", detail="回答无法识别")


CodeTable: TypeAlias = Mapping[int, tuple[OutcomeClass, str]]


def judge_code(answer: Answer, code: object, table: CodeTable, receipt: str = "") -> Outcome:
    """Return the verdict of a vendor's code, where 0 is success and `table` classes the documented others.

    A documented code decides whatever the HTTP status; an unknown one leaves a 3xx to 5xx to its status
    and is else `unknown`, never success.
    """
    if not isinstance(code, int) or isinstance(code, bool):
        return judge_status(answer)
    if code in table:
        kind, detail = table[code]
        return Outcome(kind=kind, code=str(code), detail=detail, retry_after=answer.retry_after)
    if answer.status >= 300:
        return judge_status(answer)
    if code == 0:
        return Outcome(kind=OutcomeClass.OK, code="0", receipt=receipt)
    return Outcome(kind=OutcomeClass.UNKNOWN, code=str(code), detail="未收录的错误码")
