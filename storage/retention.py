"""Forgetting: what led to nothing and is old keeps its numbers and loses its words; the rest is masked."""

from contextlib import closing
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from monitor.collectors.model import Role
from monitor.dossier.model import Change
from monitor.incidents.model import IncidentState
from monitor.ports.analysis import FORGOTTEN as FORGOTTEN
from storage.drafts import DRAFTS, VERSIONS
from storage.engine import connect, open_store
from storage.facets import places_of
from storage.incidents import INCIDENTS
from storage.items import ITEMS, JOININGS, VERDICTS
from storage.masking import count_unmasked, drop_verdicts_of, erasing, mask_old
from storage.tips import TIPS
from storage.transaction import SqlTransaction
from storage.word_index import Indexed, drop_words, index_words

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many items and drafts lost their words, and how many reports the way to reach who told them.

    `masked` are the items and incidents whose words stay, without what names a poster.
    """

    items: int
    contacts: int
    drafts: int = 0
    masked: int = 0


def count_old(database_url: str, before: datetime) -> Forgotten:
    """Return what `forget_old` would do now."""
    with closing(connect(database_url)) as store, store.looking() as connection:
        counts = (
            connection.execute(select(func.count()).select_from(table).where(condition)).scalar_one()
            for table, condition in (
                (ITEMS, _is_forgettable(before)),
                (TIPS, _is_settled(before)),
                (VERSIONS, _is_never_published(before)),
            )
        )
        forgotten = Forgotten(items=next(counts), contacts=next(counts), drafts=next(counts))
    with closing(connect(database_url)) as store:
        return replace(forgotten, masked=count_unmasked(store, before))


def forget_old(database_url: str, before: datetime, now: datetime, by: str) -> Forgotten:
    """Erase title, text and address of items that came before then and led to nothing, and old contacts.

    The rows stay: an item that a source still lists is known, and numbers add up. What was taken by hand and
    what is official is kept. Reports lose the contact, unless their incident is still open; drafts that were
    never published lose their words with an incident that ended before then. Many small transactions, so
    that nobody waits; the journal says how many, in the last one. May be run again. What stays of posters is
    masked once its incident has ended (`mask_old`).
    """
    open_store(database_url).close()
    items, last = 0, 0
    with closing(connect(database_url)) as store:
        while True:
            with erasing(store) as connection:
                ids = _forget_some(connection, before, last)
            items += len(ids)
            if len(ids) < _AT_ONCE:
                break
            last = ids[-1]
        masked = mask_old(store, before)
        with erasing(store) as connection:
            contacts = connection.execute(update(TIPS).where(_is_settled(before)).values(contact="")).rowcount
            drafts = _forget_drafts(connection, before)
            done = Forgotten(items=items, contacts=contacts, drafts=drafts, masked=masked)
            if any(astuple(done)):
                facts = {**asdict(done), "before": before}
                unit = SqlTransaction(connection, writes=True)
                unit.record([Change(at=now, event="texts_forgotten", incident=None, actor=by, facts=facts)])
                unit.flush_journal()
    return done


def _is_forgettable(before: datetime) -> ColumnElement[bool]:
    """Return which items go: old is what came long ago, not what was published long before it came."""
    kept = (
        select(JOININGS.c.item_id).where(JOININGS.c.item_id == ITEMS.c.id).exists(),
        select(TIPS.c.item_id).where(TIPS.c.item_id == ITEMS.c.id).exists(),
        ITEMS.c.role.in_([Role.OFFICIAL, Role.WARNING]),
    )
    return (ITEMS.c.first_seen_at < before) & (ITEMS.c.title != FORGOTTEN) & ~or_(*kept)


def _is_settled(before: datetime) -> ColumnElement[bool]:
    joined = JOININGS.join(INCIDENTS, INCIDENTS.c.id == JOININGS.c.incident_id)
    running = select(JOININGS.c.item_id).select_from(joined)
    running = running.where(JOININGS.c.item_id == TIPS.c.item_id, INCIDENTS.c.state == IncidentState.OPEN)
    return (TIPS.c.recorded_at < before) & (TIPS.c.contact != "") & ~running.exists()


def _is_never_published(before: datetime) -> ColumnElement[bool]:
    """Return which versions of drafts led to nothing: who signed them, and their hash, stay on record."""
    ended = select(INCIDENTS.c.id).where(
        INCIDENTS.c.state != IncidentState.OPEN, INCIDENTS.c.ended_at < before
    )
    of_published = select(DRAFTS.c.number).where(
        DRAFTS.c.incident_id == VERSIONS.c.incident_id,
        DRAFTS.c.number == VERSIONS.c.draft,
        DRAFTS.c.publication_id.is_not(None),
    )
    return VERSIONS.c.incident_id.in_(ended) & (VERSIONS.c.title != FORGOTTEN) & ~of_published.exists()


def _forget_drafts(connection: Connection, before: datetime) -> int:
    bare = {"title": FORGOTTEN, "text": "", "channel": ""}
    return connection.execute(update(VERSIONS).where(_is_never_published(before)).values(**bare)).rowcount


def _forget_some(connection: Connection, before: datetime, after: int) -> list[int]:
    """Erase the next items behind this one; return their ids, in order."""
    question = select(ITEMS.c.id, ITEMS.c.title, ITEMS.c.text, VERDICTS.c.value)
    question = question.outerjoin(VERDICTS, VERDICTS.c.item_id == ITEMS.c.id)
    question = question.where(_is_forgettable(before), ITEMS.c.id > after).order_by(ITEMS.c.id)
    rows = connection.execute(question.limit(_AT_ONCE)).all()
    ids = [row.id for row in rows]
    if not ids:
        return ids
    places = places_of(connection, ids)
    drop_words(connection, [Indexed(places[row.id], row.title, row.text) for row in rows])
    bare_item = {"title": FORGOTTEN, "text": "", "url": None, "published_raw": None}
    connection.execute(update(ITEMS).where(ITEMS.c.id.in_(ids)).values(**bare_item))
    index_words(connection, [Indexed(places[id_], FORGOTTEN, "") for id_ in ids])
    for row in rows:
        if row.value is not None:
            bare_verdict = replace(row.value, tokens=(), evidence=())
            connection.execute(
                update(VERDICTS).where(VERDICTS.c.item_id == row.id).values(value=bare_verdict)
            )
    drop_verdicts_of(connection, ids)
    return ids
