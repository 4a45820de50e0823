"""The second factor in Debian's Chromium, from the first picture to the sheet of recovery codes."""

import asyncio
import re
from datetime import timedelta

import pyotp
from playwright.async_api import Page, expect

from tests.desk.conftest import ServedDesk
from tests.desk.test_browser import opened
from tests.desk.test_browser import pytestmark as pytestmark

PASSWORD = "correct horse battery"  # noqa: S105
TO = "/incidents/2"


async def sign_in(page: Page, desk: ServedDesk) -> None:
    """Leave, if somebody is in, and give the password on the way to an incident."""
    await page.goto("about:blank")
    await page.context.clear_cookies()
    await page.goto(desk.address + TO)
    await page.get_by_label("账号").fill("wang")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()


async def give(page: Page, code: str) -> None:
    await page.get_by_label("手机验证器上的 6 位数字").fill(code)
    await page.get_by_role("button", name="继续").click()


async def enrol(page: Page, desk: ServedDesk) -> tuple[pyotp.TOTP, list[str]]:
    """Scan, confirm and copy the sheet, as the page tells somebody to."""
    await page.get_by_role("link", name="王小满").click()
    await page.get_by_role("link", name="启用", exact=True).click()
    await page.get_by_role("button", name="开始启用").click()
    picture = page.get_by_role("img", name="二维码")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    telephone = pyotp.TOTP((await page.locator("code.wide").inner_text()).replace(" ", ""))
    await page.get_by_label("验证码").fill(telephone.at(desk.clock.now()))
    await page.get_by_role("button", name="启用").click()
    await expect(page.get_by_text("恢复码只显示这一次")).to_be_visible()
    sheet = await page.locator("ol.codes code").all_inner_texts()
    await page.get_by_role("link", name="已抄好").click()
    await expect(page.get_by_text("已启用，恢复码还剩 10 个")).to_be_visible()
    return telephone, sheet


async def test_one_is_enrolled_asked_for_refused_and_replaced_by_a_recovery_code(served: ServedDesk) -> None:
    await asyncio.to_thread(
        served.access.save_account, name="wang", password=PASSWORD, role="duty", person_id="duty", by="root"
    )
    inside, asked = re.compile(f"{TO}$"), re.compile("/login/code")
    async with opened(served, width=390) as page:
        await sign_in(page, served)
        await expect(page).to_have_url(inside)
        telephone, sheet = await enrol(page, served)
        assert len(set(sheet)) == 10

        # What was scanned opens; the code that switched it on was used up by that.
        await page.get_by_role("button", name="退出", exact=True).click()
        await sign_in(page, served)
        await expect(page).to_have_url(asked)
        for used_or_wrong in (telephone.at(served.clock.now()), "000000"):
            await give(page, used_or_wrong)
            await expect(page.get_by_role("alert")).to_contain_text("验证码不对，或已经用过")
        served.clock.advance(timedelta(seconds=30))
        await give(page, telephone.at(served.clock.now()))
        await expect(page).to_have_url(inside)

        # The code that has just opened does so for nobody else; a recovery code does, once.
        await sign_in(page, served)
        await give(page, telephone.at(served.clock.now()))
        await expect(page.get_by_role("alert")).to_contain_text("已经用过")
        await give(page, sheet[0].lower())
        await expect(page).to_have_url(inside)
        await sign_in(page, served)
        await give(page, sheet[0])
        await expect(page.get_by_role("alert")).to_contain_text("已经用过")
        await give(page, sheet[1])
        await page.goto(f"{served.address}/account")
        await expect(page.get_by_text("恢复码还剩 8 个")).to_be_visible()


async def test_a_page_says_that_the_session_ran_out_and_keeps_what_is_being_written(
    served: ServedDesk,
) -> None:
    async with opened(served, width=1440) as page:
        await page.goto(f"{served.address}/incidents/1")
        await page.locator("summary", has_text="调整级别").click()
        form = page.locator("details.act", has_text="调整级别")
        await form.locator("select").select_option("3")
        await form.locator("textarea").fill("经卫健部门核实")
        served.clock.advance(timedelta(hours=13))
        while not await page.get_by_text("登录已到期：请先复制").is_visible():
            served.clock.advance(served.desk.settings.refresh_every)
        await form.get_by_role("button", name="调整级别").click()
        await expect(page.get_by_role("heading", name="登录已到期，内容没有提交")).to_be_visible()
        await expect(page.get_by_text("经卫健部门核实")).to_be_visible()
