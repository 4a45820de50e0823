"""The JSON API of the desk, the inbox, health and metrics."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool

from monitor.desk import reads
from monitor.desk.access import AccessError
from monitor.desk.api import paging
from monitor.desk.api.answers import (
    AnswerOut,
    HealthOut,
    IncidentDetailOut,
    IncidentOut,
    ItemOut,
    ReceivedOut,
)
from monitor.desk.api.conditions import ConditionalAnswer
from monitor.desk.api.description import PROBLEMS, describe
from monitor.desk.api.once import TheAsking
from monitor.desk.api.reach_answers import ReachOut
from monitor.desk.api.story_answers import EntryOut, WhyOut
from monitor.desk.bodies import ActIn
from monitor.desk.choice import SEVERITIES, Choice
from monitor.desk.context import Caller, IncidentId, TheDesk, api_visitor, perform, require_scope
from monitor.desk.metrics import metrics as render_metrics
from monitor.desk.views.reach_view import reach_view
from monitor.desk.views.why_view import untold
from monitor.errors import StoreError
from monitor.incidents.model import IncidentState
from monitor.incidents.opinion_level import OpinionLevel
from monitor.pipeline.rostering import rostered

MOST_ITEMS = 200
LARGEST_POST = 8 * 1024 * 1024

api = APIRouter(prefix="/api/v1", responses=PROBLEMS, default_response_class=ConditionalAnswer)
service = APIRouter()

Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]


def _choice(
    desk: TheDesk,
    severity: Annotated[
        list[Literal["1", "2", "3", "4", "none"]], Query(default_factory=list, description="none 即未定级")
    ],
    department: Annotated[list[Code], Query(default_factory=list, description="责任单位代码")],
    type_: Annotated[
        list[Code], Query(alias="type", default_factory=list, description="event_type、category 或 opinion")
    ],
    township: Annotated[list[Code], Query(default_factory=list, description="地名，或区划代码的开头")],
    heat: Annotated[list[OpinionLevel], Query(default_factory=list, description="舆情热度")],
) -> Choice:
    """Return which incidents are asked for; of one filter several values may be given."""
    asked = Choice(
        severities=frozenset(SEVERITIES[s] for s in severity),
        departments=frozenset(department),
        types=frozenset(type_),
        townships=tuple(township),
        heat=frozenset(heat),
    )
    return asked.spelled_out(desk.office())


@api.get("/incidents", summary="事件列表")
def list_incidents(
    desk: TheDesk,
    caller: Caller,
    request: Request,
    response: Response,
    choice: Annotated[Choice, Depends(_choice)],
    status: Annotated[list[IncidentState], Query(default_factory=lambda: [IncidentState.OPEN])],
    cursor: paging.Cursor = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[IncidentOut]:
    """Return incidents, newest first; by default the open ones. The header `Link` leads to the next page."""
    require_scope(caller, "read")
    found = paging.choose_incidents(desk, caller, choice, status, before_id=cursor, limit=limit)
    return [IncidentOut.of(i) for i in paging.page_of(found, request, response)]


@api.get("/incidents/{incident_id}", summary="事件详情")
def read_incident(
    desk: TheDesk, caller: Caller, response: Response, incident_id: IncidentId
) -> IncidentDetailOut:
    """Return one incident with its clocks, items and messages; its ETag may guard an act as `If-Match`."""
    require_scope(caller, "read")
    folder = reads.load_folder(desk.store, desk.shelf, caller, incident_id, desk.clock.now())
    response.headers["ETag"] = f'"v{folder.dossier.incident.version}"'
    return IncidentDetailOut.whole(folder.dossier, folder.reports.items[:MOST_ITEMS], folder.alerts)


@api.get("/incidents/{incident_id}/items", summary="事件的条目")
def list_items(
    desk: TheDesk,
    caller: Caller,
    incident_id: IncidentId,
    turn: Annotated[paging.Turn, Depends(paging.turns(50, 200))],
) -> list[ItemOut]:
    """Return the items of an incident, oldest first. The header `Link` leads to the next page."""
    require_scope(caller, "read")
    with desk.store.reading() as transaction:
        reads.require_seen(transaction, caller, incident_id)
        rows = transaction.joined_items(incident_id, turn.limit + 1, after_id=turn.after)
    return [ItemOut.of(j, incident_id) for j in turn.page(rows, lambda j: j.item.id)]


@api.get("/incidents/{incident_id}/alerts", summary="告知了谁、没告知谁、为什么")
def read_alerts(desk: TheDesk, caller: Caller, incident_id: IncidentId) -> WhyOut:
    """Return every alert of an incident with its attempts, and why anybody else heard nothing."""
    require_scope(caller, "read")
    now = desk.clock.now()
    roster = rostered(desk.store, desk.office(), now)
    with desk.store.reading() as transaction:
        dossier = reads.require_seen(transaction, caller, incident_id)
        alerts = transaction.alerts_of(incident_id)
        deliveries = transaction.deliveries({a.message_no for a in alerts})
    return WhyOut.of(alerts, deliveries, untold(dossier, alerts, roster, now))


@api.get("/incidents/{incident_id}/journal", summary="事件留痕")
def read_story(
    desk: TheDesk, caller: Caller, incident_id: IncidentId, turn: paging.JournalTurn
) -> list[EntryOut]:
    """Return what happened to an incident, oldest first. The header `Link` leads to the next page."""
    require_scope(caller, "read")
    with desk.store.reading() as transaction:
        reads.require_seen(transaction, caller, incident_id)
        rows = transaction.journal(turn.after, incident_id, turn.limit + 1)
    return [EntryOut.of(e) for e in turn.page(rows, lambda e: e.seq)]


@api.get("/incidents/{incident_id}/reach", summary="传播、舆情热度和数据先后")
def read_reach(desk: TheDesk, caller: Caller, incident_id: IncidentId) -> ReachOut:
    """Return who carries an incident, hour by hour, its opinion level, and its figures over time."""
    require_scope(caller, "read")
    now = desk.clock.now()
    folder = reads.load_folder(desk.store, desk.shelf, caller, incident_id, now)
    found = folder.dossier.incident
    view = reach_view(found, folder.sightings, folder.reports.items, desk.levels(), now)
    return ReachOut.of(view, folder.reports.figures)


@api.post("/incidents/{incident_id}/acts", summary="办理")
def act(asking: TheAsking, body: Annotated[ActIn, Body()]) -> AnswerOut:
    """Do one act; `expected_version` or `If-Match` guards against overwriting somebody else's.

    A publication, a report and 收到 are recorded whatever `expected_version` says.
    """

    def do() -> AnswerOut:
        body.expected_version = asking.version(body.expected_version)
        return AnswerOut(answer=perform(asking.desk, asking.caller, asking.incident_id, body, via="api"))

    return asking.once(do, AnswerOut, body)


async def _small_body(request: Request) -> bytes:
    """Return the body of a post up to the limit; raises HTTPException 413 beyond it."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > LARGEST_POST:
            raise HTTPException(413)
    return bytes(received)


@service.post("/api/inbox/{source}", status_code=202, summary="推送收件", responses=PROBLEMS)
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
    return JSONResponse(describe(request.app))
