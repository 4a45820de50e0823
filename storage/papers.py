"""Papers as they were written, and what they look back on: incidents, their changes, the run ledger."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, Text, and_, case, exists, func, or_, select, text, type_coerce, update
from sqlmodel import Field, SQLModel

from alerts.digest.paper import Paper
from alerts.model import Alert
from monitor.collectors.model import PollState
from monitor.dossier.model import Change
from monitor.dossier.past import STANDING
from monitor.errors import ConflictError, NotFoundError
from monitor.incidents.model import Incident, IncidentState
from monitor.ports.papers import KeptPaper, PaperKind, PaperState, Polling
from storage.incidents import INCIDENTS, PUBLICATIONS
from storage.items import ITEMS, JOININGS, VERDICTS
from storage.journal import JOURNAL, JournalRows
from storage.mapping import chunks, insert_new, row_of, value_of
from storage.tables import AlertRow, PollRow, table_of
from storage.types import Code, Json, UtcDateTime

_READERS: Any = Json(tuple[str, ...])


class PaperRow(SQLModel, table=True):
    """One paper; a draft is decided on once, and nothing else of it ever changes."""

    __tablename__ = "papers"
    __table_args__ = (
        Index(
            "ux_papers_standing",
            "kind",
            "subject",
            "number",
            "state",
            unique=True,
            sqlite_where=text("state <> 'dropped'"),
            postgresql_where=text("state <> 'dropped'"),
        ),
        {"sqlite_autoincrement": True},
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: PaperKind = Field(sa_type=Code(PaperKind))
    subject: str
    number: int
    amends: int | None
    state: PaperState = Field(sa_type=Code(PaperState))
    incident_id: int | None = Field(foreign_key="incidents.id", index=True)
    since: datetime | None = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    decided_at: datetime | None = Field(sa_type=UtcDateTime)
    decided_by: str | None
    reason: str = Field(sa_type=Text)
    readers: tuple[str, ...] = Field(sa_type=_READERS)
    paper: Paper = Field(sa_column=Column("paper", Json(Paper), nullable=False))


PAPERS = table_of(PaperRow)
POLLS = table_of(PollRow)
ALERTS = table_of(AlertRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tokens:
    """The words of a verdict, and nothing else of it."""

    tokens: tuple[str, ...] = ()


_TOKENS = Json[_Tokens](_Tokens)


class PaperRows(JournalRows):
    """The part of a transaction that keeps papers and looks back."""

    def add_paper(self, paper: KeptPaper) -> int | None:
        """Keep a new paper and return its id; None where one of its kind, subject, number and state is."""
        row = row_of(paper, PAPERS)
        del row["id"]
        if not insert_new(self._connection, PAPERS, row):
            return None
        mine = {name: row[name] for name in ("kind", "subject", "number", "state")}
        question = select(func.max(PAPERS.c.id)).filter_by(**mine)
        added: int = self._connection.execute(question).scalar_one()
        return added

    def paper(self, paper_id: int) -> KeptPaper:
        """Return one; raises NotFoundError."""
        row = self._connection.execute(select(PAPERS).where(PAPERS.c.id == paper_id)).mappings().first()
        if row is None:
            raise NotFoundError("paper", paper_id)
        return value_of(KeptPaper, row)

    def papers(
        self, kind: PaperKind | None = None, subject: str | None = None, limit: int = 100
    ) -> tuple[KeptPaper, ...]:
        """Return the newest, the newest first."""
        asked = {"kind": kind, "subject": subject}
        question = select(PAPERS).filter_by(**{name: value for name, value in asked.items() if value})
        rows = self._connection.execute(question.order_by(PAPERS.c.id.desc()).limit(limit)).mappings()
        return tuple(value_of(KeptPaper, row) for row in rows)

    def decide_paper(self, paper: KeptPaper) -> None:
        """Let a draft be what this says; raises ConflictError where somebody decided on it already."""
        decided = update(PAPERS).where(PAPERS.c.id == paper.id, PAPERS.c.state == PaperState.DRAFT)
        names = ("state", "decided_at", "decided_by", "readers")
        changed = decided.values({name: getattr(paper, name) for name in names})
        if self._connection.execute(changed).rowcount != 1:
            raise ConflictError(paper.incident_id or 0)

    def alerts_of_paper(self, paper_id: int) -> tuple[Alert, ...]:
        """Return the outbox rows of a paper's messages, oldest first; their ids begin with the paper's."""
        mine = ALERTS.c.id.between(f"system:paper-{paper_id}|", f"system:paper-{paper_id}|~")
        question = select(ALERTS.c.value).where(mine).order_by(ALERTS.c.created_at, ALERTS.c.id)
        return tuple(self._connection.execute(question).scalars())

    def unflashed(self) -> tuple[Incident, ...]:
        """Return open incidents of ours, severity 1 or 2, that no flash tells of at their severity."""
        number = INCIDENTS.c.id.cast(Text)
        known = PAPERS.c.subject.in_([number + "/1", number + "/" + INCIDENTS.c.severity.cast(Text)])
        told = exists().where(PAPERS.c.kind == PaperKind.FLASH, known)
        is_ours = and_(INCIDENTS.c.state == IncidentState.OPEN, INCIDENTS.c.local.is_(True))
        question = select(INCIDENTS.c.value).where(is_ours, INCIDENTS.c.severity <= 2, ~told)
        return tuple(self._connection.execute(question.order_by(INCIDENTS.c.id)).scalars())

    def incidents_between(self, since: datetime, until: datetime) -> tuple[Incident, ...]:
        """Return all that were found before `until` and were open, ended or answered at or after `since`."""
        answered = exists().where(
            PUBLICATIONS.c.incident_id == INCIDENTS.c.id,
            PUBLICATIONS.c.recorded_at >= since,
            PUBLICATIONS.c.recorded_at < until,
        )
        ended = INCIDENTS.c.ended_at
        stood = or_(ended.is_(None), ended >= since, INCIDENTS.c.detected_at >= since, answered)
        question = select(INCIDENTS.c.value).where(INCIDENTS.c.detected_at < until, stood)
        return tuple(self._connection.execute(question.order_by(INCIDENTS.c.id)).scalars())

    def item_count(self, since: datetime, until: datetime) -> int:
        """Return how many items of `[since, until)` belong to an incident not known to be elsewhere."""
        joined = JOININGS.join(ITEMS).join(INCIDENTS, INCIDENTS.c.id == JOININGS.c.incident_id)
        is_ours = INCIDENTS.c.local.is_not(False)
        question = select(func.count()).select_from(joined).where(is_ours)
        counted = question.where(ITEMS.c.at >= since, ITEMS.c.at < until)
        count: int = self._connection.execute(counted).scalar_one()
        return count

    def item_words(self, since: datetime, until: datetime) -> Iterator[tuple[int, frozenset[str]]]:
        """Yield the items that `item_count` counts, reposts left out, each with the words in it."""
        joined = JOININGS.join(ITEMS).join(INCIDENTS, INCIDENTS.c.id == JOININGS.c.incident_id)
        joined = joined.join(VERDICTS, VERDICTS.c.item_id == ITEMS.c.id)
        question = select(ITEMS.c.id, type_coerce(VERDICTS.c.value, _TOKENS)).select_from(joined)
        question = question.where(INCIDENTS.c.local.is_not(False), JOININGS.c.reach_only.is_(False))
        question = question.where(ITEMS.c.at >= since, ITEMS.c.at < until).order_by(ITEMS.c.id)
        for item_id, told in self._connection.execute(question):
            yield item_id, frozenset(word for word in told.tokens if len(word) > 1 and word.isalpha())

    def standing_changes(self, incident_ids: Collection[int]) -> Mapping[int, tuple[Change, ...]]:
        """Return, for each of these incidents, what the journal says of its standing, oldest first."""
        self.flush_journal()
        found: dict[int, list[Change]] = {id_: [] for id_ in incident_ids}
        for some in chunks(found):
            about = JOURNAL.c.incident.in_(some) & JOURNAL.c.event.in_(STANDING)
            rows = self._connection.execute(select(JOURNAL).where(about).order_by(JOURNAL.c.seq))
            for row in rows:
                found[row.incident].append(
                    Change(
                        at=row.at,
                        event=row.event,
                        incident=row.incident,
                        actor=row.actor,
                        via=row.via,
                        facts=json.loads(row.facts),
                    )
                )
        return {id_: tuple(changes) for id_, changes in found.items()}

    def pollings(self, since: datetime, until: datetime) -> Mapping[str, Polling]:
        """Return what the run ledger says of each source that was ever polled before `until`."""
        is_bad, ended = POLLS.c.state == PollState.FAILED, POLLS.c.ended_at
        within = ended >= since
        grouped = (
            select(
                POLLS.c.source_id,
                func.sum(case((within, 1), else_=0)).label("polls"),
                func.sum(case((within & is_bad, 1), else_=0)).label("failed"),
                func.max(ended).label("last_poll_at"),
                func.max(case((~is_bad, ended))).label("last_success_at"),
                func.max(case((POLLS.c.created > 0, ended))).label("last_new_item_at"),
            )
            .where(ended < until)
            .group_by(POLLS.c.source_id)
        )
        rows = self._connection.execute(grouped).mappings().all()
        return {row["source_id"]: Polling(**row, failures=self._failures(row, until)) for row in rows}

    def _failures(self, row: Mapping[Any, Any], until: datetime) -> int:
        """Return how many polls of a source failed in a row up to this instant."""
        failed = select(func.count()).where(POLLS.c.source_id == row["source_id"], POLLS.c.ended_at < until)
        if row["last_success_at"] is not None:
            failed = failed.where(POLLS.c.ended_at > row["last_success_at"])
        count: int = self._connection.execute(failed).scalar_one()
        return count

    def recorded_since(self) -> datetime | None:
        """Return when the first source was polled or the first thing was written down, or None."""
        self.flush_journal()
        firsts = (
            select(POLLS.c.started_at).order_by(POLLS.c.id).limit(1),
            select(JOURNAL.c.at).order_by(JOURNAL.c.seq).limit(1),
        )
        known = (self._connection.execute(first).scalar() for first in firsts)
        return min((at for at in known if at is not None), default=None)

    def absences(self, since: datetime, until: datetime) -> tuple[timedelta, ...]:
        """Return how much of `[since, until)` each absence of the service took."""
        self.flush_journal()
        back = (JOURNAL.c.event == "service_up") & (JOURNAL.c.at >= since)
        question = select(JOURNAL.c.at, JOURNAL.c.facts).where(back).order_by(JOURNAL.c.seq)
        rows = self._connection.execute(question).all()
        gaps = ((row.at - timedelta(seconds=json.loads(row.facts)["away_s"]), row.at) for row in rows)
        lost = (min(until, up_at) - max(since, down_at) for down_at, up_at in gaps)
        return tuple(length for length in lost if length > timedelta(0))

    def watched(self, starts: Sequence[datetime], length: timedelta) -> tuple[bool, ...]:
        """Return, for each stretch of this length, whether any source was polled in it."""
        ended = POLLS.c.ended_at
        asked = (select(exists().where(ended >= at, ended < at + length)) for at in starts)
        return tuple(bool(self._connection.execute(question).scalar_one()) for question in asked)
