"""One source: its settings as read, its ledger, and a trial of it."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor.collectors.model import Source
from monitor.desk import reads, words
from monitor.desk.access import Visitor
from monitor.desk.context import Desk, Signed, TheDesk, check_form_token
from monitor.desk.health import source_trouble
from monitor.desk.pages.desk_pages import Form
from monitor.desk.roles import may_try_sources
from monitor.desk.views.source_view import TrialView, place_of, read_trial, sums, trial_view
from monitor.errors import NotFoundError, RefusedActError

MOST_POLLS = 1000

sources = APIRouter(include_in_schema=False)


@sources.get("/sources/{source_id}")
def source_page(desk: TheDesk, visitor: Signed, source_id: str, count: int = 50) -> HTMLResponse:
    """Show one source and its last polls; `count` is how many, 1 to 1,000."""
    reads.require_everything(visitor)
    return _page(desk, visitor, _source(desk, source_id), count=min(max(count, 1), MOST_POLLS))


@sources.post("/sources/{source_id}/trial")
async def try_source(desk: TheDesk, visitor: Signed, source_id: str, form: Form) -> HTMLResponse:
    """Fetch one source now and show what would be read; nothing is stored."""
    check_form_token(visitor, str(form.get("csrf", "")))
    if not may_try_sources(visitor.account):
        raise RefusedActError("try_source", "forbidden")
    source = _source(desk, source_id)
    if desk.lookout is None:
        raise NotFoundError("trial", source_id)
    try:
        polled = await desk.lookout.trials.trial(source)
    except RefusedActError as error:
        fault = words.word("refusal", error.reason)
        return await asyncio.to_thread(_page, desk, visitor, source, fault=fault, status=409)
    items = await asyncio.to_thread(read_trial, polled)
    with desk.store.reading() as transaction:
        known = frozenset(transaction.known_items(item.key for item in items))
    view = await asyncio.to_thread(trial_view, polled, items, known)
    return await asyncio.to_thread(_page, desk, visitor, source, trial=view)


def _source(desk: Desk, source_id: str) -> Source:
    """Return a source of `sources.yaml`; raises NotFoundError."""
    found = next((source for source in desk.sources() if source.id == source_id), None)
    if found is None:
        raise NotFoundError("source", source_id)
    return found


def _page(
    desk: Desk,
    visitor: Visitor,
    source: Source,
    *,
    count: int = 50,
    trial: TrialView | None = None,
    fault: str = "",
    status: int = 200,
) -> HTMLResponse:
    with desk.store.reading() as transaction:
        state = transaction.source_states().get(source.id)
        polls = transaction.polls(source.id, count)
    return desk.page(
        "source.html",
        visitor,
        status=status,
        source=source,
        place=place_of(source),
        state=state,
        trouble=source_trouble(source, state, desk.clock.now()),
        polls=polls,
        sums=sums(polls),
        more=MOST_POLLS if len(polls) == count < MOST_POLLS else None,
        may_try=desk.lookout is not None and may_try_sources(visitor.account),
        trial=trial,
        fault=fault,
    )
