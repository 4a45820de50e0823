"""What stays of old reports names no poster: numbers, accounts and names in it are masked for good."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from unicodedata import normalize

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from alerts.message import mask_personal
from monitor.classifiers.model import Evidence, Verdict
from monitor.collectors.model import Role
from monitor.incidents.model import Incident, IncidentState
from monitor.ports.analysis import FORGOTTEN
from storage.engine import SqlStore
from storage.facets import places_of
from storage.incidents import INCIDENTS
from storage.items import ITEMS, JOININGS, VERDICTS
from storage.reclassified import NEW_VERDICTS
from storage.tips import TIPS
from storage.word_index import Indexed, drop_words, index_words

_AT_ONCE = 500
_FIRST: int | None = 0
_Masked = Mapping[int, tuple[str, str]]


@contextmanager
def erasing(store: SqlStore) -> Iterator[Connection]:
    """Lend a transaction that writes, after which what it replaced stands nowhere in the file."""
    with store.connected() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        yield connection


def count_unmasked(store: SqlStore, before: datetime) -> int:
    """Return how many items and incidents `mask_old` would change now."""
    changed = 0
    for page in (_page, _page_of_incidents):
        last = _FIRST
        while last is not None:
            with store.looking() as connection:
                last, masked = page(connection, before, last)
            changed += len(masked)
    return changed


def mask_old(store: SqlStore, before: datetime) -> int:
    """Mask what came before then of incidents that have ended; return how many items and incidents changed.

    What is official is public as it is. The index of words, the tokens and the places of evidence follow the
    text; what was judged and counted stays. Many small transactions; may be run again, and then changes
    nothing.
    """
    changed, last = 0, _FIRST
    while last is not None:
        with erasing(store) as connection:
            last, masked = _page(connection, before, last)
            _write(connection, masked)
        changed += len(masked)
    last = _FIRST
    while last is not None:
        with erasing(store) as connection:
            last, incidents = _page_of_incidents(connection, before, last)
            for incident in incidents.values():
                is_same = (INCIDENTS.c.id == incident.id) & (INCIDENTS.c.version == incident.version)
                connection.execute(update(INCIDENTS).where(is_same).values(value=incident))
        changed += len(incidents)
    return changed


def drop_verdicts_of(connection: Connection, item_ids: Collection[int]) -> None:
    """Forget what a reclassification found of items whose words are gone: it holds those words."""
    connection.execute(delete(NEW_VERDICTS).where(NEW_VERDICTS.c.item_id.in_(item_ids)))


def _page_of_incidents(
    connection: Connection, before: datetime, after: int
) -> tuple[int | None, Mapping[int, Incident]]:
    """Return the last number looked at, None behind the end, and the incidents whose words are masked."""
    has_ended = (INCIDENTS.c.state != IncidentState.OPEN) & (INCIDENTS.c.ended_at < before)
    question = select(INCIDENTS.c.value).where(has_ended, INCIDENTS.c.id > after)
    found = connection.execute(question.order_by(INCIDENTS.c.id).limit(_AT_ONCE)).scalars().all()
    masked = {incident.id: _masked_incident(incident) for incident in found}
    changed = {incident.id: masked[incident.id] for incident in found if masked[incident.id] != incident}
    return (found[-1].id if len(found) == _AT_ONCE else None), changed


def _masked_incident(incident: Incident) -> Incident:
    return replace(
        incident,
        title=mask_personal(incident.title),
        demands=tuple(map(mask_personal, incident.demands)),
        profile={term: weight for term, weight in incident.profile.items() if mask_personal(term) == term},
    )


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
    return (ITEMS.c.first_seen_at < before) & is_a_posters & is_kept & ~is_running


def _write(connection: Connection, masked: _Masked) -> None:
    if not masked:
        return
    question = select(ITEMS.c.id, ITEMS.c.title, ITEMS.c.text, VERDICTS.c.value, JOININGS.c.shared)
    question = question.outerjoin(VERDICTS, VERDICTS.c.item_id == ITEMS.c.id)
    question = question.outerjoin(JOININGS, JOININGS.c.item_id == ITEMS.c.id)
    rows = connection.execute(question.where(ITEMS.c.id.in_(list(masked)))).all()
    drop_verdicts_of(connection, masked)
    places = places_of(connection, masked)
    drop_words(connection, [Indexed(places[row.id], row.title, row.text) for row in rows])
    for row in rows:
        title, text = masked[row.id]
        was, is_now = _folded(row.title, row.text), _folded(title, text)
        connection.execute(update(ITEMS).where(ITEMS.c.id == row.id).values(title=title, text=text))
        if row.value is not None:
            kept = _masked_verdict(row.value, title, text)
            kept = replace(kept, tokens=_remaining(kept.tokens, was, is_now))
            connection.execute(update(VERDICTS).where(VERDICTS.c.item_id == row.id).values(value=kept))
        if row.shared:
            shared = _remaining(row.shared, was, is_now)
            connection.execute(update(JOININGS).where(JOININGS.c.item_id == row.id).values(shared=shared))
    index_words(connection, [Indexed(places[id_], *words) for id_, words in masked.items()])


def _masked_verdict(verdict: Verdict, title: str, text: str) -> Verdict:
    """Return the verdict with its evidence where it now stands; what was masked itself is left out."""
    found = (_moved(proof, title if proof.where == "title" else text) for proof in verdict.evidence)
    evidence = tuple(proof for proof in found if proof is not None)
    return replace(verdict, evidence=evidence, demands=tuple(map(mask_personal, verdict.demands)))


def _folded(title: str, text: str) -> str:
    """Return words as tokens are taken from them."""
    return normalize("NFKC", f"{title}\n{text}").lower()


def _remaining(tokens: Iterable[str], was: str, is_now: str) -> tuple[str, ...]:
    """Return the tokens without those that stood in the words before and stand there no more."""
    return tuple(token for token in tokens if token not in was or token in is_now)


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
