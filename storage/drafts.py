"""Drafts of official answers: versions and signatures are added, never changed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table, Text, insert, select, update
from sqlmodel import Field, SQLModel

from monitor.drafting.model import AnswerDraft, DraftKind, DraftVersion, Opinion, Signature, Step
from storage.mapping import Rows, row_of, value_of
from storage.tables import table_of
from storage.types import Code, UtcDateTime


def _key(**more: Any) -> Any:
    return Field(primary_key=True, sa_column_kwargs={"autoincrement": False}, **more)


def _of_a_draft() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["incident_id", "draft"], ["drafts.incident_id", "drafts.number"])


class DraftRow(SQLModel, table=True):
    """A draft, and what was recorded as published of it."""

    __tablename__ = "drafts"
    incident_id: int = _key(foreign_key="incidents.id")
    number: int = _key()
    publication_id: str | None = Field(foreign_key="publications.id")
    published_version: int | None


class DraftVersionRow(SQLModel, table=True):
    """One version of a draft."""

    __tablename__ = "draft_versions"
    __table_args__ = (_of_a_draft(),)
    incident_id: int = _key()
    draft: int = _key()
    number: int = _key()
    kind: DraftKind = Field(sa_type=Code(DraftKind))
    title: str
    text: str = Field(sa_type=Text)
    channel: str
    author: str
    written_at: datetime = Field(sa_type=UtcDateTime)


class DraftSignatureRow(SQLModel, table=True):
    """One signature on one version, counted from 1 within its draft."""

    __tablename__ = "draft_signatures"
    __table_args__ = (_of_a_draft(),)
    incident_id: int = _key()
    draft: int = _key()
    serial: int = _key()
    version: int
    step: Step = Field(sa_type=Code(Step))
    opinion: Opinion = Field(sa_type=Code(Opinion))
    reason: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


DRAFTS = table_of(DraftRow)
VERSIONS = table_of(DraftVersionRow)
SIGNATURES = table_of(DraftSignatureRow)


class DraftRows(Rows):
    """The part of a transaction that keeps drafts of answers."""

    def drafts(self, incident_id: int) -> tuple[AnswerDraft, ...]:
        """Return the drafts of one incident, oldest first, whole."""
        found = self._connection.execute(
            select(DRAFTS).where(DRAFTS.c.incident_id == incident_id).order_by(DRAFTS.c.number)
        )
        rows = found.mappings().all()
        if not rows:
            return ()
        versions = self._parts(VERSIONS, VERSIONS.c.number, DraftVersion, incident_id)
        signatures = self._parts(SIGNATURES, SIGNATURES.c.serial, Signature, incident_id)
        return tuple(
            AnswerDraft(
                **row,
                versions=tuple(versions[row["number"]]),
                signatures=tuple(signatures.get(row["number"], ())),
            )
            for row in rows
        )

    def _parts(self, table: Table, order: Any, kind: Any, incident_id: int) -> dict[int, list[Any]]:
        question = select(table).where(table.c.incident_id == incident_id).order_by(order)
        found: defaultdict[int, list[Any]] = defaultdict(list)
        for row in self._connection.execute(question).mappings():
            found[row["draft"]].append(value_of(kind, row))
        return found

    def save_draft(self, draft: AnswerDraft, known: AnswerDraft | None) -> None:
        """Keep what a draft has beyond `known`, which is what is stored of it; None where nothing is.

        Raises StoreError where somebody else added the same meanwhile.
        """
        of = {"incident_id": draft.incident_id, "draft": draft.number}
        if known is None:
            self._connection.execute(insert(DRAFTS), row_of(draft, DRAFTS))
        elif draft.publication_id != known.publication_id:
            mine = (DRAFTS.c.incident_id == draft.incident_id) & (DRAFTS.c.number == draft.number)
            changed = row_of(draft, DRAFTS)
            self._connection.execute(update(DRAFTS).where(mine).values(**changed))
        before = (len(known.versions), len(known.signatures)) if known else (0, 0)
        self._add(VERSIONS, [row_of(version, VERSIONS, **of) for version in draft.versions[before[0] :]])
        signed = enumerate(draft.signatures[before[1] :], start=before[1] + 1)
        self._add(SIGNATURES, [row_of(s, SIGNATURES, **of, serial=serial) for serial, s in signed])

    def _add(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)
