"""简报: what is written for leaders, by day, week, month and incident, to look at, print and save."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, repeat
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from alerts.digest.daily import daily_paper
from alerts.digest.incident_papers import IncidentPaper
from alerts.digest.print import may_render_pdf
from alerts.digest.review import Term
from monitor.clock import as_local
from monitor.desk.context import Desk, IncidentId, Signed, TheDesk
from monitor.desk.pages.handing_out import PaperForm, handed_out, require_reader
from monitor.errors import NotFoundError
from monitor.incidents.model import Incident, IncidentState
from monitor.office.model import Office
from monitor.pipeline.digesting import digest_range, gather_digest
from monitor.pipeline.papers import gather_file, span_before, write_review
from monitor.ports import Transaction
from monitor.ports.papers import KeptPaper, PaperKind, PaperState

digests = APIRouter(include_in_schema=False)

_DAYS = 14
_TERMS = 6
_INCIDENTS = 50
_DRAFTS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One day, week or month in a list; `on` begins it, `after` is the day on which it was over.

    `kept` is the paper as it was issued or waits, the newest amendment included.
    """

    kind: PaperKind
    on: date
    after: date
    kept: KeptPaper | None

    @property
    def last(self) -> date:
        """Return the last day of it."""
        return self.after - timedelta(days=1)


@digests.get("/digests")
def digests_page(
    desk: TheDesk, visitor: Signed, until: Annotated[date | None, Query()] = None
) -> HTMLResponse:
    """List days, weeks and months, the newest first, and the incidents one can have a paper on."""
    require_reader(visitor)
    newest = _newest(desk)
    last = min(until or newest, newest)
    with desk.store.reading() as transaction:
        incidents = transaction.incidents((IncidentState.OPEN,), limit=_INCIDENTS)
        recent = transaction.papers(limit=_DRAFTS)
        issues = _days(transaction, desk.office(), last, newest)
        terms = {term: _terms(transaction, term, last) for term in Term}
    return desk.page(
        "digests.html",
        visitor,
        days=issues,
        terms=terms,
        until=last,
        newest=newest,
        recent=[kept for kept in recent if kept.kind is not PaperKind.DAILY or kept.number or _waits(kept)],
        incidents=sorted((i for i in incidents if i.local is not False), key=_rank),
        pdf=may_render_pdf(),
    )


def _days(transaction: Transaction, office: Office, last: date, newest: date) -> list[Issue]:
    """Return the days up to this one as far as any record goes back, the newest of all in any case."""
    known_since = transaction.recorded_since()
    days = [last - timedelta(days=n) for n in range(_DAYS) if last.toordinal() - n > 1]
    return [
        _issue(transaction, PaperKind.DAILY, on, on)
        for on in days
        if on == newest or (known_since is not None and known_since < digest_range(office, on)[1])
    ]


def _waits(kept: KeptPaper) -> bool:
    return kept.state is PaperState.DRAFT


def _terms(transaction: Transaction, term: Term, last: date) -> list[Issue]:
    """Return the last whole weeks or months that were over on this day, as far as any record goes back."""
    if last.year < 2001:
        return []
    spans = accumulate(
        repeat(term, _TERMS - 1),
        lambda span, _: span_before(term, span[1].date()),
        initial=span_before(term, last),
    )
    known_since = transaction.recorded_since()
    return [
        _issue(transaction, PaperKind(term), since.date(), until.date())
        for _, since, until in spans
        if known_since is not None and known_since < until
    ]


def _issue(transaction: Transaction, kind: PaperKind, on: date, after: date) -> Issue:
    found = [k for k in transaction.papers(kind, on.isoformat()) if k.state is not PaperState.DROPPED]
    return Issue(kind=kind, on=on, after=after, kept=found[0] if found else None)


@digests.get("/digests/{on}/{form}")
def daily_file(desk: TheDesk, visitor: Signed, on: date, form: PaperForm) -> Response:
    """Hand out the daily report of one day: as it was issued, else as things stood at its hour."""
    require_reader(visitor)
    if not date(2000, 1, 1) < on <= _newest(desk):
        raise NotFoundError("digest", on.isoformat())
    office = desk.office()
    since, until = digest_range(office, on)
    with desk.store.reading() as transaction:
        kept = transaction.papers(PaperKind.DAILY, on.isoformat())
        issued = [k.paper for k in kept if k.state is PaperState.ISSUED and not k.number]
        at = min(until, desk.clock.now())
        paper = (
            issued[0]
            if issued
            else daily_paper(gather_digest(transaction, office, desk.sources(), since, until, at))
        )
    return handed_out(paper, form, f"daily-{on.isoformat()}")


@digests.get("/digests/{term}/{on}/{form}")
def periodic_file(desk: TheDesk, visitor: Signed, term: Term, on: date, form: PaperForm) -> Response:
    """Hand out the report of the week or month that was over when this day began, from what is stored."""
    require_reader(visitor)
    now = desk.clock.now()
    if not date(2001, 1, 1) < on <= as_local(now).date():
        raise NotFoundError("digest", on.isoformat())
    with desk.store.reading() as transaction:
        paper = write_review(transaction, desk.office(), desk.sources(), term, on, now)
    return handed_out(paper, form, f"{term}-{on.isoformat()}")


@digests.get("/incidents/{incident_id}/papers/{kind}/{form}")
def incident_file(
    desk: TheDesk, visitor: Signed, incident_id: IncidentId, kind: IncidentPaper, form: PaperForm
) -> Response:
    """Hand out the flash or the special report on one incident, as things stand now."""
    require_reader(visitor)
    now = desk.clock.now()
    with desk.store.reading() as transaction:
        file = gather_file(transaction, desk.office(), incident_id, now)
    return handed_out(kind.compose(file), form, f"{kind}-{incident_id}-{as_local(now):%Y%m%d-%H%M}")


def _newest(desk: Desk) -> date:
    """Return the day of the newest digest: today's once its hour has come."""
    office, now = desk.office(), desk.clock.now()
    today = as_local(now).date()
    return today if now >= digest_range(office, today)[1] else today - timedelta(days=1)


def _rank(incident: Incident) -> tuple[int, datetime]:
    return (incident.severity.value if incident.severity else 5, incident.detected_at)
