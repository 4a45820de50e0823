"""The board and the incident page in Debian's Chromium."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser as Chromium
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect

from monitor.dossier.acts import assign
from monitor.dossier.model import Change, Changes
from monitor.ports import Store
from tests.desk.conftest import PEOPLE, ServedDesk
from tests.desk.story import NOW, save
from tests.support.builders import after, an_incident, an_item, an_obligation

PASSWORD = "a password of the tests"  # noqa: S105
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        shutil.which(CHROMIUM) is None, reason="Chromium is not installed; `make deps` installs it"
    ),
]


def _is_complaint(said: ConsoleMessage) -> bool:
    """Return whether a script failed; the browser also remarks that something was refused with 4xx."""
    return said.type == "error" and "a status of 4" not in said.text


@asynccontextmanager
async def opened(
    desk: ServedDesk, *, width: int, scripts: bool = True, role: str = "duty"
) -> AsyncIterator[Page]:
    """Open a signed-in page; whatever a script of the page complains about fails the test."""
    async with async_playwright() as playwright:
        chromium: Chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = await chromium.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
        )
        page, complaints = await context.new_page(), list[str]()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        await page.goto(f"{desk.address}/enter/{desk.access.open_demo(role, PEOPLE.get(role))}")
        await page.click("button.main")
        yield page
        assert complaints == []
        await chromium.close()


async def test_a_rehearsal_is_played_without_scripts_and_its_story_fits_the_screen_and_the_paper(
    quiet: ServedDesk,
) -> None:
    async with opened(quiet, width=390, scripts=False, role="head") as page:
        await page.goto(f"{quiet.address}/rehearsals")
        await page.click("button[value=channels]")
        await expect(page.locator(".story .late").first).to_be_visible()
        for width in (390, 1440):
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.emulate_media(media="print")
        await expect(page.locator("nav")).to_be_hidden()
        await expect(page.locator(".story")).to_be_visible()


async def test_clocks_run_and_new_incidents_arrive_without_reload(served: ServedDesk, told: Store) -> None:
    async with opened(served, width=1440) as page:
        clock = page.locator("article", has_text="1号").locator(".left")
        await expect(clock).to_have_text(re.compile(r"剩 00:59:\d\d"))
        incident = an_incident(id=7, title="新到事件")
        news = Change(at=NOW, event="incident_opened", incident=7)
        obligation = an_obligation(id="7:response:1", incident_id=7)
        changes = Changes(
            incident=incident, expected_version=None, obligations=(obligation,), journal=(news,)
        )
        save(told, [an_item(key="n1", title="新到事件")], changes)
        while not await page.get_by_role("link", name="新到事件").is_visible():
            served.clock.advance(served.desk.settings.refresh_every)


@pytest.mark.parametrize("scripts", [True, False])
async def test_reading_and_acknowledging_need_no_scripts(served: ServedDesk, scripts: bool) -> None:
    async with opened(served, width=390, scripts=scripts) as page:
        await page.get_by_role("link", name="柯街镇客车坠崖").click()
        await expect(page.locator("mark", has_text="12人遇难")).to_be_visible()
        await page.click("#acknowledge")
        await expect(page.get_by_text("已记录：您不再收到本轮催促")).to_be_visible()
    assert served.acts.asked == [("acknowledge", 1, {"by": "duty", "via": "desk"})]


async def test_an_act_is_one_click_and_one_reason(served: ServedDesk) -> None:
    async with opened(served, width=390) as page:
        await page.goto(f"{served.address}/incidents/1")
        await page.locator("summary", has_text="调整级别").click()
        form = page.locator("details.act", has_text="调整级别")
        await form.locator("select").select_option("3")
        await form.locator("textarea").fill("经卫健部门核实")
        await form.get_by_role("button", name="调整级别").click()
        await expect(page.get_by_text("已调整级别")).to_be_visible()
    with served.desk.store.reading() as transaction:
        judged = transaction.dossier(1).incident.judgement
    assert judged is not None
    assert (judged.by, judged.severity, judged.reason) == ("duty", 3, "经卫健部门核实")


async def test_a_phone_shows_clock_message_and_button_without_scrolling(served: ServedDesk) -> None:
    async with opened(served, width=390) as page:
        await page.goto(f"{served.address}/incidents/1")
        for shown in (
            page.locator(".glance .left"),
            page.get_by_text("最近送达：今天 08:20 赵谷雨"),
            page.get_by_text("确认收到：王小满"),
            page.locator("#acknowledge"),
            page.locator("#confirm"),
        ):
            await expect(shown).to_be_in_viewport()
        lists, acts = page.locator(".story"), page.locator(".acts")
        above, below = await acts.bounding_box(), await lists.bounding_box()
        assert above is not None
        assert below is not None
        assert above["y"] < below["y"]


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_person_signs_in_with_a_password_and_is_led_where_they_wanted(
    served: ServedDesk, scripts: bool
) -> None:
    await asyncio.to_thread(
        served.access.save_account, name="wang", password=PASSWORD, role="duty", person_id="duty", by="test"
    )
    async with opened(served, width=390, scripts=scripts) as page:
        await page.get_by_role("button", name="退出").click()
        await page.goto(f"{served.address}/incidents/1")
        await expect(page.get_by_role("heading", name="登录值班台")).to_be_visible()
        for password, shown in (("wrong password", "账号或密码不正确"), (PASSWORD, "柯街镇客车坠崖")):
            await page.get_by_label("账号").fill("wang")
            await page.get_by_label("密码").fill(password)
            await page.get_by_role("button", name="登录", exact=True).click()
            await expect(page.get_by_text(shown).first).to_be_visible()
        await expect(page).to_have_url(f"{served.address}/incidents/1")


async def test_an_incident_is_assigned_and_a_recorded_answer_stops_its_clock(served: ServedDesk) -> None:
    async with opened(served, width=768) as page:
        await page.goto(f"{served.address}/incidents/1")
        await page.locator("summary", has_text="交办").first.click()
        await page.get_by_label("责任单位").first.select_option(label="县应急管理局")
        await page.get_by_role("button", name="交办", exact=True).first.click()
        await expect(page.locator(".said")).to_be_visible()
        await expect(page.locator("dd", has_text="县应急管理局").first).to_be_visible()
        clock = page.locator(".obligation", has_text="首次权威信息")
        await expect(clock.locator(".left")).to_contain_text("剩")
        await page.locator("summary", has_text="登记发布").click()
        form = page.locator("details.act", has_text="登记发布")
        await form.get_by_label("发布形式").select_option("first_release")
        await form.get_by_label("标题").fill("关于柯街镇交通事故的通报")
        await form.get_by_role("button", name="登记发布").click()
        await page.locator("details.ended summary").first.click()
        await expect(clock.locator(".left")).to_have_text("按时完成")


async def test_a_department_sees_its_own_incidents_and_no_others(served: ServedDesk) -> None:
    async with opened(served, width=390, role="department") as page:
        await expect(page.get_by_role("link", name="达丙镇多户村民反映自来水浑浊")).to_be_visible()
        await expect(page.get_by_text("柯街镇客车坠崖")).to_have_count(0)
        await page.goto(f"{served.address}/incidents/1")
        await expect(page.get_by_role("heading", name="没有找到，或您无权查看")).to_be_visible()


async def test_a_department_signs_its_slip_and_reports_back(served: ServedDesk) -> None:
    served.acts.do(2, assign("emergency_bureau", "核实水质并回复", after(hours=30)), by="duty", via="desk")
    async with opened(served, width=390, role="department") as page:
        await page.goto(f"{served.address}/orders")
        await page.locator("a[href*='/orders/2-o2']").first.click()
        await page.get_by_label("签收人").fill("杨晓梅")
        await page.get_by_role("button", name="签收", exact=True).click()
        await expect(page.locator("dd", has_text="杨晓梅")).to_be_visible()
        await page.get_by_label("办理情况").fill("已派人到场，停水原因是主管破裂，今晚修复。")
        await page.get_by_role("button", name="反馈办理情况").click()
        await expect(page.locator("dd", has_text="今晚修复")).to_be_visible()
        await expect(page.get_by_role("button", name="签收", exact=True)).to_have_count(0)


async def test_hostile_titles_texts_names_and_addresses_stay_text(served: ServedDesk) -> None:
    # A script that ran would open a dialog, which `opened` takes for a complaint.
    async with opened(served, width=1440) as page:
        for path in ("/", "/incidents/1", "/incidents/5", "/sources", "/history?q=柯街"):
            await page.goto(served.address + path)
            assert await page.locator("main script, main img, a[href^='javascript:']").count() == 0, path
        await page.goto(f"{served.address}/incidents/1")
        await expect(page.get_by_role("heading", name="<script>alert(1)</script>")).to_be_visible()
        await expect(page.get_by_text("javascript:alert(3)")).to_be_visible()


async def test_an_incident_on_paper_is_the_whole_story_without_its_forms(served: ServedDesk) -> None:
    async with opened(served, width=1440) as page:
        await page.goto(f"{served.address}/incidents/1")
        await page.emulate_media(media="print", color_scheme="dark")
        for hidden in (page.locator("nav"), page.locator("main form").first, page.locator(".secrecy").first):
            await expect(hidden).to_be_hidden()
        for shown in (
            "国办发〔2016〕61号：最迟应在24小时内举行新闻发布会",
            "情况截至 2026年3月2日",
            "回执 m-1",
        ):
            await expect(page.get_by_text(shown).first).to_be_visible()
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


async def test_an_export_says_how_far_it_is_and_arrives(served: ServedDesk) -> None:
    async with opened(served, width=1440) as page:
        await page.goto(f"{served.address}/history?q=柯街")
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="Excel").click()
        download = await downloading.value
        assert download.suggested_filename.endswith(".xlsx")
        await expect(page.locator("#exporting")).to_have_text(re.compile(r"Excel 已导出 \d+ 条"))
