"""The files people edit while the service runs, and the judge built from them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from monitor.classifiers.judge import Judge
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.classifiers.segment import JiebaSegmenter
from monitor.collectors.model import Source
from monitor.collectors.registry import read_sources
from monitor.deadlines.rules import packaged_rules, read_rules
from monitor.errors import ConfigurationError
from monitor.office.model import Office
from monitor.office.registry import read_office
from monitor.settings import Settings, environment_values
from monitor.watched import Watched

Kept = TypeVar("Kept")


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
        self.rules = self._keep(
            settings.rules, read_rules, None if settings.rules else packaged_rules(), faults
        )
        self.table = self._keep(
            settings.grading, load_table, None if settings.grading else load_table(), faults
        )
        if faults:
            raise ConfigurationError(tuple(faults))

    def _keep(
        self, path: Path | None, read: Callable[[str, str], Kept], given: Kept | None, faults: list[str]
    ) -> Callable[[], Kept]:
        if given is not None or path is None:
            return lambda: cast("Kept", given)
        try:
            watched = Watched(path, read)
        except ConfigurationError as error:
            faults += error.faults
            return _unread
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


class Words:
    """Lexicon, segmenter and judge as they hold now; the lexicon is built once, it is slow to build."""

    def __init__(self, files: Files, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._files = files
        self._lexicon = load_lexicon()
        self.segmenter = JiebaSegmenter(self._lexicon.user_words, folder)
        self._built_from = (files.office().territory, files.table())
        self.judge = self._build()

    def _build(self) -> Judge:
        territory, table = self._built_from
        return Judge(self._lexicon, table, territory, segmenter=self.segmenter)

    def refresh(self) -> None:
        """Build the judge anew if the territory or the grading table was edited."""
        now = (self._files.office().territory, self._files.table())
        if now != self._built_from:
            self._built_from = now
            self.judge = self._build()
