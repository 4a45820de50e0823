"""Reach: when items arrived in incidents, and how boards ranked them afterwards."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import bindparam, select

from monitor.incidents.heat import Sighting
from monitor.items.model import Item
from storage.items import ITEMS, JOININGS
from storage.mapping import Rows, chunks, insert_all_new
from storage.tables import SightingRow, table_of

SIGHTINGS = table_of(SightingRow)
MOST_SIGHTINGS = 10_000

_ARRIVALS = (
    select(JOININGS.c.incident_id, ITEMS.c.id, ITEMS.c.at, ITEMS.c.source_id)
    .select_from(JOININGS.join(ITEMS))
    .where(JOININGS.c.incident_id.in_(bindparam("incidents", expanding=True)))
    # What arrived since then joined since then: the smaller index goes first.
    .where(JOININGS.c.at >= bindparam("since"), ITEMS.c.at >= bindparam("since"))
)
_SOURCE = (ITEMS.c.id, ITEMS.c.source_id, ITEMS.c.source_name, ITEMS.c.role, ITEMS.c.platform)
_ARRIVED = (
    select(ITEMS.c.at, ITEMS.c.board_rank.label("rank"), ITEMS.c.heat, *_SOURCE)
    .select_from(JOININGS.join(ITEMS))
    .where(JOININGS.c.incident_id == bindparam("incident"))
)
_SEEN_AGAIN = (
    select(SIGHTINGS.c.at, SIGHTINGS.c.rank, SIGHTINGS.c.heat, *_SOURCE)
    .select_from(JOININGS.join(ITEMS).join(SIGHTINGS, SIGHTINGS.c.item_id == ITEMS.c.id))
    .where(JOININGS.c.incident_id == bindparam("incident"))
    .order_by(SIGHTINGS.c.at.desc())
    .limit(MOST_SIGHTINGS)
)


class ReachRows(Rows):
    """The part of a transaction that keeps reach."""

    def note_sightings(self, seen: Mapping[int, Item], at: datetime) -> None:
        """Record the rank and heat of known items that were seen again; where there is neither, nothing."""
        rows = [
            {"item_id": id_, "at": at, "heat": item.heat, "rank": item.board_rank}
            for id_, item in seen.items()
            if item.heat is not None or item.board_rank is not None
        ]
        insert_all_new(self._connection, SIGHTINGS, rows)

    def arrivals(self, incident_ids: Iterable[int], since: datetime) -> Mapping[int, tuple[Sighting, ...]]:
        """Return the items that arrived in these incidents since then: when, and at which source."""
        found: defaultdict[int, list[Sighting]] = defaultdict(list)
        for some in chunks(incident_ids):
            rows = self._connection.execute(_ARRIVALS, {"incidents": some, "since": since})
            for incident_id, item_id, at, source_id in rows:
                found[incident_id].append(Sighting(at=at, item_id=item_id, source_id=source_id))
        return {incident_id: tuple(sightings) for incident_id, sightings in found.items()}

    def sightings(self, incident_id: int) -> tuple[Sighting, ...]:
        """Return every arrival of one incident and the newest 10,000 times its items were seen again."""
        asked = {"incident": incident_id}
        return tuple(
            Sighting(
                at=row.at,
                item_id=row.id,
                source_id=row.source_id,
                source_name=row.source_name,
                role=row.role,
                platform=row.platform,
                rank=row.rank,
                heat=row.heat,
            )
            for question in (_ARRIVED, _SEEN_AGAIN)
            for row in self._connection.execute(question, asked)
        )
