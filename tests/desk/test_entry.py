import asyncio
import html
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiohttp import FormData
from loguru import logger

from monitor.desk.access import Access, AccessError
from monitor.desk.access.records import MOST_WAITING
from monitor.desk.links import message_path
from monitor.ports import Store
from tests.desk.conftest import QUICK_HASHER, SECRET, ServedDesk
from tests.desk.story import an_office
from tests.support.clock import SimulatedClock

PASSWORD = "correct horse battery"  # noqa: S105


async def add_login(desk: ServedDesk, name: str = "wang", role: str = "duty") -> None:
    await asyncio.to_thread(
        desk.access.save_account, name=name, password=PASSWORD, role=role, person_id="duty", by="root"
    )


async def test_signing_in_leads_on_and_signing_out_ends_it(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as browser:
        fields = {"name": "wang", "password": PASSWORD, "to": "/incidents/2"}
        page = await browser.post("/login", data=fields)
        assert page.url.endswith("/incidents/2")
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        await browser.post("/logout", data={"csrf": csrf})
        assert (await browser.get("/")).url.endswith("/login?to=/")


async def test_signing_in_leads_back_to_the_very_question(served: ServedDesk) -> None:
    await add_login(served)
    asked = "/history?q=%E5%81%9C%E6%B0%B4+%E5%95%86%E5%9C%BA&state=open"
    async with served.browser() as browser:
        form = await browser.get(asked)
        to = html.unescape(form.text.split('name="to" value="')[1].split('"')[0])
        page = await browser.post("/login", data={"name": "wang", "password": PASSWORD, "to": to})
    assert page.url == served.address + asked


@pytest.mark.parametrize(
    "to", ["//evil.invalid/", "https://evil.invalid/", "/\\evil.invalid", "javascript:alert(1)"]
)
async def test_signing_in_never_leads_elsewhere(served: ServedDesk, to: str) -> None:
    await add_login(served)
    async with served.browser() as browser:
        page = await browser.post("/login", data={"name": "wang", "password": PASSWORD, "to": to})
    assert page.url == f"{served.address}/"


async def test_the_session_cookie_is_out_of_reach_of_scripts(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as browser:
        answer = await browser.post(
            "/login", data={"name": "wang", "password": PASSWORD}, allow_redirects=False
        )
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_what_was_typed_while_the_session_ran_out_is_shown_not_lost(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        served.clock.advance(timedelta(hours=13))
        typed = {"csrf": "c", "act": "dismiss", "reason": "经核实，<b>为演练</b>"}
        page = await browser.post("/incidents/2/acts", data=typed)
        assert (page.status, "登录已到期" in page.text) == (401, True)
        assert "经核实，&lt;b&gt;为演练&lt;/b&gt;" in page.text
        secrets = {"old": PASSWORD, "new": "battery staple", "again": "battery staple"}
        for path, nothing in (("/incidents/2/acts", {"act": "acknowledge"}), ("/password", secrets)):
            assert (await browser.post(path, data=nothing)).url.endswith("/login?to=/")
        form = FormData()
        form.add_field("file", b"PK", filename="rota.xlsx")
        assert (await browser.post("/rota/import", data=form)).url.endswith("/login?to=/")


async def test_guessing_is_slowed_down_and_time_heals_it(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as browser:
        wrong = [await browser.post("/login", data={"name": "wang", "password": "wrong"}) for _ in range(6)]
        right = await browser.post("/login", data={"name": "wang", "password": PASSWORD})
        assert [w.status for w in wrong] == [401] * 5 + [429]
        assert right.status == 429
        assert "尝试次数过多" in right.text
        served.clock.advance(timedelta(seconds=31))
        assert (await browser.post("/login", data={"name": "wang", "password": PASSWORD})).status == 200


async def test_guesses_sent_at_once_stand_in_one_row(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as browser:
        wrong = {"name": "wang", "password": "wrong"}
        found = await asyncio.gather(*(browser.post("/login", data=wrong) for _ in range(16)))
    assert sorted(answer.status for answer in found) == [401] * 5 + [429] * 11


async def test_who_comes_when_too_many_wait_is_sent_away_at_once(served: ServedDesk) -> None:
    await add_login(served)
    right = {"name": "wang", "password": PASSWORD}
    places = served.access._places
    async with served.browser() as browser:
        taken = [places.acquire(blocking=False) for _ in range(MOST_WAITING)]
        busy = await browser.post("/login", data=right)
        assert (all(taken), busy.status, "请再试一次" in busy.text) == (True, 429, True)
        places.release(MOST_WAITING)
        assert (await browser.post("/login", data=right)).status == 200


async def test_who_guesses_is_in_the_log_but_never_what_was_typed(served: ServedDesk) -> None:
    await add_login(served)
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message}")
    async with served.browser() as browser:
        for name in ("wang", "my secret"):
            for _ in range(5):
                await browser.post("/login", data={"name": name, "password": "battery"})
    logger.remove(sink)
    assert lines == [
        f"sign-in to {who} from 127.0.0.1 must wait 0:00:30 after failures\n"
        for who in ("wang", "an unknown login")
    ]


async def test_a_session_ends_by_time_and_with_its_login(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as browser:
        await browser.post("/login", data={"name": "wang", "password": PASSWORD})
        await asyncio.to_thread(served.access.disable_account, "wang", disabled=True, by="root")
        assert "/login" in (await browser.get("/")).url
        await asyncio.to_thread(served.access.disable_account, "wang", disabled=False, by="root")
        assert "/login" in (await browser.get("/")).url  # a session that was ended stays so
        await browser.post("/login", data={"name": "wang", "password": PASSWORD})
        assert "/login" not in (await browser.get("/")).url
        served.clock.advance(timedelta(hours=12))
        assert "/login" in (await browser.get("/")).url


async def test_the_first_administrator_is_made_once_from_this_machine(quiet: ServedDesk) -> None:
    token = await asyncio.to_thread(quiet.access.open_setup)
    fields = {"name": "root", "password": PASSWORD}
    async with quiet.browser() as browser:
        proxied = [
            (await browser.get(f"/setup/{token}", headers=headers)).status
            for headers in (
                {"X-Forwarded-For": "198.51.100.7"},
                {"Host": "desk.example"},
                {"Forwarded": "for=x"},
            )
        ]
        weak = await browser.post(f"/setup/{token}", data={"name": "root", "password": "short"})
        made = await browser.post(f"/setup/{token}", data=fields)
    assert proxied == [403] * 3
    assert "密码至少 10 个字符" in weak.text
    assert made.url.endswith("/accounts")
    assert await asyncio.to_thread(quiet.access.open_setup) is None
    async with quiet.browser() as browser:
        again = await browser.post(f"/setup/{token}", data=fields)
        assert (again.status, "重新启动服务会打印新的链接" in again.text) == (403, True)


async def test_a_setup_link_lives_half_an_hour(quiet: ServedDesk) -> None:
    token = await asyncio.to_thread(quiet.access.open_setup)
    quiet.clock.advance(timedelta(minutes=30))
    async with quiet.browser() as browser:
        assert (await browser.get(f"/setup/{token}")).status == 403


async def test_fetching_a_one_time_link_does_not_use_it_up(served: ServedDesk) -> None:
    token = await asyncio.to_thread(served.access.open_demo, "duty", "duty")
    async with served.browser() as browser:
        assert (await browser.get(f"/enter/{token}")).status == 200
        assert (await browser.post(f"/enter/{token}")).status == 200
    async with served.browser() as browser:
        again = await browser.post(f"/enter/{token}")
    assert again.status == 403
    assert "链接已使用或已过期" in again.text


async def test_an_administrator_adds_and_locks_logins(served: ServedDesk) -> None:
    async with served.browser("admin") as browser:
        page = await browser.get("/accounts")
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        fields = {
            "csrf": csrf,
            "name": "li",
            "password": PASSWORD,
            "role": "head",
            "person_id": "office_head",
        }
        assert "李立春" in (await browser.post("/accounts", data=fields)).text
        again = await browser.post("/accounts", data=fields)
        assert "账号已存在" in again.text
        await browser.post("/accounts", data={"csrf": csrf, "name": "li", "act": "disable"})
    async with served.browser() as browser:
        assert (await browser.post("/login", data={"name": "li", "password": PASSWORD})).status == 401
    async with served.browser("duty") as browser:
        assert (await browser.get("/accounts")).status == 403


async def test_a_personal_link_shows_first_and_acknowledges_by_post(served: ServedDesk) -> None:
    path = message_path(SECRET, 1, 1)
    async with served.browser() as browser:
        page = await browser.get(path)
        assert "接收人：王小满" in page.text
        assert served.acts.asked == []
        answer = await browser.post(path)
    assert "已记录：您不再收到本轮催促" in answer.text
    assert served.acts.asked == [("acknowledge", 1, {"by": "duty", "via": "link"})]


async def test_a_group_link_asks_who_it_is(served: ServedDesk) -> None:
    path = message_path(SECRET, 1, 2)
    async with served.browser() as browser:
        assert "您是哪一位" in (await browser.get(path)).text
        nobody = await browser.post(path)
        stranger = await browser.post(path, data={"by": "leader"})
        assert (nobody.status, stranger.status) == (422, 422)
        assert served.acts.asked == []
        answer = await browser.post(path, data={"by": "office_head"})
    assert "李立春 已于 03月02日 12:00 收到" in answer.text
    assert served.acts.asked == [("acknowledge", 1, {"by": "office_head", "via": "link"})]


@pytest.mark.parametrize(
    "path",
    [message_path(b"another secret", 1, 1), message_path(SECRET, 2, 1), "/messages/1/1/", "/messages/1/1/é"],
)
async def test_a_forged_link_opens_nothing(served: ServedDesk, path: str) -> None:
    async with served.browser() as browser:
        assert (await browser.get(path)).status == 404
        assert (await browser.post(path)).status in {404, 405}
    assert served.acts.asked == []


async def test_an_old_link_opens_nothing(served: ServedDesk) -> None:
    served.clock.advance(timedelta(days=8))
    async with served.browser() as browser:
        assert (await browser.post(message_path(SECRET, 1, 1))).status == 403


def entries(store: Store) -> list[tuple[str, str, object]]:
    with store.reading() as transaction:
        changes = [entry.change for entry in transaction.journal() if entry.change.incident is None]
    return [(c.event, c.actor, c.facts.get("account")) for c in changes]


async def test_sign_ins_and_changes_of_logins_are_on_record_without_a_secret(
    quiet: ServedDesk, store: Store
) -> None:
    async with quiet.browser("admin") as browser:
        csrf = (await browser.get("/accounts")).text.split('name="csrf" value="')[1].split('"')[0]
        fields = {"csrf": csrf, "name": "wang", "password": PASSWORD, "role": "duty", "person_id": "duty"}
        await browser.post("/accounts", data=fields)
        await browser.post("/accounts", data={"csrf": csrf, "name": "wang", "act": "disable"})
        await browser.post("/accounts", data={"csrf": csrf, "name": "wang", "act": "enable"})
    async with quiet.browser() as browser:
        page = await browser.post("/login", data={"name": "wang", "password": PASSWORD})
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        await browser.post("/logout", data={"csrf": csrf})
    assert entries(store) == [
        ("signed_in", "demo-admin", "demo-admin"),
        ("account_added", "demo-admin", "wang"),
        ("account_disabled", "demo-admin", "wang"),
        ("account_enabled", "demo-admin", "wang"),
        ("signed_in", "duty", "wang"),
        ("signed_out", "duty", "wang"),
    ]
    with store.reading() as transaction:
        assert PASSWORD not in str(transaction.journal())


ANOTHER = "battery staple horse"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"old": "wrong"}, "现在的密码不正确"),
        ({"new": "short", "again": "short"}, "密码至少 10 个字符"),
        ({"new": PASSWORD, "again": PASSWORD}, "新密码不能与现在的密码相同"),
        ({"again": "something else"}, "两次填写的新密码不一致"),
    ],
)
async def test_a_password_is_changed_only_by_who_knows_it(
    served: ServedDesk, fields: dict[str, str], words: str
) -> None:
    await add_login(served)
    async with served.browser() as browser:
        await browser.post("/login", data={"name": "wang", "password": PASSWORD})
        csrf = (await browser.get("/password")).text.split('name="csrf" value="')[1].split('"')[0]
        right = {"csrf": csrf, "old": PASSWORD, "new": ANOTHER, "again": ANOTHER}
        answer = await browser.post("/password", data=right | fields)
        assert (answer.status, words in answer.text) == (422, True)
        assert (await browser.post("/login", data={"name": "wang", "password": PASSWORD})).status == 200


async def test_a_changed_password_signs_other_browsers_out(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as here, served.browser() as there:
        for browser in (here, there):
            await browser.post("/login", data={"name": "wang", "password": PASSWORD})
        csrf = (await here.get("/password")).text.split('name="csrf" value="')[1].split('"')[0]
        fields = {"csrf": csrf, "old": PASSWORD, "new": ANOTHER, "again": ANOTHER}
        assert "密码已修改" in (await here.post("/password", data=fields)).text
        assert "/login" not in (await here.get("/")).url
        assert "/login" in (await there.get("/")).url
        assert (await there.post("/login", data={"name": "wang", "password": PASSWORD})).status == 401
        assert (await there.post("/login", data={"name": "wang", "password": ANOTHER})).status == 200


async def test_who_came_by_a_link_has_no_password_to_change(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        assert "没有密码" in (await browser.get("/password")).text


async def test_a_link_of_a_locked_login_opens_nothing(served: ServedDesk) -> None:
    token = await asyncio.to_thread(served.access.open_demo, "duty", "duty")
    await asyncio.to_thread(served.access.disable_account, "demo-duty", disabled=True, by="root")
    async with served.browser() as browser:
        assert (await browser.post(f"/enter/{token}")).status == 403


FITTING: list[tuple[dict[str, str | None], str | None]] = [
    ({"name": "w"}, "bad_name"),
    ({"name": "w" * 41}, "bad_name"),
    ({"name": "wa\nng"}, "bad_name"),
    ({"name": "wa\u200bng"}, "bad_name"),
    ({"name": "wa\u202eng"}, "bad_name"),
    ({"role": "root"}, "bad_role"),
    ({"person_id": "nobody"}, "bad_person"),
    ({"person_id": "education"}, "bad_person"),
    ({"role": "department", "person_id": None}, "bad_person"),
    ({"role": "department", "person_id": "duty"}, "bad_person"),
    ({"name": "li", "role": "department", "person_id": "education"}, None),
    ({"name": "zhao", "role": "admin", "person_id": None}, None),
]


def test_a_login_is_somebody_its_role_fits(store: Store, clock: SimulatedClock) -> None:
    access = Access(
        store=store,
        clock=clock,
        office=an_office,
        secret=SECRET,
        session_lasts=timedelta(hours=1),
        hasher=QUICK_HASHER,
    )
    login: Any = {"name": "wang", "password": PASSWORD, "role": "duty", "person_id": "duty", "by": "root"}
    for fields, fault in FITTING:
        with pytest.raises(AccessError, match=fault) if fault else nullcontext():
            access.save_account(**login | fields)
    with store.reading() as transaction:
        assert [account.name for account in transaction.accounts()] == ["li", "zhao"]


async def test_nobody_changes_their_own_login_without_its_password(served: ServedDesk) -> None:
    async with served.browser("admin") as browser:
        csrf = (await browser.get("/accounts")).text.split('name="csrf" value="')[1].split('"')[0]
        for act in ("disable", "end_sessions", "reset_password", "reset_second_factor"):
            fields = {"csrf": csrf, "name": "demo-admin", "act": act, "password": ANOTHER}
            refused = await browser.post("/accounts", data=fields)
            assert (refused.status, "这是您自己的账号" in refused.text) == (422, True), act


async def test_the_last_administrator_stays(served: ServedDesk) -> None:
    disable = partial(served.access.disable_account, disabled=True, by="root")
    await asyncio.to_thread(served.access.open_demo, "admin", None)
    await add_login(served, "li", "admin")
    await asyncio.to_thread(disable, "li")
    with pytest.raises(AccessError, match="last_admin"):
        await asyncio.to_thread(disable, "demo-admin")
