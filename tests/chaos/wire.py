"""The vendor's end of the wire: takes messages, refuses some, and keeps what it really received."""

import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.chaos.plan import Moment, Sentence

_NUMBERED = re.compile(r"编号 (?P<no>\d+)（(?P<part>\d+)/(?P<parts>\d+)）")
_NUMBER = re.compile(r"编号 (?P<no>\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One request that arrived: which part of which message, and the answer; None where its sender died."""

    worker: str
    channel: str
    no: int
    part: int
    parts: int
    errcode: int | None

    @property
    def may_be_read(self) -> bool:
        """Return whether a person may see it: accepted, or cut off after it had arrived."""
        return self.errcode in (0, None)


@dataclass
class Vendor:
    """A bot vendor that refuses some messages, the same ones for the same seed and number."""

    seed: int
    kill: Callable[[str], None]
    receipts: list[Receipt] = field(default_factory=list)
    sentences: dict[str, Sentence] = field(default_factory=dict)
    asked: Counter[int] = field(default_factory=Counter)
    address: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        worker, channel = request.query["key"], request.match_info["channel"]
        text = (await request.json())["text"]["content"]
        found = _NUMBERED.match(text) or _NUMBER.search(text)
        assert found is not None, text
        parts = {"part": "1", "parts": "1"} | found.groupdict()
        dies = self._reaches(worker)
        errcode = None if dies else self._verdict(int(parts["no"]))
        numbers = {name: int(value) for name, value in parts.items()}
        self.receipts.append(Receipt(worker=worker, channel=channel, errcode=errcode, **numbers))
        if dies:
            self.kill(worker)
        return web.json_response({"errcode": errcode})

    def _reaches(self, worker: str) -> bool:
        """Count a request of a worker that is to die while it waits for an answer."""
        sentence = self.sentences.get(worker)
        if sentence is None or sentence.moment is not Moment.ASKED:
            return False
        left = Sentence(moment=Moment.ASKED, count=sentence.count - 1)
        self.sentences[worker] = left
        return left.count == 0

    def _verdict(self, no: int) -> int:
        """Return the answer to the next request with this number: mostly taken, sometimes busy or refused."""
        self.asked[no] += 1
        dice = random.Random(f"{self.seed}:{no}:{self.asked[no]}")  # noqa: S311 - to be repeated, not to be secret
        return dice.choices((0, -1, 93004), (94, 4, 2))[0]


@asynccontextmanager
async def a_vendor(seed: int, kill: Callable[[str], None]) -> AsyncIterator[Vendor]:
    """Serve every bot of the office on a free port."""
    vendor = Vendor(seed=seed, kill=kill)
    app = web.Application()
    app.router.add_post("/{channel}", vendor.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    vendor.address = f"http://{host}:{port}"
    try:
        yield vendor
    finally:
        await runner.cleanup()
