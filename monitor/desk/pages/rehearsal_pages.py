"""The pages of rehearsals: what can be played, and who would have been told when."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from monitor.desk.access import Visitor
from monitor.desk.context import Desk, Signed, TheDesk, check_form_token
from monitor.desk.rehearsing import RehearsalError, RehearsalRoom, moments
from monitor.desk.roles import may_rehearse
from monitor.errors import NotFoundError, RefusedActError
from monitor.pipeline.rostering import with_rota

ROTA_FOR = timedelta(days=14)
"""So much of the rota goes along: longer than any rehearsal lasts."""

rehearsals = APIRouter(include_in_schema=False)


@rehearsals.get("/rehearsals")
def rehearsals_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show what can be played."""
    return _page(desk, visitor)


@rehearsals.post("/rehearsals")
def play_rehearsal(
    desk: TheDesk, visitor: Signed, name: Annotated[str, Form()] = "", csrf: Annotated[str, Form()] = ""
) -> Response:
    """Play one with the office as it is now, in this request's thread, and show its story."""
    check_form_token(visitor, csrf)
    if not may_rehearse(visitor.account):
        raise RefusedActError("rehearse", "forbidden")
    now = desk.clock.now()
    with desk.store.reading() as transaction:
        office = with_rota(desk.office(), transaction, now - timedelta(days=1), now + ROTA_FOR)
    try:
        _room(desk).play(name, office, visitor.by, now)
    except RehearsalError as error:
        return _page(desk, visitor, fault=str(error), status=503)
    return RedirectResponse(f"/rehearsals/{name}", status_code=303)


@rehearsals.get("/rehearsals/{name}")
def story_page(desk: TheDesk, visitor: Signed, name: str) -> HTMLResponse:
    """Show the story of a rehearsal that was played."""
    played = _room(desk).performance(name)
    return desk.page(
        "rehearsal.html", visitor, played=played, story=played.story, moments=moments(played.story.lines)
    )


def _room(desk: Desk) -> RehearsalRoom:
    if desk.rehearsing is None:
        raise NotFoundError("page", "rehearsals")
    return desk.rehearsing


def _page(desk: Desk, visitor: Visitor, *, fault: str = "", status: int = 200) -> HTMLResponse:
    return desk.page(
        "rehearsals.html",
        visitor,
        status=status,
        listed=_room(desk).listed(),
        fault=fault,
        may_play=may_rehearse(visitor.account),
    )
