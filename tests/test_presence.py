"""That a process lives stands in the database while it does, and the disk is a real one."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.service.presence import Presence, disk_of
from storage.engine import open_store
from tests.support.builders import T0
from tests.support.clock import SimulatedClock


def test_a_worker_reports_until_it_leaves(tmp_path: Path) -> None:
    clock = SimulatedClock(T0)
    with closing(open_store(f"sqlite:///{tmp_path / 'a.db'}")) as store:
        presence = Presence(store, clock, ("engine", "deliver"))
        presence.report()
        clock.advance(timedelta(seconds=15))
        presence.report()
        with store.reading() as unit:
            [worker] = unit.workers()
        assert (worker.roles, worker.started_at) == (("engine", "deliver"), T0)
        assert worker.seen_at == T0 + timedelta(seconds=15)
        presence.leave()
        with store.reading() as unit:
            assert unit.workers() == ()


def test_a_worker_that_died_is_forgotten_by_the_others_after_a_day(tmp_path: Path) -> None:
    clock = SimulatedClock(T0)
    with closing(open_store(f"sqlite:///{tmp_path / 'a.db'}")) as store:
        Presence(store, clock, ("collect",)).report()
        clock.advance(timedelta(hours=24))
        living = Presence(store, clock, ("desk",))
        living.report()
        with store.reading() as unit:
            assert [worker.roles for worker in unit.workers()] == [("collect",), ("desk",)]
        clock.advance(timedelta(seconds=15))
        living.report()
        with store.reading() as unit:
            assert [worker.roles for worker in unit.workers()] == [("desk",)]


def test_the_disk_is_that_of_the_folder(tmp_path: Path) -> None:
    disk = disk_of(tmp_path)
    assert 0 <= disk.free <= disk.total
    assert replace(disk, free=0).fault is not None
    with pytest.raises(FileNotFoundError):
        disk_of(tmp_path / "none")
