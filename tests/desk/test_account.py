"""One's own account: browsers that are signed in, tokens, and what an administrator does for others."""

import asyncio
import re
from datetime import timedelta

import pytest

from monitor.desk.views.account_view import say_agent
from monitor.ports import Store
from tests.desk.conftest import Answer, Browser, ServedDesk

PASSWORD = "correct horse battery"  # noqa: S105
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0 Safari/537.36 Edg/120.0"


async def add_login(desk: ServedDesk, name: str = "wang", role: str = "duty") -> None:
    await asyncio.to_thread(
        desk.access.save_account, name=name, password=PASSWORD, role=role, person_id="duty", by="root"
    )


async def sign_in(browser: Browser, name: str = "wang", agent: str = "") -> None:
    await browser.post("/login", data={"name": name, "password": PASSWORD}, headers={"User-Agent": agent})


async def send(browser: Browser, path: str, **fields: str) -> Answer:
    csrf = (await browser.get("/account")).text.split('name="csrf" value="')[1].split('"')[0]
    return await browser.post(path, data={"csrf": csrf, **fields})


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (EDGE, "Edge，Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox，Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) Mobile MicroMessenger/8.0", "微信，iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) wxwork/4.1 MicroMessenger/7.0", "企业微信，安卓"),
        ("curl/8.5", "未知浏览器"),
        ("", "未知浏览器"),
    ],
)
def test_a_browser_is_called_by_a_name_people_know(agent: str, said: str) -> None:
    assert say_agent(agent) == said


async def test_one_sees_ones_own_browsers_and_ends_one(served: ServedDesk) -> None:
    await add_login(served)
    await add_login(served, "li", "head")
    async with served.browser() as here, served.browser() as there, served.browser() as others:
        await sign_in(there, agent=EDGE)
        await sign_in(here)
        await sign_in(others, "li")
        page = (await here.get("/account")).text
        assert "2 处" in page
        assert "Edge，Windows" in page
        assert page.index("本机") < page.index("Edge，Windows")
        [other] = re.findall(r'name="id" value="([0-9a-f]{12})"', page)
        await send(here, "/account/sessions", id=other)
        assert "/login" in (await there.get("/")).url
        assert "/login" not in (await here.get("/")).url
        gone = await send(here, "/account/sessions", id=other)
        assert (gone.status, "可能已经退出" in gone.text) == (422, True)


async def test_nobody_ends_a_session_of_another_login(served: ServedDesk) -> None:
    await add_login(served)
    await add_login(served, "li", "head")
    async with served.browser() as mine, served.browser() as others:
        await sign_in(mine)
        await sign_in(others, "li")
        [theirs] = [s for s in await asyncio.to_thread(served.access.sessions) if s.account == "li"]
        assert (await send(mine, "/account/sessions", id=theirs.token_hash[:12])).status == 422
        assert "/login" not in (await others.get("/")).url


async def test_all_of_ones_browsers_are_signed_out_together(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as here, served.browser() as there:
        await sign_in(there)
        await sign_in(here)
        assert (await send(here, "/account/sessions", id="all")).url.endswith("/login")
        assert "/login" in (await here.get("/")).url
        assert "/login" in (await there.get("/")).url


async def test_the_last_use_is_noted_every_five_minutes(served: ServedDesk, told: Store) -> None:
    await add_login(served)
    async with served.browser() as browser:
        await sign_in(browser)
        since = served.clock.now()
        for minutes in (4, 2, 2):
            served.clock.advance(timedelta(minutes=minutes))
            await browser.get("/settings")
    with told.reading() as transaction:
        [session] = [s for s in transaction.sessions(served.clock.now()) if s.account == "wang"]
    assert session.created_at == since
    assert session.used_at == since + timedelta(minutes=6)
    assert session.address == "127.0.0.1"


async def test_a_token_is_shown_once_works_and_is_revoked(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as browser:
        await sign_in(browser)
        made = await send(browser, "/account/tokens", scope="read", days="30")
        found = re.search(r'<code class="wide">([\w-]{43})</code>', made.text)
        assert found is not None
        page = (await browser.get("/account")).text
        assert found[1] not in page
        assert "查看（接口）" in page
        async with served.browser(Authorization=f"Bearer {found[1]}") as program:
            assert (await program.get("/api/v1/me")).status == 200
            [number] = re.findall(r'name="revoke" value="([0-9a-f]{12})"', page)
            await send(browser, "/account/tokens", revoke=number)
            assert (await program.get("/api/v1/me")).status == 401
        assert (await send(browser, "/account/tokens", revoke=number)).status == 422


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"days": "30"}, "范围须为"),
        ({"scope": "everything", "days": "30"}, "范围须为"),
        ({"scope": "read", "days": "36500"}, "有效期须从"),
        ({"scope": "read", "days": "x"}, "有效期须从"),
    ],
)
async def test_a_faulty_token_is_not_made(served: ServedDesk, fields: dict[str, str], words: str) -> None:
    await add_login(served)
    async with served.browser() as browser:
        await sign_in(browser)
        answer = await send(browser, "/account/tokens", **fields)
        assert (answer.status, words in answer.text) == (422, True)
    assert await asyncio.to_thread(served.access.tokens) == ()


async def test_nobody_revokes_a_token_of_another_login_but_an_administrator(served: ServedDesk) -> None:
    await add_login(served)
    await add_login(served, "li", "head")
    await asyncio.to_thread(served.access.issue_token, "li", ("read",), timedelta(days=1))
    [token] = await asyncio.to_thread(served.access.tokens)
    async with served.browser() as browser, served.browser("admin") as admin:
        await sign_in(browser)
        refused = await send(browser, "/account/tokens", revoke=token.token_hash[:12])
        assert refused.status == 422
        assert "li</td>" in (await admin.get("/accounts")).text
        await send(admin, "/accounts", act="revoke_token", id=token.token_hash[:12])
    assert await asyncio.to_thread(served.access.tokens) == ()


async def test_an_administrator_signs_somebody_out_everywhere(served: ServedDesk, told: Store) -> None:
    await add_login(served)
    async with served.browser() as browser, served.browser("admin") as admin:
        await sign_in(browser)
        assert "1 处" in (await admin.get("/accounts")).text
        await send(admin, "/accounts", act="end_sessions", name="wang")
        assert "/login" in (await browser.get("/")).url
        unknown = await send(admin, "/accounts", act="end_sessions", name="nobody")
        assert unknown.status == 422
    with told.reading() as transaction:
        changes = [entry.change for entry in transaction.journal()]
    ended = [(c.actor, c.facts["account"]) for c in changes if c.event == "sessions_ended"]
    assert ended == [("demo-admin", "wang")]


async def test_an_administrator_resets_a_forgotten_password(served: ServedDesk, told: Store) -> None:
    await add_login(served)
    another = "battery staple horse"
    async with served.browser() as browser, served.browser("admin") as admin:
        await sign_in(browser)
        weak = await send(admin, "/accounts", act="reset_password", name="wang", password="short")  # noqa: S106
        assert (weak.status, "密码至少 10 个字符" in weak.text) == (422, True)
        assert "/login" not in (await browser.get("/")).url
        assert (
            await send(admin, "/accounts", act="reset_password", name="wang", password=another)
        ).status == 200
        assert "/login" in (await browser.get("/")).url
        for password, status in ((PASSWORD, 401), (another, 200)):
            tried = await browser.post("/login", data={"name": "wang", "password": password})
            assert tried.status == status
    with told.reading() as transaction:
        assert another not in str(transaction.journal())
        assert [e.change.actor for e in transaction.journal() if e.change.event == "password_reset"] == [
            "demo-admin"
        ]
