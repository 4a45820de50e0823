"""How far the files are that are being written: for whoever waits for one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

MOST = 200

Key = tuple[str, str]
"""A login, and the name that its page gave to an export."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many rows were written, and whether the file has ended, whole or broken off."""

    written: int = 0
    has_ended: bool = False


class Exports:
    """The last exports of this process; safe to use from several threads, each of which writes one."""

    def __init__(self) -> None:
        self._known: dict[Key, Progress] = {}

    def of(self, key: Key) -> Progress:
        """Return how far one is; one that is not known has not begun."""
        return self._known.get(key, Progress())

    def count(self, key: Key, more: int) -> None:
        """Note that more rows were written."""
        self._known[key] = replace(self.of(key), written=self.of(key).written + more)
        while len(self._known) > MOST:
            self._known.pop(next(iter(self._known)), None)

    def followed(self, key: Key, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the blocks of a file and note its end."""
        try:
            yield from blocks
        finally:
            self._known[key] = replace(self.of(key), has_ended=True)
