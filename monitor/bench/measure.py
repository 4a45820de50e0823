"""Figures, and how one is taken: the median of several rounds, never a single run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final

from monitor.errors import MonitorError

ROUNDS: Final = 5


class BenchError(MonitorError):
    """What was to be measured did not happen, so there is no figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured; the defaults are the standard sizes.

    `watched` is how long `desks` stand open while nothing happens, on a clock that runs fast.
    `large` adds a history of a million items. `data` is a folder or file of JSON Lines whose rows have a
    `title` or a `text`: real texts instead of the composed ones, where texts are judged.
    """

    rounds: int = ROUNDS
    items: int = 1_000
    feeds: int = 20
    polls: int = 300
    obligations: tuple[int, ...] = (0, 1_000, 100_000)
    firing: int = 300
    detections: int = 20
    board: int = 200
    pages: int = 40
    reports: int = 1_000
    desks: int = 50
    watched: timedelta = timedelta(minutes=2)
    paints: int = 5
    history: tuple[int, ...] = (100_000,)
    incidents: tuple[int, ...] = (1_000, 10_000)
    large: bool = False
    data: Path | None = None
    longest: int = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number; `ratio` is `value` over `reference`, both of this very run.

    `value` None says that this machine lacks what it takes to measure it.
    """

    bench: str
    name: str
    value: float | None
    unit: str
    compared_with: str | None = None
    reference: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return value over reference, or None where there is nothing to compare with."""
        return None if self.value is None or not self.reference else self.value / self.reference

    def as_json(self) -> dict[str, Any]:
        """Return the figure for the report."""
        return {
            "bench": self.bench,
            "name": self.name,
            "value": None if self.value is None else round(self.value, 3),
            "unit": self.unit,
            "compared_with": self.compared_with,
            "reference": None if self.reference is None else round(self.reference, 3),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
        }


def seconds(act: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = perf_counter()
    act()
    return perf_counter() - started


def median_seconds(rounds: int, *acts: Callable[[], object]) -> tuple[float, ...]:
    """Return the median time of each act; they take turns, so that a slow spell hits all alike."""
    taken = [[seconds(act) for act in acts] for _ in range(rounds)]
    return tuple(median(column) for column in zip(*taken, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value below which `percent` (1 to 99) of at least two values lie."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]
