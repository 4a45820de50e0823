"""What history counts and filters by: where each item stands among all, of which kind it is, and incidents.

An item's place is the minute of its publication, then its number: a range of time is a range of places, and
the index of words is kept in that order. Kinds (source, role, grade, type, places as judged) are few, so
their daily counts are kept: a month is counted from some thousand rows, however many items it has.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Text, bindparam, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel

from monitor.classifiers.model import Verdict
from monitor.clock import as_local
from monitor.incidents.model import Incident
from monitor.incidents.reconcile import figures_now
from monitor.items.model import Item
from storage.mapping import chunks, insert_all_new, upsert
from storage.tables import table_of
from storage.types import UtcDateTime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SLOTS = 2**16
"""How many places a minute has."""

# On SQLite only INTEGER is the key of the table itself.
_PLACE = BigInteger().with_variant(Integer(), "sqlite")
_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
METRICS = (
    "deaths", "missing", "injuries", "serious_injuries", "trapped", "ill_persons", "evacuated",
    "direct_loss_wan",
)  # fmt: skip
"""The figures of an incident that history is asked for."""


def _place_key() -> Any:
    return Field(sa_column=Column("place", _PLACE, primary_key=True, autoincrement=False))


class FacetKindRow(SQLModel, table=True):
    """A kind of item: what many have in common; `places` are lines, a line break on either side."""

    __tablename__ = "facet_kinds"
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    source_id: str
    source_name: str
    role: str
    severity: int | None
    category: str | None
    event_type: str | None
    opinion: str | None
    places: str


class ItemFacetRow(SQLModel, table=True):
    """An item's place and kind, and the incident it belongs to."""

    __tablename__ = "item_facets"
    __table_args__ = (
        Index(
            "ix_item_facets_joined",
            "place",
            "incident_id",
            "kind_id",
            sqlite_where=text("incident_id IS NOT NULL"),
            postgresql_where=text("incident_id IS NOT NULL"),
        ),
    )
    place: int = _place_key()
    item_id: int = Field(foreign_key="items.id", unique=True)
    kind_id: int = Field(foreign_key="facet_kinds.id")
    incident_id: int | None


class FacetDayRow(SQLModel, table=True):
    """How many items of a kind a local day has; days count from 1970."""

    __tablename__ = "facet_days"
    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind_id: int = Field(
        primary_key=True, foreign_key="facet_kinds.id", sa_column_kwargs={"autoincrement": False}
    )
    item_count: int


class IncidentFacetRow(SQLModel, table=True):
    """What history asks of incidents; figures are those that hold, claims where nothing better is known."""

    __tablename__ = "incident_facets"
    incident_id: int = Field(
        primary_key=True, foreign_key="incidents.id", sa_column_kwargs={"autoincrement": False}
    )
    state: str
    detected_at: datetime = Field(sa_type=UtcDateTime)
    severity: int | None
    category: str | None
    event_type: str | None
    opinion: str | None
    places: str = Field(sa_type=Text)
    departments: str
    deaths: float | None
    missing: float | None
    injuries: float | None
    serious_injuries: float | None
    trapped: float | None
    ill_persons: float | None
    evacuated: float | None
    direct_loss_wan: float | None


KINDS = table_of(FacetKindRow)
FACETS = table_of(ItemFacetRow)
DAYS = table_of(FacetDayRow)
INCIDENT_FACETS = table_of(IncidentFacetRow)


def first_place(at: datetime) -> int:
    """Return the lowest place of the minute of an instant; everything before 1970 is one minute."""
    return max(0, (at - EPOCH) // MINUTE) * SLOTS


def day_of(at: datetime) -> int:
    """Return the local day of an instant, counted from 1970."""
    return max(0, as_local(at).toordinal() - EPOCH.toordinal())


def lines(words: Iterable[str]) -> str:
    """Return words as lines that can be looked for whole."""
    return "".join(f"\n{word}" for word in dict.fromkeys(words)) + "\n"


def mark_items(
    connection: Connection, items: Sequence[Item], verdicts: Sequence[Verdict | None]
) -> Mapping[int, int]:
    """Give new items their places and kinds and count them; return the place of each by its id."""
    places = _free_places(connection, items)
    rows = [_kind_row(item, verdict) for item, verdict in zip(items, verdicts, strict=True)]
    kinds = _kind_ids(connection, rows)
    of_items = [kinds[row["key"]] for row in rows]
    marks = [
        {"place": places[item.id], "item_id": item.id, "kind_id": kind, "incident_id": None}
        for item, kind in zip(items, of_items, strict=True)
    ]
    connection.execute(FACETS.insert(), marks)
    _count(connection, Counter((day_of(item.at), kind) for item, kind in zip(items, of_items, strict=True)))
    return places


def _free_places(connection: Connection, items: Sequence[Item]) -> dict[int, int]:
    """Return a place for each item; two that want the same one differ by a multiple of 65,536 in number."""
    wanted = {item.id: first_place(item.at) + item.id % SLOTS for item in items}
    taken: set[int] = set()
    for some in chunks(set(wanted.values())):
        taken.update(connection.execute(select(FACETS.c.place).where(FACETS.c.place.in_(some))).scalars())
    for id_, place in wanted.items():
        free = place  # the wanted ones were looked up together; only what lies behind a taken one was not
        while free in taken or (free != place and _is_taken(connection, free)):
            free += 1
        taken.add(free)
        wanted[id_] = free
    return wanted


def _is_taken(connection: Connection, place: int) -> bool:
    question = select(FACETS.c.place).where(FACETS.c.place == place)
    return connection.execute(question).first() is not None


def _kind_row(item: Item, verdict: Verdict | None) -> dict[str, Any]:
    row: dict[str, Any] = {
        "source_id": item.source_id,
        "source_name": item.source_name,
        "role": item.role.value,
        "severity": verdict and verdict.severity and int(verdict.severity),
        "category": verdict and verdict.category,
        "event_type": verdict and verdict.event_type,
        "opinion": verdict and verdict.opinion,
        "places": lines(place.name for place in verdict.places) if verdict else "\n",
    }
    return {"key": json.dumps(list(row.values()), ensure_ascii=False), **row}


def _kind_ids(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
    wanted = {row["key"]: row for row in rows}
    known = _known_kinds(connection, wanted)
    if new := [row for key, row in wanted.items() if key not in known]:
        insert_all_new(connection, KINDS, sorted(new, key=lambda row: str(row["key"])))
        known = _known_kinds(connection, wanted)
    return known


def _known_kinds(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    known: dict[str, int] = {}
    for some in chunks(keys):
        rows = connection.execute(select(KINDS.c.key, KINDS.c.id).where(KINDS.c.key.in_(some)))
        known.update((row.key, row.id) for row in rows)
    return known


def _count(connection: Connection, counted: Counter[tuple[int, int]]) -> None:
    """Add to the daily counts, in one order, so that two writers of PostgreSQL never wait for each other."""
    statement = _INSERT[connection.dialect.name](DAYS)
    adding = statement.on_conflict_do_update(
        index_elements=["day", "kind_id"],
        set_={"item_count": DAYS.c.item_count + statement.excluded.item_count},
    )
    rows = [{"day": day, "kind_id": kind, "item_count": n} for (day, kind), n in sorted(counted.items()) if n]
    if rows:
        connection.execute(adding, rows)


def mark_judged_anew(connection: Connection, judged: Sequence[tuple[Item, Verdict | None]]) -> None:
    """Let stored items be of the kind that their new verdicts say."""
    rows = {item.id: _kind_row(item, verdict) for item, verdict in judged}
    kinds = _kind_ids(connection, list(rows.values()))
    moved: Counter[tuple[int, int]] = Counter()
    for some in chunks(judged):
        ids = [item.id for item, _ in some]
        marked = select(FACETS.c.item_id, FACETS.c.kind_id).where(FACETS.c.item_id.in_(ids))
        before = {row.item_id: row.kind_id for row in connection.execute(marked)}
        for item, _ in some:
            day, kind = day_of(item.at), kinds[rows[item.id]["key"]]
            moved[day, before[item.id]] -= 1
            moved[day, kind] += 1
        changed = (
            update(FACETS).where(FACETS.c.item_id == bindparam("item")).values(kind_id=bindparam("kind"))
        )
        connection.execute(changed, [{"item": id_, "kind": kinds[rows[id_]["key"]]} for id_ in ids])
    _count(connection, moved)


def mark_joined(connection: Connection, joined: Collection[tuple[int, int]]) -> None:
    """Note which incident items belong to: pairs of item and incident."""
    if joined:
        changed = update(FACETS).where(FACETS.c.item_id == bindparam("item"))
        rows = [{"item": item, "incident": incident} for item, incident in joined]
        connection.execute(changed.values(incident_id=bindparam("incident")), rows)


def mark_incidents(connection: Connection, incidents: Iterable[Incident]) -> None:
    """Keep what history asks of incidents as they are now."""
    upsert(connection, INCIDENT_FACETS, [incident_row(incident) for incident in incidents])


def incident_row(incident: Incident) -> dict[str, Any]:
    """Return what history asks of an incident."""
    figures = figures_now(incident.holding).precautionary
    return {
        "incident_id": incident.id,
        "state": incident.state.value,
        "detected_at": incident.detected_at,
        "severity": incident.severity and int(incident.severity),
        "category": incident.category,
        "event_type": incident.event_type,
        "opinion": incident.opinion,
        "places": lines(place.name for place in incident.places),
        "departments": lines(incident.assigned_to),
        **{metric: figures.value(metric) for metric in METRICS},
    }


def places_of(connection: Connection, item_ids: Iterable[int]) -> Mapping[int, int]:
    """Return the place of each of these items."""
    found: dict[int, int] = {}
    for some in chunks(item_ids):
        rows = connection.execute(select(FACETS.c.item_id, FACETS.c.place).where(FACETS.c.item_id.in_(some)))
        found.update((row.item_id, row.place) for row in rows)
    return found
