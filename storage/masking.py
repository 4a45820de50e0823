"""What stays of old reports names no poster: numbers, accounts and names in it are masked for good."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select, update

from alerts.message import mask_personal
from monitor.classifiers.model import Evidence, Verdict
from monitor.collectors.model import Role
from monitor.incidents.model import IncidentState
from monitor.ports.analysis import FORGOTTEN
from storage.engine import SqlStore
from storage.facets import places_of
from storage.incidents import INCIDENTS
from storage.items import ITEMS, JOININGS, VERDICTS
from storage.tips import TIPS
from storage.word_index import Indexed, drop_words, index_words

_AT_ONCE = 500
_FIRST: int | None = 0
_Masked = Mapping[int, tuple[str, str]]


def count_unmasked(store: SqlStore, before: datetime) -> int:
    """Return how many items `mask_old` would change now."""
    changed, last = 0, _FIRST
    while last is not None:
        with store.looking() as connection:
            last, masked = _page(connection, before, last)
        changed += len(masked)
    return changed


def mask_old(store: SqlStore, before: datetime) -> int:
    """Mask title and text of items from before then whose incident has ended; return how many changed.

    What is official is public as it is. The index of words and the places of evidence follow the text; what
    was judged and counted stays. Many small transactions; may be run again, and then changes nothing.
    """
    changed, last = 0, _FIRST
    while last is not None:
        with store.connected() as connection:
            last, masked = _page(connection, before, last)
            _write(connection, masked)
        changed += len(masked)
    return changed


def _page(connection: Connection, before: datetime, after: int) -> tuple[int | None, _Masked]:
    """Return the last id looked at, None behind the end, and title and text of those to be masked."""
    question = select(ITEMS.c.id, ITEMS.c.title, ITEMS.c.text).where(_may_be_masked(before))
    rows = connection.execute(question.where(ITEMS.c.id > after).order_by(ITEMS.c.id).limit(_AT_ONCE)).all()
    masked = {row.id: (mask_personal(row.title), mask_personal(row.text)) for row in rows}
    changed = {row.id: masked[row.id] for row in rows if masked[row.id] != (row.title, row.text)}
    return (rows[-1].id if len(rows) == _AT_ONCE else None), changed


def _may_be_masked(before: datetime) -> ColumnElement[bool]:
    of_incident = JOININGS.join(INCIDENTS, INCIDENTS.c.id == JOININGS.c.incident_id)
    joined = select(JOININGS.c.item_id).select_from(of_incident).where(JOININGS.c.item_id == ITEMS.c.id)
    is_kept = or_(joined.exists(), select(TIPS.c.item_id).where(TIPS.c.item_id == ITEMS.c.id).exists())
    is_running = joined.where(INCIDENTS.c.state == IncidentState.OPEN).exists()
    is_a_posters = ITEMS.c.role.not_in([Role.OFFICIAL, Role.WARNING]) & (ITEMS.c.title != FORGOTTEN)
    return (ITEMS.c.at < before) & is_a_posters & is_kept & ~is_running


def _write(connection: Connection, masked: _Masked) -> None:
    if not masked:
        return
    question = select(ITEMS.c.id, ITEMS.c.title, ITEMS.c.text, VERDICTS.c.value)
    question = question.outerjoin(VERDICTS, VERDICTS.c.item_id == ITEMS.c.id)
    rows = connection.execute(question.where(ITEMS.c.id.in_(list(masked)))).all()
    places = places_of(connection, masked)
    drop_words(connection, [Indexed(places[row.id], row.title, row.text) for row in rows])
    for row in rows:
        title, text = masked[row.id]
        connection.execute(update(ITEMS).where(ITEMS.c.id == row.id).values(title=title, text=text))
        if row.value is not None:
            kept = moved_evidence(row.value, title, text)
            connection.execute(update(VERDICTS).where(VERDICTS.c.item_id == row.id).values(value=kept))
    index_words(connection, [Indexed(places[id_], *words) for id_, words in masked.items()])


def moved_evidence(verdict: Verdict, title: str, text: str) -> Verdict:
    """Return the verdict with its evidence where it now stands; what was masked itself is left out."""
    found = (_moved(proof, title if proof.where == "title" else text) for proof in verdict.evidence)
    return replace(verdict, evidence=tuple(proof for proof in found if proof is not None))


def _moved(proof: Evidence, source: str) -> Evidence | None:
    """Return evidence at the place of its words nearest to where they were, or None where they are gone."""
    starts: list[int] = []
    at = source.find(proof.text)
    while at >= 0:
        starts.append(at)
        at = source.find(proof.text, at + 1)
    if not starts:
        return None
    start = min(starts, key=lambda place: abs(place - proof.start))
    return replace(proof, start=start, end=start + len(proof.text))
