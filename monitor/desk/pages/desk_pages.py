"""The pages of the desk: board, incident, sources, history, and the forms on them."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote, unquote

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sse_starlette import EventSourceResponse, ServerSentEvent

from alerts.rota import level_of
from monitor.collectors.model import PollState
from monitor.desk import reads, words
from monitor.desk.access import Visitor
from monitor.desk.board_filter import choose, read_choice, with_fields
from monitor.desk.bodies import read_act
from monitor.desk.context import (
    LARGEST_ID,
    Desk,
    IncidentId,
    Signed,
    TheDesk,
    check_form_token,
    perform,
)
from monitor.desk.views import incident_view, overtaken_view
from monitor.desk.views.alarm_view import unacknowledged
from monitor.desk.views.board_view import (
    acknowledged_words,
    clock_view,
    in_order,
    kind_of,
    may_end_round,
    message_words,
    newest_sent,
    why_no_clock,
)
from monitor.desk.views.draft_view import load_summaries
from monitor.desk.views.figures_view import foremost
from monitor.desk.views.journal_view import journal_lines
from monitor.desk.views.order_view import order_facts
from monitor.desk.views.reach_view import is_rising, reach_view
from monitor.desk.views.story_view import tell_story
from monitor.desk.views.why_view import untold
from monitor.errors import ConflictError, RefusedActError
from monitor.incidents.model import PublicationKind
from monitor.office.model import Office
from monitor.pipeline.rostering import rostered

SAID = "huiying_said"
CHECKS = 50
LONGEST_FIELD = 4000

pages = APIRouter(include_in_schema=False)
Fields = dict[str, Any]


async def read_form(request: Request) -> Fields:
    """Return the fields of a form; a field sent several times is a list."""
    async with request.form(max_files=0, max_fields=300) as form:
        found: Fields = {}
        for name in form:
            values = [str(v)[:LONGEST_FIELD] for v in form.getlist(name)]
            found[name] = values if len(values) > 1 else values[0]
        return found


Form = Annotated[Fields, Depends(read_form)]


@pages.get("/")
def board(request: Request, desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show open incidents in the order of what needs a person next."""
    facts = _board_facts(desk, visitor, request.url.query)
    return shown_once(request, desk.page("board.html", visitor, said=said_before(request), **facts))


@pages.get("/board")
def board_cards(request: Request, desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Return the changing part of the board alone, for pages that heard of a change."""
    return desk.page("_board.html", visitor, **_board_facts(desk, visitor, request.url.query))


def _board_facts(desk: Desk, visitor: Visitor, query: str) -> dict[str, Any]:
    """Return what the board shows; `query` is the filter in its address."""
    seq, now, office = desk.watch.head(), desk.clock.now(), desk.office()
    shown = reads.load_board(desk.store, desk.shelf, visitor, office, now)
    choice = with_fields(read_choice(query), shown, office)
    if choice.pairs:
        incidents = [card.incident for card in (*shown.cards, *shown.to_check)] if choice.choice.heat else []
        levels = desk.heat.measure(desk.store, incidents, desk.levels(), now)
        shown, choice = choose(shown, choice, levels, office)
    return {
        "board": shown,
        "choice": choice,
        "checks_shown": len(shown.to_check) if choice.shows_all else CHECKS,
        "troubles": desk.troubles(),
        "unreached": desk.unreached(),
        "seq": seq,
    }


@pages.get("/incidents/{incident_id}")
def incident(
    request: Request,
    desk: TheDesk,
    visitor: Signed,
    incident_id: IncidentId,
    after: Annotated[int | None, Query(ge=0, le=LARGEST_ID)] = None,
) -> HTMLResponse:
    """Show one incident: story, reports, grade, clocks, messages, and what can be done.

    `after` is the item behind which a long list of items goes on.
    """
    seq, office, now = desk.watch.head(), desk.office(), desk.clock.now()
    folder = reads.load_folder(desk.store, desk.shelf, visitor, incident_id, now, after)
    dossier, roster = folder.dossier, rostered(desk.store, office, now)
    found = dossier.incident
    page = desk.page(
        "incident.html",
        visitor,
        said=said_before(request),
        seq=seq,
        incident=found,
        dossier=dossier,
        clocks=[clock_view(o, found, now) for o in in_order(dossier.obligations)],
        items=incident_view.item_views(folder.shown, found),
        after=after,
        next_after=_next_after(folder, after),
        acknowledged=acknowledged_words(dossier, office, now),
        ends_round=may_end_round(dossier.rounds, level_of(roster, visitor.by, now)),
        unheard=unacknowledged([dossier]),
        untold=untold(dossier, folder.alerts, roster, now),
        told=message_words(newest_sent(folder.alerts), office, now),
        kind=kind_of(found),
        why=why_no_clock(found),
        publication_kinds=list(PublicationKind),
        drafts=load_summaries(desk.store, dossier),
        **order_facts(folder, visitor.account, office, now),
        **_what_happened(desk, folder, office, now),
    )
    return shown_once(request, page)


def _what_happened(desk: Desk, folder: reads.Folder, office: Office, now: datetime) -> dict[str, Any]:
    """Return the story of an incident: its figures, reach, answers, messages and acts."""
    dossier, reports = folder.dossier, folder.reports
    found = dossier.incident
    lines = journal_lines(folder.journal, dossier, office, now)
    return {
        "figures": incident_view.figure_rows(found.holding),
        "timeline": foremost(reports.figures),
        "said_count": len(reports.figures),
        "reach": reach_view(found, folder.sightings, reports.items, desk.levels(), now),
        "rising": is_rising(found, now),
        "checks": incident_view.answer_checks(reports.items, dossier),
        "messages": incident_view.message_views(folder.alerts, folder.deliveries, office),
        "journal": lines,
        "story": tell_story(reports.moments, reversed(lines), folder.alerts, office),
    }


def _next_after(folder: reads.Folder, after: int | None) -> int | None:
    """Return the item behind which the list goes on, or None: the last page, or one that shows both ends."""
    is_full = after is not None and len(folder.shown) == reads.AT_ONCE
    return folder.shown[-1].item.id if is_full else None


@pages.post("/incidents/{incident_id}/acts")
def act(desk: TheDesk, visitor: Signed, incident_id: IncidentId, form: Form) -> Response:
    """Do what a form asks; on a refusal show why, with everything that was typed."""
    check_form_token(visitor, str(form.pop("csrf", "")))
    back = _back(incident_id, str(form.pop("back", "")), form.get("order_id"))
    seen = str(form.pop("seen", ""))
    try:
        answer = perform(desk, visitor, incident_id, read_act(form), via="desk")
    except ValidationError as error:
        lines = tuple(_fault(e) for e in error.errors())
        return _refused(desk, visitor, form, incident_id, "填写有误", lines, 422)
    except RefusedActError as error:
        lines = (words.word("refusal", error.reason),)
        return _refused(desk, visitor, form, incident_id, "不能这样办理", lines, 403)
    except ConflictError:
        return _overtaken(desk, visitor, form, incident_id, seen)
    response = RedirectResponse(back, status_code=303)
    response.set_cookie(SAID, quote(answer), max_age=60, httponly=True, samesite="lax")
    return response


def _back(incident_id: int, place: str, order_id: object) -> str:
    """Return the page that an act's form came from: board, incident, or one slip."""
    place, _, query = place.partition("?")
    if place == "board":
        return read_choice(query).address
    own = f"/incidents/{incident_id}"
    return f"{own}/orders/{quote(str(order_id))}" if place == "order" else own


def _refused(
    desk: Desk,
    visitor: Visitor,
    form: Fields,
    incident_id: int,
    title: str,
    lines: tuple[str, ...],
    status: int,
) -> HTMLResponse:
    """Return a page that says why, and keeps what was typed."""
    ours = {"act", "expected_version", "order_id"}
    typed = {name: value for name, value in form.items() if name not in ours and value}
    back = _back(incident_id, "order" if "order_id" in form else "", form.get("order_id"))
    return desk.page("error.html", visitor, status=status, title=title, lines=lines, typed=typed, back=back)


def _overtaken(desk: Desk, visitor: Visitor, form: Fields, incident_id: int, seen: str) -> HTMLResponse:
    """Return a page that says who did what since the form was made; what was typed can be sent again."""
    seq, office, now = desk.watch.head(), desk.office(), desk.clock.now()
    folder = reads.load_folder(desk.store, desk.shelf, visitor, incident_id, now)
    read_up_to = int(seen) if seen.isdecimal() else None
    return desk.page(
        "overtaken.html",
        visitor,
        status=409,
        seq=seq,
        incident=folder.dossier.incident,
        happened_since=overtaken_view.overtaken(folder, read_up_to, office, now),
        form=form,
        typed=overtaken_view.say_typed(form, _FIELDS, office),
    )


_FIELDS = {
    "reason": "理由", "title": "标题", "url": "链接", "effective_at": "发布时间", "severity": "级别",
    "into": "并入编号", "department": "责任单位", "item_ids": "条目",
    "due_at": "承诺时间", "kind": "发布形式", "channel": "发布渠道", "text": "正文",
    "at": "时间", "start_basis": "更正的时间", "precision": "知道到",
    "demands": "要求", "signer": "签收人", "note": "附言", "item_id": "线索", "publication_id": "辟谣依据",
}  # fmt: skip


def _fault(error: Any) -> str:
    """Return one fault of a form in Chinese."""
    field = next((_FIELDS[str(part)] for part in error["loc"] if str(part) in _FIELDS), "表单")
    if error["type"] == "missing":
        return f"{field}：必须填写"
    if error["type"] == "string_too_short":
        return f"{field}：至少 {error['ctx']['min_length']} 个字"
    if error["type"] == "string_too_long":
        return f"{field}：最多 {error['ctx']['max_length']} 个字"
    is_ours = error["type"] == "value_error"
    return f"{field}：{error['ctx']['error'] if is_ours else '格式不对'}"


@pages.get("/sources")
def sources(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show every source, its last polls, and what is wrong with the service."""
    reads.require_everything(visitor)
    lines, polls = reads.load_sources(desk.store, desk.sources(), desk.clock.now())
    news = [p for p in polls if p.created or p.failed or p.state is PollState.FAILED]
    return desk.page(
        "sources.html",
        visitor,
        lines=lines,
        polls=polls,
        news=news,
        troubles=desk.troubles(),
        unreached=desk.unreached(),
        chain=desk.chain(),
    )


@pages.get("/events")
async def events(request: Request, desk: TheDesk, visitor: Signed, after: str = "") -> EventSourceResponse:
    """Stream changes since a page was made (`after`), or since what a page that comes back heard last."""
    last = request.headers.get("last-event-id", after)
    return EventSourceResponse(_until_over(desk, visitor, int(last) if last.isdecimal() else None), ping=3600)


async def _until_over(desk: Desk, visitor: Visitor, after: int | None) -> AsyncIterator[ServerSentEvent]:
    """Yield events until the session is over; that somebody ended it is itself a change."""
    async for event in desk.watch.events(after):
        if desk.clock.now() >= visitor.session.expires_at + timedelta(seconds=1):
            return
        if event.event == "change" and not await to_thread.run_sync(desk.access.is_in, visitor):
            return
        yield event


def said_before(request: Request) -> str:
    """Return the answer of the act that led here."""
    return unquote(request.cookies.get(SAID, ""))


def shown_once(request: Request, page: HTMLResponse) -> HTMLResponse:
    """Forget the answer once it was shown."""
    if SAID in request.cookies:
        page.delete_cookie(SAID)
    return page
