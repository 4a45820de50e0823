"""Reports taken by hand and the files that came with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Field, SQLModel

from monitor.errors import NotFoundError
from monitor.items.model import Item
from monitor.items.tips import Attachment, FileKind, KeptFile, KeptTip, TipChannel
from storage.items import ITEMS
from storage.mapping import Rows, row_of, value_of
from storage.tables import table_of
from storage.types import Code, UtcDateTime

_KEY: Any = {"autoincrement": False}


class TipRow(SQLModel, table=True):
    """Who took a report, how it came, and how to reach who told it: the one place that knows."""

    __tablename__ = "tips"
    item_id: int = Field(primary_key=True, foreign_key="items.id", sa_column_kwargs=_KEY)
    channel: TipChannel = Field(sa_type=Code(TipChannel))
    called_at: datetime = Field(sa_type=UtcDateTime)
    contact: str
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class AttachmentRow(SQLModel, table=True):
    """A file as it was sent."""

    __tablename__ = "attachments"
    item_id: int = Field(primary_key=True, foreign_key="tips.item_id", sa_column_kwargs=_KEY)
    number: int = Field(primary_key=True, sa_column_kwargs=_KEY)
    kind: FileKind = Field(sa_type=Code(FileKind))
    size: int
    digest: str
    body: bytes


TIPS = table_of(TipRow)
ATTACHMENTS = table_of(AttachmentRow)
_FILE = [ATTACHMENTS.c[name] for name in ("number", "kind", "size", "digest")]


class TipRows(Rows):
    """The part of a transaction that keeps reports taken by hand."""

    def add_tip(self, tip: KeptTip, attachments: Sequence[Attachment]) -> None:
        """Keep what is known of a stored item that was taken by hand, with its files numbered from 1."""
        self._connection.execute(insert(TIPS), row_of(tip, TIPS))
        for number, file in enumerate(attachments, start=1):
            row = row_of(file, ATTACHMENTS, item_id=tip.item_id, number=number, size=len(file.body))
            self._connection.execute(insert(ATTACHMENTS), row)

    def tip(self, item_id: int, *, to_change: bool = False) -> KeptTip:
        """Return one without its files' bytes, locked if something will follow; raises NotFoundError."""
        question = select(TIPS).where(TIPS.c.item_id == item_id)
        if to_change:
            question = question.with_for_update()
        row = self._connection.execute(question).mappings().one_or_none()
        if row is None:
            raise NotFoundError("tip", item_id)
        files = select(*_FILE).where(ATTACHMENTS.c.item_id == item_id).order_by(ATTACHMENTS.c.number)
        kept = tuple(value_of(KeptFile, file) for file in self._connection.execute(files).mappings())
        return KeptTip(**row, files=kept)

    def attachment(self, item_id: int, number: int) -> Attachment:
        """Return one file; raises NotFoundError."""
        mine = (ATTACHMENTS.c.item_id == item_id) & (ATTACHMENTS.c.number == number)
        row = self._connection.execute(select(ATTACHMENTS).where(mine)).mappings().one_or_none()
        if row is None:
            raise NotFoundError("attachment", f"{item_id}/{number}")
        return value_of(Attachment, row)

    def item_at(self, url: str) -> Item | None:
        """Return the first item with this canonical address, or None."""
        question = select(ITEMS).where(ITEMS.c.url == url).order_by(ITEMS.c.id).limit(1)
        row = self._connection.execute(question).mappings().first()
        return None if row is None else value_of(Item, row)
