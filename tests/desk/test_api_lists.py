"""Lists of the API: filters, pages that neither skip nor repeat, and what stands in them."""

import json
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest
import yaml

from monitor.desk.api.problems import book
from monitor.dossier.model import Changes
from monitor.ports import Question, Store
from tests.desk.conftest import Browser, ServedDesk, serve
from tests.desk.story import save, tell_many
from tests.desk.test_rules import Written
from tests.support.builders import an_incident, an_item
from tests.support.clock import SimulatedClock

EVERY_STATE = "status=open&status=closed"


async def _ids(program: Browser, query: str) -> list[int]:
    return [i["id"] for i in json.loads((await program.get(f"/api/v1/incidents?{query}")).text)]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("status=closed", [6]),
        (EVERY_STATE, [6, 5, 4, 3, 2, 1]),
        ("severity=2", [1]),
        ("severity=2&severity=3", [3, 1]),
        ("severity=none", [4, 2]),
        ("department=education", [5]),
        ("department=education&department=emergency_bureau", [5, 2]),
        ("type=complaint", [4, 2]),
        ("type=building_collapse", [5]),
        ("township=达丙镇", [2]),
        ("township=达丙", []),
        ("type=complaint&department=education", []),
        ("heat=red&heat=orange&heat=yellow&heat=blue", [5, 4, 3, 2, 1]),
        ("severity=2&heat=blue", []),
    ],
)
async def test_incidents_are_filtered_by_what_every_filter_names(
    served: ServedDesk, query: str, ids: list[int]
) -> None:
    async with served.program("duty", "read") as program:
        assert await _ids(program, query) == ids


@pytest.mark.parametrize("query", ["severity=5", "status=lost", "heat=hot", "cursor=0", "limit=0", "type="])
async def test_a_filter_that_means_nothing_is_refused(served: ServedDesk, query: str) -> None:
    async with served.program("duty", "read") as program:
        answer = await program.get(f"/api/v1/incidents?{query}")
    assert answer.status == 422
    assert json.loads(answer.text)["faults"][0]["at"].startswith("query.")


def _next(answer: Any) -> str | None:
    link = answer.headers.get("Link")
    return link.split(">")[0].lstrip("<") if link else None


async def _pages(program: Browser, path: str) -> list[list[Any]]:
    """Follow the links to the end; return every page."""
    pages: list[list[Any]] = []
    address: str | None = path
    while address is not None:
        answer = await program.get(address)
        pages.append(json.loads(answer.text))
        address = _next(answer)
    return pages


async def test_following_the_links_gives_everything_once_while_new_incidents_come_in(
    served: ServedDesk, told: Store
) -> None:
    tell_many(told, 20)
    async with served.program("duty", "read") as program:
        first = await program.get("/api/v1/incidents?limit=2&severity=3")
        address = _next(first)
        assert address is not None
        tell_more(told)
        rest = await _pages(program, address)
        whole = await _ids(program, "severity=3")
    ids = [i["id"] for page in [json.loads(first.text), *rest] for i in page]
    assert ids == [i for i in whole if i < 27]
    assert [len(page) for page in rest[:-1]] == [2] * (len(rest) - 1)


def tell_more(store: Store) -> None:
    """Add one more incident behind the twenty."""
    incident = an_incident(id=27, title="又一起", severity=3)
    save(store, [an_item(key="m27", title="又一起")], Changes(incident=incident, expected_version=None))


async def test_a_department_is_paged_through_its_own_alone(served: ServedDesk, told: Store) -> None:
    tell_many(told, 20)
    async with served.program("department", "read") as program:
        assert await _pages(program, "/api/v1/incidents?limit=1") == [
            json.loads((await program.get("/api/v1/incidents")).text)
        ]


@pytest.mark.parametrize(
    ("path", "number", "count"),
    [("incidents/1/items", "id", 2), ("incidents/1/journal", "seq", 3), ("journal", "seq", 3)],
)
async def test_longer_stories_come_in_pages_too(
    served: ServedDesk, path: str, number: str, count: int
) -> None:
    async with served.program("analyst", "read") as program:
        pages = await _pages(program, f"/api/v1/{path}?limit=1")
        whole = json.loads((await program.get(f"/api/v1/{path}")).text)
    found = [row[number] for page in pages for row in page]
    assert found == sorted(row[number] for row in whole)
    assert len(found) >= count
    assert all(len(page) == 1 for page in pages)


@pytest.mark.parametrize(
    "query",
    [
        "history?q=%00",
        "history?status=%00",
        "polls?source=%00",
        "history?since=%00",
        "incidents/2147483648",
        "history?cursor=2147483648",
        "incidents?cursor=2147483648",
    ],
)
async def test_what_no_database_keeps_is_refused_in_a_question(served: ServedDesk, query: str) -> None:
    async with served.program("analyst", "read") as program:
        assert (await program.get(f"/api/v1/{query}")).status == 422


async def test_what_no_database_keeps_is_refused_in_an_act(served: ServedDesk) -> None:
    async with served.program("duty", "act") as program:
        body = {"act": "dismiss", "reason": "误\0报"}
        assert (await program.post("/api/v1/incidents/1/acts", json=body)).status == 422


async def test_who_was_told_and_who_was_not_is_told_with_reasons(served: ServedDesk) -> None:
    async with served.program("duty", "read") as program:
        why = json.loads((await program.get("/api/v1/incidents/1/alerts")).text)
    assert {a["to"] for a in why["alerts"]} == {"duty", "office_head", "leader"}
    assert {d["outcome"] for a in why["alerts"] for d in a["deliveries"]} == {"ok"}
    assert {u["who"]: u["why"] for u in why["untold"]} == {
        "县应急管理局": "没有交办给该单位",
        "县教育体育局": "没有交办给该单位",
    }


async def test_the_rota_says_who_is_on_duty_with_substitutions(served: ServedDesk) -> None:
    away = {"person": "duty", "stand_in": "leader", "since": "2026-03-02T13:00", "until": "2026-03-02T18:00"}
    query = "since=2026-03-02T12:00&until=2026-03-03T00:00"
    async with served.program("head", "read", "act") as program:
        recorded = await program.post("/api/v1/rota/substitutions", json=away)
        rota = json.loads((await program.get(f"/api/v1/rota?{query}")).text)
        refused = await program.get("/api/v1/rota?since=2026-03-02&until=2026-09-02")
    assert recorded.status == 201
    first = rota["levels"][0]
    assert [[p["id"] for p in span["people"]] for span in first["spans"]] == [["duty"], ["leader"], ["duty"]]
    assert first["spans"][1]["since"] == "2026-03-02T05:00:00Z"
    assert refused.status == 422


async def test_the_service_says_how_it_fares(served: ServedDesk) -> None:
    async with served.program("admin", "read", "act") as program:
        well = json.loads((await program.get("/api/v1/health")).text)
        served.clock.advance(timedelta(minutes=5))
        ill = json.loads((await program.get("/api/v1/health")).text)
        polls = json.loads((await program.get("/api/v1/polls?source=county-paper")).text)
        none = json.loads((await program.get("/api/v1/polls?source=nowhere")).text)
        channels = json.loads((await program.get("/api/v1/channels")).text)
        me = json.loads((await program.get("/api/v1/me")).text)
    assert (well["status"], ill["status"], ill["troubles"][0]["kind"]) == ("ok", "degraded", "engine")
    assert [(p["raw"], p["created"]) for p in polls] == [(3, 1)]
    assert none == []
    assert [c["name"] for c in channels] == ["duty-wecom", "group-wecom"]
    assert (me["login"], me["role"], me["scopes"]) == ("demo-admin", "admin", ["act", "read"])


@pytest.mark.parametrize("name", ["refusal", "access"])
def test_every_refusal_has_words_in_both_languages(name: str) -> None:
    chinese = yaml.safe_load((files("monitor.desk") / "words.yaml").read_text(encoding="utf-8"))[name]
    assert set(book()[name]) == set(chinese)


async def test_a_text_is_judged_with_reasons_and_nothing_is_kept(store: Store, clock: SimulatedClock) -> None:
    body = {"title": "昌宁县柯街镇一货车栽沟", "text": "事故造成3人死亡，救援正在进行。"}
    async with serve(store, clock, wording=Written()) as ruled, ruled.program("analyst", "read") as program:
        answer = await program.post("/api/v1/verdicts", json=body)
        empty = await program.post("/api/v1/verdicts", json={"title": "  "})
    found = json.loads(answer.text)
    assert (found["verdict"]["figures"]["deaths"], found["words_version"]) == (3, "0123456789ab")
    assert found["reasons"]
    assert empty.status == 422
    with store.reading() as transaction:
        assert transaction.search(Question()).hits == ()
