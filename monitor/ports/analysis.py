"""What analysts need to read of the past, and what a reclassification keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from monitor.analysis.facts import Material
from monitor.analysis.period import Period
from monitor.classifiers.model import Verdict
from monitor.items.model import Item

FORGOTTEN = "（原文已清除）"
"""The title of an item whose words were erased by retention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassification:
    """How far a reclassification by one version of the rules has come.

    The items up to `until_item` that were stored when it began are judged anew in the order of their ids,
    up to `judged_item` so far; `judged` counts those that could be, `changed` those whose verdict differs.
    `applied_item` is how far the new verdicts were put in place of the old ones.
    """

    rules_version: str
    started_at: datetime
    until_item: int
    judged_item: int = 0
    judged: int = 0
    changed: int = 0
    applied_item: int = 0
    applied_at: datetime | None = None

    @property
    def is_judged(self) -> bool:
        """Return whether every item was judged anew: only then may it be applied."""
        return self.judged_item >= self.until_item


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """An item with its verdict and the incident it belongs to, if any."""

    item: Item
    verdict: Verdict | None
    incident_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVerdict:
    """A verdict by other rules that differs from the one an item has."""

    item_id: int
    verdict: Verdict


class Analysis(Protocol):
    """The part of a transaction that reads for analysts."""

    def analysis_material(self, period: Period, now: datetime, *, with_words: bool = False) -> Material:
        """Return what the tables of a period are made of; the words only where asked for."""
        ...

    def items_after(
        self,
        item_id: int,
        limit: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[StoredItem, ...]:
        """Return the items behind this one in the order of ids, those of `[since, until)` by `Item.at`."""
        ...

    def newest_item_id(self) -> int:
        """Return the id of the newest item, 0 where there is none."""
        ...

    def reclassification(self, rules_version: str) -> Reclassification | None:
        """Return the reclassification by this version of the rules.

        None where none was begun, or other rules were applied since: its comparison is of verdicts long gone.
        """
        ...

    def save_reclassification(self, run: Reclassification, found: Sequence[NewVerdict] = ()) -> None:
        """Keep how far it has come, with the new verdicts found on the way."""
        ...

    def new_verdicts(self, rules_version: str, after_item: int, limit: int) -> tuple[NewVerdict, ...]:
        """Return the new verdicts of items behind this one, in the order of ids."""
        ...

    def drop_new_verdicts(self, rules_version: str) -> None:
        """Forget what this version of the rules would change: it is in place, or to be found anew."""
        ...

    def replace_verdicts(self, judged: Sequence[tuple[Item, Verdict]]) -> None:
        """Put new verdicts in place of those that stored items have; history is asked by them at once."""
        ...
