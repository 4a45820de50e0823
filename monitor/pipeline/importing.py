"""The office's past ledger as closed history: no clock, no page, no round, and twice is once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.analysis.facts import LEDGER
from monitor.classifiers.model import NamedPlace
from monitor.collectors.model import Role
from monitor.dossier.model import Change, Changes, Joining
from monitor.incidents.model import (
    Incident,
    IncidentState,
    Publication,
    PublicationKind,
    PublicationState,
    Trust,
)
from monitor.items.model import Item
from monitor.keeping import keep
from monitor.ledger.model import LedgerRow
from monitor.pipeline.known import LOOK_BACK
from monitor.ports import Store, Transaction

SOURCE_NAME = "以往台账"
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How many rows became history now, were there before, or ended too lately to be history."""

    new: int
    known: int
    recent: int


def import_ledger(store: Store, rows: Sequence[LedgerRow], now: datetime, *, by: str, via: str) -> Imported:
    """Keep the rows that are not kept yet; see `plan_import` for which are left.

    Each becomes an item, an incident that is closed, and where it was answered a publication. Small
    transactions: a stopped import is completed by the next.
    """
    old = [row for row in rows if is_history(row, now)]
    new = 0
    for start in range(0, len(old), _AT_ONCE):
        some = old[start : start + _AT_ONCE]
        with store.transaction() as transaction:
            known = transaction.known_items(row.key for row in some)
            for row in some:
                if row.key not in known:
                    _keep(transaction, row, now, by, via)
                    new += 1
    return Imported(new=new, known=len(old) - new, recent=len(rows) - len(old))


def count_import(store: Store, rows: Sequence[LedgerRow], now: datetime) -> Imported:
    """Return what `import_ledger` would do now."""
    old = [row for row in rows if is_history(row, now)]
    with store.reading() as transaction:
        known = len(transaction.known_items(row.key for row in old))
    return Imported(new=len(old) - known, known=known, recent=len(rows) - len(old))


def is_history(row: LedgerRow, now: datetime) -> bool:
    """Return whether it ended so long ago that no new report can join it: else news would be swallowed."""
    return row.ended_at < now - LOOK_BACK


def _keep(transaction: Transaction, row: LedgerRow, now: datetime, by: str, via: str) -> None:
    (item,) = transaction.add_items([_item(row)], [None])
    id_ = transaction.next_incident_id()
    joining = Joining(incident_id=id_, item_id=item.id, at=row.detected.at, reason=LEDGER)
    change = Change(at=now, event="ledger_imported", incident=id_, actor=by, via=via, facts={"item": item.id})
    keep(
        transaction,
        Changes(
            incident=_incident(row, id_, item),
            expected_version=None,
            publications=_publications(row, id_, now, by),
            joinings=(joining,),
            journal=(change,),
        ),
    )


def _item(row: LedgerRow) -> Item:
    return Item(
        key=row.key,
        source_id=LEDGER,
        source_name=row.source or SOURCE_NAME,
        role=Role.HOTLINE if "12345" in row.source or "热线" in row.source else Role.SOCIAL,
        url=row.url,
        title=row.title,
        text=row.text,
        published_at=row.published.at if row.published else None,
        first_seen_at=row.detected.at,
        exact_key=row.key,
        baseline=True,
    )


def _incident(row: LedgerRow, id_: int, item: Item) -> Incident:
    return Incident(
        id=id_,
        state=IncidentState.CLOSED,
        title=row.title,
        local=True,
        places=(NamedPlace(name=row.location),) if row.location else (),
        category=row.category,
        event_type=row.event_type,
        severity=row.severity,
        first_published_at=row.first_published_at,
        detected_at=row.detected.at,
        assigned_to=row.departments,
        ended_at=row.ended_at,
        ended_by=LEDGER,
        source_ids=(LEDGER,),
        trusts=frozenset({Trust.SOCIAL}),
        item_count=1,
        first_item_id=item.id,
        last_item_at=item.at,
    )


def _publications(row: LedgerRow, id_: int, now: datetime, by: str) -> tuple[Publication, ...]:
    if row.answered is None:
        return ()
    return (
        Publication(
            id=f"{id_}:publication:1",
            incident_id=id_,
            kind=PublicationKind.RESPONSE,
            state=PublicationState.ACCEPTED,
            title=row.answer,
            channel=row.channel,
            effective_at=row.answered.at,
            recorded_at=now,
            recorded_by=by,
        ),
    )
