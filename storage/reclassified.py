"""The rows of a reclassification: how far it has come, and the verdicts that would change."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from monitor.classifiers.model import Verdict
from storage.tables import table_of
from storage.types import Json, UtcDateTime


class ReclassificationRow(SQLModel, table=True):
    """History judged anew by one version of the rules."""

    __tablename__ = "reclassifications"
    rules_version: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    until_item: int
    judged_item: int
    judged: int
    changed: int
    applied_item: int
    applied_at: datetime | None = Field(sa_type=UtcDateTime)


class NewVerdictRow(SQLModel, table=True):
    """A verdict by those rules that differs from the one the item has."""

    __tablename__ = "new_verdicts"
    rules_version: str = Field(primary_key=True, foreign_key="reclassifications.rules_version")
    item_id: int = Field(primary_key=True, foreign_key="items.id", sa_column_kwargs={"autoincrement": False})
    value: Verdict = Field(sa_column=Column("value", Json(Verdict), nullable=False))


RUNS = table_of(ReclassificationRow)
NEW_VERDICTS = table_of(NewVerdictRow)
