"""Every page as every role sees it, looked at by an accessibility engine in Debian's Chromium."""

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page

from monitor.desk.links import message_path, order_path
from monitor.incidents.group import Grouper
from monitor.pipeline.intake import Intake
from monitor.pipeline.known import Known
from monitor.pipeline.receiving import DeskActs
from monitor.ports import Store
from tests.desk.conftest import SECRET, ServedDesk, serve
from tests.desk.every_page import EVERY_PAGE, NOBODY, PageOf, unlisted
from tests.desk.story import an_office, tell_many, the_sources
from tests.desk.test_browser import opened
from tests.desk.test_browser import pytestmark as pytestmark
from tests.desk.test_intake import Reading, hidden, send
from tests.support.clock import SimulatedClock
from tests.support.setting import a_setting, rarity
from tests.support.telling import words

AXE = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"
Scheme = Literal["light", "dark"]
LOOKS: tuple[tuple[Scheme, int], ...] = (("light", 1440), ("dark", 390), ("dark", 1440), ("light", 390))
"""Theme and width; the first role of a page is shown the first two, the others one each in turn."""
WIDTHS = (390, 768, 1440)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FAULTS = """async (tags) => {
    const found = await axe.run(document, {resultTypes: ["violations"], runOnly: tags});
    const serious = found.violations.filter((v) => ["serious", "critical"].includes(v.impact));
    return serious.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(" ")}`));
}"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@cache
def axe() -> str:
    """Return the engine; evaluated by the debugger, it needs no exception from the page's own policy."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed; `make deps` installs it")
    return AXE.read_text(encoding="utf-8")


async def faults_of(page: Page, looks: tuple[tuple[Scheme, int], ...] = LOOKS) -> list[str]:
    """Return every serious fault of the page that is open, by theme and width."""
    await page.evaluate(axe())
    found = []
    for scheme, width in looks:
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size({"width": width, "height": 900})
        found += [f"{scheme} {width}: {fault}" for fault in await page.evaluate(FAULTS, TAGS)]
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        if await page.evaluate(TOO_WIDE):
            found.append(f"{width}: too wide")
    return found


@pytest.fixture
async def furnished(told: Store, clock: SimulatedClock) -> AsyncIterator[ServedDesk]:
    """Return a desk in the middle of the story that has every page there is."""
    async with serve(told, clock, wording=Reading()) as desk:
        setting = a_setting(told, an_office())
        intake = Intake(setting, Reading.judge.judge_item, Known(lambda: Grouper(rarity)), words)
        desk.acts._real = DeskActs(setting, clock, intake, the_sources)
        yield desk


async def places_of(desk: ServedDesk) -> dict[str, str]:
    """Make what some pages are about, and return what their addresses are made of."""
    setup = await asyncio.to_thread(desk.access.open_setup) or ""
    async with desk.browser("duty") as browser:
        tip = await send(browser, {"title": "有人问社保卡在哪里办", "contact": "陈女士 13912345678"})
    async with desk.browser("head") as browser:
        csrf = hidden((await browser.get("/")).text, "csrf")
        await browser.post("/rehearsals", data={"csrf": csrf, "name": "channels"})
        await browser.post("/papers", data={"csrf": csrf, "kind": "flash", "incident": "1"})
        await browser.act(1, act="assign", department="emergency_bureau")
        for base, text in enumerate(("经核实，水质正常。", "经核实，水质达标。【待填：机构】")):
            draft = {"act": "write", "kind": "response", "title": "情况说明", "text": text, "base": str(base)}
            number = {"number": "1"} if base else {}
            await browser.post("/incidents/2/draft", data={"csrf": csrf, **draft, **number})
    return {
        "order": "/incidents/1/orders/1-o1",
        "order_link": order_path(SECRET, "1-o1", 1),
        "tip": tip.url.rsplit("/", 1)[1],
        "message": message_path(SECRET, 1, 1),
        "setup": setup,
        "enter": await asyncio.to_thread(desk.access.open_demo, "duty", "duty"),
    }


def test_every_page_is_on_the_list() -> None:
    assert unlisted() == set()


async def test_the_engine_finds_what_is_wrong(quiet: ServedDesk) -> None:
    async with opened(quiet, width=390) as page:
        await page.goto(quiet.address)
        await page.evaluate(
            """() => { document.querySelector("main").innerHTML =
            '<p class="bad">浅灰</p><input name="q"><a href="/"><img src="/static/icon.svg"></a>';
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(".bad { color: #999; background: #888; width: 500px }");
            document.adoptedStyleSheets.push(sheet); }"""
        )
        found = await faults_of(page, LOOKS[1:2])
    assert {fault.split(": ")[1] for fault in found} >= {"color-contrast", "image-alt", "label", "too wide"}


@pytest.mark.parametrize("role", dict.fromkeys(role for listed in EVERY_PAGE for role in listed.roles))
async def test_no_page_shuts_anybody_out_or_runs_off_the_screen(furnished: ServedDesk, role: str) -> None:
    places = await places_of(furnished)
    found: list[str] = []
    async with opened(furnished, width=1440, role=role or "duty") as page:
        if role in NOBODY:
            await page.goto("about:blank")
            await page.context.clear_cookies()
        for listed in (p for p in EVERY_PAGE if role in p.roles):
            found += await _looked_at(page, furnished.address, listed, role, places)
    assert found == []


async def _looked_at(
    page: Page, address: str, listed: PageOf, role: str, places: dict[str, str]
) -> list[str]:
    """Return the faults of one page for one role; a page that leads elsewhere was not looked at."""
    path = listed.at(places)
    answer = await page.goto(address + path)
    turn = listed.roles.index(role)
    faults = await faults_of(page, LOOKS[:2] if turn == 0 else (LOOKS[1 + turn % 3],))
    if answer is None or answer.status >= 500:
        faults.append("does not answer")
    if not page.url.startswith(address + path.split("?")[0]):
        faults.append(f"leads to {page.url}")
    return [f"{path} as {role or 'nobody'}: {fault}" for fault in faults]


@pytest.mark.parametrize("count", [0, 200])
async def test_an_empty_and_a_full_board_shut_nobody_out(quiet: ServedDesk, store: Store, count: int) -> None:
    await asyncio.to_thread(tell_many, store, count)
    async with opened(quiet, width=1440) as page:
        await page.goto(quiet.address)
        assert await faults_of(page, LOOKS[1:2]) == []
