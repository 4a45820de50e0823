"""What every step works with: the store, who we are, the rules, and how figures are graded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.classifiers.model import Figures, Grade, Verdict
from monitor.deadlines.model import RuleBook
from monitor.dossier.model import Circumstances
from monitor.items.model import Item
from monitor.office.model import Office
from monitor.pipeline.rostering import with_rota
from monitor.ports import Store, Transaction

LOOK_BACK = timedelta(days=1)
"""How far back a decision knows the rota: who was told before a change of shift is asked later (C25)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The standing parts of the pipeline.

    `office` and `rules` are asked anew each time: their files may change. `grade` grades figures of an event
    type, `traits` says what an item is compared by.
    """

    store: Store
    office: Callable[[], Office]
    rules: Callable[[], RuleBook]
    grade: Callable[[Figures, str | None], Grade]
    traits: Callable[[Item, Verdict], Mapping[str, float]]

    def circumstances(
        self, transaction: Transaction, now: datetime, actor: str = "engine", via: str = "engine"
    ) -> Circumstances:
        """Return what a decision at `now` is made under; the office has the rota as the desk changed it."""
        pulse = transaction.pulse()
        return Circumstances(
            now=now,
            office=self.rostered(transaction, now - LOOK_BACK, now),
            rules=self.rules(),
            grade=self.grade,
            awake_since=pulse.awake_since or now,
            away=pulse.away,
            health=transaction.channel_health(),
            actor=actor,
            via=via,
        )

    def rostered(self, transaction: Transaction, since: datetime, until: datetime) -> Office:
        """Return the office with what the desk holds of the rota from `since` to `until`, both included."""
        return with_rota(self.office(), transaction, since, until)
