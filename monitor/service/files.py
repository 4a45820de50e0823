"""The files people edit while the service runs, and the judge built from them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from monitor.classifiers.judge import Judge
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.classifiers.segment import JiebaSegmenter
from monitor.collectors.model import Source
from monitor.collectors.registry import read_sources
from monitor.errors import ConfigurationError
from monitor.office.model import Office
from monitor.office.registry import read_office
from monitor.settings import Settings, environment_values
from monitor.watched import Watched

Kept = TypeVar("Kept")


class Words:
    """Lexicon, grading table and judge as they hold now; built once, slow to build."""

    def __init__(self, office: Callable[[], Office], folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lexicon = load_lexicon()
        self.table = load_table()
        self.segmenter = JiebaSegmenter(lexicon.user_words, folder)
        self._lexicon = lexicon
        self._office = office
        self._territory = office().territory
        self.judge = self._build()

    def _build(self) -> Judge:
        return Judge(self._lexicon, self.table, self._territory, segmenter=self.segmenter)

    def refresh(self) -> None:
        """Build the judge anew if the office's territory was edited."""
        if self._office().territory != self._territory:
            self._territory = self._office().territory
            self.judge = self._build()


class Files:
    """The files people keep, as they hold now; a demo hands in its own values instead."""

    def __init__(
        self, settings: Settings, office: Office | None = None, sources: Sequence[Source] | None = None
    ) -> None:
        """Read what was not handed in; raises ConfigurationError with the faults of every file."""
        environment = environment_values()
        self._watched: list[Watched[Any]] = []
        faults: list[str] = []
        self.office = self._keep(
            settings.office, lambda text, name: read_office(text, name, environment), office, faults
        )
        self.sources: Callable[[], tuple[Source, ...]] = self._keep(
            settings.sources,
            lambda text, name: read_sources(text, name, environment),
            None if sources is None else tuple(sources),
            faults,
        )
        if faults:
            raise ConfigurationError(tuple(faults))

    def _keep(
        self, path: Path, read: Callable[[str, str], Kept], given: Kept | None, faults: list[str]
    ) -> Callable[[], Kept]:
        if given is not None:
            return lambda: given
        try:
            watched = Watched(path, read)
        except ConfigurationError as error:
            faults += error.faults
            raise_later: Callable[[], Kept] = _unread
            return raise_later
        self._watched.append(watched)
        return lambda: watched.value

    def refresh(self) -> None:
        """Look whether a file was edited."""
        for watched in self._watched:
            watched.refresh()

    def faults(self) -> tuple[str, ...]:
        """Return what is wrong with edits made while running; the values before them still hold."""
        return tuple(fault for watched in self._watched for fault in watched.faults)


def _unread() -> Any:
    raise AssertionError("a file with faults has no value")
