"""The rota in the JSON API: who is on duty when, and substitutions."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from alerts.rota import duty_spans
from monitor.desk import reads
from monitor.desk.access import Visitor
from monitor.desk.act_body import Instant
from monitor.desk.api.answers import AnswerOut
from monitor.desk.api.conditions import ConditionalAnswer
from monitor.desk.api.description import PROBLEMS
from monitor.desk.api.once import Key, once
from monitor.desk.api.rota_answers import LevelOut, RotaOut, SubstitutionIn, SubstitutionOut
from monitor.desk.context import LARGEST_ID, Caller, TheDesk, require_scope
from monitor.desk.roles import may_change_rota
from monitor.desk.views.rota_view import LISTED
from monitor.errors import RefusedActError
from monitor.office.model import Substitution
from monitor.pipeline.rostering import substitute, with_rota, withdraw_substitution

LONGEST = timedelta(days=62)
SHOWN = timedelta(days=7)

rota_api = APIRouter(prefix="/api/v1", responses=PROBLEMS, default_response_class=ConditionalAnswer)


@rota_api.get("/rota", summary="值班安排")
def read_rota(
    desk: TheDesk,
    caller: Caller,
    since: Annotated[Instant | None, Query(description="不填为现在")] = None,
    until: Annotated[Instant | None, Query(description="不填为 7 天后，最多 62 天后")] = None,
) -> RotaOut:
    """Return who is on duty at each level during `[since, until)`, one span for each change of people."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    begin = since or desk.clock.now()
    end = until or begin + SHOWN
    if not begin < end <= begin + LONGEST:
        raise reads.QuestionError("rota")
    with desk.store.reading() as transaction:
        office = with_rota(desk.office(), transaction, begin, end)
    levels = [LevelOut.of(level, duty_spans(office, level.number, begin, end)) for level in office.levels]
    return RotaOut(since=begin, until=end, levels=levels)


@rota_api.get("/rota/substitutions", summary="顶替与外出")
def list_substitutions(desk: TheDesk, caller: Caller) -> list[SubstitutionOut]:
    """Return the substitutions that last now or begin later, oldest first."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    now = desk.clock.now()
    with desk.store.reading() as transaction:
        return [SubstitutionOut.of(s) for s in transaction.substitutions(now, now + LISTED)]


@rota_api.post("/rota/substitutions", status_code=201, summary="登记顶替或外出")
def record_substitution(
    desk: TheDesk, caller: Caller, response: Response, body: SubstitutionIn, key: Key = None
) -> SubstitutionOut:
    """Record that somebody is away and who stands in; what has passed already is not rewritten."""
    _require_change(caller)

    def do() -> SubstitutionOut:
        wanted = Substitution(
            person=body.person,
            stand_in=body.stand_in,
            since=body.since,
            until=body.until,
            recorded_by=caller.by,
        )
        now, reason = desk.clock.now(), body.reason or None
        number = substitute(desk.store, desk.office(), wanted, now=now, via="api", words=reason)
        with desk.store.reading() as transaction:
            return SubstitutionOut.of(transaction.substitution(number))

    asked = ("substitution", body.model_dump_json())
    return once(desk, caller, response, key=key, asked=asked, do=do, kind=SubstitutionOut)


@rota_api.delete("/rota/substitutions/{number}", summary="撤回顶替或外出")
def end_substitution(
    desk: TheDesk,
    caller: Caller,
    response: Response,
    number: Annotated[int, Path(ge=1, le=LARGEST_ID)],
    key: Key = None,
) -> AnswerOut:
    """End a substitution now, or let it never begin."""
    _require_change(caller)

    def do() -> AnswerOut:
        withdraw_substitution(desk.store, number, by=caller.by, now=desk.clock.now(), via="api")
        return AnswerOut(answer="已撤回")

    asked = ("withdraw substitution", str(number))
    return once(desk, caller, response, key=key, asked=asked, do=do, kind=AnswerOut)


def _require_change(caller: Visitor) -> None:
    require_scope(caller, "act")
    if not may_change_rota(caller.account):
        raise RefusedActError("substitute", "forbidden")
