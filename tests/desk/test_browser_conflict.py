"""Two people at once, each in a browser of their own: nobody overwrites anybody, nothing typed is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from playwright.async_api import Page, async_playwright, expect

from monitor.dossier.model import Change, Changes
from monitor.incidents.model import IncidentState
from monitor.ports import Store
from tests.desk.conftest import PEOPLE, ServedDesk
from tests.desk.story import NOW
from tests.desk.test_browser import CHROMIUM, FLAGS, opened, pytestmark
from tests.desk.test_browser_access import LOOKS, faults_of
from tests.desk.test_drafts import PAGE, TEXT, write

__all__ = ["pytestmark"]

REASON = "与昨日三号事件为同一事故，重复立案<b>"


@asynccontextmanager
async def two_people(desk: ServedDesk, *, scripts: bool) -> AsyncIterator[tuple[Page, Page]]:
    """Open two signed-in browsers, of the duty officer and of the head of office."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        pages: list[Page] = []
        for role, width in (("duty", 390), ("head", 1440)):
            viewport = {"width": width, "height": 900}
            context = await chromium.new_context(viewport=viewport, java_script_enabled=scripts)  # type: ignore[arg-type]
            page = await context.new_page()
            await page.goto(f"{desk.address}/enter/{desk.access.open_demo(role, PEOPLE[role])}")
            await page.click("button.main")
            pages.append(page)
        yield pages[0], pages[1]
        await chromium.close()


async def fill_in_a_dismissal(page: Page) -> None:
    await page.locator("summary", has_text="办结、排除、合并等").click()
    await page.locator("summary", has_text="排除").last.click()
    form = page.locator("details.act", has_text="排除").last
    await form.locator("textarea").fill(REASON)


async def dismiss(page: Page) -> None:
    await page.locator("details.act", has_text="排除").last.get_by_role("button", name="排除").click()


async def fits(page: Page) -> bool:
    found: bool = await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return found


def incident(store: Store) -> tuple[IncidentState, str | None, str | None]:
    with store.reading() as transaction:
        found = transaction.dossier(1).incident
    return found.state, found.confirmed_by, found.ended_reason


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_dismissal_decided_on_an_old_page_says_who_confirmed_meanwhile_and_keeps_its_reason(
    served: ServedDesk, told: Store, scripts: bool
) -> None:
    async with two_people(served, scripts=scripts) as (duty, head):
        for page in (duty, head):
            await page.goto(f"{served.address}/incidents/1")
        await fill_in_a_dismissal(duty)
        await head.click("#confirm")
        await expect(head.get_by_text("已确认级别").first).to_be_visible()
        await dismiss(duty)
        await expect(duty.locator("p.fault")).to_contain_text("李立春 已办理过本事件")
        await expect(duty.locator(".journal")).to_contain_text("今天 12:00 李立春 确认级别")
        await expect(duty.locator("textarea")).to_have_value(REASON)
        assert incident(told) == (IncidentState.OPEN, "office_head", None)
        if scripts:
            assert await fits(duty)
        await duty.get_by_role("button", name="仍要排除").click()
        await expect(duty.get_by_text("已排除").first).to_be_visible()
    assert incident(told) == (IncidentState.DISMISSED, "office_head", REASON)


async def test_an_act_that_is_no_longer_possible_keeps_its_words_to_copy(
    served: ServedDesk, told: Store
) -> None:
    async with two_people(served, scripts=True) as (duty, head):
        for page in (duty, head):
            await page.goto(f"{served.address}/incidents/1")
            await fill_in_a_dismissal(page)
        await dismiss(head)
        await expect(head.get_by_text("已排除").first).to_be_visible()
        await dismiss(duty)
        await expect(duty.locator("p.fault")).to_contain_text("李立春")
        await expect(duty.locator("p.text")).to_have_text(REASON)
        await expect(duty.get_by_text("这项办理已不能提交")).to_be_visible()
        await expect(duty.get_by_role("button", name="仍要")).to_have_count(0)
    assert incident(told)[0] is IncidentState.DISMISSED


async def test_what_the_machine_did_meanwhile_is_told_as_the_machine_s(
    served: ServedDesk, told: Store
) -> None:
    async with two_people(served, scripts=True) as (duty, _):
        await duty.goto(f"{served.address}/incidents/1")
        await fill_in_a_dismissal(duty)
        with told.transaction() as transaction:
            found = transaction.dossier(1).incident
            raised = Change(at=NOW, event="severity_changed", incident=1, facts={"from": 2, "to": 1})
            newer = replace(found, version=found.version + 1)
            transaction.save(Changes(incident=newer, expected_version=found.version, journal=(raised,)))
        await dismiss(duty)
        await expect(duty.locator("p.fault")).to_contain_text("本事件有了新情况")
        await expect(duty.locator(".journal")).to_contain_text("系统 级别变化：由重大改为特别重大")
        await expect(duty.locator("textarea")).to_have_value(REASON)


@pytest.mark.parametrize("scripts", [True, False])
async def test_two_people_who_rewrite_a_draft_see_both_texts(
    served: ServedDesk, told: Store, scripts: bool
) -> None:
    async with two_people(served, scripts=scripts) as (duty, head):
        await duty.goto(served.address + PAGE)
        await duty.fill("textarea[name=text]", TEXT)
        await duty.get_by_role("button", name="存为第1版").click()
        for page, words in ((head, "已恢复供水。"), (duty, "水务局致歉。")):
            await page.goto(served.address + PAGE)
            await page.locator("summary", has_text="修改（存为第2版）").click()
            await page.fill("textarea[name=text]", TEXT + words)
        for page in (head, duty):
            await page.get_by_role("button", name="存为第2版").click()
        await expect(duty.locator("p.fault")).to_contain_text("李立春 于 今天 12:00 已存为第2版")
        await expect(duty.locator("p.text").first).to_contain_text("已恢复供水。")
        await expect(duty.locator("textarea")).to_have_value(f"{TEXT}水务局致歉。")
        await expect(duty.locator("ins", has_text="水务局致歉")).to_be_visible()
        if scripts:
            assert await fits(duty)
        await duty.fill("textarea[name=text]", f"{TEXT}已恢复供水，水务局致歉。")
        await duty.get_by_role("button", name="存为第3版").click()
        await expect(duty.get_by_text("已存为第1稿第3版")).to_be_visible()
        if scripts:
            assert await fits(duty)
    with told.reading() as transaction:
        [draft] = transaction.drafts(2)
    assert [version.author for version in draft.versions] == ["duty", "office_head", "duty"]


async def test_the_pages_of_a_conflict_shut_nobody_out(served: ServedDesk) -> None:
    async with opened(served, width=390) as page, served.browser("head") as head:
        await page.goto(f"{served.address}/incidents/1")
        await fill_in_a_dismissal(page)
        await head.act(1, act="confirm")
        await dismiss(page)
        await expect(page.locator("p.fault")).to_be_visible()
        assert await faults_of(page, LOOKS[:2]) == []
        await page.goto(served.address + PAGE)
        await write(head)
        await page.get_by_role("button", name="存为第1版").click()
        await expect(page.locator("p.fault")).to_be_visible()
        assert await faults_of(page, LOOKS[:2]) == []
