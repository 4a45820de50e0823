"""What is on record after a storm, in the database and at the vendor."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from alerts.model import Alert, Delivery
from monitor.deadlines.model import Reminder
from monitor.dossier.model import Change, Dossier
from tests.chaos.plan import Moment
from tests.chaos.wire import Receipt

K = TypeVar("K")
V = TypeVar("V")


def grouped(pairs: Iterable[tuple[K, V]]) -> Mapping[K, list[V]]:
    """Return the values of each key, in order."""
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All of it, after everything was closed; `instants` are the cycles lived through.

    `untold` is what the auditor found when the storm was over, at `over_at`, `still_open` how all stood then.
    """

    dossiers: Sequence[Dossier]
    alerts: Sequence[Alert]
    deliveries: Sequence[Delivery]
    journal: Sequence[Change]
    journal_holds: bool
    untold: Sequence[str]
    still_open: Sequence[Dossier]
    over_at: datetime
    receipts: Sequence[Receipt]
    instants: Sequence[datetime]
    killed: Sequence[tuple[datetime, Moment]]
    complaints: Sequence[str]

    @cached_property
    def alerts_of(self) -> Mapping[str, Sequence[Alert]]:
        """Return the outbox rows of each round."""
        return grouped((alert.alert_round, alert) for alert in self.alerts)

    @cached_property
    def deliveries_of(self) -> Mapping[int, Sequence[Delivery]]:
        """Return the attempts of each message, oldest first."""
        return grouped((delivery.message_no, delivery) for delivery in self.deliveries)

    @cached_property
    def receipts_of(self) -> Mapping[int, Sequence[Receipt]]:
        """Return what arrived of each message, in order."""
        return grouped((receipt.no, receipt) for receipt in self.receipts)

    def noted(self, event: str) -> Sequence[Change]:
        """Return the journal's entries of one kind."""
        return [change for change in self.journal if change.event == event]

    @cached_property
    def first_rows_of(self) -> Mapping[tuple[str | None, str], Sequence[Alert]]:
        """Return the rows of each obligation and reason to people on a level, through their first channel."""
        rows = [a for a in self.alerts if a.fallback_of is None and a.level is not None]
        return grouped(((alert.obligation_id, alert.reason), alert) for alert in rows)

    @cached_property
    def done_together(self) -> Mapping[tuple[str, datetime | None], Sequence[Reminder]]:
        """Return the reminders of each obligation that ended their wait at one instant."""
        rows = (row for dossier in self.dossiers for row in dossier.reminders)
        return grouped(((row.obligation_id, row.done_at), row) for row in rows)

    def rows_like(self, rows: Sequence[Alert]) -> Sequence[Alert]:
        """Return these rows and what followed through other channels."""
        kinds = {(alert.alert_round, alert.reason) for alert in rows}
        near = (a for standing in {alert.alert_round for alert in rows} for a in self.alerts_of[standing])
        return [a for a in near if (a.alert_round, a.reason) in kinds]
