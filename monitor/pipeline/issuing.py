"""Papers on their way: drafted, looked at, issued to their readers, amended; each step in the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from alerts.digest.amending import amended
from alerts.digest.daily import daily_paper
from alerts.digest.incident_papers import IncidentPaper
from alerts.digest.mail import attaching, render_mail
from alerts.digest.paper import Paper
from alerts.digest.periodic import periodic_paper
from alerts.digest.review import Term
from alerts.model import Alert, AlertState, ChannelHealth, Text
from alerts.system import system_alerts
from monitor.collectors.model import Source
from monitor.dossier.model import Change
from monitor.errors import RefusedActError
from monitor.keeping import keep_alerts
from monitor.office.model import Office, PaperTime
from monitor.pipeline.digesting import digest_range, gather_digest, readers_by_default
from monitor.pipeline.papers import gather_file, gather_review, span_before, stood_at
from monitor.ports import Transaction
from monitor.ports.papers import KeptPaper, PaperKind, PaperState

POLICY = "policy"
"""Who issues what the office wants to leave by itself."""

_INCIDENT_PAPERS = {
    PaperKind.FLASH: IncidentPaper.FLASH,
    PaperKind.SPECIAL: IncidentPaper.SPECIAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What papers are written with, in one transaction: whose they are, when, by whom, who can be reached."""

    transaction: Transaction
    office: Office
    sources: Sequence[Source]
    now: datetime
    by: str
    via: str
    health: Mapping[str, ChannelHealth]


def write_daily(writing: Writing, on: date, at: datetime | None = None) -> KeptPaper:
    """Return the daily report of one day, as things stood at its hour or `at` another instant."""
    since, until = digest_range(writing.office, on)
    stood_at = at or min(until, writing.now)
    digest = gather_digest(writing.transaction, writing.office, writing.sources, since, until, stood_at)
    return _kept(writing, PaperKind.DAILY, on.isoformat(), daily_paper(digest), since, until)


def write_periodic(writing: Writing, term: Term, on: date, at: datetime | None = None) -> KeptPaper:
    """Return the report of the week or month that was over when this day began.

    Things stand in it as they did at its hour, or `at` another instant.
    """
    span = span_before(term, on)
    stood = at or stood_at(writing.office, term, span, writing.now)
    review = gather_review(writing.transaction, writing.office, writing.sources, term, span, stood)
    subject = span[1].date().isoformat()
    return _kept(writing, PaperKind(term), subject, periodic_paper(review), *span[1:])


def write_on_incident(writing: Writing, kind: PaperKind, incident_id: int, subject: str = "") -> KeptPaper:
    """Return a flash or special report on one incident as it is; raises NotFoundError."""
    file = gather_file(writing.transaction, writing.office, incident_id, writing.now)
    paper = _INCIDENT_PAPERS[kind].compose(file)
    subject = subject or f"{incident_id}/{writing.now:%Y%m%d%H%M%S}"
    return replace(_kept(writing, kind, subject, paper, None, writing.now), incident_id=incident_id)


def _kept(
    writing: Writing, kind: PaperKind, subject: str, paper: Paper, since: datetime | None, until: datetime
) -> KeptPaper:
    return KeptPaper(
        kind=kind,
        subject=subject,
        state=PaperState.DRAFT,
        since=since,
        until=until,
        made_at=writing.now,
        made_by=writing.by,
        readers=readers_of(writing.office, kind),
        paper=paper,
    )


def readers_of(office: Office, kind: PaperKind) -> tuple[str, ...]:
    """Return who gets a paper of this kind: those named for it, else those of the daily digest."""
    named: tuple[str, ...] = ()
    match kind:
        case PaperKind.WEEKLY | PaperKind.MONTHLY:
            time: PaperTime | None = getattr(office.papers, kind)
            named = time.to if time else ()
        case PaperKind.FLASH | PaperKind.SPECIAL:
            named = office.papers.flash_to
    return named or readers_by_default(office)


_FILES = {
    PaperKind.DAILY: "政务舆情日报",
    PaperKind.WEEKLY: "政务舆情周报",
    PaperKind.MONTHLY: "政务舆情月报",
    PaperKind.FLASH: "舆情快报",
    PaperKind.SPECIAL: "舆情专报",
}

PAPERS = frozenset({"paper", "flash", "paper_review"})
"""The reasons of messages that are a paper written out."""


def paper_for(transaction: Transaction, office: Office, alert: Alert) -> Text:
    """Return the paper that an alert announces, as it was written."""
    kept = transaction.paper(int(alert.codes["paper"]))
    link = f"{office.public_url}/papers/{kept.id}" if office.public_url else None
    note = "这是待审定的稿子，审定后才发给读者。" if alert.reason == "paper_review" else ""
    wanted = office.papers.attach
    text = render_mail(kept.paper, link, note, attached=bool(wanted))
    return attaching(text, lambda: kept.paper, _file_name(kept, is_draft=bool(note)), wanted)


def _file_name(paper: KeptPaper, *, is_draft: bool) -> str:
    """Return the name of a paper's files: words of ours and its number, none of anybody else's."""
    about = f"第{paper.incident_id}号" if paper.incident_id is not None else paper.subject
    amended = f"更正{paper.number}" if paper.number else ""
    return f"{'待审定-' if is_draft else ''}{_FILES[paper.kind]}-{about}{amended}"


# -- what becomes of it


def keep_draft(writing: Writing, paper: KeptPaper) -> KeptPaper | None:
    """Keep a draft and tell the reviewers; None where one of the same subject waits already."""
    added = writing.transaction.add_paper(paper)
    if added is None:
        return None
    draft = replace(paper, id=added)
    _note(writing, "paper_drafted", draft, paper.reason or None)
    return draft


def tell_reviewers(writing: Writing, draft: KeptPaper) -> tuple[Alert, ...]:
    """Queue the message that a draft waits to be issued, once for each reviewer."""
    office = writing.office
    heads = tuple(p.id for p in office.people if p.role == "head")
    return _queue(writing, "paper_review", draft, office.papers.reviewers or heads)


def keep_issued(writing: Writing, paper: KeptPaper, *, tell: bool = True) -> KeptPaper | None:
    """Keep a paper that leaves by itself and queue it for its readers; None where it stands already."""
    issued = replace(paper, state=PaperState.ISSUED, decided_at=writing.now, decided_by=POLICY)
    added = writing.transaction.add_paper(issued)
    if added is None:
        return None
    issued = replace(issued, id=added)
    _note(writing, "paper_issued", issued)
    if tell:
        _send(writing, issued)
    return issued


def issue(writing: Writing, paper_id: int) -> KeptPaper:
    """Let a draft go to its readers; raises RefusedActError, NotFoundError, or ConflictError."""
    issued = _decide(writing, paper_id, PaperState.ISSUED)
    _note(writing, "paper_issued", issued)
    _send(writing, issued)
    return issued


def drop(writing: Writing, paper_id: int) -> KeptPaper:
    """Let a draft go to nobody; raises as `issue` does."""
    dropped = _decide(writing, paper_id, PaperState.DROPPED)
    _note(writing, "paper_dropped", dropped)
    return dropped


def amend(writing: Writing, paper_id: int, reason: str) -> KeptPaper:
    """Draft the next numbered amendment of an issued paper: what was wrong, and the whole as it is known now.

    It goes to the readers of the first. Raises RefusedActError where nothing is said to have been wrong, the
    paper was never issued, or an amendment waits already.
    """
    first = writing.transaction.paper(paper_id)
    if first.amends is not None:
        first = writing.transaction.paper(first.amends)
    if first.state is not PaperState.ISSUED:
        raise RefusedActError("amend_paper", "paper_not_issued")
    if not reason.strip():
        raise RefusedActError("amend_paper", "reason_missing")
    known = writing.transaction.papers(first.kind, first.subject)
    number = 1 + max(paper.number for paper in known if paper.state is PaperState.ISSUED)
    again = _write_again(writing, first)
    draft = keep_draft(
        writing,
        replace(
            again,
            number=number,
            amends=first.id,
            reason=reason.strip(),
            readers=first.readers,
            paper=amended(again.paper, first.paper, number, reason.strip(), writing.now),
        ),
    )
    if draft is None:
        raise RefusedActError("amend_paper", "paper_waits")
    return draft


def _write_again(writing: Writing, first: KeptPaper) -> KeptPaper:
    """Return the same paper by what is known now."""
    match first.kind:
        case PaperKind.DAILY:
            return write_daily(writing, date.fromisoformat(first.subject), writing.now)
        case PaperKind.WEEKLY | PaperKind.MONTHLY:
            return write_periodic(writing, Term(first.kind), _day_after(first), writing.now)
    return write_on_incident(writing, first.kind, first.incident_id or 0, first.subject)


def _day_after(paper: KeptPaper) -> date:
    return date.fromisoformat(paper.subject) + (paper.until - (paper.since or paper.until))


def _decide(writing: Writing, paper_id: int, state: PaperState) -> KeptPaper:
    draft = writing.transaction.paper(paper_id)
    if draft.state is not PaperState.DRAFT:
        raise RefusedActError("issue_paper", "paper_decided")
    decided = replace(draft, state=state, decided_at=writing.now, decided_by=writing.by)
    writing.transaction.decide_paper(decided)
    return decided


def _note(writing: Writing, event: str, paper: KeptPaper, words: str | None = None) -> None:
    facts = {
        "paper": paper.id,
        "paper_kind": str(paper.kind),
        "subject": paper.subject,
        "number": paper.number,
    }
    change = Change(
        at=writing.now,
        event=event,
        incident=paper.incident_id,
        actor=writing.by,
        via=writing.via,
        facts=facts,
        words=words,
    )
    writing.transaction.record([change])


def _send(writing: Writing, paper: KeptPaper) -> None:
    _queue(writing, "flash" if paper.kind is PaperKind.FLASH else "paper", paper, paper.readers)


def _queue(writing: Writing, reason: str, paper: KeptPaper, to: Sequence[str]) -> tuple[Alert, ...]:
    """Queue one message for each reader, once for each paper; a flash is urgent, as what it tells of (A7)."""
    is_flash = reason == "flash"
    alerts = system_alerts(reason, f"paper-{paper.id}", to, writing, mark=reason, paper=str(paper.id))
    return keep_alerts(
        writing.transaction,
        [
            replace(
                alert,
                incident_id=paper.incident_id if is_flash else None,
                urgent=is_flash,
                state=AlertState.QUEUED,
                held_reason=None,
                send_at=writing.now,
            )
            for alert in alerts
        ],
    )
