"""The files people edit while the service runs, and the judge built from them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from alerts.message.layout import PACKAGED
from alerts.message.own_templates import read_templates
from monitor.classifiers.grade import GradingTable
from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.classifiers.segment import JiebaSegmenter
from monitor.collectors.model import Source
from monitor.collectors.registry import read_sources
from monitor.deadlines.rules import packaged_rules, read_rules, unknown_reports
from monitor.errors import ConfigurationError
from monitor.incidents.opinion_level import packaged_levels, read_levels
from monitor.office.model import Office, Territory
from monitor.office.registry import read_office
from monitor.pipeline.trial import OnTrial
from monitor.settings import Settings, environment_values
from monitor.watched import Kept, Watched, WatchedFolder
from monitor.yamlfile.reader import decoded

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The office's own words: their files by name, and the lexicon with them."""

    files: Mapping[str, bytes]
    lexicon: Lexicon


class Files:
    """The files people keep, as they hold now; a demo hands in its own values instead."""

    def __init__(
        self, settings: Settings, office: Office | None = None, sources: Sequence[Source] | None = None
    ) -> None:
        """Read what was not handed in; raises ConfigurationError with the faults of every file."""
        environment = environment_values()
        self._watched: list[Kept[Any, Any]] = []
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
        self.opinion_levels = self._keep(
            settings.opinion_levels,
            read_levels,
            None if settings.opinion_levels else packaged_levels(),
            faults,
        )
        self.wording = self._watch(lambda: WatchedFolder(settings.words, read_wording), faults)
        self.templates = self._templates(settings.templates, faults)
        if not faults:
            strange = unknown_reports(self.rules(), self.office().policy.reporting)
            faults += [
                f"{settings.office}: settings.reporting: 回应义务规则里没有 {kind}" for kind in strange
            ]
        if faults:
            raise ConfigurationError(tuple(faults))

    def _keep(
        self, path: Path | None, read: Callable[[str, str], Value], given: Value | None, faults: list[str]
    ) -> Callable[[], Value]:
        if given is not None or path is None:
            return lambda: cast("Value", given)
        return self._watch(lambda: Watched(path, read), faults)

    def _templates(self, folder: Path | None, faults: list[str]) -> Callable[[], Mapping[str, str]]:
        if folder is None:
            return lambda: PACKAGED
        return self._watch(lambda: WatchedFolder(folder, read_own_templates, (".jinja",)), faults)

    def _watch(self, open_: Callable[[], Kept[Any, Value]], faults: list[str]) -> Callable[[], Value]:
        try:
            kept = open_()
        except ConfigurationError as error:
            faults += error.faults
            return _unread
        self._watched.append(kept)
        return lambda: kept.value

    def refresh(self) -> None:
        """Look whether a file was edited."""
        for watched in self._watched:
            watched.refresh()

    def faults(self) -> tuple[str, ...]:
        """Return what is wrong with edits made while running; the values before them still hold."""
        return tuple(fault for watched in self._watched for fault in watched.faults)


def _unread() -> Any:
    raise AssertionError("a file with faults has no value")


def read_own_templates(files: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return the office's own templates by name; raises ConfigurationError with every fault."""
    return read_templates({name: decoded(raw, name) for name, raw in files.items()})


def read_wording(files: Mapping[str, bytes]) -> Wording:
    """Return the lexicon with the office's own words; raises ConfigurationError with every fault."""
    return Wording(files=files, lexicon=load_lexicon(office=files))


class Words:
    """Lexicon, segmenter and judge as they hold now: ask anew each time, an edit replaces them."""

    def __init__(self, files: Files, folder: Path, segmenter: type[JiebaSegmenter] = JiebaSegmenter) -> None:
        """Build them; `folder` keeps the dictionary's cache. Raises ConfigurationError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._files = files
        self._folder = folder
        self._segmenter = segmenter
        self._built_from = self._now()
        lexicon = files.wording().lexicon
        self._held = lexicon, segmenter(lexicon.user_words, folder)
        self.judge = self._build(*self._held)

    @property
    def version(self) -> str:
        """Return the hash of the words in force."""
        return self._held[0].version

    @property
    def notes(self) -> tuple[str, ...]:
        """Return which of the office's words change nothing."""
        return self._held[0].notes

    def refresh(self) -> None:
        """Build anew what an edit of the words, the territory or the grading table changed.

        It may take a second: call it in a thread.
        """
        now = self._now()
        if now == self._built_from:
            return
        lexicon = self._files.wording().lexicon
        self._held = lexicon, self._segmenter_for(lexicon)
        self.judge = self._build(*self._held)
        self._built_from = now

    def trial(self, files: Mapping[str, bytes]) -> OnTrial:
        """Return a judge that has these files too, instead of those of the same name; nothing is kept.

        Raises ConfigurationError with every fault.
        """
        lexicon = load_lexicon(office={**self._files.wording().files, **files})
        return OnTrial(judge=self._build(lexicon, self._segmenter_for(lexicon)), notes=lexicon.notes)

    def segment(self, text: str) -> tuple[str, ...]:
        """Return the words of a text by which texts are compared."""
        return self._held[1].words(text)

    def rarity(self, word: str) -> float:
        """Return how rare a word is in Chinese at large."""
        return self._held[1].rarity(word)

    def _now(self) -> tuple[Territory, GradingTable, Wording]:
        return self._files.office().territory, self._files.table(), self._files.wording()

    def _build(self, lexicon: Lexicon, segmenter: JiebaSegmenter) -> Judge:
        return Judge(lexicon, self._files.table(), self._files.office().territory, segmenter=segmenter)

    def _segmenter_for(self, lexicon: Lexicon) -> JiebaSegmenter:
        """Return a segmenter that knows this lexicon's terms and no others."""
        held, segmenter = self._held
        if lexicon.user_words == held.user_words:
            return segmenter
        return self._segmenter(lexicon.user_words, self._folder)
