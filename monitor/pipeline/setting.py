"""What every step works with: the store, who we are, the rules, and how figures are graded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.classifiers.model import Figures, Grade, Verdict
from monitor.deadlines.model import RuleBook
from monitor.dossier.model import Circumstances
from monitor.items.model import Item
from monitor.office.model import Office
from monitor.ports import Store, Transaction


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
        """Return what a decision at `now` is made under."""
        pulse = transaction.pulse()
        return Circumstances(
            now=now,
            office=self.office(),
            rules=self.rules(),
            grade=self.grade,
            awake_since=pulse.awake_since or now,
            away=pulse.away,
            health=transaction.channel_health(),
            actor=actor,
            via=via,
        )
