"""The JSON API of the desk, the inbox, health and metrics."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from monitor.desk import reads
from monitor.desk.access import AccessError
from monitor.desk.answers import (
    AnswerOut,
    HealthOut,
    HistoryOut,
    IncidentDetailOut,
    IncidentOut,
    ItemOut,
    ProblemOut,
    ReceivedOut,
    SourceOut,
)
from monitor.desk.bodies import ActIn
from monitor.desk.context import LARGEST_ID, Caller, IncidentId, TheDesk, api_visitor, perform, require_scope
from monitor.desk.figures_view import figure_timeline
from monitor.desk.metrics import metrics as render_metrics
from monitor.desk.reach_answers import ReachOut
from monitor.desk.reach_view import reach_view
from monitor.desk.roles import may_see
from monitor.errors import StoreError

LARGEST_POST = 8 * 1024 * 1024
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemOut, "content": {"application/problem+json": {}}}
    for status in (400, 401, 403, 404, 409, 413, 422)
}

api = APIRouter(prefix="/api/v1", responses=_PROBLEMS)
service = APIRouter()


@api.get("/incidents", summary="事件列表")
def list_incidents(
    desk: TheDesk,
    caller: Caller,
    status: Annotated[list[str], Query(default_factory=lambda: ["open"])],
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[IncidentOut]:
    """Return incidents, newest first; by default the open ones."""
    require_scope(caller, "read")
    with desk.store.reading() as transaction:
        found = transaction.incidents(tuple(status), limit=limit)
    return [IncidentOut.of(i) for i in found if may_see(caller.account, i)]


@api.get("/incidents/{incident_id}", summary="事件详情")
def read_incident(desk: TheDesk, caller: Caller, incident_id: IncidentId) -> IncidentDetailOut:
    """Return one incident with its clocks, items and messages."""
    require_scope(caller, "read")
    folder = reads.load_folder(desk.store, caller, incident_id)
    return IncidentDetailOut.whole(folder.dossier, folder.items, folder.alerts)


@api.get("/incidents/{incident_id}/reach", summary="传播、舆情热度和数据先后")
def read_reach(desk: TheDesk, caller: Caller, incident_id: IncidentId) -> ReachOut:
    """Return who carries an incident, hour by hour, its opinion level, and its figures over time."""
    require_scope(caller, "read")
    folder = reads.load_folder(desk.store, caller, incident_id)
    found = folder.dossier.incident
    view = reach_view(found, folder.sightings, folder.reports, desk.levels(), desk.clock.now())
    return ReachOut.of(view, figure_timeline(folder.reports, found.holding))


@api.post("/incidents/{incident_id}/acts", summary="办理")
def act(desk: TheDesk, caller: Caller, incident_id: IncidentId, body: Annotated[ActIn, Body()]) -> AnswerOut:
    """Do one act; `expected_version` guards against overwriting somebody else's."""
    require_scope(caller, "act")
    return AnswerOut(answer=perform(desk, caller, incident_id, body, via="api"))


@api.get("/history", summary="历史检索")
def search_history(
    desk: TheDesk,
    caller: Caller,
    severity: Annotated[list[int], Query(default_factory=list)],
    status: Annotated[list[str], Query(default_factory=list)],
    q: Annotated[str, Query(max_length=200)] = "",
    since: str = "",
    until: str = "",
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HistoryOut:
    """Return items, newest first. All words of `q` must occur; a day in `since`, `until` is the whole day."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    asked = reads.question(
        q=q, since=since, until=until, severity=severity, status=status, cursor=cursor, limit=limit
    )
    with desk.store.reading() as transaction:
        page = transaction.search(asked)
    return HistoryOut(
        items=[ItemOut.of(h, h.incident_id) for h in page.hits], next_cursor=page.next_before_id
    )


@api.get("/sources", summary="信源状况")
def list_sources(desk: TheDesk, caller: Caller) -> list[SourceOut]:
    """Return every source and how it fares."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    lines, _ = reads.load_sources(desk.store, desk.sources(), desk.clock.now())
    return [_source(line) for line in lines]


def _source(line: reads.SourceLine) -> SourceOut:
    """Return the body of a source; its address may hold a key and stays here."""
    source, state = line.source, line.state
    return SourceOut(
        id=source.id,
        name=source.name,
        kind=source.kind.value,
        role=source.role.value,
        enabled=source.enabled,
        last_poll_at=state.last_poll_at if state else None,
        last_success_at=state.last_success_at if state else None,
        last_new_item_at=state.last_new_item_at if state else None,
        last_state=state.last_state.value if state and state.last_state else None,
        trouble=line.trouble,
    )


async def _small_body(request: Request) -> bytes:
    """Return the body of a post up to the limit; raises HTTPException 413 beyond it."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > LARGEST_POST:
            raise HTTPException(413)
    return bytes(received)


@service.post("/api/inbox/{source}", status_code=202, summary="推送收件", responses=_PROBLEMS)
async def receive(desk: TheDesk, request: Request, source: str) -> ReceivedOut:
    """Take a post signed with `X-Huiying-Timestamp` and `X-Huiying-Signature: sha256=…`."""
    body = await _small_body(request)
    headers = request.headers
    poll = await run_in_threadpool(
        desk.acts.receive,
        source,
        body,
        timestamp=headers.get("x-huiying-timestamp", ""),
        signature=headers.get("x-huiying-signature", ""),
    )
    return ReceivedOut(
        raw=poll.raw,
        created=poll.created,
        duplicate=poll.duplicate,
        filtered=poll.filtered,
        failed=poll.failed,
        message=poll.message,
    )


@service.get("/health", summary="健康状况", responses={503: {"model": HealthOut}})
def health(desk: TheDesk, request: Request, response: Response) -> HealthOut:
    """Answer 200 ok or 503 degraded; the reasons only to those who are signed in or hold a token."""
    found = desk.troubles()
    response.status_code = 503 if found else 200
    status = "degraded" if found else "ok"
    try:
        api_visitor(request)
    except (AccessError, StoreError):
        return HealthOut(status=status)
    return HealthOut(status=status, version=desk.settings.version, reasons=[t.text for t in found])


@service.get("/metrics", include_in_schema=False)
def metrics(desk: TheDesk, caller: Caller) -> Response:
    """Return the numbers for Prometheus."""
    require_scope(caller, "metrics")
    found, now = desk.troubles(), desk.clock.now()
    with desk.store.reading() as transaction:
        text = render_metrics(transaction, desk.surroundings(), found, now)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


@service.get("/api/openapi.json", include_in_schema=False, dependencies=[Depends(api_visitor)])
def openapi(request: Request) -> JSONResponse:
    """Return the description of the API."""
    return JSONResponse(request.app.openapi())
