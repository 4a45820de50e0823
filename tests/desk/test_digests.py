"""简报 on the desk: who may read it, days and incidents, pages that print and files that are harmless."""

import io
import re
from datetime import timedelta

from docx import Document

from monitor.clock import SHANGHAI
from monitor.ports import Store
from tests.desk.conftest import Answer, Browser, serve
from tests.desk.story import NOW, XSS
from tests.support.clock import SimulatedClock

TODAY = NOW.astimezone(SHANGHAI).date()


async def saved(browser: Browser, path: str) -> tuple[str, str]:
    """Return the name a file is saved under, and the text of the Word file."""
    async with browser.session.get(path) as answer:
        body = await answer.read()
    document = Document(io.BytesIO(body))
    return answer.headers["content-disposition"], "\n".join(p.text for p in document.paragraphs)


READERS = {"leader": 200, "head": 200, "analyst": 200, "admin": 200, "duty": 403, "department": 403}


async def test_leaders_the_head_analysts_and_administrators_read_it(
    told: Store, clock: SimulatedClock
) -> None:
    paths = ("/digests", f"/digests/{TODAY}/page", f"/digests/{TODAY}/docx", "/incidents/1/papers/flash/docx")
    async with serve(told, clock) as desk:
        for role, status in READERS.items():
            async with desk.browser(role) as browser:
                assert [(await answered(browser, path)) for path in paths] == [status] * len(paths), role
                board = await browser.get("/")
                assert ('href="/digests"' in board.text) is (status == 200), role


async def answered(browser: Browser, path: str) -> int:
    async with browser.session.get(path) as answer:
        return answer.status


async def test_the_list_has_days_and_open_incidents_with_what_was_written_escaped(
    told: Store, clock: SimulatedClock
) -> None:
    async with serve(told, clock) as desk, desk.browser("leader") as browser:
        page = await browser.get("/digests")
        earlier = await browser.get(f"/digests?until={TODAY - timedelta(days=40)}")
    assert f"/digests/{TODAY}/docx" in page.text
    assert f"/digests/{TODAY}/docx" not in earlier.text
    assert f"/digests/{TODAY - timedelta(days=13)}/docx" not in page.text
    assert "到这一天还没有记录。" in earlier.text
    assert "/incidents/1/papers/special/docx" in page.text
    assert XSS not in page.text


async def test_a_page_to_print_lets_nothing_work_but_its_own_styles(
    told: Store, clock: SimulatedClock
) -> None:
    async with serve(told, clock) as desk, desk.browser("leader") as browser:
        page = await browser.get("/incidents/1/papers/special/page")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "舆情专报" in page.text
    assert XSS not in page.text
    assert "javascript:" not in page.text


async def test_word_files_are_saved_under_a_name_of_ours_and_hold_the_story(
    told: Store, clock: SimulatedClock
) -> None:
    async with serve(told, clock) as desk, desk.browser("leader") as browser:
        daily = await saved(browser, f"/digests/{TODAY}/docx")
        flash = await saved(browser, "/incidents/1/papers/flash/docx")
    assert daily[0] == f'attachment; filename="daily-{TODAY}.docx"'
    assert flash[0].startswith('attachment; filename="flash-1-')
    assert "政务舆情日报" in daily[1]
    assert "舆情快报" in flash[1]
    assert "<script" not in daily[1] + flash[1]


NOT_THERE = {
    f"/digests/{TODAY + timedelta(days=1)}/docx": 404,
    "/digests/0001-01-01/docx": 404,
    "/digests/yesterday/docx": 422,
    f"/digests/{TODAY}/exe": 422,
    "/incidents/9999/papers/flash/docx": 404,
    "/incidents/1/papers/weekly/docx": 422,
}


async def test_what_is_not_there_is_said_so(told: Store, clock: SimulatedClock) -> None:
    async with serve(told, clock) as desk, desk.browser("leader") as browser:
        assert {path: await answered(browser, path) for path in NOT_THERE} == NOT_THERE


async def test_what_a_paper_cites_can_be_looked_up(told: Store, clock: SimulatedClock) -> None:
    async with serve(told, clock) as desk, desk.browser("head") as browser:
        special = await sent(browser, "/papers", kind="special", incident="1")
        incident = await browser.get("/incidents/1")
    items = re.findall(r'href="/incidents/1#(item-\d+)">条目', special.text)
    assert items
    assert all(f'id="{item}"' in incident.text for item in items)


async def test_a_pdf_is_handed_out_where_it_can_be_made(told: Store, clock: SimulatedClock) -> None:
    async with serve(told, clock) as desk, desk.browser("leader") as browser:
        answer = await browser.session.get(f"/digests/{TODAY}/pdf")
        assert (await answer.read()).startswith(b"%PDF-")


# -- drafted, looked at, issued, amended


def form_token(page: Answer) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def sent(browser: Browser, path: str, **typed: str) -> Answer:
    """Send a form of the page 简报 and follow where it leads."""
    token = form_token(await browser.get("/digests"))
    return await browser.post(path, data={"csrf": token, **typed})


async def test_a_paper_is_drafted_by_an_analyst_and_issued_by_the_head(
    told: Store, clock: SimulatedClock
) -> None:
    async with serve(told, clock) as desk:
        async with desk.browser("analyst") as browser:
            page = await sent(browser, "/papers", kind="weekly", on=TODAY.isoformat())
            assert "待审定" in page.text
            assert "由办公室负责人或者领导审定" in page.text
            refused = await sent(browser, "/papers/1", act="issue")
            assert refused.status == 403
        async with desk.browser("head") as browser:
            issued = await sent(browser, "/papers/1", act="issue")
            assert "审定发出" in issued.text
            assert "送达" in issued.text
            again = await sent(browser, "/papers/1", act="drop")
            assert again.status == 422
            assert "不能再改" in again.text
    with told.reading() as transaction:
        [paper] = transaction.papers()
        assert (paper.state, paper.made_by, paper.decided_by) == ("issued", "demo-analyst", "office_head")
        sent_to = [a.to for a in transaction.alerts_of_paper(1) if a.reason == "paper"]
        assert sent_to == list(paper.readers)


async def test_a_draft_that_waits_is_shown_and_not_written_twice(told: Store, clock: SimulatedClock) -> None:
    async with serve(told, clock) as desk, desk.browser("head") as browser:
        pages = [await sent(browser, "/papers", kind="flash", incident="1") for _ in range(2)]
        assert [page.url.rpartition("/")[2] for page in pages] == ["1", "1"]
        dropped = await sent(browser, "/papers/1", act="drop")
    assert "作废" in dropped.text


async def test_an_amendment_asks_what_was_wrong_and_is_looked_at_first(
    told: Store, clock: SimulatedClock
) -> None:
    async with serve(told, clock) as desk, desk.browser("leader") as browser:
        await sent(browser, "/papers", kind="daily", on=TODAY.isoformat())
        await sent(browser, "/papers/1", act="issue")
        silent = await sent(browser, "/papers/1", act="amend", reason=" ")
        amended = await sent(browser, "/papers/1", act="amend", reason=f"遇难人数有误{XSS}")
        listed = await browser.get("/digests")
    assert "请填写理由" in silent.text
    assert "政务舆情日报更正（第1号）" in amended.text
    assert "待审定" in amended.text
    assert XSS not in amended.text
    assert "更正（第1号）" in listed.text


async def test_pictures_of_a_paper_are_images_of_their_own(told: Store, clock: SimulatedClock) -> None:
    async with serve(told, clock) as desk, desk.browser("head") as browser:
        page = await sent(browser, "/papers", kind="weekly", on=TODAY.isoformat())
        assert '<img src="/papers/1/figures/1"' in page.text
        async with browser.session.get("/papers/1/figures/1") as answer:
            assert answer.headers["content-type"].startswith("image/svg+xml")
            assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert await answered(browser, "/papers/1/figures/9") == 404
        assert await answered(browser, "/papers/1/docx") == 200


async def test_the_last_week_and_month_are_handed_out(told: Store, clock: SimulatedClock) -> None:
    async with serve(told, clock) as desk, desk.browser("leader") as browser:
        for term, title in (("weekly", "政务舆情周报"), ("monthly", "政务舆情月报")):
            name, said = await saved(browser, f"/digests/{term}/{TODAY}/docx")
            assert name == f'attachment; filename="{term}-{TODAY}.docx"'
            assert title in said
        page = await browser.get(f"/digests/weekly/{TODAY}/page")
    assert "img-src data:" in page.headers["content-security-policy"]


UNWRITTEN = (
    {"kind": "yearly", "on": "2026-03-01"},
    {"kind": "daily", "on": "2036-03-01"},
    {"kind": "daily", "on": "yesterday"},
    {"kind": "flash", "incident": "9999"},
    {"kind": "flash", "incident": "one"},
)


async def test_what_cannot_be_written_is_not_found(told: Store, clock: SimulatedClock) -> None:
    async with serve(told, clock) as desk, desk.browser("head") as browser:
        statuses = [(await sent(browser, "/papers", **typed)).status for typed in UNWRITTEN]
    assert statuses == [404] * len(UNWRITTEN)
