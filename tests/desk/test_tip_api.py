"""Reports taken by hand, sent by programs."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from monitor.desk.api import tip_api
from monitor.items.tips import TipChannel
from monitor.ports import Store
from tests.desk.conftest import Browser, ServedDesk
from tests.desk.test_intake import CONTACT, FIRE, PNG, changes, taking

__all__ = ["taking"]
BODY: dict[str, Any] = {**FIRE, "key": "call 2026-03-02/17", "contact": CONTACT}


async def post(program: Browser, path: str = "/api/v1/items", **fields: Any) -> tuple[int, dict[str, Any]]:
    answer = await program.post(path, json={**BODY, **fields})
    return answer.status, json.loads(answer.text)


async def test_a_report_runs_the_journey_and_sent_again_is_answered_alike(
    taking: ServedDesk, store: Store
) -> None:
    async with taking.program("duty", "act") as program:
        status, first = await post(program, attachments=[b64encode(PNG).decode()])
        again = await post(program, attachments=[b64encode(PNG).decode()])
        other = await post(program, title="另一件事", attachments=[])
    assert (status, first["item"], first["incident"], first["opened"]) == (201, 1, 1, True)
    assert (first["matter"], first["local"]) == (True, True)
    assert any("火灾" in reason for reason in first["reasons"])
    assert again == (200, {**first, "created": False})
    assert (other[0], other[1]["code"]) == (403, "key_used")
    [registered] = changes(store, "tip_registered")
    assert (registered.actor, registered.via) == ("duty", "api")
    assert CONTACT not in json.dumps(first, ensure_ascii=False)


async def test_a_dry_run_only_judges(taking: ServedDesk, store: Store) -> None:
    async with taking.program("head", "act") as program:
        status, answer = await post(program, "/api/v1/items?dry_run=true")
    assert (status, answer["item"], answer["created"], answer["matter"]) == (200, None, False, True)
    assert changes(store, "item") == []


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [
        ("duty", "act", 201),
        ("admin", "act", 201),
        ("duty", "read", 403),
        ("leader", "act", 403),
        ("analyst", "act", 403),
        ("department", "act", 403),
    ],
)
async def test_who_may_send(taking: ServedDesk, role: str, scope: str, status: int) -> None:
    async with taking.program(role, scope) as program:
        assert (await post(program))[0] == status


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"title": "", "text": ""}, 422, "invalid"),
        ({"title": "", "text": "https://example.invalid/a"}, 422, "invalid"),
        ({"key": ""}, 422, "invalid"),
        ({"surprise": 1}, 422, "invalid"),
        ({"called_at": "gestern"}, 422, "invalid"),
        ({"called_at": "2026-03-02T13:00:00+08:00"}, 403, "in_the_future"),
        ({"attachments": ["not base 64!"]}, 422, "invalid"),
        ({"attachments": [b64encode(b"<svg/>").decode()]}, 422, "invalid"),
        ({"attachments": [b64encode(PNG).decode()] * 6}, 422, "invalid"),
        ({"title": "<b></b>", "text": "", "place": ""}, 403, "nothing_said"),
    ],
)
async def test_what_is_faulty_is_a_problem_and_keeps_nothing(
    taking: ServedDesk, store: Store, fields: dict[str, Any], status: int, code: str
) -> None:
    async with taking.program("duty", "act") as program:
        said, answer = await post(program, **fields)
    assert (said, answer["code"]) == (status, code)
    assert CONTACT not in json.dumps(answer, ensure_ascii=False)
    assert changes(store, "item") == []


async def test_a_body_too_long_is_refused_before_it_is_read(
    taking: ServedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tip_api, "LARGEST_BODY", 10_000)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"0" * 1000

    async with taking.program("duty", "act") as program:
        assert (await program.post("/api/v1/items", data=endless())).status == 413


async def test_the_description_says_what_may_be_sent(taking: ServedDesk) -> None:
    async with taking.program("duty", "read") as program:
        described = json.loads((await program.get("/api/openapi.json")).text)["paths"]["/api/v1/items"][
            "post"
        ]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    assert {"key", "channel", "title", "text", "place", "url", "called_at", "contact", "attachments"} == set(
        schema["properties"]
    )
    assert schema["properties"]["channel"]["enum"] == list(TipChannel)
    assert "$defs" not in schema
    assert {"201", "422"} <= set(described["responses"])
