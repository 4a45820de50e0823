"""Acts that are sent twice, by one program or to two processes, happen once; conditions and ETags."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import ConflictError
from monitor.ports import GivenAnswer, Store
from storage.engine import SqlStore, open_store
from tests.desk.conftest import Answer, Browser, ServedDesk, serve
from tests.desk.story import NOW, an_office

ACTS = "/api/v1/incidents/1/acts"
RESPOND = {"act": "respond", "kind": "response", "title": "情况通报"}
AWAY = {"person": "duty", "since": "2026-03-02T13:00", "until": "2026-03-02T18:00"}


async def _post(program: Browser, body: dict[str, Any], path: str = ACTS, **headers: str) -> Answer:
    return await program.post(path, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def _code(answer: Answer) -> str:
    return str(json.loads(answer.text)["code"])


def _recorded(store: Store) -> int:
    with store.reading() as transaction:
        return len(transaction.dossier(1).publications)


async def test_the_same_act_under_the_same_key_is_done_once_and_answered_twice(
    served: ServedDesk, told: Store
) -> None:
    async with served.program("duty", "act") as program:
        first = await _post(program, RESPOND, Idempotency_Key="a-1")
        again = await _post(program, RESPOND, Idempotency_Key="a-1")
        fresh = await _post(program, RESPOND, Idempotency_Key="a-2")
    assert (first.status, first.text) == (again.status, again.text) == (200, '{"answer":"已登记发布"}')
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert fresh.status == 200
    assert _recorded(told) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param(ACTS, RESPOND | {"title": "另一则通报"}, id="another body"),
        pytest.param("/api/v1/incidents/2/acts", RESPOND, id="another incident"),
        pytest.param("/api/v1/rota/substitutions", AWAY, id="another kind of act"),
    ],
)
async def test_a_key_is_good_for_one_question_only(
    served: ServedDesk, path: str, body: dict[str, Any]
) -> None:
    async with served.program("duty", "act") as program:
        await _post(program, RESPOND, Idempotency_Key="k")
        other = await _post(program, body, path, Idempotency_Key="k")
    assert (other.status, _code(other)) == (409, "key_reused")


async def test_people_do_not_share_their_keys(served: ServedDesk, told: Store) -> None:
    async with served.program("duty", "act") as one, served.program("head", "act") as another:
        answers = [await _post(program, RESPOND, Idempotency_Key="k") for program in (one, another)]
    assert [a.status for a in answers] == [200, 200]
    assert _recorded(told) == 2


async def test_a_refusal_frees_the_key(served: ServedDesk, told: Store) -> None:
    served.acts.refusal = ConflictError(1)
    async with served.program("duty", "act") as program:
        refused = await _post(program, RESPOND, Idempotency_Key="k")
        served.acts.refusal = None
        done = await _post(program, RESPOND, Idempotency_Key="k")
    assert (refused.status, done.status) == (409, 200)
    assert _recorded(told) == 1


async def test_a_key_is_forgotten_after_a_day(served: ServedDesk) -> None:
    async with served.program("duty", "act") as program:
        await _post(program, {"act": "acknowledge"}, Idempotency_Key="k")
    served.clock.advance(timedelta(hours=24))
    async with served.program("duty", "act") as program:
        fresh = await _post(program, RESPOND, Idempotency_Key="k")
    assert (fresh.status, "Idempotency-Replayed" in fresh.headers) == (200, False)


@pytest.mark.parametrize(
    ("seconds", "code"), [(0, "in_progress"), (59, "in_progress"), (60, "outcome_unknown")]
)
async def test_an_act_that_somewhere_else_began_is_never_done_again(
    served: ServedDesk, told: Store, seconds: int, code: str
) -> None:
    async with served.program("duty", "act") as program:
        await _post(program, RESPOND, Idempotency_Key="k")
        with told.transaction() as transaction:
            begun = GivenAnswer(account="demo-duty", key="k", asked_hash="?", asked_at=NOW)
            taken = transaction.reserve_answer(begun)
            assert taken is not None
            transaction.save_answer(
                GivenAnswer(
                    account=taken.account,
                    key=taken.key,
                    asked_hash=taken.asked_hash,
                    asked_at=NOW - timedelta(seconds=seconds),
                )
            )
        again = await _post(program, RESPOND, Idempotency_Key="k")
    assert (again.status, _code(again)) == (409, code)
    assert _recorded(told) == 1


@pytest.fixture
def beside(told: Store, tmp_path: Path) -> Iterator[Store]:
    """Return what another process opens: the database of `told`."""
    assert isinstance(told, SqlStore)
    [file] = tmp_path.glob("*.db")
    with closing(open_store(f"sqlite:///{file}")) as opened:
        yield opened


async def test_two_processes_that_are_asked_at_once_do_it_once(
    served: ServedDesk, beside: Store, told: Store
) -> None:
    async with (
        serve(beside, served.clock) as other,
        served.program("duty", "act") as here,
        other.program("duty", "act") as there,
    ):
        answers = await asyncio.gather(
            *(_post(program, RESPOND, Idempotency_Key="k") for program in (here, there) * 4)
        )
    assert {a.status for a in answers} <= {200, 409}
    assert {_code(a) for a in answers if a.status == 409} <= {"in_progress"}
    assert 200 in {a.status for a in answers}
    assert _recorded(told) == 1


async def test_a_substitution_under_a_key_is_recorded_and_withdrawn_once(served: ServedDesk) -> None:
    async with served.program("head", "read", "act") as program:
        path = "/api/v1/rota/substitutions"
        recorded = [await _post(program, AWAY, path, Idempotency_Key="in") for _ in range(2)]
        number = json.loads(recorded[0].text)["number"]
        gone = [await _delete(program, f"{path}/{number}", "out") for _ in range(2)]
        again = await _delete(program, f"{path}/{number}", "anew")
        listed = json.loads((await program.get(path)).text)
    assert [a.status for a in (*recorded, *gone, again)] == [201, 201, 200, 200, 403]
    assert listed == []


async def _delete(program: Browser, path: str, key: str) -> Answer:
    async with program.session.delete(path, headers={"Idempotency-Key": key}) as answer:
        return Answer(answer.status, answer.headers, await answer.text(), str(answer.url))


# -- conditions


READS = (
    "me", "incidents", "incidents/1", "incidents/1/items", "incidents/1/alerts", "incidents/1/journal",
    "incidents/1/reach", "history", "journal", "sources", "polls", "health", "rota", "rota/substitutions",
)  # fmt: skip


@pytest.mark.parametrize("path", READS)
async def test_what_did_not_change_is_not_sent_again(served: ServedDesk, path: str) -> None:
    async with served.program("leader", "read") as program:
        first = await program.get(f"/api/v1/{path}")
        tag = first.headers["ETag"]
        for held in (tag, f"W/{tag}", f'"older", {tag}', "*"):
            again = await program.get(f"/api/v1/{path}", headers={"If-None-Match": held})
            assert (again.status, again.text, again.headers["ETag"]) == (304, "", tag)
        other = await program.get(f"/api/v1/{path}", headers={"If-None-Match": '"older"'})
    assert (other.status, other.text) == (200, first.text)


async def test_a_change_changes_the_tag(served: ServedDesk) -> None:
    async with served.program("duty", "read", "act") as program:
        before = (await program.get("/api/v1/incidents/1")).headers["ETag"]
        await _post(program, {"act": "assign", "department": "education"})
        after = await program.get("/api/v1/incidents/1", headers={"If-None-Match": before})
    assert after.status == 200
    assert after.headers["ETag"] != before


async def test_if_match_guards_an_act_as_the_expected_version_does(served: ServedDesk) -> None:
    async with served.program("duty", "read", "act") as program:
        tag = (await program.get("/api/v1/incidents/1")).headers["ETag"]
        first = await _post(program, {"act": "confirm"}, If_Match=tag)
        stale = await _post(program, {"act": "confirm"}, If_Match=tag)
    assert (first.status, stale.status, _code(stale)) == (200, 412, "stale")
    assert served.acts.asked[0] == ("do", 1, {"by": "duty", "via": "api", "expected_version": 1})


@pytest.mark.parametrize(
    ("if_match", "expected", "status"),
    [
        pytest.param('"v1"', None, 200, id="the version alone"),
        pytest.param('W/"v1-0a"', None, 200, id="as a proxy weakens it"),
        pytest.param("*", None, 200, id="whatever it is"),
        pytest.param('"v1"', 1, 200, id="both say the same"),
        pytest.param('"v1"', 2, 412, id="both differ"),
        pytest.param('"0a0b"', None, 412, id="of another read"),
        pytest.param("v1", None, 412, id="no tag at all"),
        pytest.param('"v2"', None, 412, id="another version"),
    ],
)
async def test_if_match_must_be_the_tag_of_the_incident(
    served: ServedDesk, if_match: str, expected: int | None, status: int
) -> None:
    body = {"act": "confirm", "expected_version": expected}
    async with served.program("duty", "act") as program:
        answer = await _post(program, body, If_Match=if_match)
    assert answer.status == status


async def test_every_refusal_is_told_in_both_languages(served: ServedDesk) -> None:
    async with served.program("duty", "act") as program:
        refused = await _post(program, {"act": "assign", "department": "nowhere"})
        faulty = await _post(program, {"act": "dismiss", "reason": 3})
    problem = json.loads(refused.text)
    assert (problem["title"], problem["detail"]) == ("Forbidden", "没有这个单位")
    assert problem["detail_en"] == "There is no such department."
    assert json.loads(faulty.text)["faults"][0]["at"] == "body.dismiss.reason"
    assert an_office().department("nowhere") is None
