"""Drafts of answers for programs: guarded by versions, safe to send twice, and published by nobody here."""

from typing import Any

from monitor.desk.bodies import read_act
from monitor.ports import Store
from tests.desk.conftest import Browser, ServedDesk
from tests.desk.test_drafts import JOURNEY, TEXT, sign_everything

DRAFTS = "/api/v1/incidents/2/drafts"
BODY = {"kind": "response", "title": "情况说明", "text": TEXT}


async def ask(program: Browser, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    async with program.session.request(method, path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_first_text_is_offered_with_its_gaps_and_checks(served: ServedDesk) -> None:
    async with served.program("duty", "read") as program:
        status, found = await ask(program, "GET", f"{DRAFTS}/proposal?kind=denial")
    assert (status, found["kind"]) == (200, "denial")
    assert found["gaps"]
    assert {check["name"] for check in found["checks"]} >= {"事实及来源", "下一步及时间"}


async def test_every_step_is_told_until_it_is_ready(served: ServedDesk) -> None:
    async with served.program("department", "read", "act") as program:
        status, draft = await ask(program, "POST", DRAFTS, BODY)
        assert (status, draft["state"], draft["next_steps"]) == (
            201,
            "written",
            ["first_review", "secrecy_review"],
        )
        await sign_everything(served)
        _, draft = await ask(program, "GET", f"{DRAFTS}/1")
    assert (draft["state"], draft["next_steps"], draft["gaps"]) == ("ready", [], [])
    assert [s["step"] for s in draft["signatures"]] == [step for _, step, _ in JOURNEY]


async def test_an_older_version_is_neither_written_over_nor_signed(served: ServedDesk) -> None:
    async with served.program("duty", "read", "act") as one, served.program("head", "read", "act") as other:
        await ask(one, "POST", DRAFTS, BODY)
        async with one.session.get(f"{DRAFTS}/1") as answer:
            tag = answer.headers["ETag"]
        newer = BODY | {"text": "已恢复供水。", "base": 1}
        assert (await ask(other, "POST", f"{DRAFTS}/1/versions", newer))[0] == 201
        late = BODY | {"text": "另有说法。", "base": 1}
        status, problem = await ask(one, "POST", f"{DRAFTS}/1/versions", late)
        assert (status, problem["code"]) == (409, "conflict")
        assert (await ask(one, "POST", f"{DRAFTS}/1/versions", late, **{"If-Match": tag}))[0] == 412
        seen = {"version": 1, "step": "first_review", "opinion": "agree"}
        assert (await ask(one, "POST", f"{DRAFTS}/1/signatures", seen))[0] == 409
        assert (await ask(one, "POST", f"{DRAFTS}/1/signatures", seen, **{"If-Match": tag}))[0] == 412
        other_tag = {"If-Match": '"v7"'}
        assert (await ask(one, "POST", f"{DRAFTS}/1/signatures", seen, **other_tag))[0] == 412


async def test_what_is_sent_twice_is_done_once(served: ServedDesk, told: Store) -> None:
    key = {"Idempotency-Key": "d-1"}
    async with served.program("duty", "read", "act") as program:
        answers = [await ask(program, "POST", DRAFTS, BODY, **key) for _ in range(2)]
        assert answers[0] == answers[1]
        status, problem = await ask(program, "POST", DRAFTS, BODY | {"title": "另一件"}, **key)
        assert (status, problem["code"]) == (409, "key_reused")
    async with served.program("head", "read", "act") as program:
        signature = {"version": 1, "step": "first_review", "opinion": "agree"}
        for _ in range(2):
            assert (await ask(program, "POST", f"{DRAFTS}/1/signatures", signature))[0] == 201
    with told.reading() as transaction:
        [draft] = transaction.drafts(2)
    assert (len(draft.versions), len(draft.signatures)) == (1, 1)


async def test_a_refusal_says_why_in_both_languages(served: ServedDesk) -> None:
    async with served.program("duty", "read", "act") as program:
        await ask(program, "POST", DRAFTS, BODY)
        signature = {"version": 1, "step": "first_review", "opinion": "agree"}
        status, problem = await ask(program, "POST", f"{DRAFTS}/1/signatures", signature)
    assert (status, problem["code"]) == (403, "own_text")
    assert problem["detail"] != problem["detail_en"]


async def test_a_department_finds_no_draft_of_others(served: ServedDesk) -> None:
    async with served.program("department", "read", "act") as program:
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/proposal", None),
            ("GET", "/1", None),
            ("POST", "", BODY),
        ):
            assert (await ask(program, method, f"/api/v1/incidents/1/drafts{path}", body))[0] == 404


def test_a_publication_may_name_its_draft_or_none() -> None:
    fields = {"act": "respond", "kind": "response", "title": "情况说明"}
    drafts = [read_act({**fields, **more}).draft for more in ({}, {"draft": "none"}, {"draft": "3"})]  # type: ignore[union-attr]
    assert drafts == [None, None, 3]


async def test_a_publication_on_record_is_linked_and_said_again_changes_nothing(
    served: ServedDesk, told: Store
) -> None:
    async with served.program("department", "read", "act") as program:
        await ask(program, "POST", DRAFTS, BODY)
        await sign_everything(served)
        respond = {"act": "respond", "kind": "response", "title": "情况说明"}
        await ask(program, "POST", "/api/v1/incidents/2/acts", respond)
        body = {"publication_id": "2-p1"}
        answers = [await ask(program, "POST", f"{DRAFTS}/1/publication", body) for _ in range(2)]
    assert [(s, d["state"], d["publication_id"]) for s, d in answers] == [(201, "published", "2-p1")] * 2
    with told.reading() as transaction:
        assert len([e for e in transaction.journal() if e.change.event == "draft_published"]) == 1
