"""Who may ask for what: every address of the desk and its API, for every role, for strangers and tokens."""

import importlib
import pkgutil
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

import monitor.desk
from monitor.desk.access import SCOPES
from monitor.desk.roles import ROLES
from tests.desk.conftest import Browser, ServedDesk

EVERYBODY = frozenset(ROLES)
ANY_OFFICER = EVERYBODY - {"department"}
OFFICERS = frozenset({"duty", "head", "leader"})
ADMIN = frozenset({"admin"})
WORDSMITHS = frozenset({"analyst", "admin"})
ROSTER = frozenset({"duty", "head", "admin"})
TRIERS = frozenset({"duty", "admin"})
REHEARSERS = frozenset({"head", "admin"})
READERS = frozenset({"leader", "head", "analyst", "admin"})
OPEN = frozenset[str]()
"""Whoever asks gets the same: these addresses ask for a password, a one-time link or a signature."""

DRAFT = {"kind": "response", "title": "情况说明", "text": "经核实，供水已恢复。"}
AWAY = {"person": "duty", "since": "2026-03-02T13:00", "until": "2026-03-02T18:00"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One address: who may pass, an example of it, what is sent, and the scope that a token needs."""

    who: frozenset[str]
    path: str = ""
    sends: dict[str, Any] = field(default_factory=dict)
    scope: str = ""


def read(who: frozenset[str], path: str = "", scope: str = "read") -> Door:
    return Door(who=who, path=path, scope=scope)


API = {
    "GET /api/v1/me": read(EVERYBODY, scope=""),
    "GET /api/v1/incidents": read(EVERYBODY),
    "GET /api/v1/incidents/{incident_id}": read(EVERYBODY, "/api/v1/incidents/2"),
    "GET /api/v1/incidents/{incident_id}/items": read(EVERYBODY, "/api/v1/incidents/2/items"),
    "GET /api/v1/incidents/{incident_id}/alerts": read(EVERYBODY, "/api/v1/incidents/2/alerts"),
    "GET /api/v1/incidents/{incident_id}/journal": read(EVERYBODY, "/api/v1/incidents/2/journal"),
    "GET /api/v1/incidents/{incident_id}/reach": read(EVERYBODY, "/api/v1/incidents/2/reach"),
    "POST /api/v1/incidents/{incident_id}/acts": Door(
        who=OFFICERS | {"department"},
        path="/api/v1/incidents/2/acts",
        sends={"act": "respond", "kind": "response", "title": "情况通报"},
        scope="act",
    ),
    "GET /api/v1/incidents/{incident_id}/drafts": read(EVERYBODY, "/api/v1/incidents/2/drafts"),
    "GET /api/v1/incidents/{incident_id}/drafts/proposal": read(
        EVERYBODY, "/api/v1/incidents/2/drafts/proposal"
    ),
    "GET /api/v1/incidents/{incident_id}/drafts/{number}": read(EVERYBODY, "/api/v1/incidents/2/drafts/1"),
    "POST /api/v1/incidents/{incident_id}/drafts": Door(
        who=OFFICERS | {"department"}, path="/api/v1/incidents/2/drafts", sends=DRAFT, scope="act"
    ),
    "POST /api/v1/incidents/{incident_id}/drafts/{number}/versions": Door(
        who=OFFICERS | {"department"},
        path="/api/v1/incidents/2/drafts/1/versions",
        sends={**DRAFT, "base": 1},
        scope="act",
    ),
    "POST /api/v1/incidents/{incident_id}/drafts/{number}/signatures": Door(
        who=OFFICERS | {"department"},
        path="/api/v1/incidents/2/drafts/9/signatures",
        sends={"version": 1, "step": "first_review", "opinion": "agree"},
        scope="act",
    ),
    "POST /api/v1/incidents/{incident_id}/drafts/{number}/publication": Door(
        who=OFFICERS | {"department"},
        path="/api/v1/incidents/2/drafts/9/publication",
        sends={"publication_id": "2-p1"},
        scope="act",
    ),
    "GET /api/v1/incidents/{incident_id}/orders": read(EVERYBODY, "/api/v1/incidents/2/orders"),
    "POST /api/v1/items": Door(who=ROSTER, sends={"title": "来电反映路面塌陷", "key": "k"}, scope="act"),
    "GET /api/v1/history": read(ANY_OFFICER),
    "GET /api/v1/history/incidents": read(ANY_OFFICER),
    "GET /api/v1/history/facets": read(ANY_OFFICER),
    "GET /api/v1/history/export": read(ANY_OFFICER),
    "GET /api/v1/history/saved": read(ANY_OFFICER),
    "POST /api/v1/history/saved": Door(who=ANY_OFFICER, sends={"name": "停水", "q": "停水"}, scope="read"),
    "DELETE /api/v1/history/saved/{number}": Door(
        who=ANY_OFFICER, path="/api/v1/history/saved/99", scope="read"
    ),
    "GET /api/v1/journal": read(ANY_OFFICER),
    "GET /api/v1/analyses": read(ANY_OFFICER),
    "GET /api/v1/analyses/{code}": read(ANY_OFFICER, "/api/v1/analyses/trend"),
    "GET /api/v1/analyses/reach": read(ANY_OFFICER, "/api/v1/analyses/reach?incident=2"),
    "GET /api/v1/assessments/{of_year}": read(ANY_OFFICER, "/api/v1/assessments/2026"),
    "GET /api/v1/sources": read(ANY_OFFICER),
    "GET /api/v1/polls": read(ANY_OFFICER),
    "GET /api/v1/health": read(ANY_OFFICER),
    "GET /api/v1/channels": read(ADMIN),
    "POST /api/v1/verdicts": Door(who=WORDSMITHS, sends={"title": "某村民房起火"}, scope="read"),
    "POST /api/v1/channels/{name}/tests": Door(
        who=ADMIN, path="/api/v1/channels/duty-wecom/tests", scope="act"
    ),
    "GET /api/v1/rota": read(ANY_OFFICER),
    "GET /api/v1/rota/substitutions": read(ANY_OFFICER),
    "POST /api/v1/rota/substitutions": Door(who=ROSTER, sends=AWAY, scope="act"),
    "DELETE /api/v1/rota/substitutions/{number}": Door(
        who=ROSTER, path="/api/v1/rota/substitutions/99", scope="act"
    ),
    "GET /api/openapi.json": read(EVERYBODY, scope=""),
    "GET /metrics": read(EVERYBODY, scope="metrics"),
    "GET /feeds/deadlines.ics": read(EVERYBODY, scope="feeds"),
    "GET /feeds/incidents.atom": read(EVERYBODY, scope="feeds"),
}

PAGES = {
    "GET /": read(EVERYBODY),
    "GET /board": read(EVERYBODY),
    "GET /events": read(EVERYBODY),
    "GET /incidents/{incident_id}": read(EVERYBODY, "/incidents/2"),
    "POST /incidents/{incident_id}/acts": Door(
        who=OFFICERS | {"department"},
        path="/incidents/2/acts",
        sends={"act": "respond", "kind": "response", "title": "情况通报"},
    ),
    "GET /incidents/{incident_id}/draft": read(EVERYBODY, "/incidents/2/draft"),
    "POST /incidents/{incident_id}/draft": Door(
        who=OFFICERS | {"department"}, path="/incidents/2/draft", sends={"act": "write", **DRAFT}
    ),
    "GET /incidents/{incident_id}/draft/{number}/{form}": read(EVERYBODY, "/incidents/2/draft/1/page"),
    "GET /sources": read(ANY_OFFICER),
    "GET /history": read(ANY_OFFICER),
    "GET /history/export/{form}": read(ANY_OFFICER, "/history/export/csv"),
    "GET /history/exports/{name}": read(ANY_OFFICER, "/history/exports/a"),
    "POST /history/saved": Door(who=ANY_OFFICER, sends={"name": "停水", "asked": '{"q": "停水"}'}),
    "POST /history/saved/{number}": Door(who=ANY_OFFICER, path="/history/saved/99", sends={"act": "drop"}),
    "GET /analysis": read(ANY_OFFICER),
    "GET /analysis/{code}/{form}": read(ANY_OFFICER, "/analysis/trend/csv"),
    "GET /analysis/assessment": read(ANY_OFFICER, "/analysis/assessment?year=2026"),
    "GET /intake": read(ROSTER),
    "POST /intake": Door(who=ROSTER, sends={"act": "judge", "title": "来电反映路面塌陷"}),
    "GET /intake/{item_id}": read(EVERYBODY, "/intake/99"),
    "POST /intake/{item_id}": Door(who=frozenset({"duty", "head"}), path="/intake/99"),
    "GET /intake/{item_id}/files/{number}": read(EVERYBODY, "/intake/99/files/1"),
    "GET /orders": read(EVERYBODY),
    "GET /alarm": read(EVERYBODY),
    "GET /incidents/{incident_id}/orders/{order_id}": read(EVERYBODY, "/incidents/2/orders/2-o1"),
    "GET /incidents/{incident_id}/orders/{order_id}/{form}": read(EVERYBODY, "/incidents/2/orders/2-o1/page"),
    "GET /rota": read(ANY_OFFICER),
    "POST /rota": Door(who=ROSTER, sends=AWAY),
    "POST /rota/import": Door(who=ROSTER),
    "GET /rules": read(WORDSMITHS),
    "POST /rules": Door(who=WORDSMITHS),
    "GET /rehearsals": read(EVERYBODY),
    "GET /rehearsals/{name}": read(EVERYBODY, "/rehearsals/none"),
    "POST /rehearsals": Door(who=REHEARSERS),
    "GET /digests": read(READERS),
    "GET /digests/{on}/{form}": read(READERS, "/digests/2026-03-01/page"),
    "GET /digests/{term}/{on}/{form}": read(READERS, "/digests/weekly/2026-03-01/page"),
    "GET /papers/{paper_id}": read(READERS, "/papers/99"),
    "GET /papers/{paper_id}/{form}": read(READERS, "/papers/99/page"),
    "GET /papers/{paper_id}/figures/{number}": read(READERS, "/papers/99/figures/1"),
    "POST /papers": Door(who=READERS, sends={"kind": "daily", "on": "2026-03-01"}),
    "POST /papers/{paper_id}": Door(who=frozenset({"head", "leader"}), path="/papers/99"),
    "GET /incidents/{incident_id}/papers/{kind}/{form}": read(READERS, "/incidents/2/papers/flash/page"),
    "GET /channels": read(ADMIN),
    "POST /channels": Door(who=ADMIN),
    "GET /settings": read(EVERYBODY),
    "GET /settings/people": read(ANY_OFFICER),
    "GET /settings/health": read(ANY_OFFICER),
    "GET /sources/{source_id}": read(ANY_OFFICER, "/sources/hotline"),
    "POST /sources/{source_id}/trial": Door(who=TRIERS, path="/sources/hotline/trial"),
    "GET /journal": read(ANY_OFFICER),
    "POST /journal": Door(who=ANY_OFFICER),
    "GET /account": read(EVERYBODY),
    "POST /account/sessions": Door(who=EVERYBODY),
    "POST /account/tokens": Door(who=EVERYBODY),
    "GET /account/second-factor": read(EVERYBODY),
    "GET /account/second-factor.svg": read(EVERYBODY),
    "POST /account/second-factor": Door(who=EVERYBODY),
    "GET /accounts": read(ADMIN),
    "POST /accounts": Door(who=ADMIN),
    "GET /password": read(EVERYBODY),
    "POST /password": Door(who=EVERYBODY),
    "GET /subscribe": read(EVERYBODY),
    "POST /subscribe": Door(who=EVERYBODY),
    "POST /logout": Door(who=EVERYBODY),
}

DOORS = {
    "GET /login": read(OPEN),
    "POST /login": Door(who=OPEN, sends={"name": "nobody", "password": "wrong"}),
    "GET /login/code": read(OPEN),
    "POST /login/code": Door(who=OPEN, sends={"code": "000000"}),
    "GET /setup/{token}": read(OPEN, "/setup/t"),
    "POST /setup/{token}": Door(who=OPEN, path="/setup/t"),
    "GET /enter/{token}": read(OPEN, "/enter/t"),
    "POST /enter/{token}": Door(who=OPEN, path="/enter/t"),
    "GET /messages/{incident_id}/{message_no}/{signature}": read(OPEN, "/messages/1/1/s"),
    "POST /messages/{incident_id}/{message_no}/{signature}": Door(who=OPEN, path="/messages/1/1/s"),
    "GET /orders/{order_id}/{message_no}/{signature}": read(OPEN, "/orders/2-o1/1/s"),
    "POST /orders/{order_id}/{message_no}/{signature}": Door(who=OPEN, path="/orders/2-o1/1/s"),
    "POST /api/inbox/{source}": Door(who=OPEN, path="/api/inbox/hotline"),
    "GET /health": read(OPEN),
}


def _routes() -> set[str]:
    """Return every route of every router in the package, whether or not somebody thought of this table."""
    found: set[str] = set()
    for module in pkgutil.walk_packages(monitor.desk.__path__, "monitor.desk."):
        for router in vars(importlib.import_module(module.name)).values():
            routes = router.routes if isinstance(router, APIRouter) else ()
            found |= {f"{m} {r.path}" for r in routes if isinstance(r, APIRoute) for m in r.methods or ()}
    return found


def test_every_route_is_in_the_table() -> None:
    assert _routes() == set(API) | set(PAGES) | set(DOORS)


async def _ask(browser: Browser, name: str, door: Door, csrf: str = "") -> int:
    """Return the status of an answer; a way to the sign-in page counts as 401. Only the head is read."""
    method, _, path = name.partition(" ")
    sends: dict[str, Any] = {}
    if method == "POST":
        is_form = name in PAGES or name in DOORS
        sends = {"data": {"csrf": csrf, **door.sends}} if is_form else {"json": door.sends}
    async with browser.session.request(method, door.path or path, allow_redirects=False, **sends) as answer:
        to_sign_in = answer.headers.get("Location", "").startswith("/login?to=")
        return 401 if to_sign_in else answer.status


def _outcome(status: int) -> str:
    return {401: "who?", 403: "no"}.get(status, "yes" if status < 500 else "broken")


async def _csrf(browser: Browser) -> str:
    return (await browser.get("/password")).text.split('name="csrf" value="')[1].split('"')[0]


@pytest.mark.parametrize("role", ROLES)
async def test_a_token_opens_what_its_role_may(served: ServedDesk, role: str) -> None:
    async with served.program(role, *SCOPES) as program:
        found = {name: _outcome(await _ask(program, name, door)) for name, door in API.items()}
    assert found == {name: "yes" if role in door.who else "no" for name, door in API.items()}


@pytest.mark.parametrize("role", ROLES)
async def test_a_session_opens_the_pages_its_role_may(served: ServedDesk, role: str) -> None:
    async with served.browser(role) as browser:
        csrf = await _csrf(browser)
        found = {name: _outcome(await _ask(browser, name, door, csrf)) for name, door in PAGES.items()}
    assert found == {name: "yes" if role in door.who else "no" for name, door in PAGES.items()}


async def test_a_stranger_is_asked_who_they_are_everywhere(served: ServedDesk) -> None:
    async with served.browser() as stranger:
        found = {n: _outcome(await _ask(stranger, n, door)) for n, door in (API | PAGES).items()}
    assert found == dict.fromkeys(API | PAGES, "who?")


@pytest.mark.parametrize("role", ROLES)
async def test_the_doors_make_no_difference_between_people(served: ServedDesk, role: str) -> None:
    async with served.browser() as stranger, served.browser(role) as somebody:
        for name, door in DOORS.items():
            assert await _ask(stranger, name, door) == await _ask(somebody, name, door), name


@pytest.mark.parametrize("scope", sorted(SCOPES))
async def test_a_token_opens_nothing_beyond_its_scope(served: ServedDesk, scope: str) -> None:
    async with served.program("admin", scope) as program:
        found = {name: _outcome(await _ask(program, name, door)) for name, door in API.items()}
    assert found == {
        name: "yes" if "admin" in door.who and door.scope in ("", scope) else "no"
        for name, door in API.items()
    }


async def test_a_form_that_no_page_of_ours_made_changes_nothing(served: ServedDesk) -> None:
    forms = {name: door for name, door in PAGES.items() if name.startswith("POST")}
    found: dict[str, int] = {}
    for role in ROLES:
        async with served.browser(role) as browser:
            asked = {name: door for name, door in forms.items() if role in door.who and name not in found}
            found |= {name: await _ask(browser, name, door, csrf="forged") for name, door in asked.items()}
    assert found == dict.fromkeys(forms, 403)


OTHERS = ("客车坠崖", "12人遇难", "食堂多名学生", "楼上噪音", "小学围墙", "路灯损坏")
"""Words of the incidents of the story that are not the department's."""


async def test_a_department_reads_nothing_of_other_incidents(served: ServedDesk) -> None:
    reads = {n: d for n, d in (API | PAGES).items() if n.startswith("GET") and n != "GET /events"}
    async with (
        served.program("department", *SCOPES) as program,
        served.browser("department") as browser,
    ):
        for name, door in reads.items():
            asker = program if name in API else browser
            own = await asker.get(door.path or name.removeprefix("GET "))
            assert [words for words in OTHERS if words in own.text] == [], name
            if "{incident_id}" in name:
                other = await asker.get(door.path.replace("/2", "/1"))
                expected = (200, 404) if "department" in door.who else (403, 403)
                # A draft of the department's own may not be begun yet.
                found = (200 if "{number}" in name and own.status == 404 else own.status, other.status)
                assert found == expected, name
