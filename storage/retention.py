"""Forgetting: what led to nothing and is old keeps its numbers and loses its words."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, text, update

from monitor.collectors.model import Role
from monitor.dossier.model import Change
from monitor.incidents.model import IncidentState
from storage.copying import index_items
from storage.engine import connect, open_store
from storage.grams import hex_grams
from storage.incidents import INCIDENTS
from storage.items import ITEMS, JOININGS, NUMBER_GRAMS, VERDICTS
from storage.tips import TIPS
from storage.transaction import SqlTransaction

FORGOTTEN = "（原文已清除）"
"""The title of an item whose words were erased."""

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many items lost their words, and how many reports the way to reach who told them."""

    items: int
    contacts: int


def count_old(database_url: str, before: datetime) -> Forgotten:
    """Return what `forget_old` would do now."""
    with closing(connect(database_url)) as store, store.looking() as connection:
        counts = (
            connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
            for table, condition in ((ITEMS, _is_forgettable(before)), (TIPS, _is_settled(before)))
        )
        return Forgotten(items=next(counts), contacts=next(counts))


def forget_old(database_url: str, before: datetime, now: datetime, by: str) -> Forgotten:
    """Erase title, text and address of items from before then that belong to no incident, and old contacts.

    The rows stay: an item that a source still lists is known, and numbers add up. What was taken by hand and
    what is official is kept. Reports lose the contact, unless their incident is still open. Many small
    transactions, so that nobody waits; the journal says how many, in the last one. May be run again.
    """
    open_store(database_url).close()
    items = 0
    with closing(connect(database_url)) as store:
        while True:
            with store.connected() as connection:
                forgotten = _forget_some(connection, before)
            items += forgotten
            if forgotten < _AT_ONCE:
                break
        with store.connected() as connection:
            contacts = connection.execute(update(TIPS).where(_is_settled(before)).values(contact="")).rowcount
            if items or contacts:
                facts = {"items": items, "contacts": contacts, "before": before}
                unit = SqlTransaction(connection, writes=True)
                unit.record([Change(at=now, event="texts_forgotten", incident=None, actor=by, facts=facts)])
                unit.flush_journal()
    return Forgotten(items=items, contacts=contacts)


def _is_forgettable(before: datetime) -> ColumnElement[bool]:
    kept = (
        select(JOININGS.c.item_id).where(JOININGS.c.item_id == ITEMS.c.id).exists(),
        select(TIPS.c.item_id).where(TIPS.c.item_id == ITEMS.c.id).exists(),
        ITEMS.c.role.in_([Role.OFFICIAL, Role.WARNING]),
    )
    return (ITEMS.c.at < before) & (ITEMS.c.title != FORGOTTEN) & ~or_(*kept)


def _is_settled(before: datetime) -> ColumnElement[bool]:
    joined = JOININGS.join(INCIDENTS, INCIDENTS.c.id == JOININGS.c.incident_id)
    running = select(JOININGS.c.item_id).select_from(joined)
    running = running.where(JOININGS.c.item_id == TIPS.c.item_id, INCIDENTS.c.state == IncidentState.OPEN)
    return (TIPS.c.recorded_at < before) & (TIPS.c.contact != "") & ~running.exists()


def _forget_some(connection: Connection, before: datetime) -> int:
    question = select(ITEMS.c.id, ITEMS.c.title, ITEMS.c.text, VERDICTS.c.value)
    question = question.outerjoin(VERDICTS, VERDICTS.c.item_id == ITEMS.c.id)
    rows = connection.execute(question.where(_is_forgettable(before)).limit(_AT_ONCE)).all()
    ids = [row.id for row in rows]
    if not ids:
        return 0
    _drop_from_index(connection, rows)
    bare_item = {"title": FORGOTTEN, "text": "", "url": None, "published_raw": None}
    connection.execute(update(ITEMS).where(ITEMS.c.id.in_(ids)).values(**bare_item))
    index_items(connection, [{"id": id_, **bare_item} for id_ in ids])
    for row in rows:
        if row.value is not None:
            bare_verdict = replace(row.value, tokens=(), evidence=())
            connection.execute(
                update(VERDICTS).where(VERDICTS.c.item_id == row.id).values(value=bare_verdict)
            )
    return len(ids)


def _drop_from_index(connection: Connection, rows: Sequence[Any]) -> None:
    if connection.dialect.name == "postgresql":
        ids = [row.id for row in rows]
        connection.execute(delete(NUMBER_GRAMS).where(NUMBER_GRAMS.c.item_id.in_(ids)))
        return
    connection.exec_driver_sql("PRAGMA secure_delete=ON")  # overwritten in the file, not only unlinked
    # An index without the texts must be told again what it has of each of them.
    statement = "INSERT INTO item_grams (item_grams, rowid, grams) VALUES ('delete', :id, :grams)"
    grams = [{"id": row.id, "grams": hex_grams(row.title, row.text)} for row in rows]
    connection.execute(text(statement), grams)
