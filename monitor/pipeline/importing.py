"""The office's past ledger as closed history: no clock, no page, no round, and twice is once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from monitor.analysis.facts import LEDGER
from monitor.classifiers.model import NamedPlace
from monitor.collectors.model import Role
from monitor.dossier.model import Change, Changes, Dossier, Joining
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
    """How many rows became history now, were there before, or ended too lately to be history.

    `corrected` are those of the known ones that now say something else.
    """

    new: int
    known: int
    recent: int
    corrected: int = 0


def import_ledger(store: Store, rows: Sequence[LedgerRow], now: datetime, *, by: str, via: str) -> Imported:
    """Keep the rows that are not kept yet, and what they say otherwise now; see `count_import`.

    Each becomes an item, an incident that is closed, and where it was answered a publication. Small
    transactions: a stopped import is completed by the next.
    """
    old = [row for row in rows if is_history(row, now)]
    new = corrected = 0
    for start in range(0, len(old), _AT_ONCE):
        with store.transaction() as transaction:
            for row, known in _known(transaction, old[start : start + _AT_ONCE]):
                if known is None:
                    _keep(transaction, row, now, by, via)
                    new += 1
                elif changes := _correction(known, row, now, by, via):
                    keep(transaction, changes)
                    corrected += 1
    return Imported(new=new, known=len(old) - new, recent=len(rows) - len(old), corrected=corrected)


def count_import(store: Store, rows: Sequence[LedgerRow], now: datetime) -> Imported:
    """Return what `import_ledger` would do now."""
    old = [row for row in rows if is_history(row, now)]
    with store.reading() as transaction:
        known = [(row, dossier) for row, dossier in _known(transaction, old) if dossier]
    corrected = sum(_correction(dossier, row, now, "", "") is not None for row, dossier in known)
    return Imported(
        new=len(old) - len(known), known=len(known), recent=len(rows) - len(old), corrected=corrected
    )


def _known(transaction: Transaction, rows: Sequence[LedgerRow]) -> Iterator[tuple[LedgerRow, Dossier | None]]:
    """Yield each row with what was made of it before, None where nothing was."""
    items = transaction.known_items(row.key for row in rows)
    incidents = transaction.incident_of_items(items.values())
    for row in rows:
        item_id = items.get(row.key)
        yield row, None if item_id is None else transaction.dossier(incidents[item_id])


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


def _correction(known: Dossier, row: LedgerRow, now: datetime, by: str, via: str) -> Changes | None:
    """Return what brings a case in line with its row; None where nothing differs."""
    incident = known.incident
    # One that people took up since is theirs.
    if incident.ended_by != LEDGER:
        return None
    stated, answers = _stated(row), _corrected_answer(known, row, now, by)
    fields = [name for name, value in stated.items() if getattr(incident, name) != value]
    if answers:
        fields.append("answer")
    if not fields:
        return None
    change = Change(
        at=now, event="ledger_corrected", incident=incident.id, actor=by, via=via, facts={"fields": fields}
    )
    return Changes(
        incident=replace(incident, version=incident.version + 1, **stated),
        expected_version=incident.version,
        publications=answers,
        journal=(change,),
    )


def _corrected_answer(known: Dossier, row: LedgerRow, now: datetime, by: str) -> tuple[Publication, ...]:
    """Return the answer that the row states where it differs, or the one that it states no longer."""
    id_ = known.incident.id
    wanted = _publications(row, id_, now, by)
    kept = tuple(p for p in known.publications if p.id == _answer_id(id_))
    if wanted:
        same = tuple(replace(p, recorded_at=now, recorded_by=by) for p in kept)
        return () if same == wanted else wanted
    return tuple(
        replace(p, state=PublicationState.WITHDRAWN) for p in kept if p.state is PublicationState.ACCEPTED
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
        detected_at=row.detected.at,
        ended_by=LEDGER,
        source_ids=(LEDGER,),
        trusts=frozenset({Trust.SOCIAL}),
        item_count=1,
        first_item_id=item.id,
        last_item_at=item.at,
        **_stated(row),
    )


def _stated(row: LedgerRow) -> dict[str, Any]:
    """Return what an incident has from its row and a corrected row may change."""
    return {
        "places": (NamedPlace(name=row.location),) if row.location else (),
        "category": row.category,
        "event_type": row.event_type,
        "severity": row.severity,
        "first_published_at": row.first_published_at,
        "assigned_to": row.departments,
        "ended_at": row.ended_at,
    }


def _answer_id(incident_id: int) -> str:
    return f"{incident_id}:publication:1"


def _publications(row: LedgerRow, id_: int, now: datetime, by: str) -> tuple[Publication, ...]:
    if row.answered is None:
        return ()
    return (
        Publication(
            id=_answer_id(id_),
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
