"""The journal on the desk: looked through page by page, and its chain held against the digests."""

import re
from datetime import date

import pytest
from sqlalchemy import text

from monitor.dossier.model import Change
from monitor.ports import Store
from storage.engine import SqlStore
from tests.desk.conftest import Answer, Browser, ServedDesk
from tests.desk.story import NOW, XSS

PAGE = re.compile(r'<td data-label="序号" class="n">(\d+)</td>')


def write(store: Store, count: int, **fields: object) -> None:
    given = {"event": "signed_in", "incident": None, "actor": "office_head", "via": "desk"} | fields
    with store.transaction() as transaction:
        transaction.record([Change(at=NOW, **given) for _ in range(count)])  # type: ignore[arg-type]


def numbers(page: Answer) -> list[int]:
    return [int(number) for number in PAGE.findall(page.text)]


async def verify(browser: Browser, printed: str = "") -> Answer:
    csrf = (await browser.get("/journal")).text.split('name="csrf" value="')[1].split('"')[0]
    return await browser.post("/journal", data={"csrf": csrf, "printed": printed})


async def test_without_a_question_it_shows_what_people_did(served: ServedDesk) -> None:
    async with served.browser("analyst") as browser:
        page = await browser.get("/journal")
        everything = await browser.get("/journal?machine=1")
    assert "级别变化" in page.text
    assert "由较大改为重大" in page.text
    assert "事件立案" not in page.text.split("<table")[1]
    assert "事件立案" in everything.text.split("<table")[1]
    assert XSS not in everything.text


@pytest.mark.parametrize(
    ("query", "said", "unsaid"),
    [
        ("incident=1", "级别变化", "登录"),
        ("actor=duty", "级别变化", "李立春</td>"),
        ("event=acknowledged", "确认收到", "级别变化"),
        ("since=2026-03-02&until=2026-03-02", "级别变化", "没有符合条件"),
        ("until=2026-03-01", "没有符合条件的记录", "级别变化</td>"),
        ("actor=nobody-here", "没有符合条件的记录", "级别变化</td>"),
    ],
)
async def test_it_is_looked_through_by_incident_person_act_and_time(
    served: ServedDesk, query: str, said: str, unsaid: str
) -> None:
    async with served.browser("leader") as browser:
        page = (await browser.get(f"/journal?{query}")).text
    found = page.split("含系统自动记录")[1].split("<h1>留痕")[0]
    assert (said in found, unsaid in found) == (True, False)


@pytest.mark.parametrize(
    "query",
    ["incident=x", "incident=0", "incident=99999999999", "since=2026-13-99", "cursor=-1", "incident=１"],
)
async def test_what_cannot_be_looked_for_is_explained(served: ServedDesk, query: str) -> None:
    async with served.browser("duty") as browser:
        page = await browser.get(f"/journal?{query}")
    assert (page.status, "日期、事件编号或页码不对" in page.text) == (422, True)


async def test_a_thousand_entries_are_paged_without_a_gap(quiet: ServedDesk, store: Store) -> None:
    write(store, 1000)
    async with quiet.browser("duty") as browser:
        page = await browser.get("/journal?event=signed_in")
        seen = numbers(page)
        while cursor := re.search(r'name="cursor" value="(\d+)"', page.text):
            assert len(numbers(page)) == 100
            page = await browser.get(f"/journal?event=signed_in&cursor={cursor[1]}")
            seen += numbers(page)
    assert len(seen) == 1001  # and the reader's own sign-in
    assert seen == sorted(seen, reverse=True)
    assert "已到最早" in page.text


async def test_an_empty_journal_says_so(quiet: ServedDesk) -> None:
    async with quiet.browser("duty") as browser:
        page = (await browser.get("/journal?actor=leader")).text
    assert "没有符合条件的记录" in page
    assert "还没有发过每日简报" in page


async def test_the_whole_chain_is_checked_now_and_against_the_digests(
    served: ServedDesk, told: Store
) -> None:
    with told.transaction() as transaction:
        anchor = transaction.anchor_journal(date(2026, 3, 2))
    write(told, 2500)
    async with served.browser("leader") as browser:
        whole = await verify(browser, f"{anchor.hash[:8]} {anchor.hash[8:32].upper()}")
        other = await verify(browser, "0" * 16)
        short = await verify(browser, "abc")
    assert "与 1 天简报上的校验码一致" in whole.text
    assert f"在链中：第 {anchor.seq} 条" in whole.text
    assert anchor.hash in whole.text
    assert "不在链中" in other.text
    assert (short.status, "校验码应为" in short.text) == (422, True)


async def test_a_forged_entry_is_found_and_it_is_said_what_to_do(served: ServedDesk, told: Store) -> None:
    assert isinstance(told, SqlStore)
    with told.connected() as connection:
        for name in connection.execute(
            text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='journal'")
        ).scalars():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE journal SET actor='leader' WHERE seq=2"))
    async with served.browser("leader") as browser:
        page = (await verify(browser)).text
    assert "第 2 条：内容被改动" in page
    assert "报告负责人" in page


async def test_the_chain_is_checked_by_one_at_a_time(served: ServedDesk) -> None:
    served.desk.trying.acquire()
    async with served.browser("leader") as browser:
        refused = await verify(browser)
        served.desk.trying.release()
        assert (refused.status, "正有人在核对" in refused.text) == (409, True)
        assert (await verify(browser)).status == 200
