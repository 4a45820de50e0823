"""Several threads and processes at once: nobody is lost, nobody overwrites, nothing half done stays."""

import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from threading import Barrier, Event
from typing import TypeVar

import pytest
from sqlalchemy import text

from monitor.errors import ConflictError
from monitor.ports import Question, Store
from storage.engine import SqlStore, open_store
from storage.errors import StoreError
from tests.support.builders import (
    T0,
    a_change,
    a_dossier,
    after,
    an_alert,
    an_incident,
    an_item,
    opening,
)

V = TypeVar("V")
THREADS = 4


def at_once(work: Callable[[int], V]) -> list[V]:
    """Run the work in several threads that start together."""
    start = Barrier(THREADS)

    def run(number: int) -> V:
        start.wait(30)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_several_threads_open_incidents_with_consecutive_numbers(store: Store) -> None:
    def open_five(thread: int) -> list[int]:
        numbers = []
        for n in range(5):
            with store.transaction() as unit:
                number = unit.next_incident_id()
                unit.add_items([an_item(key=f"{thread}-{n}")], [None])
                unit.save(opening(an_incident(id=number), alerts=(an_alert(incident_id=number),)))
            numbers.append(number)
        return numbers

    numbers = sorted(number for mine in at_once(open_five) for number in mine)
    assert numbers == list(range(1, 5 * THREADS + 1))
    with store.reading() as unit:
        assert unit.verify_journal()[0]
        assert len(unit.journal()) == len(numbers)


def test_deciding_on_a_loaded_dossier_loses_no_writers_version(store: Store) -> None:
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening())

    def decide_five(thread: int) -> None:
        del thread
        for _ in range(5):
            with store.transaction() as unit:
                version = unit.dossier(1).incident.version
                unit.save(opening(an_incident(version=version + 1), expected_version=version))

    at_once(decide_five)
    with store.reading() as unit:
        assert unit.dossier(1).incident.version == 1 + 5 * THREADS


def test_of_two_who_decided_on_the_same_version_one_is_told(store: Store) -> None:
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening())

    def decide(thread: int) -> str:
        changes = opening(an_incident(version=2, title=f"{thread}"), expected_version=1)
        try:
            with store.transaction() as unit:
                unit.save(changes)
        except ConflictError:
            return "conflict"
        return "kept"

    assert sorted(at_once(decide)) == ["conflict"] * (THREADS - 1) + ["kept"]


def test_a_message_is_claimed_by_one_worker(store: Store) -> None:
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening(alerts=tuple(an_alert(to=f"p{n}") for n in range(20))))

    def claim(thread: int) -> list[int]:
        taken = []
        for _ in range(5):
            with store.transaction() as unit:
                claims = unit.claim(T0, f"worker-{thread}", timedelta(minutes=2), 3)
            taken += [claim.message.no for claim in claims]
        return taken

    numbers = [number for mine in at_once(claim) for number in mine]
    assert len(numbers) == len(set(numbers)) == 20


def test_a_digest_is_claimed_once(store: Store) -> None:
    def due(thread: int) -> bool:
        del thread
        with store.transaction() as unit:
            return unit.digest_due(date(2026, 3, 2), "leader")

    assert sorted(at_once(due)) == [False] * (THREADS - 1) + [True]


def test_a_reader_sees_one_instant_and_waits_for_no_writer(store: Store) -> None:
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening())
    written = Event()

    def write() -> None:
        with store.transaction() as unit:
            unit.save(opening(an_incident(version=2), expected_version=1))
        written.set()

    with ThreadPoolExecutor(1) as pool, store.reading() as reader:
        assert reader.dossier(1).incident.version == 1
        writing = pool.submit(write)
        assert written.wait(30)
        assert reader.dossier(1).incident.version == 1
        writing.result(30)
    with store.transaction() as writer:
        writer.save(opening(an_incident(version=3), expected_version=2))
        with store.reading() as reader:
            assert reader.dossier(1).incident.version == 2


def test_what_only_reads_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError), store.reading() as unit:
        unit.add_items([an_item()], [None])
    with pytest.raises(StoreError), store.reading() as unit:
        unit.next_incident_id()
    with store.transaction() as unit:
        unit.add_items([an_item()], [None])


def test_a_unit_of_work_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as unit:
            unit.add_items([an_item()], [None])
            unit.next_incident_id()
            unit.save(opening(alerts=(an_alert(),)))
            unit.record([a_change()])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.reading() as unit:
        assert unit.known_items([an_item().key]) == {}
        assert unit.incidents() == ()
        assert unit.alerts_in_states(["queued"], 10) == ()
        assert unit.journal() == ()
        assert unit.search(Question(words=("塌方",))).hits == ()


DIES = """
    import os, sys
    from storage.engine import open_store
    from tests.support.builders import *

    store = open_store(sys.argv[1])
    with store.transaction() as unit:
        unit.next_incident_id()
        unit.save(opening(alerts=(an_alert(),)))
    with store.transaction() as unit:
        unit.claim(T0, "dead", timedelta(minutes=2), 10)
    with store.transaction() as unit:
        unit.save(opening(an_incident(version=2), expected_version=1))
        unit.flush_journal()
        os.kill(os.getpid(), 9)
"""


@pytest.mark.kill
def test_a_killed_worker_leaves_what_it_committed_and_nothing_else(database_url: str) -> None:
    command = [sys.executable, "-c", textwrap.dedent(DIES), database_url]
    died = subprocess.run(command, check=False, timeout=60)  # noqa: S603 - our own arguments
    assert died.returncode == -9
    with closing(open_store(database_url)) as store:
        with store.transaction() as unit:
            assert unit.dossier(1) == a_dossier()
            assert unit.verify_journal()[0]
            (again,) = unit.claim(after(minutes=3), "alive", timedelta(minutes=2), 10)
        assert again.message.attempts == 2


def test_two_who_wait_for_each_other_end_in_a_conflict_not_in_silence(store: Store) -> None:
    with store.transaction() as unit:
        for _ in range(2):
            unit.save(opening(an_incident(id=unit.next_incident_id())))
    start = Barrier(2)

    def cross(first: int, second: int) -> str:
        try:
            with store.transaction() as unit:
                unit.dossier(first)
                if isinstance(store, SqlStore) and not store.has_one_writer:
                    start.wait(30)
                unit.dossier(second)
        except ConflictError:
            return "conflict"
        return "kept"

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(cross, (1, 2), (2, 1)))
    assert isinstance(store, SqlStore)
    assert sorted(results) == (["kept", "kept"] if store.has_one_writer else ["conflict", "kept"])


def test_another_writer_of_the_same_file_is_waited_for(sqlite_url: str) -> None:
    with closing(open_store(sqlite_url)) as mine, closing(open_store(sqlite_url)) as other:
        assert isinstance(mine, SqlStore)
        assert isinstance(other, SqlStore)
        holding, release = Event(), Event()

        def hold() -> None:
            with other.connected() as connection:
                connection.execute(text("UPDATE counters SET value = value + 1"))
                holding.set()
                release.wait(30)

        def number() -> int:
            with mine.transaction() as unit:
                return unit.next_incident_id()

        with ThreadPoolExecutor(2) as pool:
            held = pool.submit(hold)
            assert holding.wait(30)
            asked = pool.submit(number)
            release.set()
            held.result(30)
            assert asked.result(30) == 2
