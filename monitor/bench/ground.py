"""What benches stand on: the built-in example office and an empty database that is thrown away afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from monitor.bench.texts import packaged_segmenter
from monitor.classifiers.grade import GradingTable, grade_figures
from monitor.classifiers.registry import load_table
from monitor.clock import SystemClock
from monitor.deadlines.rules import packaged_rules
from monitor.incidents.traits import item_traits
from monitor.office.example import example_office
from monitor.office.model import Office
from monitor.pipeline.setting import Setting
from monitor.ports import Store
from storage.engine import open_store


class StillClock:
    """A clock that shows one instant: how long something takes is measured elsewhere."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Return the instant."""
        return self._now

    async def sleep(self, length: timedelta) -> None:
        """Wait for `length` of real time."""
        await SystemClock().sleep(length)


@contextmanager
def empty_database() -> Iterator[tuple[Store, Path]]:
    """Yield an empty SQLite store and its file."""
    with TemporaryDirectory(prefix="huiying-bench-") as folder:
        path = Path(folder) / "bench.db"
        store = open_store(f"sqlite:///{path}")
        try:
            yield store, path
        finally:
            store.close()


@contextmanager
def bench_setting(office: Office | None = None) -> Iterator[Setting]:
    """Yield an office, the example one by default, on an empty database."""
    here, rules, table = office or example_office(), packaged_rules(), _table()
    with empty_database() as (store, _):
        yield Setting(
            store=store,
            office=lambda: here,
            rules=lambda: rules,
            grade=lambda figures, event_type: grade_figures(figures, event_type, table),
            traits=lambda item, verdict: item_traits(item, verdict, packaged_segmenter().rarity),
        )


@cache
def _table() -> GradingTable:
    return load_table()
