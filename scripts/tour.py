"""`make tour`: play the demo, photograph every page of the desk as its reader sees it, and write the tour."""

import asyncio
import io
import os
import signal
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI
from PIL import Image
from playwright.async_api import Browser, Error, Page, async_playwright

from monitor.clock import SystemClock
from monitor.desk.context import Desk
from monitor.desk.links import message_path
from monitor.drill.showing import ROLES, play_demo
from scripts.tour_stops import Stop, read_stops

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/images/tour"
PAGE = ROOT / "docs/tour.zh-CN.md"
PORT = "8859"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
HIGHEST = 1500
"""Pixels of a picture's height: a longer page is shown from its top, or from the part the stop names."""
LARGEST = 140_000
"""Bytes of one picture; with fewer colours until it fits."""
TRIES = 4
COLOURS = (128, 64, 32, 16)

SETTLES = timedelta(milliseconds=600)
"""How long a page is given to ask for its alarm and its figures."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The way in for each role, the first administrator's (only an empty desk has it), and a message's."""

    desk: Desk
    address: str
    setup: str
    links: dict[str, str]

    def at(self, path: str) -> str:
        """Return the address of a path or of one of the doors."""
        if path == "message":
            with self.desk.store.reading() as transaction:
                number = min(a.message_no for a in transaction.alerts_of(1) if a.to == "duty")
            path = message_path(self.desk.settings.secret.get_secret_value().encode(), 1, number)
        return self.address + (self.setup if path == "setup" else path)


def _open_doors(app: FastAPI, address: str) -> Doors:
    desk: Desk = app.state.desk
    setup = f"/setup/{desk.access.open_setup()}"
    links = {role: f"{address}/enter/{desk.access.open_demo(role, person)}" for role, person, _ in ROLES}
    return Doors(desk=desk, address=address, setup=setup, links=links)


async def main() -> None:
    """Play the demo and walk through it once."""
    stops = read_stops()
    os.environ["HUIYING_PORT"] = PORT
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    ready: asyncio.Future[Doors] = asyncio.get_running_loop().create_future()
    playing = asyncio.create_task(play_demo(lambda app, address: ready.set_result(_open_doors(app, address))))
    try:
        await asyncio.wait({playing, ready}, return_when=asyncio.FIRST_COMPLETED)
        await _walk(stops, await ready)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        await playing
    _write_page(stops)


async def _walk(stops: tuple[Stop, ...], doors: Doors) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        begun = asyncio.get_running_loop().time()
        pages: dict[str, Page] = {}
        for stop in stops:
            page = pages.get(stop.role) or await _enter(browser, doors, stop.role)
            pages[stop.role] = page
            waits = stop.after - (asyncio.get_running_loop().time() - begun)
            await SystemClock().sleep(timedelta(seconds=max(0.0, waits)))
            await _photograph(page, stop, doors)
        await browser.close()


async def _enter(browser: Browser, doors: Doors, role: str) -> Page:
    """Return a page of one reader, signed in but for `nobody`."""
    context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
    page = await context.new_page()
    if role != "nobody":
        await page.goto(doors.links[role])
        await page.click("button.main")
    return page


async def _photograph(page: Page, stop: Stop, doors: Doors) -> None:
    """Open a stop, do what it does there, and keep its picture."""
    width, height = stop.size
    await page.set_viewport_size({"width": width, "height": height})
    await page.emulate_media(color_scheme=stop.scheme)
    # A live page that reloads itself would break off the way to the next one.
    await page.goto("about:blank")
    await page.goto(doors.at(stop.path))
    for step in stop.steps:
        await step.do(page)
    (PICTURES / f"{stop.name}.png").write_bytes(_compressed(await _picture(page, stop)))


async def _picture(page: Page, stop: Stop) -> bytes:
    """Return the picture of a page that has settled; one that reloads itself just then is waited for."""
    for _ in range(TRIES - 1):
        await SystemClock().sleep(SETTLES)
        try:
            return await page.screenshot(full_page=stop.whole and not stop.phone)
        except Error:
            await page.wait_for_load_state()
    return await page.screenshot(full_page=stop.whole and not stop.phone)


def _compressed(picture: bytes) -> bytes:
    """Return a picture of few colours, cut to the highest that is shown."""
    whole = Image.open(io.BytesIO(picture)).convert("RGB")
    image = whole.crop((0, 0, whole.width, min(whole.height, HIGHEST)))
    for colours in COLOURS:
        kept = io.BytesIO()
        image.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            kept, "PNG", optimize=True
        )
        if kept.tell() <= LARGEST:
            break
    return kept.getvalue()


def _write_page(stops: tuple[Stop, ...]) -> None:
    """Write the tour: a heading, a sentence and a picture for each stop."""
    lines = [
        "# 看一遍值班台",
        "",
        "图中事件、单位和人员均为虚构，来自内置演示（`make run DEMO=1`）；本页由 `make tour` 自动生成。",
    ]
    for stop in stops:
        width = f' width="{stop.size[0]}"' if stop.phone else ""
        lines += [
            "",
            f"## {stop.title}",
            "",
            stop.words,
            "",
            f'<img src="images/tour/{stop.name}.png" alt="{stop.title}"{width}>',
        ]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
