"""One polite GET: conditional, capped in size and time, never to a private address.

Nothing here raises for what the other side does: a fault is a value.
"""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from monitor.clock import Clock
from monitor.collectors.addresses import (
    MayConnect,
    PrivateAddressError,
    is_not_link_local,
    is_public,
    socket_factory,
)
from monitor.collectors.backoff import Fault
from monitor.collectors.body import BodyError, read_body
from monitor.collectors.hosts import ROBOT_NAME, Host, Hosts, read_robots
from monitor.collectors.model import Source, SourceState

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ROBOTS_BYTES = 512 * 1024
_ROBOTS_KEPT = timedelta(days=1)
_ROBOTS_RETRY = timedelta(minutes=10)
_CHUNK = 64 * 1024
_REFUSED = {
    401: "对方要求登录（401）",
    403: "对方拒绝访问（403）",
    404: "地址不存在（404）",
    410: "地址已撤销（410）",
    412: "被对方的访问校验拦截（412）",
    451: "因法律原因不可访问（451）",
}
_BODY_FAULTS = {
    "too_large": (Fault.HARD, "内容超过大小上限（含解压后）"),
    "bad_encoding": (Fault.SOFT, "对方使用了未约定的压缩方式"),
    "broken_encoding": (Fault.TEMPORARY, "压缩数据损坏"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What one GET brought: a body, or nothing new (no body, no fault), or a fault with a Chinese message."""

    status: int | None = None
    body: bytes | None = None
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    bytes_read: int = 0
    final_url: str = ""
    fault: Fault | None = None
    message: str = ""
    retry_after: timedelta | None = None


class _RefusedError(Exception):
    """Ends a fetch early with a fault; never leaves this module."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fetched = Fetched(fault=fault, message=message)


class Fetcher:
    """Asks sources; an async context manager. `may_connect` judges the addresses of ordinary sources."""

    def __init__(
        self, *, clock: Clock, user_agent: str = f"{ROBOT_NAME}/0.1", may_connect: MayConnect = is_public
    ) -> None:
        self._clock = clock
        self._agent = user_agent
        self._may_connect = may_connect
        self._hosts = Hosts()
        self._stack = AsyncExitStack()
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        """Open two pools, so that a connection allowed to one kind of source is never reused by the other."""
        for private, may_connect in ((False, self._may_connect), (True, is_not_link_local)):
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=100, socket_factory=socket_factory(may_connect)),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers={"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"},
            )
            self._sessions[private] = await self._stack.enter_async_context(session)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._stack.aclose()

    async def fetch(self, source: Source, state: SourceState) -> Fetched:
        """Ask a source once, for at most `politeness.timeout` after its turn came; a fault is a value."""
        try:
            url = _web_address(source.address)
            host = self._hosts.of(str(url.origin()))
            async with asyncio.timeout(120):
                await host.at_once.acquire()
        except _RefusedError as refused:
            return refused.fetched
        except TimeoutError:
            return Fetched(fault=Fault.TEMPORARY, message="同一网站排队过久")
        try:
            return await self._in_turn(source, state, url, host)
        finally:
            host.at_once.release()

    async def _in_turn(self, source: Source, state: SourceState, url: URL, host: Host) -> Fetched:
        """Wait for the server's turn, then ask within the time limit."""
        if not await host.wait_turn(self._clock, source.politeness.spacing):
            return Fetched(fault=Fault.TEMPORARY, message="同一网站排队过久")
        try:
            async with asyncio.timeout(source.politeness.timeout.total_seconds()):
                return await self._follow(source, state, url)
        except _RefusedError as refused:
            return refused.fetched
        except BodyError as error:
            fault, message = _BODY_FAULTS[error.code]
            return Fetched(fault=fault, message=message)
        except TimeoutError:
            seconds = int(source.politeness.timeout.total_seconds())
            return Fetched(fault=Fault.TEMPORARY, message=f"{seconds}秒内未读完")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _broken(error)

    async def _follow(self, source: Source, state: SourceState, url: URL) -> Fetched:
        """Follow redirects by hand: every hop is judged like the first address."""
        for _ in range(source.politeness.max_redirects + 1):
            if not source.politeness.own:
                await self._ask_robots(source, url)
            target, fetched = await self._get(source, state, url)
            if target is None:
                return fetched
            url = target
        raise _RefusedError(Fault.HARD, "重定向次数过多")

    async def _get(self, source: Source, state: SourceState, url: URL) -> tuple[URL | None, Fetched]:
        """Ask one address; return where it redirects to, or what it brought."""
        headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
        sent = {name: value for name, value in headers.items() if value}
        session = self._sessions[source.politeness.allow_private]
        async with session.get(url, headers=sent, allow_redirects=False) as response:
            fetched = Fetched(
                status=response.status,
                content_type=response.headers.get("Content-Type"),
                etag=response.headers.get("ETag"),
                last_modified=response.headers.get("Last-Modified"),
                retry_after=_retry_after(response.headers.get("Retry-After"), self._clock.now()),
                final_url=str(url),
            )
            if response.status in _REDIRECTS and "Location" in response.headers:
                return _web_address(str(url.join(URL(response.headers["Location"])))), fetched
            if response.status == 304 and sent:
                return None, replace(fetched, etag=fetched.etag or state.etag, message="未修改",
                                     last_modified=fetched.last_modified or state.last_modified)  # fmt: skip
            if response.status != 200:
                fault, message = _refusal(response.status)
                return None, replace(fetched, fault=fault, message=message)
            body, wire = await _body_of(response, source.politeness.max_bytes)
            return None, replace(fetched, body=body, bytes_read=wire)

    async def _ask_robots(self, source: Source, url: URL) -> None:
        """Stop where the server's robots.txt does not want us; it is kept for a day."""
        host = self._hosts.of(str(url.origin()))
        async with host.robots_lock:
            if host.robots is None or host.robots_until is None or host.robots_until <= self._clock.now():
                status, body = await self._get_robots(source, url.origin() / "robots.txt")
                host.robots = read_robots(status, body)
                kept = _ROBOTS_KEPT if status < 500 else _ROBOTS_RETRY
                host.robots_until = self._clock.now() + kept
        if not host.robots.can_fetch(ROBOT_NAME, str(url)):
            raise _RefusedError(Fault.HARD, "对方的robots.txt不允许抓取（自有网站请在信源中写 own: true）")

    async def _get_robots(self, source: Source, url: URL) -> tuple[int, bytes]:
        """Return status and body of a robots.txt, redirects followed; an unusable one counts as absent."""
        session = self._sessions[source.politeness.allow_private]
        for _ in range(source.politeness.max_redirects + 1):
            async with session.get(url, allow_redirects=False) as response:
                if response.status not in _REDIRECTS or "Location" not in response.headers:
                    with suppress(BodyError):
                        return response.status, (await _body_of(response, _ROBOTS_BYTES))[0]
                    break
                url = _web_address(str(url.join(URL(response.headers["Location"]))))
        return 404, b""


async def _body_of(response: aiohttp.ClientResponse, max_bytes: int) -> tuple[bytes, int]:
    """Return the body and the bytes on the wire; what announces too great a length is not even read."""
    if (response.content_length or 0) > max_bytes:
        response.close()
        raise BodyError("too_large")
    encoding = response.headers.get("Content-Encoding", "")
    return await read_body(response.content.iter_chunked(_CHUNK), encoding, max_bytes)


def _web_address(address: str) -> URL:
    """Return a web address; raises _RefusedError for anything else, such as file: or a missing name."""
    try:
        url = URL(address)
    except ValueError as error:
        raise _RefusedError(Fault.HARD, "地址格式有误") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise _RefusedError(Fault.HARD, "只允许http和https地址")
    return url.with_user(None).with_fragment(None)


def _refusal(status: int) -> tuple[Fault, str]:
    """Return fault and message of a status that is no success."""
    if status in (408, 425, 429) or status >= 500:
        words = "对方要求放慢" if status == 429 else "对方服务器暂时出错"
        return Fault.TEMPORARY, f"{words}（{status}）"
    if status in _REFUSED:
        return Fault.HARD, _REFUSED[status]
    return Fault.SOFT, f"对方返回状态{status}"


def _broken(error: Exception) -> Fetched:
    """Return the fault behind a failed connection."""
    causes = (error, getattr(error, "os_error", None), error.__cause__)
    if any(isinstance(cause, PrivateAddressError) for cause in causes):
        return Fetched(
            fault=Fault.HARD, message="拒绝访问内网地址（确需访问请在信源中写 allow_private: true）"
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Fetched(fault=Fault.HARD, message="域名无法解析")
    if isinstance(error, aiohttp.ClientSSLError):
        return Fetched(fault=Fault.HARD, message="证书或加密连接有误")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Fetched(fault=Fault.HARD, message="无法连接")
    if isinstance(error, ValueError):
        return Fetched(fault=Fault.HARD, message="地址格式有误")
    return Fetched(fault=Fault.TEMPORARY, message="连接中断或应答不合规范")


def _retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Return how long the server asks us to stay away: seconds or an HTTP date."""
    if not value:
        return None
    if value.strip().isdigit():
        return timedelta(seconds=min(int(value), 10**7))
    try:
        at = parsedate_to_datetime(value)
        return max(at - now, timedelta(0)) if at.tzinfo else None
    except ValueError:
        return None
