"""The 舆情热度 of open incidents, remembered as long as it can have stayed the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.desk.reads import FRESH, MOST_REPORTS
from monitor.incidents.heat import measure_heat
from monitor.incidents.model import Incident
from monitor.incidents.opinion_level import LevelTable, OpinionLevel, measure_attention
from monitor.ports import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A level as it was measured: of which version, when, by which table."""

    version: int
    at: datetime
    table: LevelTable
    level: OpinionLevel


class HeatLevels:
    """The opinion levels of incidents, each measured anew when the incident changed or after `FRESH`.

    Two pages at once may measure the same; what the later one remembers stays.
    """

    def __init__(self) -> None:
        self._known: dict[int, _Measured] = {}

    def measure(
        self, store: Store, incidents: Sequence[Incident], table: LevelTable, now: datetime
    ) -> Mapping[int, OpinionLevel]:
        """Return the level of each of these incidents, as its own page shows it."""
        known = {id_: m for id_, m in self._known.items() if now - m.at < FRESH and m.table is table}
        with store.reading() as transaction:
            for incident in incidents:
                measured = known.get(incident.id)
                if measured is None or measured.version != incident.version:
                    level = _level(transaction, incident, table, now)
                    known[incident.id] = _Measured(version=incident.version, at=now, table=table, level=level)
        self._known = known
        return {incident.id: known[incident.id].level for incident in incidents}


def _level(transaction: Transaction, incident: Incident, table: LevelTable, now: datetime) -> OpinionLevel:
    heat = measure_heat(transaction.sightings(incident.id), now)
    joined = transaction.joined_items(incident.id, limit=MOST_REPORTS, newest=True)
    return measure_attention(incident, heat, [(j.item, j.verdict) for j in joined], table).level
