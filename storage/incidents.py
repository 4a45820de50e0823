"""Incidents with everything that belongs to them: loaded whole, saved by compare-and-set."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from alerts.model import Alert, RoundState
from monitor.deadlines.model import ObligationState, ReminderState
from monitor.dossier.model import Changes, Dossier, Part
from monitor.errors import ConflictError, NotFoundError
from monitor.incidents.model import Incident, IncidentState
from monitor.items.model import Item
from monitor.ports import JoinedItem
from storage.facets import mark_incidents, mark_joined
from storage.items import ITEMS, JOININGS, VERDICTS
from storage.journal import JournalRows
from storage.mapping import chunks, insert_new, row_of, upsert, value_of
from storage.orders import ORDERS
from storage.outbox import MESSAGES, OutboxRows
from storage.tables import (
    AcknowledgementRow,
    CounterRow,
    IncidentRow,
    ObligationRow,
    PublicationRow,
    ReminderRow,
    RoundRow,
    table_of,
)

INCIDENTS = table_of(IncidentRow)
OBLIGATIONS = table_of(ObligationRow)
REMINDERS = table_of(ReminderRow)
PUBLICATIONS = table_of(PublicationRow)
ROUNDS = table_of(RoundRow)
ACKNOWLEDGEMENTS = table_of(AcknowledgementRow)
COUNTERS = table_of(CounterRow)


_OLDEST_FIRST = {
    Part.OBLIGATIONS: (OBLIGATIONS, OBLIGATIONS.c.opened_at),
    Part.REMINDERS: (REMINDERS, REMINDERS.c.fires_at),
    Part.PUBLICATIONS: (PUBLICATIONS, PUBLICATIONS.c.recorded_at),
    Part.ROUNDS: (ROUNDS, ROUNDS.c.serial),
    Part.ACKNOWLEDGEMENTS: (ACKNOWLEDGEMENTS, ACKNOWLEDGEMENTS.c.at),
    Part.ORDERS: (ORDERS, ORDERS.c.issued_at),
}

_RUNNING = (ObligationState.OPEN, ObligationState.BREACHED, ReminderState.WAITING, RoundState.OPEN)


def _parts_where(belongs: Callable[[Any], Any]) -> dict[Part, Any]:
    """Return one statement for each part; built once, for building one costs more than running it."""
    return {
        part: select(table.c.value).where(belongs(table.c.incident_id)).order_by(order, table.c.id)
        for part, (table, order) in _OLDEST_FIRST.items()
    }


_OF_ONE = _parts_where(lambda incident_id: incident_id == bindparam("incident"))
_OF_MANY = _parts_where(lambda incident_id: incident_id.in_(bindparam("incidents", expanding=True)))


_INCIDENT_COLUMNS = tuple(column.name for column in INCIDENTS.columns)
# Compare and set: a row of another version is not counted as changed.
_SWAP = (
    update(INCIDENTS)
    .where(INCIDENTS.c.id == bindparam("key"), INCIDENTS.c.version == bindparam("expected"))
    .values({name: bindparam(f"new_{name}") for name in _INCIDENT_COLUMNS if name != "id"})
)


class IncidentRows(OutboxRows, JournalRows):
    """The part of a transaction that keeps incidents."""

    def next_incident_id(self) -> int:
        """Reserve the number of an incident that is about to be opened in this transaction.

        The counter's row stays locked until the end, so numbers follow the order of opening without gaps.
        """
        counted = (
            update(COUNTERS)
            .where(COUNTERS.c.name == "incidents")
            .values(value=COUNTERS.c.value + 1)
            .returning(COUNTERS.c.value)
        )
        number: int = self._connection.execute(counted).scalar_one()
        return number

    def dossier(self, incident_id: int) -> Dossier:
        """Load one incident for a decision, locked against other writers; raises NotFoundError."""
        question = select(INCIDENTS.c.value).where(INCIDENTS.c.id == incident_id)
        if self._writes:  # rendered on PostgreSQL only; SQLite has one writer
            question = question.with_for_update()
        incident = self._connection.execute(question).scalar_one_or_none()
        if incident is None:
            raise NotFoundError("incident", incident_id)
        of = {"incident": incident_id}
        parts = {
            part.value: tuple(self._connection.execute(question, of).scalars())
            for part, question in _OF_ONE.items()
        }
        return Dossier(incident=incident, **parts)

    def dossiers_of(
        self, incidents: Sequence[Incident], parts: Collection[Part] = tuple(Part)
    ) -> tuple[Dossier, ...]:
        """Return these incidents with the parts asked for, in their order: one question for each part."""
        found: dict[int, dict[Part, list[Any]]] = {incident.id: {} for incident in incidents}
        for some in chunks(found):
            for part in parts:
                for value in self._connection.execute(_OF_MANY[part], {"incidents": some}).scalars():
                    found[value.incident_id].setdefault(part, []).append(value)
        return tuple(
            Dossier(incident=i, **{part.value: tuple(values) for part, values in found[i.id].items()})
            for i in incidents
        )

    def dossiers(self, incident_ids: Sequence[int]) -> tuple[Dossier, ...]:
        """Load several incidents for decisions, locked; those another worker is deciding on are left out."""
        question = select(INCIDENTS.c.value).where(INCIDENTS.c.id.in_(incident_ids)).order_by(INCIDENTS.c.id)
        question = question.with_for_update(skip_locked=True)  # rendered on PostgreSQL only
        return self.dossiers_of(self._connection.execute(question).scalars().all())

    def save(self, changes: Changes) -> tuple[Alert, ...]:
        """Keep one decision, as `save_all` does."""
        return self.save_all([changes])

    def save_all(self, decisions: Sequence[Changes]) -> tuple[Alert, ...]:
        """Keep decisions about incidents; return the newly queued alerts with their message numbers.

        Raises ConflictError where an incident's version is not the expected one, or its number is taken; for
        several decisions it names incident 0. Alerts that exist are left as they are and not returned. What
        ends is written before what begins: one obligation of a kind and one round may be running at a time.
        """
        self._save_incidents(decisions)
        for part, (table, _) in _OLDEST_FIRST.items():
            values = chain.from_iterable(getattr(changes, part.value) for changes in decisions)
            ended_first = sorted(values, key=lambda value: value.state in _RUNNING)
            upsert(self._connection, table, [row_of(value, table) for value in ended_first])
        joined = [
            (joining.item_id, joining.incident_id)
            for joining in chain.from_iterable(d.joinings for d in decisions)
            if insert_new(self._connection, JOININGS, row_of(joining, JOININGS))
        ]
        mark_joined(self._connection, joined)
        for changes in decisions:
            self.record(changes.journal, changes.incident.rules_version)
        return self.enqueue(*(changes.alerts for changes in decisions))

    def _save_incidents(self, decisions: Sequence[Changes]) -> None:
        changed = [changes for changes in decisions if changes.expected_version is not None]
        if changed:
            rows = [
                {"key": changes.incident.id, "expected": changes.expected_version}
                | {f"new_{name}": new for name, new in _incident_row(changes).items() if name != "id"}
                for changes in changed
            ]
            if self._connection.execute(_SWAP, rows).rowcount != len(rows):
                raise ConflictError(changed[0].incident.id if len(changed) == 1 else 0)
        for changes in decisions:
            if changes.expected_version is None and not insert_new(
                self._connection, INCIDENTS, _incident_row(changes)
            ):
                raise ConflictError(changes.incident.id)
        mark_incidents(self._connection, (changes.incident for changes in decisions))

    def sleep_until(self, changes: Changes) -> None:
        """Keep the next instant of an incident that time did not change, unless somebody else changed it."""
        sleeping = update(INCIDENTS).where(
            INCIDENTS.c.id == changes.incident.id, INCIDENTS.c.version == changes.expected_version
        )
        self._connection.execute(sleeping.values(wakes_at=changes.wakes_at))

    def wake(self, now: datetime, limit: int) -> tuple[int, ...]:
        """Return incidents whose `wakes_at` has come, earliest first."""
        question = select(INCIDENTS.c.id).where(INCIDENTS.c.wakes_at <= now)
        question = question.order_by(INCIDENTS.c.wakes_at, INCIDENTS.c.id).limit(limit)
        return tuple(self._connection.execute(question).scalars())

    def next_wake_at(self) -> datetime | None:
        """Return the earliest instant at which an incident or a message needs the engine."""
        instants = (
            select(func.min(INCIDENTS.c.wakes_at)),
            select(func.min(MESSAGES.c.send_at)).where(MESSAGES.c.state == "queued"),
            select(func.min(MESSAGES.c.lease_until)).where(MESSAGES.c.state == "sending"),
        )
        row = self._connection.execute(select(*(instant.scalar_subquery() for instant in instants))).one()
        return min((at for at in row if at is not None), default=None)

    def candidates(self, since: datetime) -> tuple[Incident, ...]:
        """Return the incidents an item published now may belong to: open ones, and ended ones since then.

        Not merged ones: their items belong to the survivor.
        """
        is_open = INCIDENTS.c.state == IncidentState.OPEN
        ended = INCIDENTS.c.state.in_([IncidentState.DISMISSED, IncidentState.CLOSED])
        question = select(INCIDENTS.c.value).where(or_(is_open, and_(ended, INCIDENTS.c.ended_at >= since)))
        return tuple(self._connection.execute(question.order_by(INCIDENTS.c.id)).scalars())

    def incidents(
        self,
        states: Sequence[str] = (),
        since: datetime | None = None,
        limit: int = 200,
        before_id: int | None = None,
    ) -> tuple[Incident, ...]:
        """Return incidents for lists, newest first; `since` looks at the detection."""
        question = select(INCIDENTS.c.value).order_by(INCIDENTS.c.id.desc()).limit(limit)
        if states:
            question = question.where(INCIDENTS.c.state.in_(states))
        if since is not None:
            question = question.where(INCIDENTS.c.detected_at >= since)
        if before_id is not None:
            question = question.where(INCIDENTS.c.id < before_id)
        return tuple(self._connection.execute(question).scalars())

    def joined_items(
        self, incident_id: int, limit: int = 200, *, newest: bool = False, after_id: int = 0
    ) -> tuple[JoinedItem, ...]:
        """Return the first items of an incident, or the last ones (`newest`), oldest first."""
        joined = (JOININGS.c.reach_only, JOININGS.c.similarity, JOININGS.c.reason, JOININGS.c.shared)
        question = (
            select(ITEMS, VERDICTS.c.value.label("verdict"), *joined)
            .select_from(JOININGS.join(ITEMS).outerjoin(VERDICTS, VERDICTS.c.item_id == ITEMS.c.id))
            .where(JOININGS.c.incident_id == incident_id, ITEMS.c.id > after_id)
            .order_by(ITEMS.c.id.desc() if newest else ITEMS.c.id)
            .limit(limit)
        )
        rows = self._connection.execute(question).mappings().all()
        return tuple(
            JoinedItem(
                item=value_of(Item, row),
                verdict=row["verdict"],
                reach_only=row["reach_only"],
                similarity=row["similarity"],
                reason=row["reason"],
                shared=row["shared"],
            )
            for row in (reversed(rows) if newest else rows)
        )

    def move_items(self, item_ids: Sequence[int], to_incident: int) -> None:
        """Let these items belong to another incident (merge, split)."""
        moved = update(JOININGS).where(JOININGS.c.item_id.in_(item_ids))
        self._connection.execute(moved.values(incident_id=to_incident))
        mark_joined(self._connection, [(item, to_incident) for item in item_ids])


def _incident_row(changes: Changes) -> dict[str, Any]:
    return row_of(changes.incident, INCIDENTS, wakes_at=changes.wakes_at)
