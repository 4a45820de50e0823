"""The JSON API beside the incidents: history, sources, journal, the service's own health, channels."""

from typing import Annotated

from fastapi import APIRouter, Query

from monitor.classifiers.assess import verdict_out
from monitor.classifiers.explain import explain, in_short
from monitor.desk import reads
from monitor.desk.act_body import STORABLE
from monitor.desk.api import paging
from monitor.desk.api.answers import SourceOut
from monitor.desk.api.conditions import ConditionalAnswer
from monitor.desk.api.description import PROBLEMS
from monitor.desk.api.service_answers import (
    ChannelOut,
    MeOut,
    OutcomeOut,
    PastedIn,
    PollOut,
    ReasoningOut,
    ServiceOut,
)
from monitor.desk.api.story_answers import EntryOut
from monitor.desk.context import Caller, TheDesk, require_scope
from monitor.desk.pages.channel_pages import channel_views, require_admin, send_test
from monitor.desk.roles import may_try_rules
from monitor.errors import NotFoundError, RefusedActError

desk_api = APIRouter(prefix="/api/v1", responses=PROBLEMS, default_response_class=ConditionalAnswer)


@desk_api.get("/me", summary="本令牌是谁、能办什么")
def read_me(caller: Caller) -> MeOut:
    """Return who is asking, and what they may ask for."""
    return MeOut.of(caller)


@desk_api.get("/journal", summary="全部留痕")
def read_journal(desk: TheDesk, caller: Caller, turn: paging.JournalTurn) -> list[EntryOut]:
    """Return the whole journal in the order of its chain. The header `Link` leads to the next page."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    with desk.store.reading() as transaction:
        rows = transaction.journal(turn.after, limit=turn.limit + 1)
    return [EntryOut.of(e) for e in turn.page(rows, lambda e: e.seq)]


@desk_api.get("/sources", summary="信源状况")
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


@desk_api.get("/polls", summary="采集记录")
def list_polls(
    desk: TheDesk,
    caller: Caller,
    source: Annotated[
        str | None, Query(max_length=100, pattern=STORABLE, description="只要这个信源的")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[PollOut]:
    """Return the newest rows of the run ledger, of one source or of all."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    with desk.store.reading() as transaction:
        return [PollOut.of(poll) for poll in transaction.polls(source, limit)]


@desk_api.get("/health", summary="系统状况")
def read_health(desk: TheDesk, caller: Caller) -> ServiceOut:
    """Return everything that is wrong with the service itself, and how the journal's chain stands."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    return ServiceOut.of(
        desk.troubles(),
        version=desk.settings.version,
        unreached=desk.unreached(),
        chain=desk.chain(),
    )


@desk_api.get("/channels", summary="通道状况")
def list_channels(desk: TheDesk, caller: Caller) -> list[ChannelOut]:
    """Return every channel, whom it reaches and how it fares; for administrators."""
    require_scope(caller, "read")
    require_admin(caller)
    return [ChannelOut.of(view) for view in channel_views(desk)]


@desk_api.post("/channels/{name}/tests", summary="试发一条")
async def try_channel(desk: TheDesk, caller: Caller, name: str) -> OutcomeOut:
    """Send a test message through one channel and return what came of it; for administrators."""
    require_scope(caller, "act")
    require_admin(caller)
    return OutcomeOut.of(await send_test(desk, name))


@desk_api.post("/verdicts", summary="研判一段文字")
def judge_text(desk: TheDesk, caller: Caller, body: PastedIn) -> ReasoningOut:
    """Judge a text by the words in force and return the verdict with its reasons; nothing is kept."""
    require_scope(caller, "read")
    if not may_try_rules(caller.account):
        raise RefusedActError("try_rules", "forbidden")
    if desk.wording is None:
        raise NotFoundError("page", "rules")
    judge, now = desk.wording.judge, desk.clock.now()
    verdict = judge.judge(
        title=body.title,
        text=body.text,
        published_at=now,
        source_name=body.source_name or None,
        role=body.role,
        scope=None,
        now=now,
    )
    return ReasoningOut(
        verdict=verdict_out(verdict),
        short=in_short(verdict, judge.table),
        reasons=explain(verdict, judge.table).split("\n"),
        words_version=desk.wording.version,
    )
