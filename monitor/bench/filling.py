"""Databases filled with many texts in bulk, as history would stand after months of collecting."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from monitor.bench.corpus import EVERY, STARTS_AT, Piece, items_of
from monitor.bench.postgres import own_postgres
from monitor.classifiers.model import Grade, NamedPlace, Severity, Verdict
from monitor.dossier.model import Changes, Joining
from monitor.incidents.model import Incident
from monitor.items.model import Item
from storage.engine import SqlStore, connect, open_store
from storage.facets import mark_items
from storage.items import ITEMS, VERDICTS
from storage.mapping import row_of
from storage.word_index import Indexed, index_words

BATCH: Final = 5_000
SOURCES: Final = 40
_PLACES: Final = ("柯街镇", "田园镇", "漭水镇", "卡斯镇", "鸡飞镇", "温泉镇")
_TYPES: Final = ("geological", "road_traffic", "fire", "meteorological")

Texts = Callable[[int, int], Sequence[Piece]]
"""So many texts from the one of this number on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledDatabase:
    """A filled database; `build_s` is what its index of words took, `index_bytes` how large it is."""

    name: str
    store: SqlStore
    build_s: float
    index_bytes: int


@contextmanager
def filled_databases(count: int, texts: Texts) -> Iterator[tuple[FilledDatabase, ...]]:
    """Lend SQLite and, where it is installed, PostgreSQL, filled with the same texts."""
    with TemporaryDirectory(prefix="huiying-bench-") as folder, own_postgres() as postgres:
        filled: list[FilledDatabase] = []
        try:
            for url in filter(None, (f"sqlite:///{Path(folder) / 'bench.db'}", postgres)):
                filled.append(_filled(url, count, texts))  # noqa: PERF401 - what is open when one fails is closed
            yield tuple(filled)
        finally:
            for database in filled:
                database.store.close()


def _filled(url: str, count: int, texts: Texts) -> FilledDatabase:
    open_store(url).close()
    store = connect(url)
    is_ours = store.has_one_writer
    _execute(store, *(() if is_ours else ("DROP INDEX ix_item_grams",)))
    build_s = sum(
        _add(store, start, texts(start, min(BATCH, count - start))) for start in range(0, count, BATCH)
    )
    began = perf_counter()
    # PostgreSQL's index is built at the end, many times faster; SQLite's grew while the items came.
    gin = "CREATE INDEX ix_item_grams ON item_grams USING gin (grams)"
    _execute(store, *(() if is_ours else (gin,)))
    build_s += perf_counter() - began
    _execute(store, "ANALYZE item_facets" if is_ours else "ANALYZE")
    size = "SELECT sum(length(block)) FROM item_grams_data"
    if not is_ours:
        size = "SELECT pg_total_relation_size('item_grams')"
    with store.looking() as connection:
        index_bytes = int(connection.exec_driver_sql(size).scalar_one())
    name = "SQLite" if is_ours else "PostgreSQL"
    return FilledDatabase(name=name, store=store, build_s=build_s, index_bytes=index_bytes)


def _execute(store: SqlStore, *statements: str) -> None:
    with store.connected() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _add(store: SqlStore, start: int, pieces: Sequence[Piece]) -> float:
    """Store some texts, those of matters judged and in an incident; return the seconds of the index."""
    items = bench_items(pieces, start)
    verdicts = [_verdict(i.id) if p.is_matter else None for i, p in zip(items, pieces, strict=True)]
    with store.connected() as connection:
        connection.execute(ITEMS.insert(), [row_of(item, ITEMS) for item in items])
        judged = [row_of(v, VERDICTS, item_id=i.id) for i, v in zip(items, verdicts, strict=True) if v]
        if judged:
            connection.execute(VERDICTS.insert(), judged)
        places = mark_items(connection, items, verdicts)
        began = perf_counter()
        index_words(connection, [Indexed(places[i.id], i.title, i.text) for i in items])
        taken = perf_counter() - began
    _open_incidents(store, [i for i, verdict in zip(items, verdicts, strict=True) if verdict])
    return taken


def bench_items(pieces: Sequence[Piece], start: int = 0) -> tuple[Item, ...]:
    """Return the texts as stored items from number `start` + 1 on, of many sources, one every 20 seconds."""
    items = items_of(pieces, source=f"bench{start}", starts_at=STARTS_AT + start * EVERY)
    return tuple(
        replace(item, id=number, source_id=f"s{number % SOURCES}", source_name=f"信源{number % SOURCES}")
        for number, item in enumerate(items, start=start + 1)
    )


def _verdict(number: int) -> Verdict:
    severity = Severity(1 + number % 4)
    return Verdict(
        matter=True,
        live=True,
        local=True,
        event_type=_TYPES[number % len(_TYPES)],
        places=(NamedPlace(name=_PLACES[number % len(_PLACES)]),),
        grade=Grade(confirmed=severity, precautionary=severity),
    )


def _open_incidents(store: SqlStore, items: Sequence[Item], size: int = 25) -> None:
    """Open an incident for every 25 of these items."""
    with store.transaction() as transaction:
        for some in (items[at : at + size] for at in range(0, len(items), size)):
            number, first = transaction.next_incident_id(), some[0]
            opened = Incident(
                id=number,
                title=first.title,
                local=True,
                severity=Severity(1 + number % 4),
                places=(NamedPlace(name=_PLACES[number % len(_PLACES)]),),
                event_type=_TYPES[number % len(_TYPES)],
                detected_at=first.at,
            )
            joinings = tuple(Joining(incident_id=number, item_id=item.id, at=item.at) for item in some)
            transaction.save(Changes(incident=opened, expected_version=None, joinings=joinings))
