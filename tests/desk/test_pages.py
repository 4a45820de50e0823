import re

import pytest

from monitor.dossier.model import Change, Changes
from monitor.errors import ConflictError, RefusedActError
from monitor.ports import Store
from tests.desk.conftest import ServedDesk
from tests.desk.story import NOW, SPILLED, XSS, save
from tests.support.builders import an_incident, an_item

EVERY_PAGE = (
    "/",
    "/board",
    "/incidents/1",
    "/incidents/5",
    "/rota",
    "/rehearsals",
    "/sources",
    "/history?q=柯街",
)


async def test_who_is_not_signed_in_is_led_to_the_sign_in_page(served: ServedDesk) -> None:
    async with served.browser() as browser:
        answer = await browser.get("/incidents/1")
    assert answer.url.endswith("/login?to=/incidents/1")
    assert "登录值班台" in answer.text


async def test_the_board_shows_what_needs_a_person_first(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        page = (await browser.get("/")).text
    open_part, check_part = page.split("待核 <small>")
    assert re.findall(r'<h2><a href="/incidents/(\d)">', open_part) == ["1", "2", "5"]
    assert re.findall(r'<h2><a href="/incidents/(\d)">', check_part) == ["3", "4"]
    for words in (
        "剩 1小时00分",
        "已逾期 2小时00分",
        "县应急管理局",
        'title="2026年3月2日（周一）08:01:00">今天 08:01</time>（已过期）',
        'title="2026年3月3日（周二）08:00:00">明天 08:00</time> 前',
        "建议 22小时00分内续报",
    ):
        assert words in open_part
    assert "认定属地后开始计时" in check_part
    assert "单个诉求" in check_part


async def test_the_incident_page_says_why_and_by_which_law(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        page = (await browser.get("/incidents/1")).text
    for words in (
        '<mark data-why="死亡">12人遇难</mark>',
        "依据 生产安全事故报告和调查处理条例：死亡 ≥ 10",
        "国办发〔2016〕61号：最迟应在24小时内举行新闻发布会",
        "自事发时间起算：今天（仅到日），按<time",
        "15（待核）",
        "回执 m-1",
        "消息编号 1",
        "由较大改为重大",
        "涉密信息不得录入",
    ):
        assert words in page


async def test_the_machine_s_routine_is_folded_away(served: ServedDesk, told: Store) -> None:
    with told.transaction() as transaction:
        facts = {"reason": "absorbed", "round": "1/round/1"}
        transaction.record([Change(at=NOW, event="round_ended", incident=1, facts=facts)])
    async with served.browser("duty") as browser:
        page = (await browser.get("/incidents/1")).text
    shown, whole = page.split("<h2>经过")[1].split("全部记录（4）")
    assert ("级别变化" in shown, "一轮通知结束" in shown) == (True, False)
    assert "并入新一轮通知" in whole


async def test_a_grave_incident_that_nobody_placed_stands_among_the_open_ones(
    served: ServedDesk, told: Store
) -> None:
    unplaced = an_incident(id=7, title="网传不知何处客车坠崖", local=None)
    save(told, [an_item(key="u1", title=unplaced.title)], Changes(incident=unplaced, expected_version=None))
    async with served.browser("duty") as browser:
        open_part = (await browser.get("/")).text.split("待核 <small>")[0]
    assert re.findall(r'<h2><a href="/incidents/(\d)">', open_part) == ["1", "2", "7", "5"]
    assert "请认定是否属于本县" in open_part


async def test_an_error_leaves_a_signed_in_person_the_way_on(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        assert 'href="/history"' in (await browser.get("/incidents/99")).text
    async with served.browser() as browser:
        assert 'href="/history"' not in (await browser.get("/setup/unknown")).text


@pytest.mark.parametrize("path", EVERY_PAGE)
async def test_hostile_words_stay_words(served: ServedDesk, path: str) -> None:
    async with served.browser("duty") as browser:
        answer = await browser.get(path)
    assert answer.status == 200
    assert XSS not in answer.text
    assert f'href="{SPILLED}' not in answer.text
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<[^>]+\s(style|on\w+)=", answer.text)


async def test_a_form_reaches_the_act_and_its_answer_is_shown_once(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        page = await browser.act(1, act="acknowledge")
        assert "已记录：您不再收到本轮催促" in page.text
        assert "本轮催促</p>" not in (await browser.get("/incidents/1")).text
    assert served.acts.asked == [("acknowledge", 1, {"by": "duty", "via": "desk"})]


async def test_a_corrected_start_is_shown_with_who_corrected_it_and_why(served: ServedDesk) -> None:
    fields = {"start_basis": "occurred", "at": "2026-03-02T07:10", "precision": "hour", "reason": "出警记录"}
    async with served.browser("duty") as browser:
        assert 'name="at" type="datetime-local"' in (await browser.get("/incidents/1")).text
        page = await browser.act(1, act="correct_start", **fields)
    assert "已更正，相关时限按更正后的时间计算" in page.text
    assert "今天 07:00（约）（王小满更正）" in page.text
    assert "事发时间，原 今天 04:00，改为 今天 07:00，约几时" in page.text
    assert "<q>出警记录</q>" in page.text


async def test_the_time_of_a_publication_is_corrected_beside_it(served: ServedDesk) -> None:
    fields = {"publication_id": "5/publication/1", "effective_at": "2026-03-02T09:30", "reason": "登记有误"}
    async with served.browser("duty") as browser:
        page = await browser.act(5, act="correct_publication", **fields)
    assert "今天 09:30</time> 发布" in page.text
    assert "更正发布时间" in page.text


async def test_an_acknowledgement_from_the_board_returns_to_the_board(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        page = await browser.act(1, act="acknowledge", back="board")
    assert page.url == f"{served.address}/"


@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [
        (ConflictError(1), 409, "您的“办结”没有生效，填写的内容都在下面，没有丢失"),
        (RefusedActError("close", "unmet_obligation"), 403, "只有分管领导可以说明理由后办结"),
    ],
)
async def test_a_refused_form_keeps_what_was_typed(
    served: ServedDesk, refusal: Exception, status: int, words: str
) -> None:
    served.acts.refusal = refusal
    async with served.browser("duty") as browser:
        page = await browser.act(1, act="close", reason="已经核实办结<b>")
    assert page.status == status
    assert words in page.text
    assert "已经核实办结&lt;b&gt;" in page.text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"act": "dismiss"}, "理由：必须填写"),
        ({"act": "dismiss", "reason": "否"}, "理由：至少 2 个字"),
        ({"act": "respond", "kind": "response", "title": "通报", "url": SPILLED}, "链接须以 http"),
        ({"act": "set_severity", "severity": "9", "reason": "核实"}, "级别：格式不对"),
        (
            {"act": "respond", "kind": "response", "title": "通报", "effective_at": "昨天"},
            "发布时间：格式不对",
        ),
        ({"act": "nonsense"}, "表单：格式不对"),
    ],
)
async def test_a_faulty_form_is_explained_and_changes_nothing(
    served: ServedDesk, fields: dict[str, str], words: str
) -> None:
    async with served.browser("duty") as browser:
        page = await browser.act(1, **fields)
    assert page.status == 422
    assert words in page.text
    assert served.acts.asked == []


async def test_a_form_without_its_token_changes_nothing(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        answer = await browser.post("/incidents/1/acts", data={"act": "acknowledge", "csrf": "guessed"})
    assert answer.status == 403
    assert served.acts.asked == []


async def test_a_post_from_another_site_is_refused(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        answer = await browser.post("/logout", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403


@pytest.mark.parametrize(
    ("role", "act", "status"),
    [
        ("duty", "dismiss", 200),
        ("head", "dismiss", 200),
        ("leader", "waive", 200),
        ("duty", "waive", 403),
        ("department", "dismiss", 403),
        ("analyst", "dismiss", 403),
        ("admin", "dismiss", 403),
    ],
)
async def test_each_role_may_do_only_its_acts(served: ServedDesk, role: str, act: str, status: int) -> None:
    async with served.browser(role) as browser:
        answer = await browser.act(
            2, act=act, reason="经电话核实", obligation_id="2:response:1"[: 99 * (act == "waive")]
        )
    assert answer.status == status
    assert bool(served.acts.asked) == (status == 200)


async def test_a_department_sees_only_what_is_assigned_to_it(served: ServedDesk) -> None:
    async with served.browser("department") as browser:
        board = (await browser.get("/")).text
        statuses = [
            (await browser.get(p)).status for p in ("/incidents/2", "/incidents/1", "/history", "/sources")
        ]
    assert re.findall(r'<h2><a href="/incidents/(\d)">', board) == ["2"]
    assert statuses == [200, 404, 403, 403]


async def test_an_empty_board_does_not_look_like_a_broken_one(quiet: ServedDesk) -> None:
    async with quiet.browser("duty") as browser:
        page = (await browser.get("/")).text
    assert "时限引擎尚未运行" in page
    assert "没有事件不等于没有舆情" in page


async def test_history_pages_through_and_explains_a_bad_date(served: ServedDesk) -> None:
    async with served.browser("analyst") as browser:
        found = await browser.get(
            "/history?q=交通事故&since=2026-03-02&until=2026-03-02&severity=2&status=open"
        )
        none = await browser.get("/history?q=交通事故&until=2026-03-01")
        bad = await browser.get("/history?since=2026-13-99")
    assert "柯街镇发生<mark>交通事故</mark>" in found.text
    assert "没有符合条件的条目" in none.text
    assert bad.status == 422
    assert "日期应写作 2026-11-24" in bad.text


async def test_an_incident_that_is_not_there_gets_a_friendly_page(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        answer = await browser.get("/incidents/99")
    assert answer.status == 404
    assert "没有找到，或您无权查看" in answer.text


async def test_the_items_of_a_busy_incident_are_read_page_by_page(served: ServedDesk, told: Store) -> None:
    many = [an_item(key=f"m{n}", title=f"第{n}条报道", text=f"第{n}条报道") for n in range(120)]
    busy = an_incident(id=7, title="多家报道的事件", item_count=120)
    save(told, many, Changes(incident=busy, expected_version=None))
    found: list[int] = []
    async with served.browser("duty") as browser:
        both_ends = (await browser.get("/incidents/7")).text
        place = "/incidents/7?after=0"
        while place:
            page = (await browser.get(place)).text
            found += [int(n) for n in re.findall(r'id="item-(\d+)"', page)]
            on = re.search(r'href="(\?after=\d+)#items">后面的条目', page)
            place = f"/incidents/7{on[1]}" if on else ""
        beyond = (await browser.get("/incidents/7?after=2147483647")).text
    assert (len(found), sorted(set(found))) == (120, found)
    shown = [int(n) for n in re.findall(r'id="item-(\d+)"', both_ends)]
    assert shown == found[:20] + found[-30:]
    assert "没有更多条目" in beyond
