"""The second factor over the served desk: made, asked for, guessed at, lost, demanded."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pyotp
import pytest

from monitor.office.model import Office, Policy
from monitor.ports import Store
from tests.desk.conftest import Answer, Browser, ServedDesk, serve
from tests.desk.story import an_office
from tests.support.clock import SimulatedClock

PASSWORD = "correct horse battery"  # noqa: S105
PAGE = "/account/second-factor"


@dataclass(frozen=True, slots=True)
class Telephone:
    """An authenticator and a sheet of recovery codes, as their owner has them."""

    desk: ServedDesk
    secret: str
    sheet: tuple[str, ...]

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.desk.clock.now())

    def wrong(self) -> str:
        return str((int(self.code()) + 1) % 1_000_000).zfill(6)


async def csrf_of(browser: Browser) -> str:
    return (await browser.get(PAGE)).text.split('name="csrf" value="')[1].split('"')[0]


async def press(browser: Browser, act: str, code: str = "") -> Answer:
    return await browser.post(PAGE, data={"csrf": await csrf_of(browser), "act": act, "code": code})


async def add_login(desk: ServedDesk, role: str = "duty") -> None:
    await asyncio.to_thread(
        desk.access.save_account, name="wang", password=PASSWORD, role=role, person_id="duty", by="root"
    )


async def give_password(browser: Browser) -> Answer:
    return await browser.post("/login", data={"name": "wang", "password": PASSWORD, "to": "/incidents/2"})


async def give_code(browser: Browser, code: str) -> Answer:
    return await browser.post("/login/code", data={"code": code, "to": "/incidents/2"})


def secret_on(page: Answer) -> str:
    found = re.search(r'<code class="wide">([A-Z2-7 ]+)</code>', page.text)
    assert found is not None
    return found[1].replace(" ", "")


async def enrol(browser: Browser, desk: ServedDesk) -> Telephone:
    """Switch the second factor on for who is signed in here, and go a minute on."""
    secret = secret_on(await press(browser, "begin"))
    page = await press(browser, "confirm", pyotp.TOTP(secret).at(desk.clock.now()))
    assert page.status == 200
    desk.clock.advance(timedelta(minutes=1))
    return Telephone(desk, secret, tuple(re.findall(r"<li><code>([A-Z2-7-]{19})</code>", page.text)))


@asynccontextmanager
async def enrolled(desk: ServedDesk) -> AsyncIterator[tuple[Telephone, Browser]]:
    """Open a browser of somebody who has a second factor, and is signed out."""
    await add_login(desk)
    async with desk.browser() as browser:
        await give_password(browser)
        telephone = await enrol(browser, desk)
    async with desk.browser() as browser:
        yield telephone, browser


async def test_after_the_password_the_code_is_asked_for_and_opens(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        assert len(telephone.sheet) == 10
        asked = await give_password(browser)
        assert "/login/code" in asked.url
        assert "/login?to=" in (await browser.get("/")).url
        assert (await give_code(browser, telephone.code())).url.endswith("/incidents/2")


async def test_the_first_code_must_be_right_before_anything_is_asked_for(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as browser:
        await give_password(browser)
        await press(browser, "begin")
        wrong = await press(browser, "confirm", "000000")
        assert (wrong.status, "验证码不对" in wrong.text) == (422, True)
    async with served.browser() as browser:
        assert (await give_password(browser)).url.endswith("/incidents/2")


async def test_the_secret_is_shown_only_until_it_is_in_use(served: ServedDesk) -> None:
    await add_login(served)
    async with served.browser() as browser:
        await give_password(browser)
        assert (await browser.get(f"{PAGE}.svg")).status == 404
        secret = secret_on(await press(browser, "begin"))
        drawn = await browser.get(f"{PAGE}.svg")
        assert (drawn.status, drawn.headers["Content-Type"]) == (200, "image/svg+xml")
        assert secret_on(await press(browser, "begin")) != secret
        telephone = await enrol(browser, served)
        page = await browser.get(PAGE)
        assert telephone.secret not in page.text.replace(" ", "")
        assert telephone.sheet[0] not in page.text
        assert (await browser.get(f"{PAGE}.svg")).status == 404
        again = await press(browser, "begin")
        assert (again.status, "已经启用" in again.text) == (422, True)


async def test_a_code_opens_once(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        code = telephone.code()
        await give_password(browser)
        assert (await give_code(browser, code)).status == 200
        async with served.browser() as other:
            await give_password(other)
            again = await give_code(other, code)
            assert (again.status, "已经用过" in again.text) == (401, True)
            served.clock.advance(timedelta(seconds=30))
            assert (await give_code(other, telephone.code())).url.endswith("/incidents/2")


async def test_of_the_same_code_sent_twice_at_once_one_opens(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser), served.browser() as other:
        for each in (browser, other):
            await give_password(each)
        code = telephone.code()
        found = await asyncio.gather(*(give_code(each, code) for each in (browser, other)))
        assert sorted(answer.status for answer in found) == [200, 401]


async def test_guessing_codes_is_locked_and_the_password_does_not_unlock_it(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        await give_password(browser)
        wrong = [await give_code(browser, telephone.wrong()) for _ in range(6)]
        assert [answer.status for answer in wrong] == [401] * 5 + [429]
        await give_password(browser)
        locked = await give_code(browser, telephone.code())
        assert (locked.status, "尝试次数过多" in locked.text) == (429, True)
        served.clock.advance(timedelta(seconds=31))
        assert (await give_code(browser, telephone.code())).url.endswith("/incidents/2")


async def test_guesses_sent_at_once_stand_in_one_row(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        await give_password(browser)
        wrong = telephone.wrong()
        found = await asyncio.gather(*(give_code(browser, wrong) for _ in range(12)))
        assert sorted(answer.status for answer in found) == [401] * 5 + [429] * 7


async def test_the_code_must_come_within_five_minutes_of_the_password(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        await give_password(browser)
        served.clock.advance(timedelta(minutes=5))
        late = await give_code(browser, telephone.code())
        assert (late.status, "请重新登录" in late.text) == (401, True)


async def test_a_locked_out_login_is_not_let_in_by_its_code(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        await give_password(browser)
        await asyncio.to_thread(served.access.disable_account, "wang", disabled=True, by="root")
        assert (await give_code(browser, telephone.code())).status == 401


async def test_a_sign_in_that_was_begun_with_the_former_password_is_not_finished(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        await give_password(browser)
        await asyncio.to_thread(served.access.reset_password, "wang", "battery staple horse", by="root")
        assert (await give_code(browser, telephone.code())).status == 401


async def test_without_the_telephone_a_recovery_code_opens_once(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        await give_password(browser)
        await give_code(browser, telephone.sheet[0])
        assert "还剩 9 个" in (await browser.get(PAGE)).text
    async with served.browser() as browser:
        await give_password(browser)
        assert (await give_code(browser, telephone.sheet[0])).status == 401
        assert (await give_code(browser, telephone.sheet[1])).status == 200


async def test_new_recovery_codes_void_the_former_ones(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        await give_password(browser)
        await give_code(browser, telephone.code())
        assert (await press(browser, "renew", "000000")).status == 422
        page = await press(browser, "renew", telephone.sheet[0])
        fresh = re.findall(r"<li><code>([A-Z2-7-]{19})</code>", page.text)
        assert len(fresh) == 10
        assert (await press(browser, "renew", telephone.sheet[1])).status == 422
        assert (await press(browser, "end", fresh[0])).status == 200
        assert "开始启用" in (await browser.get(PAGE)).text


async def test_it_is_switched_off_only_by_a_code(served: ServedDesk) -> None:
    async with enrolled(served) as (telephone, browser):
        await give_password(browser)
        await give_code(browser, telephone.code())
        assert (await press(browser, "end", telephone.code())).status == 422  # the code of the sign-in, again
        served.clock.advance(timedelta(seconds=30))
        assert "开始启用" in (await press(browser, "end", telephone.code())).text
        assert (await give_password(browser)).url.endswith("/incidents/2")


async def test_an_administrator_resets_it_and_the_login_is_signed_out(
    served: ServedDesk, told: Store
) -> None:
    async with enrolled(served) as (telephone, browser), served.browser("admin") as admin:
        await give_password(browser)
        await give_code(browser, telephone.code())
        csrf = (await admin.get("/accounts")).text.split('name="csrf" value="')[1].split('"')[0]
        fields = {"csrf": csrf, "act": "reset_second_factor", "name": "wang"}
        assert (await admin.post("/accounts", data=fields)).status == 200
        again = await admin.post("/accounts", data=fields)
        assert (again.status, "没有启用" in again.text) == (422, True)
        assert "/login" in (await browser.get("/")).url
        assert (await give_password(browser)).url.endswith("/incidents/2")
    with told.reading() as transaction:
        found = [entry.change for entry in transaction.journal() if entry.change.incident is None]
    events = [(c.event, c.actor) for c in found if "second_factor" in c.event]
    assert events == [("second_factor_on", "duty"), ("second_factor_reset", "demo-admin")]
    secrets = (telephone.secret, *telephone.sheet)
    assert not [secret for secret in secrets if secret in str(found)]


def demanding() -> Office:
    """Return an office that demands a second factor of leaders and administrators."""
    return replace(an_office(), policy=Policy(second_factor_for=("leader", "admin")))


@pytest.fixture
async def strict(told: Store, clock: SimulatedClock) -> AsyncIterator[ServedDesk]:
    async with serve(told, clock, office=demanding) as desk:
        yield desk


@pytest.mark.parametrize(("role", "is_demanded"), [("admin", True), ("leader", True), ("duty", False)])
async def test_where_the_office_demands_it_nothing_else_opens_before(
    strict: ServedDesk, role: str, is_demanded: bool
) -> None:
    async with strict.browser(role) as browser:
        for path in ("/", "/incidents/1", "/account", "/settings"):
            assert (PAGE in (await browser.get(path)).url) is is_demanded, path
        assert (await browser.get("/api/v1/me")).status == (403 if is_demanded else 200)
        if is_demanded:
            assert "second_factor_needed" in (await browser.get("/api/v1/incidents")).text
            await enrol(browser, strict)
            assert (await browser.get("/")).url == f"{strict.address}/"
            assert (await browser.get("/api/v1/me")).status == 200


async def test_who_does_not_want_one_may_still_sign_out(strict: ServedDesk) -> None:
    async with strict.browser("leader") as browser:
        await browser.post("/logout", data={"csrf": await csrf_of(browser)})
        assert "/login?to=" in (await browser.get("/")).url
