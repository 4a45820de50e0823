"""History in order of publication: places, kinds and their daily counts, and the index of words by place.

Every item that is stored is indexed anew: about ten seconds for each 100,000.

Revision ID: 0013
Revises: 0012
"""

import json
from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from pydantic import TypeAdapter

from monitor.clock import as_utc
from monitor.incidents.model import Incident
from storage.facets import SLOTS, day_of, first_place, incident_row
from storage.word_index import Indexed, index_words

revision = "0013"
down_revision = "0012"

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
PLACE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
METRICS = (
    "deaths", "missing", "injuries", "serious_injuries", "trapped", "ill_persons", "evacuated", "direct_loss_wan",
)
AT_ONCE = 1000

KINDS = sa.Table(
    "facet_kinds",
    sa.MetaData(),
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("key", sa.String(), nullable=False, unique=True),
    sa.Column("source_id", sa.String(), nullable=False),
    sa.Column("source_name", sa.String(), nullable=False),
    sa.Column("role", sa.String(), nullable=False),
    sa.Column("severity", sa.Integer()),
    sa.Column("category", sa.String()),
    sa.Column("event_type", sa.String()),
    sa.Column("opinion", sa.String()),
    sa.Column("places", sa.String(), nullable=False),
)
FACETS = sa.table("item_facets", *(sa.column(name) for name in ("place", "item_id", "kind_id", "incident_id")))
DAYS = sa.table("facet_days", *(sa.column(name) for name in ("day", "kind_id", "item_count")))
INCIDENTS = sa.table(
    "incident_facets",
    *(
        sa.column(name)
        for name in (
            "incident_id", "state", "severity", "category", "event_type", "opinion", "places", "departments", *METRICS
        )
    ),
    sa.column("detected_at", INSTANT),
)


def upgrade() -> None:
    """Add four tables, make the index of words anew, and fill all of them from what is stored."""
    bind = op.get_bind()
    KINDS.create(bind)
    op.create_table(
        "item_facets",
        sa.Column("place", PLACE, primary_key=True, autoincrement=False),
        sa.Column("item_id", sa.Integer(), sa.ForeignKey("items.id"), nullable=False, unique=True),
        sa.Column("kind_id", sa.Integer(), sa.ForeignKey("facet_kinds.id"), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
    )
    joined = sa.text("incident_id IS NOT NULL")
    op.create_index(
        "ix_item_facets_joined",
        "item_facets",
        ["place", "incident_id", "kind_id"],
        sqlite_where=joined,
        postgresql_where=joined,
    )
    op.create_table(
        "facet_days",
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind_id", sa.Integer(), sa.ForeignKey("facet_kinds.id"), primary_key=True, autoincrement=False),
        sa.Column("item_count", sa.Integer(), nullable=False),
    )
    op.create_table(
        "incident_facets",
        sa.Column("incident_id", sa.Integer(), sa.ForeignKey("incidents.id"), primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("detected_at", INSTANT, nullable=False),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("event_type", sa.String(), nullable=True),
        sa.Column("opinion", sa.String(), nullable=True),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("departments", sa.String(), nullable=False),
        *(sa.Column(metric, sa.Float(), nullable=True) for metric in METRICS),
    )
    _make_index(bind)
    _fill_items(bind)
    _fill_incidents(bind)


def _make_index(bind: sa.Connection) -> None:
    op.execute("DROP TABLE item_grams")
    if bind.dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE item_grams USING fts5(grams, content='', tokenize='ascii', columnsize=0)"
        )
        return
    op.execute(
        "CREATE TABLE item_grams (place BIGINT PRIMARY KEY REFERENCES item_facets (place),"
        " grams INTEGER[] NOT NULL, folded TEXT NOT NULL)"
    )
    op.execute("CREATE INDEX ix_item_grams ON item_grams USING gin (grams)")


def _fill_items(bind: sa.Connection) -> None:
    kinds: dict[str, int] = {}
    days: Counter[tuple[int, int]] = Counter()
    taken: set[int] = set()
    last = 0
    question = sa.text(
        "SELECT i.id, i.at, i.title, i.text, i.source_id, i.source_name, i.role, v.severity, v.value, j.incident_id"
        " FROM items i LEFT JOIN verdicts v ON v.item_id = i.id LEFT JOIN joinings j ON j.item_id = i.id"
        " WHERE i.id > :last ORDER BY i.id LIMIT :size"
    )
    while rows := bind.execute(question, {"last": last, "size": AT_ONCE}).all():
        last = rows[-1].id
        marks, words = [], []
        for row in rows:
            at = datetime.fromisoformat(row.at) if isinstance(row.at, str) else row.at
            place = first_place(at) + row.id % SLOTS
            while place in taken:
                place += 1
            taken.add(place)
            kind = _kind(bind, kinds, row)
            days[day_of(at), kind] += 1
            marks.append({"place": place, "item_id": row.id, "kind_id": kind, "incident_id": row.incident_id})
            words.append(Indexed(place, row.title, row.text))
        bind.execute(FACETS.insert(), marks)
        index_words(bind, words)
    counted = [{"day": day, "kind_id": kind, "item_count": n} for (day, kind), n in days.items()]
    if counted:
        bind.execute(DAYS.insert(), counted)


def _kind(bind: sa.Connection, kinds: dict[str, int], row: sa.Row[Any]) -> int:
    verdict = json.loads(row.value) if row.value else {}
    names = dict.fromkeys(place["name"] for place in verdict.get("places", ()))
    kind = {
        "source_id": row.source_id,
        "source_name": row.source_name,
        "role": row.role,
        "severity": row.severity,
        "category": verdict.get("category"),
        "event_type": verdict.get("event_type"),
        "opinion": verdict.get("opinion"),
        "places": "".join(f"\n{name}" for name in names) + "\n",
    }
    key = json.dumps(list(kind.values()), ensure_ascii=False)
    if key not in kinds:
        kinds[key] = bind.execute(KINDS.insert().values(key=key, **kind).returning(KINDS.c.id)).scalar_one()
    return kinds[key]


def _fill_incidents(bind: sa.Connection) -> None:
    read = TypeAdapter(Incident).validate_json
    for value in bind.execute(sa.text("SELECT value FROM incidents")).scalars().all():
        row = incident_row(read(value))
        if bind.dialect.name == "sqlite":
            row["detected_at"] = as_utc(row["detected_at"]).isoformat(timespec="microseconds")
        bind.execute(INCIDENTS.insert().values(row))
