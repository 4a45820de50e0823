"""简报 on the desk: who may read it, days and incidents, pages that print and files that are harmless."""

import io
from datetime import timedelta

import pytest
from docx import Document

from monitor.clock import SHANGHAI
from monitor.ports import Store
from tests.desk.conftest import Browser, serve
from tests.desk.story import NOW, XSS
from tests.support.clock import SimulatedClock

TODAY = NOW.astimezone(SHANGHAI).date()


async def saved(browser: Browser, path: str) -> tuple[str, str]:
    """Return the name a file is saved under, and the text of the Word file."""
    async with browser.session.get(path) as answer:
        body = await answer.read()
    document = Document(io.BytesIO(body))
    return answer.headers["content-disposition"], "\n".join(p.text for p in document.paragraphs)


@pytest.mark.parametrize(
    ("role", "status"),
    [("leader", 200), ("head", 200), ("analyst", 200), ("admin", 200), ("duty", 403), ("department", 403)],
)
async def test_leaders_the_head_analysts_and_administrators_read_it(
    role: str, status: int, told: Store, clock: SimulatedClock
) -> None:
    paths = ("/digests", f"/digests/{TODAY}/page", f"/digests/{TODAY}/docx", "/incidents/1/papers/flash/docx")
    async with serve(told, clock) as desk, desk.browser(role) as browser:
        assert [(await answered(browser, path)) for path in paths] == [status] * len(paths)
        board = await browser.get("/")
        assert ('href="/digests"' in board.text) is (status == 200)


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


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/digests/{TODAY + timedelta(days=1)}/docx", 404),
        ("/digests/0001-01-01/docx", 404),
        ("/digests/yesterday/docx", 422),
        (f"/digests/{TODAY}/exe", 422),
        ("/incidents/9999/papers/flash/docx", 404),
        ("/incidents/1/papers/weekly/docx", 422),
    ],
)
async def test_what_is_not_there_is_said_so(
    path: str, status: int, told: Store, clock: SimulatedClock
) -> None:
    async with serve(told, clock) as desk, desk.browser("leader") as browser:
        assert await answered(browser, path) == status


async def test_a_pdf_is_handed_out_where_it_can_be_made(told: Store, clock: SimulatedClock) -> None:
    async with serve(told, clock) as desk, desk.browser("leader") as browser:
        answer = await browser.session.get(f"/digests/{TODAY}/pdf")
        assert (await answer.read()).startswith(b"%PDF-")
