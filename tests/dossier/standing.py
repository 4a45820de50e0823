"""One incident kept in memory: decisions applied one after the other, as the database would keep them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from alerts.model import Alert
from monitor.classifiers.grade import GradingTable, grade_figures
from monitor.classifiers.model import Count, Figures, Grade
from monitor.classifiers.registry import load_table
from monitor.collectors.model import Role
from monitor.deadlines.rules import packaged_rules
from monitor.dossier.acts import Act
from monitor.dossier.advance import advance
from monitor.dossier.draft import Draft
from monitor.dossier.intake import Newcomer, join_incident, open_incident
from monitor.dossier.model import Change, Changes, Circumstances, Dossier
from monitor.errors import RefusedActError
from monitor.office.example import example_office
from monitor.office.model import Office
from tests.support.builders import a_verdict, an_item


@cache
def grading_table() -> GradingTable:
    return load_table()


def grade(figures: Figures, kind: str | None) -> Grade:
    return grade_figures(figures, kind, grading_table())


def circumstances(now: datetime, actor: str = "engine", **fields: Any) -> Circumstances:
    defaults: dict[str, Any] = {"office": example_office(), "awake_since": now - timedelta(days=365)}
    return Circumstances(now=now, rules=packaged_rules(), grade=grade, actor=actor, **defaults | fields)


def a_report(now: datetime, deaths: int | None = None, item_id: int = 1, **fields: Any) -> Newcomer:
    """Return a report of a road accident, published when it is seen."""
    role = fields.pop("role", Role.MEDIA)
    counts = {} if deaths is None else {"deaths": Count.exactly(float(deaths))}
    published_at = fields.pop("published_at", now)
    item = an_item(
        id=item_id,
        role=role,
        published_at=published_at,
        first_seen_at=now,
        source_id=fields.pop("source_id", "paper"),
    )
    return Newcomer(item=item, verdict=a_verdict(figures=Figures(counts=counts), **fields))


def reporting(**hours: float) -> Office:
    """Return the example office with the hours of its reports to superiors."""
    office = example_office()
    switched_on = {kind: timedelta(hours=n) for kind, n in hours.items()}
    return replace(office, policy=replace(office.policy, reporting=switched_on))


def _merged(stored: Sequence[Any], changed: Sequence[Any]) -> tuple[Any, ...]:
    return tuple({row.id: row for row in (*stored, *changed)}.values())


@dataclass
class Standing:
    """The dossier, the alerts queued, the journal; `office` is asked anew each time."""

    dossier: Dossier
    alerts: dict[str, Alert] = field(default_factory=dict)
    journal: list[Change] = field(default_factory=list)
    office: Office = field(default_factory=example_office)
    wakes_at: datetime | None = None

    @classmethod
    def opened(cls, report: Newcomer, now: datetime, **fields: Any) -> "Standing":
        office = fields.get("office") or example_office()
        changes = open_incident(1, [report], circumstances(now, office=office))
        standing = cls(dossier=Dossier(incident=changes.incident), office=office)
        standing.keep(changes)
        return standing

    def keep(self, changes: Changes) -> Changes:
        before = self.dossier
        if changes.expected_version is not None:
            assert changes.expected_version == before.incident.version
        if not (changes.journal or changes.reminders or changes.alerts or changes.acknowledgements):
            # What says nothing is not kept (monitor.keeping): then nothing may have changed either.
            parts = (
                changes.rounds,
                changes.obligations,
                changes.publications,
                changes.joinings,
                changes.orders,
            )
            assert not any(parts)
            return changes
        self.dossier = Dossier(
            incident=changes.incident,
            obligations=_merged(before.obligations, changes.obligations),
            reminders=_merged(before.reminders, changes.reminders),
            publications=_merged(before.publications, changes.publications),
            rounds=_merged(before.rounds, changes.rounds),
            acknowledgements=_merged(before.acknowledgements, changes.acknowledgements),
            orders=_merged(before.orders, changes.orders),
        )
        for alert in changes.alerts:
            self.alerts.setdefault(alert.id, alert)
        self.journal += changes.journal
        self.wakes_at = changes.wakes_at
        return changes

    def tick(self, now: datetime, **fields: Any) -> Changes:
        return self.keep(advance(self.dossier, circumstances(now, office=self.office, **fields)))

    def act(self, act: Act, by: str, now: datetime) -> bool:
        """Do an act; a refusal changes nothing and returns False."""
        draft = Draft(self.dossier, circumstances(now, actor=by, office=self.office))
        try:
            act(draft, by)
        except RefusedActError:
            return False
        self.keep(draft.finish())
        return True

    def join(self, report: Newcomer, now: datetime) -> Changes:
        return self.keep(join_incident(self.dossier, [report], circumstances(now, office=self.office)))

    def told(self, reason: str) -> list[str]:
        """Return who was told for this reason, in order."""
        return [alert.to for alert in self.alerts.values() if alert.reason == reason]

    def copy(self) -> "Standing":
        return replace(self, alerts=dict(self.alerts), journal=list(self.journal))
