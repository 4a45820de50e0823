"""What the pipeline's steps work with in tests: the example office, the packaged rules, the real grading."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from monitor.classifiers.grade import GradingTable, grade_figures
from monitor.classifiers.registry import load_table
from monitor.deadlines.rules import packaged_rules
from monitor.errors import ConflictError
from monitor.incidents.traits import item_traits
from monitor.office.example import example_office
from monitor.office.model import Office
from monitor.pipeline.setting import Setting
from monitor.ports import Store, Transaction


@cache
def _table() -> GradingTable:
    return load_table()


def rarity(word: str) -> float:
    """Return how rare a word is where nothing is known of Chinese at large: longer is rarer."""
    return min(13.0, 3.0 * len(word))


def a_setting(store: Store, office: Office | None = None) -> Setting:
    shown = office or example_office()
    return Setting(
        store=store,
        office=lambda: shown,
        rules=packaged_rules,
        grade=lambda figures, kind: grade_figures(figures, kind, _table()),
        traits=lambda item, verdict: item_traits(item, verdict, rarity),
    )


class LosingStore:
    """A store of which the next `times` transactions that write lose a race at their end."""

    def __init__(self, store: Store, times: int) -> None:
        self._store = store
        self.times = times
        self.reading = store.reading
        self.close = store.close

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._store.transaction() as transaction:
            yield transaction
            if self.times:
                self.times -= 1
                raise ConflictError(0)
