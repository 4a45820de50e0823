"""The draft of an answer on the desk: written, reviewed by several people, never published by the program."""

import re
from datetime import timedelta
from typing import Any

import pytest

from monitor.ports import Store
from tests.desk.conftest import Answer, Browser, ServedDesk
from tests.desk.story import XSS

PAGE = "/incidents/2/draft"
TEXT = "经核实，自来水浑浊系管道检修所致。\n已启动排查。下一步，将于3月5日前公布检测结果。咨询电话：12345。"
JOURNEY = [
    ("duty", "first_review", "事实清楚"),
    ("duty", "first_proof", ""),
    ("head", "second_review", ""),
    ("head", "second_proof", ""),
    ("head", "secrecy_review", "不涉及国家秘密和个人隐私"),
    ("leader", "final_review", ""),
    ("duty", "final_proof", ""),
]


def csrf(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"')[0]


async def send(browser: Browser, path: str = PAGE, **fields: Any) -> Answer:
    """Send a form with this browser's own form token."""
    token = csrf((await browser.get("/password")).text)
    return await browser.post(path, data={"csrf": token, **{k: str(v) for k, v in fields.items()}})


async def write(
    browser: Browser, path: str = PAGE, *, text: str = TEXT, base: int = 0, **more: Any
) -> Answer:
    fields = {"act": "write", "kind": "response", "title": "关于自来水浑浊的情况说明", "base": base}
    everything: dict[str, Any] = {**fields, "text": text, **({"number": 1} if base else {}), **more}
    return await send(browser, path, **everything)


async def sign(
    browser: Browser, step: str, *, version: int = 1, opinion: str = "agree", reason: str = ""
) -> Answer:
    about = {"opinion": opinion, "reason": reason}
    return await send(browser, act="sign", number=1, version=version, step=step, **about)


async def sign_everything(desk: ServedDesk, version: int = 1) -> None:
    for role, step, reason in JOURNEY:
        async with desk.browser(role) as browser:
            answer = await sign(browser, step, version=version, reason=reason)
            assert (answer.status, "已签署" in answer.text) == (200, True), step


def changes(store: Store, event: str) -> list[Any]:
    with store.reading() as transaction:
        return [e.change for e in transaction.journal() if e.change.event == event]


async def test_a_first_text_is_offered_and_nothing_is_kept_of_it(served: ServedDesk, told: Store) -> None:
    async with served.browser("duty") as browser:
        page = (await browser.get(PAGE)).text
    assert "尚未保存" in page
    assert "涉密信息不得录入" in page
    assert "有群众反映“达丙镇多户村民反映自来水浑浊”" in page
    assert "【待填：" in page
    with told.reading() as transaction:
        assert transaction.drafts(2) == ()


async def test_an_answer_goes_from_desk_to_desk_and_is_published_by_people(
    served: ServedDesk, told: Store
) -> None:
    async with served.browser("department") as author:
        assert "已存为第1稿第1版" in (await write(author, channel="县政府网")).text
    await sign_everything(served)
    async with served.browser("head") as browser:
        page = (await browser.get(PAGE)).text
        assert "签署齐全，可以发布" in page
        with told.reading() as transaction:
            assert transaction.dossier(2).publications == ()
        incident = (await browser.get("/incidents/2")).text
        assert "（审校齐全）" in incident
        assert 'value="关于自来水浑浊的情况说明"' in incident
        fields = {
            "act": "respond",
            "kind": "response",
            "title": "情况说明",
            "url": "https://example.invalid/1",
        }
        answer = await browser.act(2, **fields, draft="1")
        assert "已登记发布，出自第1稿" in answer.text
        assert "出自第1稿第1版，审校齐全" in answer.text
        page = (await browser.get(PAGE)).text
        assert "已发布" in page
        assert "另起新稿" in page
        assert "发布了《情况说明》" in (await browser.get(f"{PAGE}?kind=follow_up")).text
        faulty = await write(browser, title="", text="水质已达标。")
        assert ("水质已达标。" in faulty.text, "存为第1版" in faulty.text) == (True, True)
        assert "第2稿第1版" in (await write(browser, text="水质已达标。")).text
    with told.reading() as transaction:
        [publication] = transaction.dossier(2).publications
        draft, _ = transaction.drafts(2)
    assert publication.text == TEXT
    assert (draft.publication_id, draft.published_version) == (publication.id, 1)
    [published] = changes(told, "draft_published")
    assert published.facts["text"] == draft.newest.digest
    noted = [*changes(told, "draft_written"), *changes(told, "draft_signed"), published]
    assert not any("自来水" in str(change.facts) for change in noted)


async def test_an_answer_may_be_recorded_without_a_draft_and_says_so(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        assert "没有审校齐全的" in (await browser.get("/incidents/2")).text
        answer = await browser.act(2, act="respond", kind="response", title="情况说明")
    assert "未经本系统审校" in answer.text


@pytest.mark.parametrize("draft", ["1", "7"])
async def test_what_is_not_ready_cannot_be_named_as_the_source(
    served: ServedDesk, told: Store, draft: str
) -> None:
    async with served.browser("duty") as browser:
        await write(browser)
        answer = await browser.act(2, act="respond", kind="response", title="情况说明", draft=draft)
    assert answer.status == (403 if draft == "1" else 404)
    with told.reading() as transaction:
        assert transaction.dossier(2).publications == ()


async def test_two_people_who_write_at_once_lose_nothing(served: ServedDesk, told: Store) -> None:
    async with served.browser("duty") as one, served.browser("head") as other:
        await write(one)
        assert "第1稿第2版" in (await write(other, text=f"{TEXT}已恢复供水。", base=1)).text
        conflict = await write(one, text=f"{TEXT}水务局致歉。", base=1)
        assert conflict.status == 409
        assert "李立春" in conflict.text
        assert "已存为第2版" in conflict.text
        assert "水务局致歉。" in conflict.text
        assert "已恢复供水。" in conflict.text
        assert 'name="base" value="2"' in conflict.text
        merged = await write(one, text=f"{TEXT}已恢复供水，水务局致歉。", base=2)
        assert "第1稿第3版" in merged.text
    with told.reading() as transaction:
        [draft] = transaction.drafts(2)
    assert [v.author for v in draft.versions] == ["duty", "office_head", "duty"]


async def test_two_people_who_begin_at_once_lose_nothing_and_one_form_sent_twice_is_one_version(
    served: ServedDesk, told: Store
) -> None:
    async with served.browser("duty") as one, served.browser("head") as other:
        for _ in range(2):
            assert (await write(one)).status == 200
        conflict = await write(other, text="另一份初稿。")
        assert (conflict.status, "另一份初稿。" in conflict.text) == (409, True)
    with told.reading() as transaction:
        assert [len(d.versions) for d in transaction.drafts(2)] == [1]


async def test_who_reads_an_old_version_does_not_sign_the_new_one(served: ServedDesk, told: Store) -> None:
    async with served.browser("duty") as author, served.browser("head") as reader:
        await write(author)
        await write(author, text="全文另写。", base=1)
        conflict = await sign(reader, "first_review", reason="措辞妥当")
    assert conflict.status == 409
    assert "没有签署" in conflict.text
    assert "措辞妥当" in conflict.text
    assert "全文另写。" in conflict.text
    assert changes(told, "draft_signed") == []


async def test_a_new_version_begins_the_reviews_anew_and_shows_what_changed(served: ServedDesk) -> None:
    async with served.browser("department") as author:
        await write(author)
        await sign_everything(served)
        page = (await write(author, text=TEXT.replace("3月5日", "3月6日"), base=1)).text
    assert "还缺：一审（初审）" in page
    assert "签署已失效" in page
    assert re.search(r"<del>5</del><ins>6</ins>", page)


async def test_sending_back_asks_for_a_reason_and_keeps_it(served: ServedDesk) -> None:
    async with served.browser("duty") as author, served.browser("head") as editor:
        await write(author)
        assert "请填写理由" in (await sign(editor, "first_review", opinion="return")).text
        page = (await sign(editor, "first_review", opinion="return", reason="数据缺来源")).text
        assert "已退回修改" in page
        assert "数据缺来源" in page


async def test_a_text_with_gaps_is_told_so_at_the_last_review(served: ServedDesk) -> None:
    async with served.browser("department") as author:
        page = (await write(author, text=f"{TEXT}【待填：检测机构】")).text
        assert "还有 1 处待填" in page
    for role, step, reason in JOURNEY[:5]:
        async with served.browser(role) as browser:
            await sign(browser, step, reason=reason)
    async with served.browser("leader") as leader:
        page = (await leader.get(PAGE)).text
        assert ('value="agree"' in page, 'value="return"' in page) == (False, True)
        assert "没有填完，不能通过三审" in page
        answer = await sign(leader, "final_review", reason="同意")
        assert answer.status == 403
        assert "没有填完，不能通过三审" in answer.text


async def test_the_page_says_who_may_sign_next_and_why_others_may_not(served: ServedDesk) -> None:
    async with served.browser("duty") as author:
        await write(author)
        page = (await author.get(PAGE)).text
    assert "可签的人：李立春、赵谷雨、县应急管理局" in page
    assert "您是本版的撰稿人，不能审校自己写的稿" in page
    async with served.browser("analyst") as analyst:
        page = (await analyst.get(PAGE)).text
    assert TEXT.splitlines()[0] in page
    assert 'name="text"' not in page
    assert 'name="opinion"' not in page


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"text": " "}, 403, "请填写正文"),
        ({"title": ""}, 403, "请填写标题"),
        ({"text": "字" * 20_001}, 422, "正文：最多 20000 个字"),
        ({"kind": "poem"}, 422, "格式不对"),
        ({"number": "9" * 5000, "text": " "}, 403, "请填写正文"),
    ],
)
async def test_a_faulty_form_is_shown_again_with_what_was_typed(
    served: ServedDesk, fields: dict[str, str], status: int, words: str
) -> None:
    known = {
        "act": "write",
        "base": "0",
        "kind": "notice",
        "title": "标题",
        "text": "正文内容",
        "channel": "村口广播",
    }
    async with served.browser("duty") as browser:
        answer = await send(browser, **{**known, **fields})
    assert answer.status == status
    assert words in answer.text
    assert "村口广播" in answer.text


async def test_markup_in_a_draft_stays_text_everywhere(served: ServedDesk) -> None:
    async with served.browser("duty") as one, served.browser("head") as other:
        await write(one, text=f"{TEXT}{XSS}", title=f"标题{XSS}")
        await write(other, text=f"{XSS}{TEXT}", title=XSS, channel=f'"{XSS}', base=1)
        await sign(one, "first_review", version=2, opinion="return", reason=f"退回{XSS}")
        conflict = await write(one, text=f"</textarea>{XSS}", base=1)
        seen = [conflict, *[await one.get(p) for p in (PAGE, "/incidents/2", f"{PAGE}/1/page")]]
    for answer in seen:
        assert XSS not in answer.text
        assert "</textarea><script" not in answer.text
        assert "&lt;script&gt;" in answer.text


async def test_the_slip_is_printed_with_what_is_signed_and_lines_for_the_rest(served: ServedDesk) -> None:
    async with served.browser("duty") as author, served.browser("head") as head:
        await write(author)
        await sign(head, "first_review", reason="可行")
        page = await author.get(f"{PAGE}/1/page")
        word = await author.session.get(f"{PAGE}/1/docx")
        assert (await author.get(f"{PAGE}/2/page")).status == 404
        assert (await word.read())[:2] == b"PK"
    assert "政务舆情回应稿送审单" in page.text
    assert re.search(r"一审（初审）</th><td[^>]*>同意：可行</td><td[^>]*>李立春</td>", page.text)
    assert re.search(r"三审（终审）</th><td[^>]*></td>", page.text)
    assert "审校、保密审查不全，不得发布" in page.text


async def test_a_department_reads_no_draft_of_others_and_a_closed_incident_takes_none(
    served: ServedDesk,
) -> None:
    async with served.browser("department") as browser:
        for answer in (
            await browser.get("/incidents/1/draft"),
            await write(browser, "/incidents/1/draft"),
            await browser.get("/incidents/1/draft/1/page"),
        ):
            assert answer.status == 404
    async with served.browser("duty") as browser:
        assert "起草" not in (await browser.get("/incidents/6/draft")).text.split("<h1>")[1].split("</h1>")[0]
        refused = await write(browser, "/incidents/6/draft")
        assert (refused.status, "事件已办结" in refused.text) == (403, True)


async def test_a_form_too_long_is_refused_unread(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        assert (await write(browser, text="字" * 70_000)).status == 413


async def test_the_next_to_sign_is_told_and_the_author_of_what_came_back(
    served: ServedDesk, told: Store
) -> None:
    async with served.browser("department") as author, served.browser("head") as head:
        await write(author)
        await sign(head, "first_review", opinion="return", reason="数据缺来源")
    with told.reading() as unit:
        found = [(a.to, a.reason) for a in unit.alerts_of(2) if a.reason.startswith("draft_")]
    assert sorted(found) == [
        ("duty", "draft_to_review"),
        ("emergency_bureau", "draft_returned"),
        ("office_head", "draft_to_review"),
    ]


async def test_a_publication_on_record_is_linked_to_its_draft_once_that_has_every_signature(
    served: ServedDesk, told: Store
) -> None:
    async with served.browser("duty") as duty:
        await duty.act(2, act="respond", kind="response", title="情况说明")
        await write(duty, text="未审", title="先起草")
    with told.reading() as unit:
        [publication] = unit.dossier(2).publications
    async with served.browser("department") as author:
        await write(author, base=1)
        early = await send(author, act="link", number=1, publication_id=publication.id)
        assert (early.status, "还不齐全" in early.text) == (403, True)
        served.clock.advance(timedelta(minutes=10))
        await sign_everything(served, version=2)
        page = (await author.get(PAGE)).text
        assert "本稿就是已登记的这条发布" in page
        assert (await send(author, act="link", number=1, publication_id="2-p9")).status == 404
        linked = await send(author, act="link", number=1, publication_id=publication.id)
        assert "已登记：第1稿已发布" in linked.text
        incident = (await author.get("/incidents/2")).text
        assert "出自第1稿第2版，审校签署晚于发布" in incident
        assert "审校齐全" not in incident.split('aria-label="官方发布"')[1].split("</section>")[0]
        await write(author, text="续报。")
        again = await send(author, act="link", number=2, publication_id=publication.id)
        assert (again.status, "已关联另一稿" in again.text) == (403, True)
    assert len(changes(told, "draft_published")) == 1
    with told.reading() as unit:
        [publication] = unit.dossier(2).publications
    assert (publication.text, len(publication.promises)) == (TEXT, 1)
