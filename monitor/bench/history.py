"""How truly and how fast history answers: SQLite, PostgreSQL and a plain scan of the same texts."""

import gc
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Final

from monitor.asking.model import holds
from monitor.asking.parse import parse
from monitor.bench.corpus import EVERY, STARTS_AT, compose, read_pieces
from monitor.bench.filling import FilledDatabase, bench_items, filled_databases
from monitor.bench.measure import BenchError, Figure, Sizes, percentile, seconds
from monitor.bench.questions import QUESTIONS, SINGLE
from monitor.clock import as_local
from monitor.items.model import Item
from monitor.ports.history import Question
from storage.engine import SqlStore

REPEATS: Final = 5
MONTH: Final = timedelta(days=30)
# One and two words, frequent, rare and absent.
SPEEDY: Final = (
    "停水", "滑坡", "山体滑坡", "核桃", "道路", "昌宁县", "火星探测",
    "柯街镇 滑坡", "昌宁县 死亡", "咖啡机 通勤",
)  # fmt: skip
TRUTH: Final = 20
"""On how many times the usual number of real texts the answers are compared."""
_SCAN = "SELECT id FROM items WHERE {0}(title, '{1}') > 0 OR {0}(text, '{1}') > 0 ORDER BY id DESC LIMIT 50"


def bench_search(sizes: Sizes) -> tuple[Figure, ...]:
    """Hold the answers to the fixed questions against a scan, then measure the speedy ones at each size."""
    figures = [*bench_truth(sizes)]
    for count in sizes.history:
        with filled_databases(count, lambda start, size: compose(size, seed=start)) as filled:
            for database in filled:
                figures += _speed(database, count, sizes)
    return tuple(figures)


def bench_truth(sizes: Sizes) -> Iterator[Figure]:
    """Ask both databases every fixed question; raises BenchError where one of them differs from a scan."""
    pieces = read_pieces(sizes.data, sizes.items * TRUTH) if sizes.data else compose(sizes.items)
    items, questions = bench_items(pieces), (*QUESTIONS, *SINGLE)
    scanned = {line: _scan(line, items) for line in questions}
    with filled_databases(len(pieces), lambda start, size: pieces[start : start + size]) as filled:
        for database in filled:
            differing = [line for line in questions if _answers(database.store, line) != scanned[line]]
            if differing:
                raise BenchError(f"{database.name} and a scan differ: {' · '.join(differing)}")
            yield Figure(
                bench="search",
                name=f"{database.name}: same answers as a scan of {len(items):,} texts",
                value=len(questions),
                unit="questions",
                compared_with="asked",
                reference=len(questions),
            )
    yield Figure(
        bench="search",
        name="answers in all",
        value=sum(map(len, scanned.values())) or 1,
        unit="items",
        compared_with="questions with an answer",
        reference=sum(1 for answers in scanned.values() if answers) or 1,
    )


def _scan(line: str, items: Sequence[Item]) -> frozenset[int]:
    tree = parse(line)
    return frozenset(item.id for item in items if holds(tree, item.title, item.text))


def _answers(store: SqlStore, line: str) -> frozenset[int]:
    with store.reading() as transaction:
        page = transaction.search(Question(tree=parse(line), limit=10_000_000, with_verdicts=False))
    return frozenset(hit.item.id for hit in page.hits)


def _speed(database: FilledDatabase, count: int, sizes: Sizes) -> Iterator[Figure]:
    gc.freeze()  # as the service does: what was loaded is not looked through in the middle of an answer
    name = f"{database.name}, {count:,} items"
    rounds = REPEATS * sizes.rounds
    begins = as_local(STARTS_AT + count * EVERY / 2)
    middle = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    ranges: dict[str, dict[str, Any]] = {
        "newest 50 of a month": {"since": middle, "until": middle + MONTH},
        "newest 50": {},
    }
    scanned = [_scan_seconds(database.store, line) for line in SPEEDY]
    for said, bounds in ranges.items():
        taken = [
            _search_seconds(database.store, Question(tree=parse(line), with_verdicts=False, **bounds))
            for _ in range(rounds)
            for line in SPEEDY
        ]
        for percent in (50, 95):
            yield _milliseconds(
                f"{name}: p{percent}, {said}", percentile(taken, percent), percentile(scanned, percent)
            )
    month = ranges["newest 50 of a month"]
    asked = [Question(tree=parse(line), **month) for line in SPEEDY]
    for said, questions in (("no words", [Question(**month)] * len(SPEEDY)), ("one and two words", asked)):
        taken = [_facet_seconds(database.store, q) for _ in range(sizes.rounds) for q in questions]
        yield _milliseconds(
            f"{name}: p95, facets of a month, {said}", percentile(taken, 95), percentile(scanned, 95)
        )
    lone = [Question(tree=parse(line), with_verdicts=False, **month) for line in SINGLE]
    taken = [_search_seconds(database.store, q) for _ in range(sizes.rounds) for q in lone]
    yield _milliseconds(f"{name}: p95, one character", percentile(taken, 95), percentile(scanned, 95))
    yield Figure(bench="search", name=f"{name}: index built", value=database.build_s, unit="s")
    yield Figure(bench="search", name=f"{name}: index size", value=database.index_bytes / 2**20, unit="MiB")


def _milliseconds(name: str, value: float, scanned: float) -> Figure:
    return Figure(
        bench="search",
        name=name,
        value=value * 1000,
        unit="ms",
        compared_with="a scan for one word, same percentile",
        reference=scanned * 1000,
    )


def _search_seconds(store: SqlStore, question: Question) -> float:
    with store.reading() as transaction:
        return seconds(partial(transaction.search, question))


def _facet_seconds(store: SqlStore, question: Question) -> float:
    with store.reading() as transaction:
        return seconds(partial(transaction.item_facets, question))


def _scan_seconds(store: SqlStore, line: str) -> float:
    scan = _SCAN.format("instr" if store.has_one_writer else "strpos", line.partition(" ")[0])
    with store.looking() as connection:
        return seconds(lambda: connection.exec_driver_sql(scan).all())
