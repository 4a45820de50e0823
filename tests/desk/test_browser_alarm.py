"""Sound, notice and keys in Debian's Chromium."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from monitor.classifiers.model import Severity
from monitor.dossier.model import Change, Changes
from monitor.ports import Store
from tests.desk.conftest import ServedDesk
from tests.desk.story import NOW
from tests.desk.test_alarm import TITLE, arrive
from tests.desk.test_browser import opened
from tests.desk.test_browser import pytestmark as pytestmark
from tests.support.builders import a_round, an_incident

RANG = "Number(localStorage.getItem('huiying-rang'))"


async def _until(served: ServedDesk, page: Page, expression: str) -> None:
    """Let the desk's time pass until an expression of the page is true."""
    while not await page.evaluate(expression):
        served.clock.advance(served.desk.settings.refresh_every)


@pytest.mark.parametrize("path", ["/", "/incidents/5", "/history"])
async def test_a_grave_incident_is_said_on_every_page_until_somebody_acknowledges(
    served: ServedDesk, told: Store, path: str
) -> None:
    async with opened(served, width=390) as page:
        await page.goto(served.address + path)
        title = await page.title()
        await expect(page.locator("#alarm")).to_be_empty()
        await asyncio.to_thread(arrive, told)
        await _until(served, page, "document.title.startsWith('【1 起重大未确认收到】')")
        alarm = page.get_by_role("alert").filter(has_text="重大未确认收到")
        await expect(alarm.get_by_role("link", name=f"7号 {TITLE}")).to_be_visible()
        await asyncio.to_thread(served.acts.acknowledge, 7, by="office_head", via="link")
        await _until(served, page, "!document.title.startsWith('【')")
        await expect(page).to_have_title(title)
        await expect(page.locator("#alarm")).to_be_empty()


async def test_it_sounds_again_every_20_seconds_until_muted(served: ServedDesk, told: Store) -> None:
    async with opened(served, width=1440) as page:
        await page.clock.install()
        await page.goto(served.address)
        await asyncio.to_thread(arrive, told)
        await _until(served, page, "document.title.startsWith('【')")
        assert await page.evaluate(RANG) == 0
        await page.get_by_role("button", name="开启声音").click()
        await expect(page.get_by_role("button", name="关闭声音")).to_be_visible()
        await _until(served, page, f"{RANG} > 0")
        first = await page.evaluate(RANG)
        await page.clock.run_for(19_000)
        assert await page.evaluate(RANG) == first
        await page.clock.run_for(6_000)
        second = await page.evaluate(RANG)
        assert 20_000 <= second - first <= 26_000
        await page.get_by_role("button", name="关闭声音").click()
        await page.clock.run_for(60_000)
        assert await page.evaluate(RANG) == second
        await page.reload()
        await expect(page.get_by_role("button", name="开启声音")).to_be_visible()


async def test_a_board_that_slept_or_lost_its_line_shows_what_it_missed(
    served: ServedDesk, told: Store
) -> None:
    async with opened(served, width=1440) as page:
        await page.clock.install()
        await page.goto(served.address)
        await expect(page.get_by_role("link", name=TITLE)).to_have_count(0)
        # The server's clock stands still: no event is ever sent, as if the line were dead.
        await asyncio.to_thread(arrive, told)
        await page.clock.fast_forward("50:00")
        await expect(page.locator("#board").get_by_role("link", name=TITLE)).to_be_visible()
        await expect(page.locator("#lost")).to_be_hidden()


async def test_a_person_walks_opens_and_acknowledges_by_key(served: ServedDesk) -> None:
    async with opened(served, width=1440) as page:
        await page.goto(served.address)
        for key, number in (("j", 1), ("j", 2), ("k", 1)):
            await page.keyboard.press(key)
            await expect(page.locator(f'#board a[href="/incidents/{number}"]')).to_be_focused()
        await page.keyboard.press("a")
        await expect(page.locator("#ack-1")).to_be_focused()
        assert served.acts.asked == []
        await page.keyboard.press("a")
        await expect(page.locator(".said")).to_contain_text("已记录")
        await expect(page.locator('#board a[href="/incidents/1"]')).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{served.address}/incidents/1")
        await page.keyboard.press("c")
        await expect(page.locator("#confirm")).to_be_focused()
        await page.keyboard.press("c")
        await expect(page.locator("#confirm")).to_have_count(0)
        await page.keyboard.press("g")
        await page.keyboard.press("b")
        await expect(page).to_have_url(f"{served.address}/")
        await page.keyboard.press("/")
        await expect(page.locator("input[name=q]")).to_be_focused()
    with served.desk.store.reading() as transaction:
        assert transaction.dossier(1).incident.confirmed_by == "duty"


async def test_ten_incidents_are_acknowledged_judged_and_dismissed_without_a_mouse(
    served: ServedDesk, told: Store
) -> None:
    numbers = range(20, 30)
    with told.transaction() as transaction:
        for number in numbers:
            grave = an_incident(id=number, title=f"第{number}件", severity=Severity.PARTICULARLY_SERIOUS)
            heard = a_round(id=f"{number}/round/1", incident_id=number, told_level=1)
            transaction.save(Changes(incident=grave, expected_version=None, rounds=(heard,)))
    async with opened(served, width=1440) as page:
        await page.goto(f"{served.address}/?severity=1")
        await page.keyboard.press("j")
        for number in numbers:
            await expect(page.locator(f'#board a[href="/incidents/{number}"]')).to_be_focused()
            await page.keyboard.press("a")
            async with page.expect_navigation():
                await page.keyboard.press("a")
            await expect(page.locator(f"#ack-{number}")).to_have_count(0)
        assert [asked[:2] for asked in served.acts.asked] == [("acknowledge", number) for number in numbers]
        await page.keyboard.press("Enter")
        await expect(page.locator(".acts")).to_be_visible()
        await page.keyboard.press("x")
        await page.keyboard.type("演练用语，不是事件")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator(".said")).to_contain_text("已排除")


async def test_an_acknowledgement_by_somebody_else_does_not_take_the_place_away(served: ServedDesk) -> None:
    async with opened(served, width=1440) as page:
        await page.goto(served.address)
        await page.keyboard.press("j")
        await page.keyboard.press("a")
        await expect(page.locator("#ack-1")).to_be_focused()
        await asyncio.to_thread(served.acts.acknowledge, 1, by="leader", via="link")
        await _until(served, page, "!document.getElementById('ack-1')")
        await expect(page.locator('#board a[href="/incidents/1"]')).to_be_focused()


async def test_whoever_reads_is_told_of_news_and_not_interrupted(served: ServedDesk, told: Store) -> None:
    async with opened(served, width=390) as page:
        await page.goto(f"{served.address}/incidents/2")
        law = page.locator(".clocks details").first
        await law.locator("summary").click()
        with told.transaction() as transaction:
            transaction.record([Change(at=NOW, event="rise_told", incident=2)])
        await _until(served, page, "!document.getElementById('fresh').hidden")
        await expect(page.locator("#fresh")).to_be_in_viewport()
        await expect(law).to_have_attribute("open", "")


async def test_a_filter_that_is_being_chosen_stays_while_the_board_changes(
    served: ServedDesk, told: Store
) -> None:
    async with opened(served, width=390) as page:
        await page.goto(served.address)
        await page.keyboard.press("f")
        place = page.get_by_label("乡镇")
        await page.get_by_label("待办").select_option("late")
        await page.get_by_label("待办").focus()
        await asyncio.to_thread(arrive, told)
        await _until(served, page, f"document.getElementById('board').textContent.includes('{TITLE}')")
        await expect(page.get_by_label("待办")).to_be_focused()
        await expect(page.get_by_label("待办")).to_have_value("late")
        await expect(place).to_have_count(1)
        await page.get_by_role("button", name="筛选").click()
        await expect(page.locator(".card")).to_have_count(1)
        await expect(page.locator(".note")).to_contain_text("其中 2 件已逾期或属特别重大、重大")


async def test_keys_are_quiet_while_somebody_types_and_can_be_switched_off(served: ServedDesk) -> None:
    async with opened(served, width=1440) as page:
        await page.goto(f"{served.address}/history")
        await page.locator("input[name=q]").press_sequentially("gb?jac/")
        await expect(page.locator("input[name=q]")).to_have_value("gb?jac/")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await page.locator("input[name=q]").blur()
        await page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="键盘快捷键")
        await expect(dialog).to_contain_text("下一件、上一件")
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await page.get_by_role("button", name="快捷键").click()
        await dialog.get_by_label("启用快捷键").uncheck()
        await dialog.get_by_role("button", name="关闭").click()
        await page.goto(served.address)
        await page.keyboard.press("j")
        await page.keyboard.press("?")
        await expect(dialog).to_have_count(0)
        assert await page.evaluate("document.activeElement === document.body")
