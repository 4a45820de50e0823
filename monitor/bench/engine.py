"""How fast the engine ticks with nothing due, and how fast it fires what is due."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from typing import Final

from alerts.model import AlertState
from monitor.bench.corpus import STARTS_AT, compose, items_of
from monitor.bench.ground import bench_setting
from monitor.bench.measure import Figure, Sizes, median_seconds, seconds
from monitor.classifiers.model import Count, Figures, Verdict
from monitor.dossier.intake import Newcomer, open_incident
from monitor.items.model import Item
from monitor.keeping import keep
from monitor.pipeline.engine import Engine
from monitor.pipeline.setting import Setting
from monitor.ports import Store

OBLIGATIONS_AN_INCIDENT: Final = 2  # severity 2: the first release and the press conference
BATCH: Final = 500
# Instants after the start at which one reminder of every incident is due.
MARKS: Final = tuple(timedelta(hours=hours) for hours in (2.5, 3.75, 4.5, 5, 12, 18, 21.6, 24))


def open_incidents(setting: Setting, count: int, at: datetime = STARTS_AT, *, first: int = 0) -> None:
    """Open incidents number `first` to `count` of severity 2, published at `at` and detected at once."""
    pieces = compose(BATCH, matter_share=1.0)
    for start in range(first, count, BATCH):
        items = [
            replace(item, key=f"{at}:{start}:{item.key}", published_at=at, first_seen_at=at)
            for item in items_of(pieces[: count - start])
        ]
        _open_batch(setting, items, at)


def severe_verdict(setting: Setting) -> Verdict:
    """Return the verdict of a report that opens both serious clocks."""
    figures = Figures(counts={"deaths": Count.exactly(11)})
    return Verdict(
        matter=True,
        live=True,
        local=True,
        category="accident",
        event_type="road_traffic",
        figures=figures,
        grade=setting.grade(figures, "road_traffic"),
    )


def _open_batch(setting: Setting, items: Sequence[Item], at: datetime) -> None:
    verdict = severe_verdict(setting)
    with setting.store.transaction() as transaction:
        circumstances = setting.circumstances(transaction, at)
        for item in transaction.add_items(items, [verdict] * len(items)):
            number = transaction.next_incident_id()
            keep(transaction, open_incident(number, [Newcomer(item=item, verdict=verdict)], circumstances))


def bench_tick(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure one cycle with ever more open obligations, none of them due."""
    figures: list[Figure] = []
    with bench_setting() as setting:
        engine, opened = Engine(setting), 0
        for obligations in sizes.obligations:
            wanted = obligations // OBLIGATIONS_AN_INCIDENT
            open_incidents(setting, wanted, first=opened)
            opened = wanted
            now = STARTS_AT + timedelta(seconds=1)
            engine.tick(now)
            (taken,) = median_seconds(sizes.rounds, partial(engine.tick, now))
            figures.append(
                Figure(
                    bench="tick",
                    name=f"{obligations:,} open obligations",
                    value=taken * 1000,
                    unit="ms",
                    compared_with=figures[0].name if figures else None,
                    reference=figures[0].value if figures else None,
                )
            )
    return tuple(figures)


def bench_fire(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure outbox rows committed a second when one reminder of every incident is due at once."""
    rates = []
    with bench_setting() as setting:
        engine = Engine(setting)
        open_incidents(setting, sizes.firing)
        engine.tick(STARTS_AT)
        for mark in MARKS[: sizes.rounds]:
            before = _queued(setting.store)
            taken = seconds(partial(_tick_until_done, engine, STARTS_AT + mark))
            rates.append((_queued(setting.store) - before) / taken)
    return (
        Figure(bench="fire", name=f"{sizes.firing} incidents at once", value=median(rates), unit="alerts/s"),
    )


def _tick_until_done(engine: Engine, now: datetime) -> None:
    while engine.tick(now).more:
        pass


def _queued(store: Store) -> int:
    with store.reading() as transaction:
        return len(transaction.alerts_in_states([str(state) for state in AlertState], limit=1_000_000))
