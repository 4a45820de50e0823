"""The page of words and rules in Debian's Chromium."""

from collections.abc import AsyncIterator
from itertools import product

import pytest
from playwright.async_api import Page, expect

from monitor.ports import Store
from tests.desk.conftest import ServedDesk, serve
from tests.desk.test_browser import opened
from tests.desk.test_browser import pytestmark as pytestmark
from tests.desk.test_rules import NEW, Written, keep
from tests.support.clock import SimulatedClock

TITLE = "昌宁县一农用车栽沟"
PAYLOAD = '</textarea><script>alert(1)</script><img src=x onerror="alert(2)">"\'>昌宁县柯街镇山体滑坡'
FAULT = "words/words.yaml:4:7: add.events[0].word: 不认识的键，是否指 words？（继续使用改动前的配置）"


@pytest.fixture
async def ruled(store: Store, clock: SimulatedClock) -> AsyncIterator[ServedDesk]:
    async with serve(store, clock, wording=Written(), faults=lambda: (FAULT,)) as desk:
        yield desk


async def judge(page: Page, title: str, text: str = "", trial: str = "") -> None:
    await page.get_by_label("标题").fill(title)
    await page.get_by_label("正文").fill(text)
    await page.get_by_label("增加或去掉的词").fill(trial)
    await page.get_by_role("button", name="研判这段文字").click()


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_pasted_text_shows_its_verdict_with_reasons_before_and_after(
    ruled: ServedDesk, store: Store, scripts: bool
) -> None:
    keep(store, TITLE, "昌宁县植树")
    async with opened(ruled, width=390, scripts=scripts, role="analyst") as page:
        await page.get_by_role("link", name="设置").click()
        await page.get_by_role("link", name="用词与规则").click()
        await judge(page, TITLE)
        await expect(page.get_by_text("没有读到说明出事、投诉或传言的词")).to_be_in_viewport()
        await judge(page, TITLE, "柯街镇村民要求赔偿。", NEW)
        for shown in (
            "舆情 · 当前 · 本地 · 道路交通事故",
            "类型：道路交通事故（road_traffic）；依据词：“栽沟”（标题第 8 字）",
            "诉求：要求赔偿；依据词：“要求赔偿”（正文第 6 字）",
        ):
            await expect(page.get_by_text(shown)).to_be_visible()
        await expect(page.locator("mark", has_text="栽沟")).to_be_visible()
        await page.get_by_role("button", name="用最近 7 天的条目试").click()
        await expect(page.get_by_text("看了 2 条，1 条的结论会变：新成为舆情 1 条")).to_be_in_viewport()
        await expect(page.get_by_label("增加或去掉的词")).to_have_value(NEW)


async def test_a_text_that_would_be_markup_stays_text(ruled: ServedDesk, store: Store) -> None:
    keep(store, PAYLOAD)
    # A script that ran would open a dialog, which `opened` takes for a complaint.
    async with opened(ruled, width=1440, role="analyst") as page:
        await page.goto(f"{ruled.address}/rules")
        await judge(page, PAYLOAD, PAYLOAD, "add: {events: [{type: 火灾, words: [山体滑坡]}]}")
        await expect(page.locator("p.text", has_text="onerror")).to_have_count(4)
        await expect(page.get_by_label("正文")).to_have_value(PAYLOAD)
        await page.get_by_role("button", name="用最近 7 天的条目试").click()
        await expect(page.locator("tbody th", has_text="<script>alert(1)</script>")).to_be_visible()
        assert await page.locator("main img, main script").count() == 0


async def test_a_broken_file_and_broken_trial_words_show_their_place(ruled: ServedDesk) -> None:
    async with opened(ruled, width=390, scripts=False, role="analyst") as page:
        await page.goto(f"{ruled.address}/rules")
        alert = page.get_by_role("alert")
        await expect(alert).to_contain_text("仍按改动前的用词研判")
        await expect(alert).to_contain_text("words/words.yaml 第 4 行第 7 列：add.events[0].word: 不认识的键")
        await judge(page, TITLE, trial=f"{NEW}      hints：[打滑]")
        fault = page.get_by_role("alert").filter(has_text="没有试成")
        await expect(fault).to_contain_text("试用词 第 5 行第 12 列：冒号是全角的")
        await expect(fault.locator("q")).to_have_text("hints：[打滑]")
        await expect(page.get_by_label("标题")).to_have_value(TITLE)


async def test_a_trial_is_asked_for_once_and_says_that_it_is_under_way(ruled: ServedDesk) -> None:
    async with opened(ruled, width=1440, role="analyst") as page:
        await page.goto(f"{ruled.address}/rules")
        await page.get_by_label("增加或去掉的词").fill(NEW)
        words = await page.evaluate(
            """() => {
                const button = document.querySelector("button[value=try]");
                button.click();
                button.click();
                return button.textContent;
            }"""
        )
        assert words == "正在试算，最多十几秒…"
        await expect(page.get_by_text("最近 7 天没有收到条目")).to_be_visible()


async def test_nothing_is_wider_than_the_screen(ruled: ServedDesk, store: Store) -> None:
    keep(store, "昌宁县一农用车栽沟" * 6, "A" * 200 + "昌宁县栽沟")
    async with opened(ruled, width=390, role="analyst") as page:
        await page.goto(f"{ruled.address}/rules")
        await judge(page, "W" * 300 + TITLE, "1" * 300, NEW + "# " + "x" * 300)
        for act, (width, scheme) in product((None, "try"), product((390, 768, 1440), ("light", "dark"))):
            if act and width == 390 and scheme == "light":
                await page.click(f"button[value={act}]")
                await expect(page.get_by_text("最近 7 天试算结果")).to_be_visible()
            await page.set_viewport_size({"width": width, "height": 900})
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (act, width)
