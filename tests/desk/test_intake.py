"""Reports taken by hand: the form, its verdict beforehand, what comes of it, and hostile files."""

import io
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
import pytest
from sqlalchemy import create_engine, text

from monitor.classifiers.judge import Judge
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.desk.pages.intake_pages import LARGEST_FORM
from monitor.incidents.group import Grouper
from monitor.items.tips import MOST_BYTES
from monitor.pipeline.intake import Intake
from monitor.pipeline.known import Known
from monitor.pipeline.receiving import DeskActs
from monitor.pipeline.trial import OnTrial
from monitor.ports import Store
from tests.desk.conftest import Answer, Browser, ServedDesk, serve
from tests.desk.story import SPILLED, XSS, an_office, save, the_sources
from tests.desk.test_rules import EveryCharacter
from tests.support.builders import an_incident, an_item, opening
from tests.support.clock import SimulatedClock
from tests.support.setting import a_setting, rarity
from tests.support.telling import words

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
FIRE = {"title": "商铺起火", "text": "两人受伤，正在救援。", "place": "云溪县城关镇"}
CHAT = {"title": "有人问社保卡在哪里办", "text": "", "channel": "group"}
CONTACT = "陈女士 13912345678"


class Reading:
    """The packaged words, read for the story's county."""

    judge = Judge(load_lexicon(), load_table(), an_office().territory, segmenter=EveryCharacter())
    version = "0123456789ab"
    notes = ()

    def trial(self, files: object) -> OnTrial:
        raise NotImplementedError(files)


@pytest.fixture
async def taking(store: Store, clock: SimulatedClock) -> AsyncIterator[ServedDesk]:
    """Return a served desk whose acts really judge what they take in."""
    async with serve(store, clock, wording=Reading()) as desk:
        setting = a_setting(store, an_office())
        intake = Intake(setting, Reading.judge.judge_item, Known(lambda: Grouper(rarity)), words)
        desk.acts._real = DeskActs(setting, clock, intake, the_sources)
        yield desk


def hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"')[0]


async def send(browser: Browser, fields: dict[str, str], files: Sequence[bytes] = (), **more: str) -> Answer:
    """Fill in a fresh form and send it as a browser does."""
    page = (await browser.get("/intake")).text
    form = aiohttp.FormData(quote_fields=False)
    known = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "act": "register"}
    for name, value in {**known, **fields, **more}.items():
        form.add_field(name, value)
    for number, body in enumerate(files):
        form.add_field("files", io.BytesIO(body), filename=f"<截图{number}>.html", content_type="text/html")
    return await browser.post("/intake", data=form)


def changes(store: Store, event: str) -> list[Any]:
    with store.reading() as transaction:
        return [e.change for e in transaction.journal() if e.change.event == event]


@pytest.mark.parametrize(
    ("role", "status"),
    [("duty", 200), ("head", 200), ("admin", 200), ("leader", 403), ("analyst", 403), ("department", 403)],
)
async def test_who_takes_reports(taking: ServedDesk, role: str, status: int) -> None:
    async with taking.browser(role) as browser:
        page, board = await browser.get("/intake"), await browser.get("/")
        form = {"csrf": hidden(board.text, "csrf"), "key": "k" * 9, **FIRE}
        answer = await browser.post("/intake", data=form)
    assert (page.status, answer.status) == (status, status)
    assert ('href="/intake"' in board.text) is (status == 200)
    assert ("涉密信息不得录入" in page.text) is (status == 200)


async def test_a_form_of_another_page_keeps_nothing(taking: ServedDesk, store: Store) -> None:
    async with taking.browser("duty") as browser:
        assert (await browser.post("/intake", data={"csrf": "stolen", "key": "k" * 9, **FIRE})).status == 403
    assert changes(store, "item") == []


async def test_the_verdict_is_shown_before_anything_is_kept(taking: ServedDesk, store: Store) -> None:
    async with taking.browser("duty") as browser:
        answer = await send(browser, {**FIRE, "contact": CONTACT}, act="judge")
    assert answer.status == 200
    assert "什么也没有保存" in answer.text
    assert "火灾" in answer.text
    assert "<mark" in answer.text
    assert 'value="商铺起火"' in answer.text
    assert f'value="{CONTACT}"' in answer.text
    assert taking.acts.asked == []
    assert changes(store, "item") == []


async def test_a_report_runs_the_journey_and_says_which_incident_it_opened(
    taking: ServedDesk, store: Store
) -> None:
    async with taking.browser("duty") as browser:
        answer = await send(browser, {**FIRE, "contact": CONTACT}, [PNG])
        assert (answer.status, answer.url.endswith("/intake/1")) == (200, True)
        assert "已登记，立为" in answer.text
        assert 'href="/incidents/1"' in answer.text
        assert CONTACT in answer.text
        incident = (await browser.get("/incidents/1")).text
    assert 'href="/intake/1"' in incident
    with store.reading() as transaction:
        dossier, alerts = transaction.dossier(1), transaction.alerts_of(1)
        item, _ = transaction.item(1)
    assert dossier.incident.title == "云溪县城关镇：商铺起火"
    assert [o.kind for o in dossier.obligations if o.statutory] != []
    assert ("duty", "detected") in {(a.to, a.reason) for a in alerts}
    assert (item.source_name, item.role) == ("接报（电话）", "hotline")
    [registered] = changes(store, "tip_registered")
    assert (registered.actor, registered.via) == ("duty", "desk")
    assert set(registered.facts) == {"item", "channel", "text", "files"}


async def test_how_to_reach_who_told_it_stands_in_one_place_only(taking: ServedDesk, store: Store) -> None:
    async with taking.browser("duty") as browser:
        await send(browser, {**FIRE, "contact": CONTACT})
    async with taking.browser("analyst") as browser:
        page = (await browser.get("/intake/1")).text
        assert "已登记，只有值班和负责人员可以查看" in page
        assert CONTACT not in page
    engine = create_engine(store._writing.url)  # type: ignore[attr-defined]
    with engine.connect() as connection:
        names = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
        tables = connection.execute(names).scalars().all()
        holding = {
            name
            for name in tables
            for row in connection.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608 - our own names
            if "13912345678" in str(tuple(row))
        }
    engine.dispose()
    assert holding == {"tips"}


async def test_a_second_call_joins_and_the_same_form_sent_twice_is_one(taking: ServedDesk) -> None:
    more = {"text": "云溪县城关镇商铺起火，两人受伤，正在救援，火势扩大。", "place": "云溪县城关镇"}
    async with taking.browser("duty") as browser:
        first = await send(browser, FIRE, key="the same form")
        again = await send(browser, FIRE, key="the same form")
        other = await send(browser, more)
        changed = await send(browser, more, key="the same form")
        fresh = await send(browser, more, key=hidden(changed.text, "key"))
    assert first.url == again.url
    assert "归入" in other.text
    assert 'href="/incidents/1"' in other.text
    assert (changed.status, "内容与这次不同" in changed.text) == (422, True)
    assert more["text"] in changed.text
    assert fresh.url.endswith("/intake/3")


async def test_the_same_form_of_two_people_is_two_reports(taking: ServedDesk, store: Store) -> None:
    for role in ("duty", "head"):
        async with taking.browser(role) as browser:
            assert (await send(browser, FIRE, key="chosen alike")).status == 200
    assert len(changes(store, "tip_registered")) == 2


# -- no matter, and a person's word


async def test_what_is_no_matter_says_why_and_is_opened_on_a_persons_word(
    taking: ServedDesk, store: Store
) -> None:
    async with taking.browser("duty") as browser:
        answer = await send(browser, CHAT)
        assert "没有立案：不是舆情" in answer.text
        form = {"csrf": hidden(answer.text, "csrf"), "severity": "", "reason": "多名群众当面反映"}
        opened = await browser.post("/intake/1", data=form)
        assert opened.url.endswith("/incidents/1")
        assert (await browser.post("/intake/1", data=form)).url.endswith("/incidents/1")
    with store.reading() as transaction:
        dossier, alerts = transaction.dossier(1), transaction.alerts_of(1)
    assert (dossier.incident.must_answer_by, dossier.incident.local) == ("duty", True)
    assert [o.kind for o in dossier.obligations if o.statutory] == ["response"]
    assert [a.reason for a in alerts if a.to == "duty"] == ["detected"]
    assert [c.words for c in changes(store, "must_answer")] == ["多名群众当面反映"]
    assert len(changes(store, "incident_opened")) == 1


async def test_a_grade_on_a_persons_word_tells_whom_that_grade_tells(
    taking: ServedDesk, store: Store
) -> None:
    async with taking.browser("head") as browser:
        page = (await send(browser, CHAT)).text
        form = {"csrf": hidden(page, "csrf"), "severity": "2", "reason": "现场核实伤亡"}
        assert (await browser.post("/intake/1", data=form)).url.endswith("/incidents/1")
    with store.reading() as transaction:
        dossier, alerts = transaction.dossier(1), transaction.alerts_of(1)
    assert (dossier.incident.severity, dossier.incident.confirmed_by) == (2, "office_head")
    assert "press_conference" in {o.kind for o in dossier.obligations}
    assert {a.to for a in alerts if a.reason == "detected"} == {"duty", "office_head"}


async def test_two_people_opening_the_same_report_see_each_other(taking: ServedDesk, store: Store) -> None:
    async with taking.browser("duty") as one, taking.browser("head") as other:
        page = (await send(one, CHAT)).text
        late = (await other.get("/intake/1")).text
        form = {"severity": "", "reason": "多人反映"}
        await one.post("/intake/1", data={"csrf": hidden(page, "csrf"), **form})
        answer = await other.post("/intake/1", data={"csrf": hidden(late, "csrf"), **form})
    assert (answer.status, "没有重复立案" in answer.text) == (409, True)
    assert 'href="/incidents/1"' in answer.text
    assert len(changes(store, "incident_opened")) == 1


@pytest.mark.parametrize(
    ("role", "fields", "status"),
    [
        ("duty", {"reason": ""}, 422),
        ("duty", {"reason": "多人反映", "severity": "9"}, 422),
        ("admin", {"reason": "多人反映"}, 403),
        ("analyst", {"reason": "多人反映"}, 403),
        ("department", {"reason": "多人反映"}, 403),
    ],
)
async def test_no_incident_is_opened_without_right_and_reason(
    taking: ServedDesk, store: Store, role: str, fields: dict[str, str], status: int
) -> None:
    async with taking.browser("duty") as browser:
        await send(browser, CHAT)
    async with taking.browser(role) as browser:
        csrf = hidden((await browser.get("/")).text, "csrf")
        assert (await browser.post("/intake/1", data={"csrf": csrf, **fields})).status == status
        assert (await browser.post("/intake/1", data={"csrf": "x", "reason": "多人反映"})).status == 403
    assert changes(store, "incident_opened") == []


async def test_a_department_sees_a_report_only_once_it_is_assigned(taking: ServedDesk) -> None:
    async with taking.browser("duty") as browser:
        await send(browser, {**FIRE, "contact": CONTACT}, [b"%PDF-1.7"])
    async with taking.browser("department") as browser:
        before = [(await browser.get(path)).status for path in ("/intake/1", "/intake/1/files/1")]
        async with taking.browser("duty") as officer:
            await officer.act(1, act="assign", department="emergency_bureau", expected_version="1")
        after = [await browser.get("/intake/1"), await browser.get("/intake/1/files/1")]
    assert before == [404, 404]
    assert [a.status for a in after] == [200, 200]
    assert CONTACT not in after[0].text


# -- links


async def test_a_known_link_shows_what_is_known_and_fetches_nothing(taking: ServedDesk, store: Store) -> None:
    url = "https://news.example.invalid/a?id=7"
    save(store, [an_item(key="a", url=url, title="城关镇一商铺起火")], opening(an_incident()))
    async with taking.browser("duty") as browser:
        pasted = await send(browser, {"text": f" {url}&utm_source=wx "}, act="register")
        unknown = await send(browser, {"text": "https://news.example.invalid/b"})
        kept = await send(browser, {**FIRE, "url": "https://news.example.invalid/c"})
    assert (pasted.status, "这个链接此前已经收到：" in pasted.text) == (200, True)
    assert "没有另行登记" in pasted.text
    assert "城关镇一商铺起火" in pasted.text
    assert 'href="/incidents/1"' in pasted.text
    assert (unknown.status, "不会替人打开网页" in unknown.text) == (422, True)
    assert 'href="https://news.example.invalid/c"' in kept.text


# -- what is refused


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({}, "请填写标题或正文"),
        ({"title": "<b></b>"}, "请填写标题或正文"),
        ({**FIRE, "called_at": "2026-03-02T13:00"}, "时间不能晚于现在"),
        ({**FIRE, "called_at": "昨天"}, "来电或发现时间：格式不对"),
        ({**FIRE, "url": SPILLED}, "链接须以 http:// 或 https:// 开头"),
        ({**FIRE, "channel": "radio"}, "来源：格式不对"),
        ({**FIRE, "title": "长" * 201}, "标题：最多 200 个字"),
        ({**FIRE, "text": "长" * 20_001}, "正文：最多 20000 个字"),
        ({**FIRE, "key": "short"}, "表单：至少 8 个字"),
    ],
)
async def test_a_faulty_form_says_why_and_keeps_what_was_typed(
    taking: ServedDesk, store: Store, fields: dict[str, str], fault: str
) -> None:
    async with taking.browser("duty") as browser:
        answer = await send(browser, {"contact": CONTACT, **fields})
    assert (answer.status, fault in answer.text) == (422, True)
    assert CONTACT in answer.text
    assert changes(store, "item") == []


async def test_what_would_be_markup_stays_text_or_is_cleaned_away(taking: ServedDesk) -> None:
    hostile = {"title": f"商铺起火{XSS}", "text": f"</textarea>{XSS}两人受伤", "place": XSS, "contact": XSS}
    async with taking.browser("duty") as browser:
        pages = [await send(browser, hostile, act="judge"), await send(browser, hostile)]
    assert [page.status for page in pages] == [200, 200]
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img" not in page.text


# -- files


def a_bomb() -> bytes:
    """Return a PNG that says it is 60,000 pixels wide and high: nobody here will ever decode it."""
    size = (60_000).to_bytes(4, "big")
    return PNG[:8] + b"\x00\x00\x00\rIHDR" + size + size + b"\x08\x06\x00\x00\x00" + b"\x00" * 64


FILES = [
    pytest.param(PNG, "image/png", id="PNG"),
    pytest.param(b"\xff\xd8\xff\xe0" + b"\x00" * 40, "image/jpeg", id="JPEG"),
    pytest.param(b"%PDF-1.7\n%", "application/pdf", id="PDF"),
    pytest.param(PNG + b"<script>alert(1)</script>", "image/png", id="PNG and page at once"),
    pytest.param(PNG + b"%PDF-1.7 PK\x03\x04", "image/png", id="PNG, PDF and archive at once"),
    pytest.param(a_bomb(), "image/png", id="an image of 3.6 thousand million pixels"),
]


@pytest.mark.parametrize(("body", "media"), FILES)
async def test_a_file_is_handed_out_as_what_it_began_as_and_never_shown(
    taking: ServedDesk, body: bytes, media: str
) -> None:
    async with taking.browser("duty") as browser:
        page = (await send(browser, FIRE, [body])).text
        async with browser.session.get("/intake/1/files/1") as answer:
            got, headers = await answer.read(), answer.headers
    assert got == body
    assert headers["content-type"] == media
    assert re.fullmatch(r'attachment; filename="jiebao-1-1\.(png|jpeg|pdf)"', headers["content-disposition"])
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert (headers["cache-control"], "截图" in page) == ("no-store", False)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "只收 PNG", id="SVG"),
        pytest.param(b"<html>" + PNG, "只收 PNG", id="page and PNG at once"),
        pytest.param(b"PK\x03\x04", "只收 PNG", id="archive"),
        pytest.param(b"GIF89a", "只收 PNG", id="GIF"),
        pytest.param(b"", "只收 PNG", id="empty"),
        pytest.param(PNG + b"0" * MOST_BYTES, "最多 8 MB", id="too large"),
    ],
)
async def test_a_file_of_another_kind_is_refused_whatever_its_name(
    taking: ServedDesk, store: Store, body: bytes, fault: str
) -> None:
    async with taking.browser("duty") as browser:
        answer = await send(browser, FIRE, [body])
    assert (answer.status, fault in answer.text) == (422, True)
    assert changes(store, "item") == []


async def test_too_many_files_and_forms_too_long_are_refused(taking: ServedDesk, store: Store) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"0" * 1000

    async with taking.browser("duty") as browser:
        many = await send(browser, FIRE, [PNG] * 6)
        assert (many.status, "附件：最多 5 个" in many.text) == (422, True)
        assert (await send(browser, FIRE, [PNG + b"0" * LARGEST_FORM])).status == 413
        assert (await browser.post("/intake", data=endless())).status == 413
        assert (await browser.get("/intake/1/files/1")).status == 404
    assert changes(store, "item") == []
