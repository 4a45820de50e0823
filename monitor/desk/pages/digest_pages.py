"""简报: what is written for leaders, day by day and on one incident, to look at, print and save."""

from base64 import b64encode
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from alerts.digest.daily import daily_paper
from alerts.digest.docx import render_docx
from alerts.digest.incident_papers import IncidentPaper
from alerts.digest.paper import Paper
from alerts.digest.print import may_render_pdf, render_page, render_pdf
from monitor.clock import as_local
from monitor.desk.access import Visitor
from monitor.desk.context import Desk, IncidentId, Signed, TheDesk
from monitor.desk.roles import may_read_papers
from monitor.errors import NotFoundError, RefusedActError
from monitor.incidents.model import Incident, IncidentState
from monitor.pipeline.digesting import digest_range, gather_digest
from monitor.pipeline.papers import gather_file

digests = APIRouter(include_in_schema=False)

_DAYS = 14
_INCIDENTS = 50
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class PaperForm(StrEnum):
    """As what a paper is handed out."""

    PAGE = "page"
    DOCX = "docx"
    PDF = "pdf"


@digests.get("/digests")
def digests_page(
    desk: TheDesk, visitor: Signed, until: Annotated[date | None, Query()] = None
) -> HTMLResponse:
    """List the days up to one, the newest first, and the incidents one can have a paper on."""
    _require_reader(visitor)
    newest = _newest(desk)
    last = min(until or newest, newest)
    with desk.store.reading() as transaction:
        incidents = transaction.incidents((IncidentState.OPEN,), limit=_INCIDENTS)
    return desk.page(
        "digests.html",
        visitor,
        days=[last - timedelta(days=n) for n in range(_DAYS) if last.toordinal() - n > 1],
        newest=newest,
        incidents=sorted((i for i in incidents if i.local is not False), key=_rank),
        pdf=may_render_pdf(),
    )


@digests.get("/digests/{on}/{form}")
def daily_file(desk: TheDesk, visitor: Signed, on: date, form: PaperForm) -> Response:
    """Hand out the daily report of one day; what is open and due stands in it as it is now."""
    _require_reader(visitor)
    if not date(2000, 1, 1) < on <= _newest(desk):
        raise NotFoundError("digest", on.isoformat())
    office = desk.office()
    since, until = digest_range(office, on)
    with desk.store.reading() as transaction:
        digest = gather_digest(transaction, office, desk.sources(), since, until, desk.clock.now())
    return _handed_out(daily_paper(digest), form, f"daily-{on.isoformat()}")


@digests.get("/incidents/{incident_id}/papers/{kind}/{form}")
def incident_file(
    desk: TheDesk, visitor: Signed, incident_id: IncidentId, kind: IncidentPaper, form: PaperForm
) -> Response:
    """Hand out the flash or the special report on one incident, as things stand now."""
    _require_reader(visitor)
    now = desk.clock.now()
    with desk.store.reading() as transaction:
        file = gather_file(transaction, desk.office(), incident_id, now)
    return _handed_out(kind.compose(file), form, f"{kind}-{incident_id}-{as_local(now):%Y%m%d-%H%M}")


def _require_reader(visitor: Visitor) -> None:
    if not may_read_papers(visitor.account):
        raise RefusedActError("digests", "forbidden")


def _newest(desk: Desk) -> date:
    """Return the day of the newest digest: today's once its hour has come."""
    office, now = desk.office(), desk.clock.now()
    today = as_local(now).date()
    return today if now >= digest_range(office, today)[1] else today - timedelta(days=1)


def _rank(incident: Incident) -> tuple[int, datetime]:
    return (incident.severity.value if incident.severity else 5, incident.detected_at)


def _handed_out(paper: Paper, form: PaperForm, name: str) -> Response:
    """Return a page to print, or a file to save under a name of ours."""
    if form is PaperForm.PAGE:
        page = render_page(paper)
        return HTMLResponse(page, headers={"content-security-policy": _policy(page)})
    if form is PaperForm.PDF and not may_render_pdf():
        raise NotFoundError("paper", form)
    made, kind = (
        (render_docx(paper), _WORD) if form is PaperForm.DOCX else (render_pdf(paper), "application/pdf")
    )
    disposition = f'attachment; filename="{name}.{form}"'
    return Response(made, media_type=kind, headers={"content-disposition": disposition})


def _policy(page: str) -> str:
    """Return a policy under which nothing but the page's own style sheet works."""
    style = page.partition("<style>")[2].partition("</style>")[0]
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; frame-ancestors 'none'"
