"""What papers are made of, gathered from what is stored: on one incident, on a week, on a month."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day

from alerts.digest.incident_papers import IncidentFile
from alerts.digest.paper import Paper, stored_items
from alerts.digest.periodic import periodic_paper
from alerts.digest.review import Gathered, Review, Rise, Term, build_review
from monitor.analysis.facts import WordCount
from monitor.analysis.wording import FEWEST, SURE, likelihood_ratio
from monitor.clock import SHANGHAI, as_local
from monitor.collectors.model import Source, SourceKind
from monitor.office.model import Office, PaperTime
from monitor.pipeline.digesting import readers_by_default
from monitor.pipeline.looking_back import look_back, source_summaries
from monitor.ports import Transaction

WRITTEN_AT = time_of_day(8, 30)
"""At which hour of the day after a term things stood, where the office names none."""

_RISING = 5
"""Words that rose, as a paper names them."""

Span = tuple[datetime, datetime, datetime]
"""When the term before began, when the term itself did, and when it ended."""


def gather_file(transaction: Transaction, office: Office, incident_id: int, now: datetime) -> IncidentFile:
    """Return the file of one incident with its first items; raises NotFoundError."""
    dossier = transaction.dossier(incident_id)
    items = tuple(joined.item for joined in transaction.joined_items(incident_id))
    readers = office.papers.flash_to or readers_by_default(office)
    return IncidentFile(office=office, dossier=dossier, items=items, now=now, readers=readers)


def span_before(term: Term, on: date) -> Span:
    """Return the last whole week (from Monday) or month that was over when this local day began."""
    if term is Term.WEEKLY:
        until = on - timedelta(days=on.weekday())
        return _midnight(until - timedelta(days=14)), _midnight(until - timedelta(days=7)), _midnight(until)
    until = on.replace(day=1)
    since = (until - timedelta(days=1)).replace(day=1)
    before = (since - timedelta(days=1)).replace(day=1)
    return _midnight(before), _midnight(since), _midnight(until)


def due_before(term: Term, time: PaperTime, now: datetime) -> datetime:
    """Return when a periodic paper was due last, `now` itself included."""
    today = as_local(now).date()
    this = _due_on(term, time, today)
    if this <= now:
        return this
    before = today - timedelta(days=7) if term is Term.WEEKLY else today.replace(day=1) - timedelta(days=1)
    return _due_on(term, time, before)


def due_after(term: Term, time: PaperTime, now: datetime) -> datetime:
    """Return when a periodic paper is due next."""
    last = as_local(due_before(term, time, now)).date()
    days = 7 if term is Term.WEEKLY else 31
    following = last + timedelta(days=days)
    return _due_on(term, time, following if term is Term.WEEKLY else following.replace(day=time.day))


def _due_on(term: Term, time: PaperTime, on: date) -> datetime:
    """Return the hour in the week or month of this day."""
    day = on - timedelta(days=on.weekday()) + timedelta(days=time.day - 1)
    if term is Term.MONTHLY:
        day = on.replace(day=time.day)
    return datetime.combine(day, time.at, SHANGHAI)


def _midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI)


def write_review(
    transaction: Transaction, office: Office, sources: Iterable[Source], kind: str, on: date, now: datetime
) -> Paper:
    """Return the report of the `weekly` or `monthly` term that was over when this day began.

    Things stand in it as they did at its hour of that day, in the past, or as they do now.
    """
    term, span = Term(kind), span_before(Term(kind), on)
    at = stood_at(office, term, span, now)
    return periodic_paper(gather_review(transaction, office, sources, term, span, at))


def stood_at(office: Office, term: Term, span: Span, now: datetime) -> datetime:
    """Return as of when a report tells what is open: its hour after the term, or now if that is to come."""
    time: PaperTime = getattr(office.papers, term) or PaperTime(at=WRITTEN_AT)
    return min(_due_on(term, time, as_local(span[2]).date()), now)


def gather_review(
    transaction: Transaction,
    office: Office,
    sources: Iterable[Source],
    term: Term,
    span: Span,
    now: datetime,
) -> Review:
    """Return the review of a week or month, as things stood at `now`: after its end, or at it."""
    before_since, since, until = span
    ledger, sources = transaction.pollings(since, until), tuple(sources)
    gathered = Gathered(
        dossiers=look_back(transaction, before_since, now),
        sources=source_summaries(transaction, sources, now, ledger),
        item_count=transaction.item_count(since, until),
        rising=_rising(transaction, before_since, since, until),
        away=transaction.absences(since, until),
        unwatched=_unwatched(transaction, sources, before_since, min(until, now)),
        recorded_since=transaction.recorded_since(),
        journal_head=transaction.journal_head()[1],
    )
    return build_review(term, office, gathered, before_since, since, until, now)


def _rising(transaction: Transaction, before_since: datetime, since: datetime, until: datetime) -> list[Rise]:
    """Return the words that surely rose between the two terms, the surest first."""
    now, before = _word_count(transaction, since, until), _word_count(transaction, before_since, since)
    sure = {
        word: ratio
        for word, count in now.words.items()
        if count >= FEWEST
        and (ratio := likelihood_ratio(count, now.reports, before.words.get(word, 0), before)) >= SURE
    }
    risen = sorted(sure, key=lambda word: (-sure[word], word))[:_RISING]
    items: dict[str, list[int]] = {word: [] for word in risen}
    for item_id, words in transaction.item_words(since, until) if risen else ():
        for word in words & items.keys():
            items[word].append(item_id)
    return [
        Rise(word=w, count=now.words[w], before=before.words.get(w, 0), rows=stored_items(items[w]))
        for w in risen
    ]


def _word_count(transaction: Transaction, since: datetime, until: datetime) -> WordCount:
    words: Counter[str] = Counter()
    reports = 0
    for _, told in transaction.item_words(since, until):
        words.update(told)
        reports += 1
    return WordCount(reports=reports, words=words)


def _unwatched(
    transaction: Transaction, sources: Iterable[Source], since: datetime, until: datetime
) -> tuple[datetime, ...]:
    """Return the local days on which no source was asked; where there is none to ask, nothing is missing."""
    if all(source.kind is SourceKind.INBOX or not source.enabled for source in sources):
        return ()
    days = [since + timedelta(days=n) for n in range((until - since).days)]
    watched = zip(days, transaction.watched(days, timedelta(days=1)), strict=True)
    return tuple(day for day, is_watched in watched if not is_watched)
