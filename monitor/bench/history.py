"""How fast history answers: our search beside a plain substring scan of the same rows."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final

from monitor.bench.corpus import compose, items_of
from monitor.bench.ground import empty_database
from monitor.bench.measure import Figure, Sizes, percentile, seconds
from monitor.ports import Question, Store

BATCH: Final = 1_000
REPEATS: Final = 5
LARGE: Final = (1_000_000,)
# Two characters and more, frequent, rare, absent, several words, one character.
QUESTIONS: Final = (
    ("停水",),
    ("滑坡",),
    ("山体滑坡",),
    ("柯街镇", "滑坡"),
    ("昌宁县", "死亡"),
    ("核桃",),
    ("咖啡机", "通勤"),
    ("火星探测",),
    ("雨",),
)
SCAN: Final = "SELECT id FROM items WHERE {} ORDER BY id DESC LIMIT 50"


def bench_search(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure the standard questions, newest 50 of each, at each size."""
    figures: list[Figure] = []
    with empty_database() as (store, path):
        stored = 0
        for count in (*sizes.history, *(LARGE if sizes.large else ())):
            remember(store, stored, count)
            stored = count
            ours = [_ask(store, words) for _ in range(REPEATS * sizes.rounds) for words in QUESTIONS]
            scans = [_scan(path, words) for words in QUESTIONS]
            figures += [
                Figure(
                    bench="search",
                    name=f"p{percent} of {count:,} items",
                    value=percentile(ours, percent) * 1000,
                    unit="ms",
                    compared_with="LIKE scan",
                    reference=percentile(scans, percent) * 1000,
                )
                for percent in (50, 95)
            ]
    return tuple(figures)


def remember(store: Store, stored: int, count: int) -> None:
    """Store items number `stored` to `count` of the corpus, without verdicts."""
    for start in range(stored, count, BATCH):
        pieces = compose(min(BATCH, count - start), seed=start)
        items = items_of(pieces, source=f"bench{start}")
        with store.transaction() as transaction:
            transaction.add_items(items, [None] * len(items))


def _ask(store: Store, words: tuple[str, ...]) -> float:
    with store.reading() as transaction:
        return seconds(partial(transaction.search, Question(words=words)))


def _scan(path: Path, words: Sequence[str]) -> float:
    conditions = " AND ".join("title || text LIKE ?" for _ in words)
    with closing(sqlite3.connect(path)) as connection:
        scan = connection.execute
        return seconds(lambda: scan(SCAN.format(conditions), [f"%{word}%" for word in words]).fetchall())
