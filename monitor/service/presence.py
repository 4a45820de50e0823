"""That this process lives, for the others to see; and the disk that the state is kept on."""

import os
import shutil
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from monitor.clock import Clock
from monitor.desk.machine import Disk
from monitor.errors import StoreError
from monitor.ports import Store
from monitor.ports.workers import Worker

REPORTED_EVERY = timedelta(seconds=15)
_FORGOTTEN_AFTER = timedelta(days=1)


class Presence:
    """Writes down every few seconds that this process lives. Its methods block."""

    def __init__(self, store: Store, clock: Clock, roles: tuple[str, ...]) -> None:
        self._store = store
        self._clock = clock
        host, now = socket.gethostname(), clock.now()
        self._worker = Worker(
            name=f"{host}-{os.getpid()}-{now:%Y%m%dT%H%M%S}",
            host=host,
            roles=roles,
            version=version("huiying"),
            started_at=now,
            seen_at=now,
        )

    def report(self) -> None:
        """Say that this process lives, and forget those that were silent for a day."""
        now = self._clock.now()
        with self._store.transaction() as transaction:
            transaction.note_worker(replace(self._worker, seen_at=now), now - _FORGOTTEN_AFTER)

    def leave(self) -> None:
        """Say that this process ends; if that cannot be written it will be shown as lost, as it is."""
        with suppress(StoreError), self._store.transaction() as transaction:
            transaction.drop_worker(self._worker.name)


def disk_of(folder: Path) -> Disk:
    """Return the room on the disk of this folder."""
    usage = shutil.disk_usage(folder)
    return Disk(free=usage.free, total=usage.total)
