import io
import json
from datetime import timedelta

import pytest

from monitor.collectors.readers.signature import sign
from monitor.errors import ConflictError
from monitor.ports import Store
from tests.desk.conftest import ServedDesk
from tests.desk.story import INBOX_SECRET, NOW
from tests.support.builders import after

PROTECTED = (
    "/api/v1/incidents",
    "/api/v1/incidents/1",
    "/api/v1/history",
    "/api/v1/sources",
    "/api/openapi.json",
    "/metrics",
)
SECOND = {"publication_id": "5/publication/2"}


@pytest.mark.parametrize("path", PROTECTED)
async def test_nothing_is_told_without_a_session_or_token(served: ServedDesk, path: str) -> None:
    async with served.browser() as browser:
        answer = await browser.get(path)
    assert answer.status == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.text)["detail"] == "请先登录，或提供有效的访问令牌"


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [(("read",), [200, 403, 403]), (("act",), [403, 200, 403]), (("metrics",), [403, 403, 200])],
)
async def test_a_token_opens_what_its_scope_says(
    served: ServedDesk, scopes: tuple[str, ...], statuses: list[int]
) -> None:
    async with served.program("duty", *scopes) as program:
        answers = [
            await program.get("/api/v1/incidents"),
            await program.post("/api/v1/incidents/1/acts", json={"act": "confirm", "expected_version": 1}),
            await program.get("/metrics"),
        ]
    assert [a.status for a in answers] == statuses


async def test_incidents_are_told_in_codes_and_instants(served: ServedDesk) -> None:
    async with served.program("analyst", "read") as program:
        listed = json.loads((await program.get("/api/v1/incidents")).text)
        whole = json.loads((await program.get("/api/v1/incidents/1")).text)
    assert [i["id"] for i in listed] == [5, 4, 3, 2, 1]
    assert (whole["severity"], whole["standard"]) == (2, "WSA2007: deaths >= 10 (S01)")
    assert {o["kind"]: o["due_at"] for o in whole["obligations"]}["first_release"] == "2026-03-02T05:00:00Z"
    assert {"field": "deaths", "text": "12人遇难"}.items() <= whole["items"][0]["evidence"][0].items()
    assert {a["state"] for a in whole["alerts"]} == {"sent"}


async def test_acts_go_through_with_who_and_how(served: ServedDesk) -> None:
    async with served.program("duty", "act") as program:
        body = {"act": "set_severity", "severity": None, "reason": "误读", "expected_version": 1}
        answer = await program.post("/api/v1/incidents/1/acts", json=body)
    assert json.loads(answer.text) == {"answer": "已调整级别"}
    assert served.acts.asked == [("do", 1, {"by": "duty", "via": "api", "expected_version": 1})]


@pytest.mark.parametrize(
    ("incident", "body", "event", "facts"),
    [
        (1, {"act": "confirm"}, "incident_confirmed", {"severity": 2}),
        (1, {"act": "set_severity", "severity": 3, "reason": "核实"}, "severity_changed", {"to": 3}),
        (1, {"act": "assign", "department": "education"}, "assigned", {"to": "education"}),
        (1, {"act": "dismiss", "reason": "误报"}, "incident_dismissed", {}),
        (1, {"act": "close", "reason": "已办"}, "incident_closed", {}),
        (6, {"act": "reopen", "reason": "又有反映"}, "incident_reopened", {}),
        (3, {"act": "place", "local": False}, "incident_placed", {"local": False}),
        (4, {"act": "must_answer", "reason": "影响较大"}, "must_answer", {}),
        (
            1,
            {"act": "waive", "obligation_id": "1:press_conference:1", "reason": "批准"},
            "obligation_waived",
            {"obligation": "press_conference"},
        ),
        (5, {"act": "accept_answer"} | SECOND, "evidence_accepted", {}),
        (5, {"act": "decline_answer", "reason": "另一件事"} | SECOND, "evidence_declined", {}),
        (
            5,
            {"act": "withdraw_answer", "publication_id": "5/publication/1", "reason": "登记有误"},
            "evidence_withdrawn",
            {"publication": "5/publication/1"},
        ),
        (
            1,
            {"act": "correct_start", "start_basis": "occurred", "at": "2026-03-02T07:10", "reason": "核实"},
            "start_corrected",
            {"to_at": "2026-03-01T23:10:00+00:00", "precision": "minute"},
        ),
        (
            5,
            {"act": "correct_publication", "effective_at": "2026-03-02T11:00", "reason": "有误"} | SECOND,
            "publication_corrected",
            {"to_at": "2026-03-02T03:00:00+00:00"},
        ),
        (1, {"act": "merge", "into": 2}, "incident_merged", {"into": 2}),
        (1, {"act": "split", "item_ids": [1]}, "incident_split", {"items": [1]}),
    ],
)
async def test_every_act_is_open_to_programs_and_done(
    served: ServedDesk,
    told: Store,
    incident: int,
    body: dict[str, object],
    event: str,
    facts: dict[str, object],
) -> None:
    async with served.program("leader", "act") as program:
        path = f"/api/v1/incidents/{incident}/acts"
        answer = await program.post(path, json=body | {"expected_version": 1})
        stale = await program.post(path, json=body | {"expected_version": 1})
    assert (answer.status, stale.status) == (200, 409)
    with told.reading() as transaction:
        assert transaction.dossier(incident).incident.version == 2
        done = [e.change for e in transaction.journal(incident_id=incident) if e.change.actor == "leader"]
    assert {change.via for change in done} == {"api"}
    [change] = [change for change in done if change.event == event]
    assert facts.items() <= change.facts.items()
    assert change.words == body.get("reason")


@pytest.mark.parametrize(
    ("incident", "body", "status", "code"),
    [
        (99, {"act": "confirm"}, 404, "not_found"),
        (1, {"act": "confirm", "expected_version": 7}, 409, "conflict"),
        (1, {"act": "reopen", "reason": "又有反映"}, 403, "is_open"),
        (1, {"act": "assign", "department": "nowhere"}, 403, "unknown_department"),
        (1, {"act": "merge", "into": 1}, 403, "same_incident"),
        (1, {"act": "split", "item_ids": [1, 2]}, 403, "nothing_would_stay"),
        (5, {"act": "accept_answer", "publication_id": "5/publication/1"}, 403, "is_accepted"),
        (
            5,
            {"act": "withdraw_answer", "publication_id": "5/publication/2", "reason": "有误"},
            403,
            "is_offered",
        ),
        (
            5,
            {"act": "accept_promise", "publication_id": "5/publication/1", "number": 1},
            403,
            "no_such_promise",
        ),
        (
            5,
            {"act": "keep_promise", "obligation_id": "5:x:1", "publication_id": "5/publication/1"},
            403,
            "no_such_obligation",
        ),
        (6, {"act": "dismiss", "reason": "误报"}, 403, "is_closed"),
        (
            1,
            {"act": "correct_start", "start_basis": "occurred", "at": "2026-03-02T20:00", "reason": "核实"},
            403,
            "in_the_future",
        ),
    ],
)
async def test_the_rules_refuse_with_words_and_the_refusal_is_on_record(
    served: ServedDesk, told: Store, incident: int, body: dict[str, object], status: int, code: str
) -> None:
    async with served.program("leader", "act") as program:
        answer = await program.post(f"/api/v1/incidents/{incident}/acts", json=body)
    problem = json.loads(answer.text)
    assert (answer.status, problem["code"]) == (status, code)
    assert not problem["detail"].isascii()
    with told.reading() as transaction:
        refused = [e.change for e in transaction.journal(incident_id=incident) if e.change.event == "refused"]
    assert [c.facts["reason"] for c in refused] == ([code] if status == 403 else [])


async def test_a_publication_is_recorded_in_local_time_whatever_changed_meanwhile(
    served: ServedDesk, told: Store
) -> None:
    body = {"act": "respond", "kind": "response", "title": "情况通报", "expected_version": 7}
    body["effective_at"] = "2026-03-02T10:00"
    async with served.program("duty", "act") as program:
        await program.post("/api/v1/incidents/1/acts", json=body)
    with told.reading() as transaction:
        [recorded] = transaction.dossier(1).publications
    assert recorded.effective_at == after(hours=2)


async def test_sources_tell_how_they_fare_without_their_address(served: ServedDesk) -> None:
    async with served.program("analyst", "read") as program:
        served.clock.advance(timedelta(hours=2))
        answer = await program.get("/api/v1/sources")
    sources = {s["id"]: s for s in json.loads(answer.text)}
    assert sources["county-paper"]["last_state"] == "ok"
    assert "127.0.0.1" not in answer.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"act": "confirm"}, 409, "conflict"),
        ({"act": "waive", "obligation_id": "1/x", "reason": "批准"}, 403, "forbidden"),
        ({"act": "dismiss"}, 422, "invalid"),
        ({"act": "confirm", "surprise": 1}, 422, "invalid"),
    ],
)
async def test_refusals_are_problems(
    served: ServedDesk, body: dict[str, object], status: int, code: str
) -> None:
    served.acts.refusal = ConflictError(1)
    async with served.program("duty", "act") as program:
        answer = await program.post("/api/v1/incidents/1/acts", json=body)
    assert (answer.status, json.loads(answer.text)["code"]) == (status, code)


async def test_a_session_needs_its_form_token_to_change_something(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        page = (await browser.get("/")).text
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
        path, body = "/api/v1/incidents/1/acts", {"act": "acknowledge"}
        assert (await browser.post(path, json=body)).status == 403
        assert (await browser.post(path, json=body, headers={"X-CSRF-Token": csrf})).status == 200


async def test_a_department_reads_only_its_own(served: ServedDesk) -> None:
    async with served.program("department", "read", "act") as program:
        listed = json.loads((await program.get("/api/v1/incidents")).text)
        paths = ("/api/v1/incidents/1", "/api/v1/history", "/api/v1/sources")
        statuses = [(await program.get(p)).status for p in paths]
        body = {"act": "respond", "kind": "response", "title": "情况通报"}
        other = await program.post("/api/v1/incidents/1/acts", json=body)
    assert [i["id"] for i in listed] == [2]
    assert [*statuses, other.status] == [404, 403, 403, 404]


async def test_history_is_paged_newest_first(served: ServedDesk) -> None:
    async with served.program("analyst", "read") as program:
        first = json.loads((await program.get("/api/v1/history?limit=4")).text)
        second = json.loads(
            (await program.get(f"/api/v1/history?limit=4&cursor={first['next_cursor']}")).text
        )
        bad = await program.get("/api/v1/history?since=gestern")
    items = first["items"] + second["items"]
    ids = [i["id"] for i in items]
    instants = [i["published_at"] or i["first_seen_at"] for i in items]
    assert instants == sorted(instants, reverse=True)
    assert len(set(ids)) == len(ids)
    assert len(ids) == 7
    assert second["next_cursor"] is None
    assert bad.status == 422


@pytest.mark.parametrize(
    ("source", "key", "body", "status"),
    [
        ("hotline", INBOX_SECRET, b'[{"title": "x"}]', 202),
        ("hotline", "another", b"[]", 401),
        ("nowhere", INBOX_SECRET, b"[]", 404),
        ("hotline", INBOX_SECRET, b"x" * (8 * 1024 * 1024 + 1), 413),
    ],
)
async def test_the_inbox_takes_signed_posts_of_reasonable_size(
    served: ServedDesk, source: str, key: str, body: bytes, status: int
) -> None:
    at = NOW.isoformat()
    headers = {"X-Huiying-Timestamp": at, "X-Huiying-Signature": sign(key, at, body)}
    async with served.browser() as sender:
        answer = await sender.post(f"/api/inbox/{source}", data=io.BytesIO(body), headers=headers)
    assert answer.status == status


async def test_health_tells_reasons_only_to_those_who_may_know(served: ServedDesk) -> None:
    async with served.browser() as stranger, served.program("admin", "read") as insider:
        assert json.loads((await stranger.get("/health")).text)["status"] == "ok"
        served.clock.advance(timedelta(minutes=5))
        outside, inside = await stranger.get("/health"), await insider.get("/health")
    assert (outside.status, inside.status) == (503, 503)
    assert json.loads(outside.text) == {"status": "degraded", "version": None, "reasons": None}
    assert json.loads(inside.text)["reasons"] == ["时限引擎已停顿 5分钟，倒计时与提醒可能失效"]


async def test_metrics_and_openapi_describe_the_service(served: ServedDesk) -> None:
    async with served.program("admin", "metrics", "read") as program:
        numbers = (await program.get("/metrics")).text
        described = json.loads((await program.get("/api/openapi.json")).text)
    assert "huiying_open_incidents 5.0" in numbers
    assert 'huiying_troubles{kind="engine"} 0.0' in numbers
    assert {"/api/v1/incidents/{incident_id}/acts", "/api/inbox/{source}", "/health"} <= set(
        described["paths"]
    )
    assert "/login" not in described["paths"]
