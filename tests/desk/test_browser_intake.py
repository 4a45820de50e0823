"""Reports taken by hand, in Debian's Chromium."""

from itertools import product

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.desk.conftest import ServedDesk
from tests.desk.test_browser import opened
from tests.desk.test_browser import pytestmark as pytestmark
from tests.desk.test_intake import PNG, taking

__all__ = ["taking"]
PAYLOAD = '</textarea><script>alert(1)</script><img src=x onerror="alert(2)">"\'>'
SHOT: FilePayload = {"name": "群聊.html", "mimeType": "text/html", "buffer": PNG}


async def fill(page: Page, title: str, text: str, place: str = "云溪县城关镇") -> None:
    await page.get_by_label("标题").fill(title)
    await page.get_by_label("正文").fill(text)
    await page.get_by_label("地点").fill(place)


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_call_is_judged_taken_in_and_found_again(taking: ServedDesk, scripts: bool) -> None:
    async with opened(taking, width=390, scripts=scripts) as page:
        await page.get_by_role("link", name="接报登记").click()
        await fill(page, "商铺起火", "两人受伤，正在救援。")
        await page.get_by_label("反映人联系方式").fill("陈女士 13912345678")
        await page.get_by_label("附件").set_input_files(SHOT)
        await page.get_by_role("button", name="先看研判").click()
        await expect(page.locator("#result mark", has_text="起火")).to_be_visible()
        await expect(page.get_by_text("附件没有上传，登记前请重新选择")).to_be_visible()
        await page.get_by_label("附件").set_input_files(SHOT)
        await page.get_by_role("button", name="登记", exact=True).click()
        await expect(page.get_by_text("已登记，立为 1号事件")).to_be_visible()
        async with page.expect_download() as download:
            await page.get_by_role("link", name="下载 PNG").click()
        assert (await download.value).suggested_filename == "jiebao-1-1.png"
        await page.get_by_role("link", name="1号事件").click()
        await page.get_by_role("link", name="接报登记和附件").click()
        await expect(page.get_by_text("陈女士 13912345678")).to_be_visible()


async def test_what_is_no_matter_is_opened_on_a_persons_word(taking: ServedDesk) -> None:
    async with opened(taking, width=1440, role="head") as page:
        await page.goto(f"{taking.address}/intake")
        await page.get_by_label("来源").select_option("group")
        await fill(page, "有人问社保卡在哪里办", "")
        await page.get_by_role("button", name="登记", exact=True).click()
        await expect(page.get_by_text("没有立案：不是舆情")).to_be_visible()
        await page.get_by_label("怎样立案").select_option("3")
        await page.get_by_label("理由").fill("现场核实多人排队")
        await page.get_by_role("button", name="人工立案").click()
        await expect(page.get_by_role("heading", name="云溪县城关镇：有人问社保卡在哪里办")).to_be_visible()
        await expect(page.locator(".badge", has_text="较大").first).to_be_visible()


async def test_a_report_that_would_be_markup_stays_text_and_no_page_is_too_wide(taking: ServedDesk) -> None:
    # A script that ran would open a dialog, which `opened` takes for a complaint.
    async with opened(taking, width=1440) as page:
        await page.goto(f"{taking.address}/intake")
        await fill(page, PAYLOAD + "商铺起火", PAYLOAD + "两人受伤" + "W" * 300, PAYLOAD)
        await page.get_by_label("反映人联系方式").fill(PAYLOAD)
        await page.get_by_role("button", name="先看研判").click()
        await expect(page.locator("#result")).to_be_visible()
        await expect(page.get_by_label("地点")).to_have_value(PAYLOAD)
        await _fits(page)
        await page.get_by_role("button", name="登记", exact=True).click()
        await expect(page.get_by_role("heading", name="登记内容")).to_be_visible()
        assert await page.locator("main img, main script").count() == 0
        await _fits(page)


async def _fits(page: Page) -> None:
    for width, scheme in product((390, 768, 1440), ("light", "dark")):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
