"""公文流转 on the desk: slips on the incident page, a page for each, the list, links that sign, the API."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.desk.links import order_path
from monitor.desk.views.order_view import handover_view, order_view
from monitor.dossier.acts import assign
from monitor.dossier.model import Changes
from monitor.dossier.order_acts import ask_extension, feed_back
from monitor.office.example import example_office
from monitor.orders.model import Order, OrderState, SignMeans
from monitor.ports import JoinedItem, Store
from tests.desk.conftest import SECRET, Answer, Browser, ServedDesk, serve
from tests.desk.story import save
from tests.orders.test_handover import CLAIM, DENIAL, INCIDENT, RUMOUR
from tests.support.builders import a_dossier, after, an_item, an_order
from tests.support.clock import SimulatedClock

BUREAU = "emergency_bureau"
SLIP = "/incidents/2/orders/2-o2"
DUE = after(hours=28)


@pytest.fixture
async def issued(served: ServedDesk) -> ServedDesk:
    """Return a served desk on which incident 2 has a slip to the emergency bureau, due a day from now."""
    served.acts.do(2, assign(BUREAU, "核实水质并回复", DUE), by="duty", via="desk")
    return served


def slip(store: Store, order_id: str = "2-o2") -> Order:
    with store.reading() as unit:
        return unit.order(order_id).order


async def act(browser: Browser, name: str, **fields: str) -> Answer:
    """Post a form of the slip's page with that page's own form token."""
    page = await browser.get(SLIP)
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "act": name, "back": "order", "order_id": "2-o2", **fields}
    return await browser.post("/incidents/2/acts", data=form)


async def test_an_assignment_is_a_slip_on_the_incident_page(issued: ServedDesk) -> None:
    async with issued.browser("duty") as browser:
        page = (await browser.get("/incidents/2")).text
    section = page.split('id="orders"')[1].split("</section>")[0]
    for words in (
        "交办〔2026〕2号",
        "县应急管理局",
        "核实水质并回复",
        "回复时限",
        "剩 1天0小时",
        "尚未签收",
    ):
        assert words in section
    assert "签发公文" in page.split("办理留痕")[1]


async def test_a_department_signs_and_answers_on_its_own_page(issued: ServedDesk, told: Store) -> None:
    async with issued.browser("department") as browser:
        signed = await act(browser, "sign_order", signer="杨师傅")
        answered = await act(browser, "feed_back", text="水质已恢复，明日公布检测结果")
    assert (signed.url.endswith(SLIP), "已签收" in signed.text) == (True, True)
    assert "水质已恢复" in answered.text
    order = slip(told)
    assert order.signed is not None
    assert (order.signed.signer, order.signed.means, order.state) == (
        "杨师傅", SignMeans.LOGIN, OrderState.ANSWERED,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "name", "fields", "status"),
    [
        ("duty", "urge", {"demands": "今日反馈"}, 200),
        ("duty", "sign_order", {"signer": "杨师傅", "means": "paper"}, 200),
        ("duty", "sign_order", {"signer": ""}, 422),
        ("duty", "ask_extension", {"due_at": "2026-03-02T08:00", "reason": "人手不足"}, 403),
        ("duty", "feed_back", {"text": "好"}, 422),
        ("department", "urge", {"demands": "今日反馈"}, 403),
        ("department", "return_order", {"reason": "属水务部门"}, 200),
        ("analyst", "sign_order", {"signer": "杨师傅"}, 403),
        ("leader", "hand_over", {"item_id": "1", "publication_id": "p", "department": "police"}, 403),
    ],
)
async def test_what_is_asked_is_done_or_refused_with_a_reason(
    issued: ServedDesk, role: str, name: str, fields: dict[str, str], status: int
) -> None:
    async with issued.browser(role) as browser:
        if name == "hand_over":
            answer = await browser.act(2, act=name, **fields)
        else:
            answer = await act(browser, name, **fields)
    assert answer.status == status


async def test_an_extension_is_decided_by_the_head_on_the_page(issued: ServedDesk, told: Store) -> None:
    issued.acts.do(2, ask_extension("2-o2", DUE + timedelta(days=1), "检测未出"), by=BUREAU, via="desk")
    async with issued.browser("duty") as duty, issued.browser("head") as head:
        seen = (await duty.get(SLIP)).text
        decided = await act(head, "grant_extension", order_id="2-o3", back="")
        page = (await head.get(SLIP)).text
    assert ("延期〔2026〕1号" in seen, "批准延期" in seen) == (True, False)
    assert decided.status == 200
    assert "已批准延期" in page
    assert slip(told).due_at == DUE + timedelta(days=1)


@pytest.mark.parametrize("form", ["page", "docx"])
async def test_a_slip_is_handed_out_in_the_official_layout(issued: ServedDesk, form: str) -> None:
    async with issued.browser("department") as browser, browser.session.get(f"{SLIP}/{form}") as answer:
        body = await answer.read()
    assert answer.status == 200
    if form == "page":
        for words in ("云溪县人民政府办公室交办单", "交办〔2026〕2号", "县应急管理局：", "2026年3月2日"):
            assert words in body.decode()


async def test_the_list_is_filtered(issued: ServedDesk) -> None:
    async with issued.browser("analyst") as browser:
        found = {
            query: "交办〔2026〕2号" in (await browser.get(f"/orders?{query}")).text
            for query in (
                "show=open",
                "show=overdue",
                "show=all&department=education",
                f"department={BUREAU}",
            )
        }
        wrong = await browser.get("/orders?show=others")
    assert list(found.values()) == [True, False, False, True]
    assert wrong.status == 422
    issued.clock.advance(timedelta(days=1, seconds=1))
    async with issued.browser("department") as browser:
        late = (await browser.get("/orders?show=overdue")).text
    assert ("交办〔2026〕2号" in late, "已超回复时限" in late) == (True, True)


async def test_another_department_finds_no_slip(issued: ServedDesk) -> None:
    served = issued
    served.acts.do(5, assign("education", "复课安排", DUE), by="duty", via="desk")
    async with served.browser("department") as browser:
        answers = [
            await browser.get(path)
            for path in (
                "/incidents/5/orders/5-o1",
                "/incidents/5/orders/5-o1/page",
                "/incidents/2/orders/5-o1",
            )
        ]
        listed = (await browser.get("/orders?show=all&department=education")).text
        refused = await act(browser, "sign_order", order_id="5-o1", signer="杨师傅")
    assert [a.status for a in answers] == [404, 404, 404]
    assert ("交办〔2026〕2号" in listed, "复课安排" in listed, "交办〔2026〕3号" in listed) == (
        True,
        False,
        False,
    )
    assert refused.status == 404


async def test_a_slip_that_moved_is_found_where_it_is(issued: ServedDesk, told: Store) -> None:
    issued.acts.merge(2, 5, by="duty", via="desk")
    assert slip(told).incident_id == 5
    async with issued.browser("duty") as browser:
        answer = await browser.get(SLIP)
    assert (answer.status, answer.url.endswith("/incidents/5/orders/2-o2")) == (200, True)


def link(store: Store) -> str:
    """Return the link in the message that told the department."""
    with store.reading() as unit:
        [alert] = [a for a in unit.alerts_of(2) if a.order_id == "2-o2"]
    return order_path(SECRET, "2-o2", alert.message_no)


async def test_fetching_a_link_signs_nothing_and_posting_does(issued: ServedDesk, told: Store) -> None:
    path = link(told)
    async with issued.browser() as stranger:
        page = await stranger.get(path)
        assert slip(told).state is OrderState.ISSUED
        signed = await stranger.post(path, data={"act": "sign_order", "signer": "杨师傅"})
        again = await stranger.post(path, data={"act": "sign_order", "signer": "别人"})
        answered = await stranger.post(path, data={"act": "feed_back", "text": "水质已恢复"})
    assert ("核实水质并回复" in page.text, "签收人" in page.text, 'name="csrf"' in page.text) == (
        True, True, False,
    )  # fmt: skip
    assert [a.status for a in (page, signed, again, answered)] == [200, 200, 200, 200]
    order = slip(told)
    assert order.signed is not None
    assert (order.signed.signer, order.signed.by, order.signed.means) == ("杨师傅", BUREAU, SignMeans.LINK)
    assert order.state is OrderState.ANSWERED


async def test_what_a_link_was_refused_is_not_lost_and_counts_as_nobodys_answer(
    issued: ServedDesk, told: Store
) -> None:
    issued.acts.do(2, feed_back("2-o2", "来电：已恢复"), by="duty", via="desk")
    async with issued.browser() as stranger:
        late = await stranger.post(link(told), data={"act": "feed_back", "text": "写了很久的反馈"})
    assert (late.status, "写了很久的反馈" in late.text) == (403, True)
    assert "已反馈、退回或转督办" in late.text
    feedback = slip(told).feedback
    assert feedback is not None
    assert feedback.text == "来电：已恢复"


async def test_a_department_that_returns_its_slip_is_led_to_the_slip_and_loses_the_incident(
    served: ServedDesk,
) -> None:
    served.acts.do(5, assign(BUREAU, "复课安排", DUE), by="duty", via="desk")
    async with served.browser("department") as browser:
        form = {"order_id": "5-o1", "reason": "属教育部门", "back": "order"}
        returned = await browser.act(5, act="return_order", **form)
        gone = await browser.get("/incidents/5")
    assert (returned.url.endswith("/incidents/5/orders/5-o1"), "已退回" in returned.text) == (True, True)
    assert (returned.status, gone.status) == (200, 404)


async def test_a_slip_shows_the_statutory_time_that_no_time_on_it_changes(
    issued: ServedDesk, told: Store
) -> None:
    async with issued.browser("department") as browser, issued.browser() as stranger:
        pages = [(await browser.get(SLIP)).text, (await stranger.get(link(told))).text]
    assert ["法定回应时限：回应" in page for page in pages] == [True, True]


async def test_a_link_follows_its_slip_into_another_incident(issued: ServedDesk, told: Store) -> None:
    path = link(told)
    issued.acts.merge(2, 5, by="duty", via="desk")
    async with issued.browser() as stranger:
        answer = await stranger.post(path, data={"act": "sign_order", "signer": "杨师傅"})
    assert (answer.status, slip(told).state) == (200, OrderState.SIGNED)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"act": "sign_order"}, 422),
        ({"act": "urge", "demands": "今日反馈"}, 403),
        ({"act": "grant_extension"}, 403),
        ({"act": "return_order", "reason": "属水务部门"}, 403),
        ({"act": "hand_over", "item_id": "1", "publication_id": "2-p1", "department": "police"}, 403),
        ({}, 403),
        ({"act": "ask_extension", "due_at": "2026-03-02T13:00", "reason": "人手不足"}, 403),
    ],
)
async def test_a_link_may_do_only_what_its_department_may(
    issued: ServedDesk, told: Store, form: dict[str, str], status: int
) -> None:
    async with issued.browser() as stranger:
        answer = await stranger.post(link(told), data=form)
    assert (answer.status, slip(told).state) == (status, OrderState.ISSUED)


async def test_a_forged_or_old_link_opens_nothing(issued: ServedDesk, told: Store) -> None:
    path = link(told)
    async with issued.browser() as stranger:
        forged = [
            await stranger.get(p) for p in (f"{path}x", path.replace("2-o2", "2-o3"), "/orders/2-o2/1/s")
        ]
        issued.clock.advance(timedelta(days=8))
        old = await stranger.get(path)
    assert [a.status for a in forged] == [404, 404, 404]
    assert old.status in (403, 410)


async def read(program: Browser, incident_id: int) -> tuple[int, Any]:
    answer = await program.get(f"/api/v1/incidents/{incident_id}/orders")
    return answer.status, json.loads(answer.text)


async def test_programs_read_and_act_and_a_department_only_on_its_own(issued: ServedDesk) -> None:
    issued.acts.do(5, assign("education", "复课安排", DUE), by="duty", via="desk")
    async with issued.program("duty", "read", "act") as duty, issued.program("department", "read") as bureau:
        body = {
            "act": "urge",
            "order_id": "2-o2",
            "demands": "今日反馈",
            "due_at": "2026-03-02T20:00:00+08:00",
        }
        for _ in range(2):
            done = await duty.post(
                "/api/v1/incidents/2/acts", json=body, headers={"Idempotency-Key": "urge-1"}
            )
            assert done.status == 200
        status, found = await read(duty, 2)
        own, others = await read(bureau, 2), await read(bureau, 5)
    assert status == 200
    assert [(o["official_number"], o["state"]) for o in found] == [
        ("交办〔2026〕1号", "answered"),
        ("交办〔2026〕2号", "urged"),
        ("督办〔2026〕1号", "issued"),
    ]
    assert found[2]["due_at"] == "2026-03-02T12:00:00Z"
    assert (own, others[0]) == ((200, found), 404)


@pytest.mark.parametrize(("role", "offered"), [("head", True), ("duty", False), ("leader", False)])
async def test_a_head_is_offered_what_may_be_handed_over(
    store: Store, clock: SimulatedClock, role: str, offered: bool
) -> None:
    told = Changes(incident=INCIDENT, expected_version=None, publications=(replace(DENIAL, item_id=1),))
    save(store, [replace(CLAIM, id=0)], told, verdicts=[RUMOUR])
    async with serve(store, clock, office=example_office) as desk, desk.browser(role) as browser:
        page = (await browser.get("/incidents/1")).text
    form = page.split('id="orders"')[1].split("</section>")[0]
    for words in ("移交线索", "听说自来水厂被投毒", "关于水质传言的辟谣", "县公安局"):
        assert (words in form) == offered


@pytest.mark.parametrize(
    ("order", "hours", "clock", "tone"),
    [
        (an_order(), 4, "剩 20小时00分", "calm"),
        (an_order(), 23, "剩 1小时00分", "soon"),
        (an_order(), 25, "已超回复时限 1小时00分", "late"),
        (an_order(due_at=None), 25, "待签收", "done"),
        (an_order(state=OrderState.RETURNED), 25, "已退回", "done"),
    ],
)
def test_a_feedback_deadline_is_never_called_a_statutory_one(
    order: Order, hours: int, clock: str, tone: str
) -> None:
    view = order_view(order, (order,), {"sign_order"}, after(hours=hours))
    assert (view.clock, view.tone) == (clock, tone)
    assert "逾期" not in view.clock


def test_only_a_refuted_claim_is_offered_for_handing_over() -> None:
    joined = JoinedItem(item=CLAIM, verdict=RUMOUR, reach_only=False, similarity=None, reason="")
    media = JoinedItem(item=an_item(), verdict=RUMOUR, reach_only=False, similarity=None, reason="")
    dossier = a_dossier(INCIDENT, publications=(DENIAL,))
    offered = handover_view([joined, media], dossier, example_office())
    assert [claim.joined for claim in offered.claims] == [joined]
    assert [d.id for d in offered.departments] == ["cyberspace", "police"]
    unrefuted = handover_view([joined], a_dossier(INCIDENT), example_office())
    assert (unrefuted.claims, unrefuted.why) == ((), "该说法还没有被采用的官方辟谣否定")
    assert handover_view([media], dossier, example_office()).why == "没有网民发布的说法"
