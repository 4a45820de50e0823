"""The rows of the journal, and of what watches over it: anchors and the auditor's own record."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field, SQLModel

from storage.types import UtcDateTime

_BY_PEOPLE = text("actor <> 'engine'")


class JournalRow(SQLModel, table=True):
    """Append-only: triggers refuse every change. `facts` is the very text that was hashed."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_people", "actor", "seq", sqlite_where=_BY_PEOPLE, postgresql_where=_BY_PEOPLE),
    )
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    event: str
    incident: int | None = Field(index=True)
    actor: str
    via: str
    facts: str = Field(sa_type=Text)
    words_hash: str | None
    rule_version: str
    previous_hash: str
    hash: str = Field(unique=True)


class JournalWordsRow(SQLModel, table=True):
    """People's free words, apart from the chain, so that they can be erased without breaking it."""

    __tablename__ = "journal_words"
    seq: int = Field(primary_key=True, foreign_key="journal.seq")
    words: str = Field(sa_type=Text)


class JournalHeadRow(SQLModel, table=True):
    """The end of the chain; its lock puts writers in a row."""

    __tablename__ = "journal_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int
    hash: str


class JournalAnchorRow(SQLModel, table=True):
    """The end of the chain as the digest of a day printed it; triggers refuse every change."""

    __tablename__ = "journal_anchors"
    on_day: date = Field(primary_key=True)
    seq: int
    hash: str


class SelfWatchRow(SQLModel, table=True):
    """What the auditor found last."""

    __tablename__ = "self_watch"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    audited_at: datetime | None = Field(sa_type=UtcDateTime)
    untold: int
    first_untold: str
    heartbeat_at: datetime | None = Field(sa_type=UtcDateTime)
    heartbeat_failures: int
    journal_seq: int
    journal_whole_at: datetime | None = Field(sa_type=UtcDateTime)
    journal_fault: str | None
