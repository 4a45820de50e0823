"""What stands before the whole desk: posts of other sites, cookies, proxies, bodies without end."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from monitor.office.model import Office
from monitor.ports import Store
from tests.desk.conftest import ServedDesk, serve
from tests.desk.story import an_office
from tests.desk.test_api_access import API, DOORS, PAGES
from tests.support.clock import SimulatedClock

PUBLIC = "desk.example"


def public_office() -> Office:
    return replace(an_office(), public_url=f"https://{PUBLIC}")


@pytest.fixture
async def public(store: Store, clock: SimulatedClock) -> AsyncIterator[ServedDesk]:
    """Return a desk that people reach through a proxy with TLS, which says for whom it asks."""
    async with serve(store, clock, office=public_office, proxies="127.0.0.1") as desk:
        yield desk


FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": f"https://{PUBLIC}"},
    {"Origin": "http://evil.invalid"},
    {"Origin": f"https://{PUBLIC}.evil.invalid"},
    {"Origin": "null"},
    {"Origin": ""},
]
OURS: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": f"https://{PUBLIC}"},
    {"Origin": "http://10.0.0.8:8850", "Host": "10.0.0.8:8850"},
]


async def test_no_address_takes_what_a_page_of_another_site_sends(public: ServedDesk) -> None:
    changing = {n: d for n, d in (API | PAGES | DOORS).items() if not n.startswith("GET")}
    async with public.browser() as browser:
        for number, (name, door) in enumerate(changing.items()):
            method, _, path = name.partition(" ")
            headers = FOREIGN[number % len(FOREIGN)]
            async with browser.session.request(method, door.path or path, headers=headers) as answer:
                assert (answer.status, await answer.text()) == (403, "cross-site post refused"), name


async def test_a_post_of_our_own_pages_and_of_programs_is_let_through(public: ServedDesk) -> None:
    async with public.browser() as browser:
        for expected, headers in [(403, h) for h in FOREIGN] + [(401, h) for h in OURS]:
            assert (await browser.post("/login/code", headers=headers)).status == expected, headers


async def test_behind_tls_a_cookie_never_goes_over_plain_http(public: ServedDesk) -> None:
    said: list[tuple[dict[str, str], bool]] = [
        ({}, False),
        ({"Host": PUBLIC}, True),
        ({"Host": f"{PUBLIC}.evil.invalid"}, False),
        ({"X-Forwarded-Proto": "https"}, True),
        ({"X-Forwarded-Proto": "http"}, False),
    ]
    async with public.browser() as browser:
        for headers, is_secure in said:
            token = await asyncio.to_thread(public.access.open_demo, "duty", "duty")
            answer = await browser.post(f"/enter/{token}", headers=headers, allow_redirects=False)
            assert answer.headers["Set-Cookie"].endswith("; Secure") is is_secure, headers


async def test_a_known_proxy_is_believed_whom_it_speaks_for(public: ServedDesk) -> None:
    said = {
        "203.0.113.7": "203.0.113.7",
        "198.51.100.1, 203.0.113.8": "203.0.113.8",
        "203.0.113.9, 127.0.0.1": "203.0.113.9",
        "": "127.0.0.1",
    }
    async with public.browser() as browser:
        for forwarded in said:
            token = await asyncio.to_thread(public.access.open_demo, "duty", "duty")
            await browser.post(f"/enter/{token}", headers={"X-Forwarded-For": forwarded})
    found = await asyncio.to_thread(public.access.sessions)
    assert {session.address for session in found} == set(said.values())


async def test_nobody_else_is_and_so_guesses_cannot_be_spread(quiet: ServedDesk) -> None:
    found: list[int] = []
    async with quiet.browser() as browser:
        for number in range(21):
            fields = {"name": f"guess{number}", "password": "wrong"}
            headers = {"X-Forwarded-For": f"203.0.113.{number}"}
            found.append((await browser.post("/login", data=fields, headers=headers)).status)
    assert found == [401] * 20 + [429]


async def test_a_body_without_end_is_not_read(quiet: ServedDesk) -> None:
    async def body(megabytes: int) -> AsyncIterator[bytes]:
        for _ in range(megabytes):
            yield b"x" * 2**20

    async with quiet.browser() as stranger:
        for path, megabytes, status in (
            ("/api/v1/rota/substitutions", 3, 413),
            ("/api/v1/rota/substitutions", 1, 422),
            ("/api/v1/items", 33, 401),
            ("/api/inbox/hotline", 9, 413),
        ):
            kind = {"Content-Type": "application/json"}
            answer = await stranger.post(path, data=body(megabytes), headers=kind)
            assert answer.status == status, (path, megabytes)
