"""Files dropped into an inbox's folder: read once each, then moved to `done/` or `failed/`."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.collectors.backoff import Fault
from monitor.collectors.fetch import Fetched
from monitor.collectors.model import Source, SourceState
from monitor.collectors.poll import Polled, receive

_SUFFIXES = frozenset({".jsonl", ".json", ".csv", ".tsv", ".xlsx"})
_SETTLED = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedFile:
    """A file that was read; it stays where it is until `finish_file`, so that a crash reads it again."""

    path: Path
    polled: Polled


def scan_inbox_folder(
    folder: Path, source: Source, state: SourceState, now: datetime
) -> Iterator[DroppedFile]:
    """Yield the files of a folder, oldest name first, each already read.

    Left for the next time: a file changed in the last 5 seconds, which may still be being written.
    Ignored: hidden files, links, other suffixes. A file over the source's size limit has failed unread.
    """
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith(".") or path.suffix.lower() not in _SUFFIXES:
            continue
        if path.is_symlink() or not path.is_file():
            continue
        facts = path.stat()
        if now - datetime.fromtimestamp(facts.st_mtime, UTC) < _SETTLED:
            continue
        if facts.st_size > source.politeness.max_bytes:
            yield DroppedFile(path=path, polled=_too_large(source, state, now))
            continue
        yield DroppedFile(path=path, polled=receive(source, state, path.read_bytes(), None, now))


def _too_large(source: Source, state: SourceState, now: datetime) -> Polled:
    """Return the failed poll of a file that is not even read."""
    fetched = Fetched(fault=Fault.HARD, message="文件超过大小上限")
    return Polled(
        source=source,
        before=state,
        started_at=now,
        fetched=fetched,
        fault=fetched.fault,
        message=fetched.message,
    )


def finish_file(dropped: DroppedFile, now: datetime) -> Path:
    """Move a file away after its items are stored, and return its new place; a failed one gets a reason file.

    The new name begins with the time, so that a second file of the same name replaces nothing.
    """
    polled, path = dropped.polled, dropped.path
    folder = path.parent / ("done" if polled.fault is None else "failed")
    folder.mkdir(exist_ok=True)
    target = folder / f"{now:%Y%m%dT%H%M%S%f}-{path.name}"
    shutil.move(path, target)
    if polled.fault is not None or polled.message:
        target.with_name(f"{target.name}.reason.txt").write_text(f"{polled.message}\n", encoding="utf-8")
    return target
