"""Draft: a dossier being decided on.

Decisions write into it and note why; `finish` turns it into Changes.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from alerts.model import Acknowledgement, Alert, AlertState, Round, RoundState
from monitor.deadlines.model import Obligation, Reminder, ReminderState
from monitor.deadlines.reminders import wakes_at
from monitor.dossier.model import Change, Changes, Circumstances, Dossier, Joining
from monitor.incidents.model import Incident, Publication
from monitor.orders.clock import wakes_at as order_wakes_at
from monitor.orders.model import Order

_Row = TypeVar("_Row")


class Draft:
    """The working copy of one dossier.

    It never leaves the decision that made it, so it may change in place.
    """

    def __init__(self, dossier: Dossier, circumstances: Circumstances, *, is_new: bool = False) -> None:
        self.incident: Incident = dossier.incident
        self.circumstances = circumstances
        self.now = circumstances.now
        self.office = circumstances.office
        self.obligations: dict[str, Obligation] = {o.id: o for o in dossier.obligations}
        self.reminders: dict[str, Reminder] = {r.id: r for r in dossier.reminders}
        self.publications: dict[str, Publication] = {p.id: p for p in dossier.publications}
        self.rounds: dict[str, Round] = {r.id: r for r in dossier.rounds}
        self.acknowledgements: dict[str, Acknowledgement] = {a.id: a for a in dossier.acknowledgements}
        self.orders: dict[str, Order] = {o.id: o for o in dossier.orders}
        self.alerts: dict[str, Alert] = {}
        self.joinings: list[Joining] = []
        self.journal: list[Change] = []
        self._before = dossier
        self._is_new = is_new

    def update(self, **values: Any) -> None:
        """Change fields of the incident."""
        self.incident = replace(self.incident, **values)

    def note(self, event: str, *, words: str | None = None, actor: str | None = None, **facts: Any) -> None:
        """Record one change for the journal, by whoever acts."""
        who = self.circumstances
        self.journal.append(
            Change(
                at=self.now,
                event=event,
                incident=self.incident.id,
                actor=actor or who.actor,
                via=who.via,
                facts=facts,
                words=words,
            )
        )

    @property
    def open_round(self) -> Round | None:
        """Return the one open round, if there is one (C17)."""
        return next((r for r in self.rounds.values() if r.state is RoundState.OPEN), None)

    def waiting_reminders(self, obligation: Obligation) -> list[Reminder]:
        """Return this obligation's reminders that still wait."""
        mine = (r for r in self.reminders.values() if r.obligation_id == obligation.id)
        return [r for r in mine if r.state is ReminderState.WAITING]

    def settle_reminder(self, reminder: Reminder, state: ReminderState, cause: str | None = None) -> None:
        """End the wait of a reminder: fired, skipped or cancelled."""
        self.reminders[reminder.id] = replace(reminder, state=state, done_at=self.now, cause=cause)

    def finish(self) -> Changes:
        """Return what is to be kept: only rows that are new or differ from the stored ones."""
        before = self._before
        version = before.incident.version
        return Changes(
            incident=self.incident if self._is_new else replace(self.incident, version=version + 1),
            expected_version=None if self._is_new else version,
            obligations=_changed(self.obligations.values(), before.obligations),
            reminders=_changed(self.reminders.values(), before.reminders),
            publications=_changed(self.publications.values(), before.publications),
            rounds=_changed(self.rounds.values(), before.rounds),
            acknowledgements=_changed(self.acknowledgements.values(), before.acknowledgements),
            orders=_changed(self.orders.values(), before.orders),
            alerts=_together(self.alerts.values()),
            joinings=tuple(self.joinings),
            journal=tuple(self.journal),
            wakes_at=self.wakes_at(),
        )

    def wakes_at(self) -> datetime | None:
        """Return the next instant at which time alone changes something in this dossier, or None."""
        instants = [wakes_at(r) for r in self.reminders.values() if r.state is ReminderState.WAITING]
        if (standing := self.open_round) is not None and standing.next_at is not None:
            instants.append(standing.next_at)
        instants += [
            a.expires_at for a in self.acknowledgements.values() if a.state == "standing" and a.expires_at
        ]
        if self.incident.next_repeat_at is not None and self.incident.is_serious:
            instants.append(self.incident.next_repeat_at)
        if self.incident.is_open:
            instants += [at for order in self.orders.values() if (at := order_wakes_at(order)) is not None]
        return min(instants, default=None)


def _together(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Let all that one decision says to one person leave at once if any of it is urgent (C2, C26)."""
    every = tuple(alerts)
    at_once = {(a.to, a.channel): a.send_at for a in every if a.urgent}
    return tuple(
        replace(a, urgent=True, send_at=at_once[a.to, a.channel])
        if a.state is AlertState.QUEUED and (a.to, a.channel) in at_once
        else a
        for a in every
    )


def _changed(now: Iterable[_Row], before: tuple[_Row, ...]) -> tuple[_Row, ...]:
    stored = {id(row) for row in before}
    return tuple(row for row in now if id(row) not in stored)
