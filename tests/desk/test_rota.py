"""The page of the rota: who sees it, who may change it, and what a sheet must pass before it is kept."""

import io
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from html import unescape

import aiohttp
import pytest

from alerts.rota import on_duty
from monitor.clock import SHANGHAI
from monitor.desk.views.rota_view import Duty, gaps, month_days, now_views, year_fault
from monitor.office.duty_sheet.grid import MOST_BYTES
from monitor.office.model import CalendarYear, Days, Office, Rotation, Shift, Substitution
from monitor.pipeline.rostering import rostered, substitute
from monitor.ports import Store
from tests.desk.conftest import Browser, ServedDesk, serve
from tests.desk.story import NOW, an_office
from tests.support.builders import T0, after
from tests.support.clock import SimulatedClock
from tests.support.sheets import Rows, a_workbook

SHEET: Rows = [
    ["2026年3月值班表"],
    ["日期", "值班员", "带班领导"],
    *[[f"{n}日", "李立春", "赵谷雨"] for n in range(1, 32)],
]
AWAY = {"person": "duty", "stand_in": "office_head", "since": "2026-03-02T12:00", "until": "2026-03-02T20:00"}


async def csrf_of(browser: Browser) -> str:
    page = await browser.get("/rota")
    return page.text.split('name="csrf" value="')[1].split('"')[0]


async def ask(browser: Browser, act: str, **fields: str) -> tuple[int, str]:
    answer = await browser.post("/rota", data={"csrf": await csrf_of(browser), "act": act, **fields})
    return answer.status, answer.text


async def upload(browser: Browser, body: bytes, name: str = "值班表.xlsx") -> tuple[int, str]:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("csrf", await csrf_of(browser))
    form.add_field("file", io.BytesIO(body), filename=name)
    answer = await browser.post("/rota/import", data=form)
    return answer.status, answer.text


def on_desk(desk: ServedDesk, level: int = 1, now: datetime = NOW) -> list[str]:
    return [p.id for p in on_duty(rostered(desk.desk.store, an_office(), now), level, now)]


@pytest.mark.parametrize(
    ("role", "shown", "changes"),
    [
        ("duty", 200, 200),
        ("head", 200, 200),
        ("admin", 200, 200),
        ("leader", 200, 403),
        ("analyst", 200, 403),
        ("department", 403, 403),
    ],
)
async def test_who_may_see_and_change_the_rota(
    served: ServedDesk, role: str, shown: int, changes: int
) -> None:
    async with served.browser(role) as browser:
        page = await browser.get("/rota")
        assert page.status == shown
        csrf = (await browser.get("/")).text.split('name="csrf" value="')[1].split('"')[0]
        data = {"csrf": csrf, "act": "substitute", **AWAY}
        assert (await browser.post("/rota", data=data)).status == changes
        assert ("由谁顶替" in page.text) is (changes == 200)


async def test_a_form_of_another_page_changes_nothing(quiet: ServedDesk) -> None:
    async with quiet.browser("duty") as browser:
        assert (
            await browser.post("/rota", data={"csrf": "stolen", "act": "substitute", **AWAY})
        ).status == 403
    assert on_desk(quiet) == ["duty"]


async def test_a_substitution_is_recorded_shown_and_withdrawn(quiet: ServedDesk) -> None:
    async with quiet.browser("head") as browser:
        status, page = await ask(browser, "substitute", **AWAY)
        assert status == 200
        assert "由 <strong>李立春</strong> 顶替" in page
        assert on_desk(quiet) == ["office_head"]
        number = page.split('name="number" value="')[1].split('"')[0]
        await ask(browser, "withdraw", number=number)
        assert on_desk(quiet) == ["duty"]
    with quiet.desk.store.reading() as transaction:
        events = [e.change for e in transaction.journal() if e.change.event.startswith("substitution")]
    assert [(c.event, c.actor, c.via) for c in events] == [
        ("substitution_recorded", "office_head", "desk"),
        ("substitution_withdrawn", "office_head", "desk"),
    ]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        pytest.param({"stand_in": "duty"}, "不能由本人顶替本人", id="oneself"),
        pytest.param({"until": "2026-03-02T11:00"}, "结束时间须晚于开始时间", id="an end before the begin"),
        pytest.param({"since": "昨天"}, "结束时间须晚于开始时间", id="no time"),
        pytest.param({"person": "<b>"}, "没有这个人", id="a stranger"),
    ],
)
async def test_a_refusal_says_why_and_keeps_what_was_typed(
    quiet: ServedDesk, fields: dict[str, str], fault: str
) -> None:
    async with quiet.browser("duty") as browser:
        status, page = await ask(browser, "substitute", **{**AWAY, "reason": "下乡", **fields})
    assert status == 422
    assert fault in page
    assert 'value="下乡"' in page
    assert "<b>" not in page


@pytest.mark.parametrize("number", ["", "x", "99999999999", "1"])
async def test_what_is_not_there_cannot_be_withdrawn(quiet: ServedDesk, number: str) -> None:
    async with quiet.browser("duty") as browser:
        assert (await ask(browser, "withdraw", number=number))[0] in (404, 422)


async def test_a_sheet_is_looked_at_before_it_is_kept(quiet: ServedDesk) -> None:
    async with quiet.browser("duty") as browser:
        status, preview = await upload(browser, a_workbook(SHEET))
        assert status == 200
        assert "尚未保存" in preview
        assert on_desk(quiet) == ["duty"]
        hidden = dict(re.findall(r'name="(sheet|seal)" value="([^"]*)"', preview))
        status, _ = await ask(browser, "keep", **{k: unescape(v) for k, v in hidden.items()})
    assert status == 200
    assert on_desk(quiet) == ["office_head"]
    assert on_desk(quiet, 3) == ["leader"]


async def test_a_sheet_that_was_changed_on_the_way_is_not_kept(quiet: ServedDesk) -> None:
    async with quiet.browser("duty") as browser:
        _, preview = await upload(browser, a_workbook(SHEET))
        hidden = dict(re.findall(r'name="(sheet|seal)" value="([^"]*)"', preview))
        written = unescape(hidden["sheet"]).replace("office_head", "leader")
        status, page = await ask(browser, "keep", sheet=written, seal=hidden["seal"])
    assert (status, "签名不符" in page) == (422, True)
    assert on_desk(quiet) == ["duty"]


async def test_every_fault_of_a_sheet_is_shown_with_its_cell_and_nothing_is_kept(quiet: ServedDesk) -> None:
    faulty = [*SHEET[:2], ["2日", "王五", "赵谷雨"], ["40日", "王小满", "赵谷雨"]]
    async with quiet.browser("duty") as browser:
        status, page = await upload(browser, a_workbook(faulty), "<三月>.xlsx")
    assert status == 422
    assert "&lt;三月&gt;.xlsx!B3: office.yaml 里没有“王五”这个人" in page
    assert "&lt;三月&gt;.xlsx!A4: 没有 2026 年 3 月 40 日" in page


async def test_a_file_too_large_for_a_sheet_is_refused_unread(quiet: ServedDesk) -> None:
    async with quiet.browser("duty") as browser:
        assert (await upload(browser, b"0" * (MOST_BYTES + 20_000)))[0] == 413
        assert (await upload(browser, b"no workbook"))[0] == 422
        without = aiohttp.FormData({"csrf": await csrf_of(browser)})
        assert (await browser.post("/rota/import", data=without)).status == 422


@pytest.mark.parametrize("month", ["2026-12", "2026-13", "9999-01", "", "x"])
async def test_any_month_may_be_asked_for(quiet: ServedDesk, month: str) -> None:
    async with quiet.browser("analyst") as browser:
        page = await browser.get("/rota", params={"month": month})
    assert page.status == 200
    assert ("2026年12月" if month == "2026-12" else "2026年3月") in page.text


# -- what is shown

LIVELY = replace(
    an_office(),
    shifts=(
        Shift(level=1, person="duty", since=T0, until=after(hours=10)),
        Shift(level=1, person="leader", since=after(hours=10), until=after(hours=24)),
        Shift(level=1, person="duty", since=after(hours=24), until=after(hours=48)),
    ),
    rostered_levels=(1,),
)


def cell(office: Office, day: int) -> tuple[Duty, ...]:
    return month_days(office, date(2026, 3, 1), NOW)[day - 1].duties[0][1]


def test_a_day_shows_its_shifts_with_their_hours() -> None:
    assert cell(LIVELY, 2) == (
        Duty(people="王小满", hours="08:00–18:00", is_empty=False),
        Duty(people="赵谷雨", hours="18:00–次日08:00", is_empty=False),
    )
    assert cell(LIVELY, 3) == (Duty(people="王小满", hours="", is_empty=False),)
    assert cell(LIVELY, 4) == (Duty(people="无人值班", hours="", is_empty=True),)


def test_the_calendar_marks_days_off_today_and_years_nobody_knows() -> None:
    days = month_days(LIVELY, date(2026, 2, 1), NOW)
    assert [day.on.day for day in days if not day.is_off and day.weekday in ("周六", "周日")] == [14, 28]
    assert [d.on.day for d in month_days(LIVELY, date(2026, 3, 1), NOW) if d.is_today] == [2]
    assert {d.is_off for d in month_days(LIVELY, date(2031, 3, 1), NOW)} == {None}


def test_now_and_next_are_said() -> None:
    first, second, _ = now_views(LIVELY, NOW)
    assert (first.people, first.until, first.next, first.is_empty) == (
        "王小满",
        "今天 18:00",
        "赵谷雨",
        False,
    )
    assert (second.people, second.until, second.next) == ("李立春", "", "")


def test_gaps_are_said_by_level() -> None:
    (gap,) = gaps(LIVELY, NOW, after(days=4))
    assert (gap.level.number, gap.span) == (1, "3月4日 08:00 至 3月6日 08:00")


def test_a_year_missing_from_the_calendar_is_said_in_time() -> None:
    rotation = Rotation(level=1, people=("duty",), starts_on=date(2026, 3, 2), on=Days.WORKDAYS)
    office = replace(an_office(), rotations=(rotation,), rostered_levels=(1,))
    assert year_fault(office, NOW) is None
    fault = year_fault(office, datetime(2030, 12, 20, tzinfo=SHANGHAI))
    assert fault is not None
    assert "节假日和调休安排" in fault


@pytest.mark.parametrize(
    ("now", "year", "is_missing"),
    [
        pytest.param(NOW, CalendarYear(year=2026, holidays=(date(2026, 5, 9),)), False, id="a known year"),
        pytest.param(NOW, CalendarYear(year=2031, holidays=(date(2031, 5, 9),)), False, id="not yet needed"),
        pytest.param(
            datetime(2030, 12, 20, tzinfo=SHANGHAI),
            CalendarYear(year=2031, holidays=(date(2031, 5, 9),)),
            True,
            id="needed within a month",
        ),
        pytest.param(
            datetime(2031, 5, 1, tzinfo=SHANGHAI), CalendarYear(year=2031, complete=True), False, id="entered"
        ),
    ],
)
async def test_a_year_that_the_office_s_calendar_needs_stands_on_the_desk(
    now: datetime, year: CalendarYear, is_missing: bool, store: Store
) -> None:
    office = replace(an_office(), calendar=(year,))
    served = serve(store, SimulatedClock(now), office=lambda: office)
    async with served as desk, desk.browser("duty") as browser:
        page = (await browser.get("/")).text
    assert ("节假日和调休安排" in page) is is_missing
    assert (year_fault(office, now) is not None) is is_missing


async def test_the_page_shows_what_the_desk_holds(quiet: ServedDesk) -> None:
    wanted = Substitution(
        person="duty", stand_in=None, since=NOW, until=NOW + timedelta(hours=5), recorded_by="office_head"
    )
    substitute(quiet.desk.store, an_office(), wanted, now=NOW, via="desk")
    async with quiet.browser("analyst") as browser:
        page = await browser.get("/rota")
    assert "今后 7 天有空岗" in page.text
    assert "无人顶替" in page.text
