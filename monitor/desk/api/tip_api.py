"""Reports taken by hand, for programs: the same body as the form, as JSON."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from monitor.desk.access import Visitor
from monitor.desk.api.description import PROBLEMS
from monitor.desk.context import Caller, Desk, TheDesk, require_scope
from monitor.desk.pages.intake_pages import judge_tip, judged_folder, require_register
from monitor.desk.tip_bodies import TipBodyIn, TipOut
from monitor.desk.views.tip_view import known_at, load_tip

LARGEST_BODY = 30 * 1024 * 1024
"""Bytes of a post: the files of a form, a third longer in Base64."""

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": TipBodyIn.model_json_schema()}},
    }
}

tips_api = APIRouter(prefix="/api/v1", responses=PROBLEMS)


@tips_api.post("/items", status_code=201, summary="接报登记", openapi_extra=_BODY)
async def register(
    desk: TheDesk,
    caller: Caller,
    request: Request,
    response: Response,
    dry_run: Annotated[bool, Query(description="只研判，不保存")] = False,
) -> TipOut:
    """Take a report by hand; sent again under the same `key` it answers 200 with what came of the first."""
    require_scope(caller, "act")
    require_register(caller)
    body = _read(await _whole_body(request))
    if dry_run:
        response.status_code = 200
        return await run_in_threadpool(_judged, desk, caller, body)
    answer = await run_in_threadpool(_registered, desk, caller, body)
    response.status_code = 201 if answer.created else 200
    return answer


async def _whole_body(request: Request) -> bytes:
    """Return the body of a post; raises HTTPException 413 as soon as it is too long."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > LARGEST_BODY:
            raise HTTPException(413)
    return bytes(received)


def _read(raw: bytes) -> TipBodyIn:
    try:
        body = TipBodyIn.model_validate_json(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        raise RequestValidationError([{**f, "loc": ("body", *f["loc"])} for f in faults]) from error
    if not body.says_something:
        raise RequestValidationError([{"loc": ("body", "text"), "type": "missing", "msg": "title or text"}])
    return body


def _judged(desk: Desk, caller: Visitor, body: TipBodyIn) -> TipOut:
    """Return what would come of it, without keeping anything."""
    found = judge_tip(desk, caller, body)
    known = known_at(desk.store, body.to_tip(desk.clock.now()).url)
    return TipOut.of(found, placed=None, known=known, created=False)


def _registered(desk: Desk, caller: Visitor, body: TipBodyIn) -> TipOut:
    """Take it in and return what came of it."""
    tip = body.to_tip(desk.clock.now())
    item_id, created = desk.acts.register(tip, by=caller.by, via="api")
    folder = load_tip(desk.store, item_id)
    found = judged_folder(desk, folder)
    return TipOut.of(found, placed=folder.placed, known=folder.known, created=created)
