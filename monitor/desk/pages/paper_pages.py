"""A paper on the desk: drafted, looked at, issued to its readers, amended; who got it when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from alerts.charts.model import Form
from alerts.digest.paper import Sentence, StoredKind, numbered
from alerts.digest.print import may_render_pdf
from alerts.digest.review import Term
from alerts.model import Alert
from monitor.clock import as_local
from monitor.desk import words
from monitor.desk.access import Visitor
from monitor.desk.context import LARGEST_ID, Desk, Signed, TheDesk, check_form_token
from monitor.desk.pages.handing_out import PaperForm, handed_out, require_reader
from monitor.desk.roles import may_issue_papers
from monitor.errors import NotFoundError, RefusedActError
from monitor.pipeline.issuing import (
    Writing,
    amend,
    drop,
    issue,
    keep_draft,
    tell_reviewers,
    write_daily,
    write_on_incident,
    write_periodic,
)
from monitor.ports import Transaction
from monitor.ports.papers import KeptPaper, PaperKind

papers = APIRouter(include_in_schema=False)

PaperId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Figure = Annotated[int, Path(ge=1, le=20)]
_LONGEST = 400


async def _read_form(request: Request) -> Mapping[str, str]:
    async with request.form(max_files=0, max_fields=10) as form:
        return {name: str(form[name])[:_LONGEST] for name in form}


Typed = Annotated[Mapping[str, str], Depends(_read_form)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of a message about a paper: its number, and when it was accepted, or why not."""

    to: str
    reason: str
    message_no: int
    state: str
    cause: str | None
    closed_at: datetime | None


@papers.get("/papers/{paper_id}")
def paper_page(desk: TheDesk, visitor: Signed, paper_id: PaperId) -> HTMLResponse:
    """Show a paper as it was written, what became of it, and what may be done with it."""
    require_reader(visitor)
    return _page(desk, visitor, paper_id)


@papers.get("/papers/{paper_id}/{form}")
def paper_file(desk: TheDesk, visitor: Signed, paper_id: PaperId, form: PaperForm) -> Response:
    """Hand out a paper as it was written."""
    require_reader(visitor)
    with desk.store.reading() as transaction:
        kept = transaction.paper(paper_id)
    return handed_out(kept.paper, form, _name(kept))


@papers.get("/papers/{paper_id}/figures/{number}")
def paper_figure(desk: TheDesk, visitor: Signed, paper_id: PaperId, number: Figure) -> Response:
    """Draw one picture of a paper's annex, counted from 1; it works by itself, whatever the page forbids."""
    require_reader(visitor)
    with desk.store.reading() as transaction:
        figures = transaction.paper(paper_id).paper.figures
    if number > len(figures):
        raise NotFoundError("figure", f"{paper_id}/{number}")
    policy = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(figures[number - 1].draw(Form.SVG), media_type="image/svg+xml", headers=policy)


@papers.post("/papers")
def draft_paper(desk: TheDesk, visitor: Signed, typed: Typed) -> Response:
    """Draft a paper from what is stored now; one that waits already is shown instead."""
    check_form_token(visitor, typed.get("csrf", ""))
    require_reader(visitor)
    with desk.store.transaction() as transaction:
        writing = _writing(desk, visitor, transaction)
        paper = _write(writing, typed)
        draft = keep_draft(writing, paper)
        if draft is None:
            [draft, *_] = transaction.papers(paper.kind, paper.subject, limit=1)
        elif not may_issue_papers(visitor.account):
            tell_reviewers(writing, draft)
    return RedirectResponse(f"/papers/{draft.id}", status_code=303)


@papers.post("/papers/{paper_id}")
def decide_paper(desk: TheDesk, visitor: Signed, paper_id: PaperId, typed: Typed) -> Response:
    """Issue or drop a draft, or draft the amendment of an issued paper."""
    check_form_token(visitor, typed.get("csrf", ""))
    if not may_issue_papers(visitor.account):
        raise RefusedActError("issue_paper", "forbidden")
    try:
        with desk.store.transaction() as transaction:
            done = _decide(_writing(desk, visitor, transaction), paper_id, typed)
    except RefusedActError as error:
        return _page(desk, visitor, paper_id, fault=words.word("refusal", error.reason), status=422)
    return RedirectResponse(f"/papers/{done.id}", status_code=303)


def _decide(writing: Writing, paper_id: int, typed: Mapping[str, str]) -> KeptPaper:
    deeds: Mapping[str, Callable[[], KeptPaper]] = {
        "issue": lambda: issue(writing, paper_id),
        "drop": lambda: drop(writing, paper_id),
        "amend": lambda: amend(writing, paper_id, typed.get("reason", "")),
    }
    deed = deeds.get(typed.get("act", ""))
    if deed is None:
        raise NotFoundError("act", typed.get("act", ""))
    return deed()


def _write(writing: Writing, typed: Mapping[str, str]) -> KeptPaper:
    """Return what the form asks for; raises NotFoundError where it asks for nothing that there is."""
    try:
        kind = PaperKind(typed.get("kind", ""))
        if kind in (PaperKind.FLASH, PaperKind.SPECIAL):
            return write_on_incident(writing, kind, _number(typed.get("incident", "")))
        on = date.fromisoformat(typed.get("on", ""))
    except ValueError:
        raise NotFoundError("paper", typed.get("kind", "")) from None
    if not date(2000, 1, 1) < on <= as_local(writing.now).date():
        raise NotFoundError("paper", on.isoformat())
    return write_daily(writing, on) if kind is PaperKind.DAILY else write_periodic(writing, Term(kind), on)


def _number(text: str) -> int:
    if not (text.isdecimal() and len(text) < 10):
        raise ValueError(text)
    return int(text)


def _writing(desk: Desk, visitor: Visitor, transaction: Transaction) -> Writing:
    return Writing(
        transaction=transaction,
        office=desk.office(),
        sources=desk.sources(),
        now=desk.clock.now(),
        by=visitor.by,
        via="desk",
        health=transaction.channel_health(),
    )


def _page(desk: Desk, visitor: Visitor, paper_id: int, *, fault: str = "", status: int = 200) -> HTMLResponse:
    with desk.store.reading() as transaction:
        kept = transaction.paper(paper_id)
        alerts = transaction.alerts_of_paper(paper_id)
        of_subject = transaction.papers(kept.kind, kept.subject)
    return desk.page(
        "paper.html",
        visitor,
        status=status,
        fault=fault,
        kept=kept,
        blocks=tuple(numbered(kept.paper.blocks)),
        links_of=partial(_links, kept.incident_id),
        readings=[_reading(alert) for alert in alerts],
        others=[other for other in reversed(of_subject) if other.id != kept.id],
        issues=may_issue_papers(visitor.account),
        pdf=may_render_pdf(),
    )


def _links(about: int | None, sentence: Sentence) -> list[tuple[str, str]]:
    """Return where what a sentence cites can be looked up: incidents, and items on the page of theirs.

    `about` is the incident of a paper that tells of one.
    """
    named = next((row.id for row in sentence.rows if row.kind is StoredKind.INCIDENT), None)
    of = about if about is not None else named
    links = []
    for row in sentence.cited:
        if row.kind is StoredKind.INCIDENT:
            links.append((f"/incidents/{row.id}", f"{row.id}号"))
        elif row.kind is StoredKind.ITEM and of is not None:
            links.append((f"/incidents/{of}#item-{row.id}", f"条目{row.id}"))
    return links


def _reading(alert: Alert) -> Reading:
    return Reading(
        to=alert.to,
        reason=alert.reason,
        message_no=alert.message_no,
        state=alert.state,
        cause=alert.cause,
        closed_at=alert.closed_at,
    )


def _name(kept: KeptPaper) -> str:
    number = f"-{kept.number}" if kept.number else ""
    return f"{kept.kind}-{kept.subject.replace('/', '-')}{number}"
