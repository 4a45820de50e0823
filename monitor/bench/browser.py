"""A headless Chromium, driven over its own debugging protocol: when a page first shows something."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any, Final

import aiohttp

from monitor.bench.measure import BenchError

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_FLAGS: Final = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "about:blank",
)
_LISTENS: Final = re.compile(rb"DevTools listening on (ws://\S+)")
_PATIENCE: Final = 60.0  # seconds until a browser that says nothing is given up
_PAINTED: Final = """
new Promise((done) => new PerformanceObserver((list) => {
  const first = list.getEntries().find((entry) => entry.name === "first-contentful-paint");
  if (first) done(first.startTime);
}).observe({type: "paint", buffered: true}))
"""


def find_chromium() -> str | None:
    """Return the path of a Chromium of this machine, or None."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


async def first_contents(chromium: str, url: str, cookie: tuple[str, str], times: int) -> list[float]:
    """Return how many milliseconds after it was asked for a page first shows content, each time anew."""
    async with asyncio.timeout(_PATIENCE), _browser(chromium) as page:
        name, value = cookie
        await page.ask("Network.setCookie", name=name, value=value, url=url)
        found = []
        for _ in range(times):
            await page.ask("Page.navigate", url=url)
            painted = await page.ask("Runtime.evaluate", expression=_PAINTED, awaitPromise=True)
            found.append(float(painted["result"]["value"]))
            await page.ask("Page.navigate", url="about:blank")
        return found


class _Page:
    """One tab of the browser; answers come one after the other, for it is asked so."""

    def __init__(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        self._wire = wire
        self._numbers = count(1)
        self._about: dict[str, str] = {}

    async def open(self) -> None:
        """Open the tab and speak to it from now on."""
        target = await self.ask("Target.createTarget", url="about:blank")
        opened = await self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._about = {"sessionId": opened["sessionId"]}

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the browser's answer; raises BenchError for a refusal."""
        number = next(self._numbers)
        await self._wire.send_str(
            json.dumps({"id": number, "method": method, "params": params} | self._about)
        )
        while True:
            told = json.loads(await self._wire.receive_str())
            if told.get("id") == number:
                if "error" in told:
                    raise BenchError(f"{method}: {told['error']['message']}")
                result: dict[str, Any] = told["result"]
                return result


@asynccontextmanager
async def _browser(chromium: str) -> AsyncIterator[_Page]:
    """Start the browser with a profile that is thrown away, and yield one page of it."""
    with TemporaryDirectory(prefix="huiying-bench-", ignore_cleanup_errors=True) as profile:
        started = await asyncio.create_subprocess_exec(
            chromium, f"--user-data-dir={profile}", *_FLAGS, stderr=asyncio.subprocess.PIPE
        )
        try:
            address = await _address(started)
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(address, max_msg_size=0) as wire,
            ):
                page = _Page(wire)
                await page.open()
                yield page
        finally:
            started.kill()
            await started.wait()


async def _address(started: asyncio.subprocess.Process) -> str:
    """Return where the browser listens, which it writes to its error stream."""
    if started.stderr is not None:
        async for line in started.stderr:
            if found := _LISTENS.search(line):
                return found[1].decode()
    raise BenchError("the browser did not start")
