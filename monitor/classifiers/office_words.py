"""The office's own words: what its files add to the packaged lists and remove from them, and what it watches.

A file says only what differs, so that an upgrade of the packaged lists reaches every office.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Annotated, Any, get_origin

from pydantic import Field, create_model

from monitor.classifiers.lexicon import NO_TOPICS, Topic, WatchList
from monitor.classifiers.shape import (
    CasualtiesFile,
    CueFile,
    EventRuleFile,
    EventsFile,
    LivenessFile,
    OpinionsFile,
    PlacesFile,
    Terms,
)
from monitor.errors import ConfigurationError
from monitor.yamlfile import Fault, Path, Places, YamlFile, read_yaml

TIERS = ("words", "hints", "faint", "ours")
SCOPES = ("sentence", "title", "item")
SHORTEST = 2
_SEPARATORS = frozenset("、，,；;")
_OPENING, _CLOSING = "“‘「『【《\"'", "”’」』】》\"'"


class PartFile(YamlFile):
    """A part in which every key may be left out, or stand with nothing but comments under it."""

    @classmethod
    def _may_be_empty(cls, key: Any) -> bool:
        return key in cls.model_fields


class CueWords(PartFile):
    """Words of one reason of `liveness.yaml`."""

    sentence: Terms = ()
    title: Terms = ()
    item: Terms = ()


class TypeWords(YamlFile):
    """Words that no longer tell of a type of incident, whichever tier they stand in."""

    type: str
    words: Annotated[Terms, Field(min_length=1)]


class TopicFile(YamlFile):
    """One topic of the watch list."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    any_of: Terms = Field(default=(), alias="any")
    all_of: Terms = Field(default=(), alias="all")


class WatchFile(PartFile):
    """The watch list."""

    topics: tuple[TopicFile, ...] = ()
    exclude: Terms = ()


def _optional(model: type[YamlFile], **instead: Any) -> Any:
    """Return the shape of a packaged file in which everything may be left out."""
    fields: dict[str, Any] = {}
    for name, described in model.model_fields.items():
        kind: Any = instead.get(name, described.annotation)
        shape = _optional(kind) if get_origin(kind) is None else kind
        fields[name] = (shape, (get_origin(shape) or shape)())
    return create_model(model.__name__, __base__=PartFile, **fields)


def _file_shape() -> Any:
    """Return the shape of a whole file: `add`, `remove` and `watch`."""
    lists: dict[str, Any] = {
        "casualties": _optional(CasualtiesFile),
        "liveness": _optional(LivenessFile, cues=dict[str, CueWords]),
        "opinions": _optional(OpinionsFile),
        "places": _optional(PlacesFile),
    }
    lists = {name: (shape, shape()) for name, shape in lists.items()}
    added: Any = create_model("AddedFile", __base__=PartFile, events=(tuple[EventRuleFile, ...], ()), **lists)
    removed: Any = create_model("RemovedFile", __base__=PartFile, events=(tuple[TypeWords, ...], ()), **lists)
    return create_model(
        "OfficeWordsFile",
        __base__=PartFile,
        add=(added, added()),
        remove=(removed, removed()),
        watch=(WatchFile, WatchFile()),
    )


OfficeWordsFile = _file_shape()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeWords:
    """The lists as they hold for one office, by part; `notes` say which of its lines change nothing."""

    parts: Mapping[str, Any]
    watch: WatchList = NO_TOPICS
    notes: tuple[str, ...] = ()


def apply_office_words(
    texts: Mapping[str, str | bytes],
    packaged: OfficeWords,
    event_types: Mapping[str, str],
    normal: Callable[[str], str],
) -> OfficeWords:
    """Return the lists with what these files remove, then what they add, file by file in order of names.

    `event_types` gives the code of what an analyst may write for it: the code itself or its Chinese name.
    `normal` gives the spelling in which texts are judged. Raises ConfigurationError with every fault of every
    file.
    """
    words, faults = packaged, list[str]()
    for name, text in sorted(texts.items()):
        if _says_nothing(text):
            continue
        try:
            file, places = read_yaml(text, name, OfficeWordsFile)
            words = _Edition(places=places, event_types=event_types, normal=normal).of(words, file)
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(tuple(faults))
    return words


def _says_nothing(text: str | bytes) -> bool:
    """Return whether a file holds comments at most: so an office takes back everything it wrote."""
    said = text if isinstance(text, str) else text.decode("utf-8", "replace")
    lines = (line.strip("\ufeff \t\r") for line in said.split("\n"))
    return all(not line or line.startswith("#") for line in lines)


@dataclass(slots=True, kw_only=True)
class _Edition:
    """Applies one file; collects what is wrong with it and what it changes nothing by."""

    places: Places
    event_types: Mapping[str, str]
    normal: Callable[[str], str]
    faults: list[Fault] = field(default_factory=list)
    idle: list[Fault] = field(default_factory=list)

    def of(self, words: OfficeWords, file: Any) -> OfficeWords:
        parts = dict(words.parts)
        parts["events"] = self._events(parts["events"], file.add.events, file.remove.events)
        for part in ("casualties", "liveness", "opinions", "places"):
            added, removed = getattr(file.add, part), getattr(file.remove, part)
            parts[part] = self._edited(parts[part], added, removed, (part,))
        watch = self._watch(words.watch, file.watch)
        if self.faults:
            raise self.places.error(self.faults)
        notes = self.places.error(self.idle).faults if self.idle else ()
        return OfficeWords(parts=MappingProxyType(parts), watch=watch, notes=(*words.notes, *notes))

    def _fault(self, path: Path, message: str) -> None:
        self.faults.append(self.places.fault(path, message))

    def _note(self, path: Path, message: str) -> None:
        self.idle.append(self.places.fault(path, message))

    def _check_terms(self, terms: Terms, path: Path, *, shortest: int = SHORTEST) -> None:
        """Refuse what is no word: it would stand in the list and never be found, or be found everywhere."""
        for index, term in enumerate(terms):
            if fault := _fault_of(term, shortest):
                self._fault((*path, index), fault)
            elif term in terms[:index]:
                self._note((*path, index), f"“{term}”前面已写过")

    def _edited(self, given: Any, added: Any, removed: Any, path: Path) -> Any:
        """Return a list, a mapping or a part of lists as this file wants it."""
        if isinstance(given, YamlFile):
            names = type(added).model_fields
            return given.model_copy(
                update={
                    name: self._edited(
                        getattr(given, name), getattr(added, name), getattr(removed, name), (*path, name)
                    )
                    for name in names
                }
            )
        if path[-1] == "landmarks":
            for name in added:
                if fault := _fault_of(name, SHORTEST):
                    self._fault(("add", *path, name), fault)
            return {name: year for name, year in given.items() if name not in removed} | added
        if path[-1] == "cues":
            return self._cues(given, added, removed, path)
        if isinstance(given, Mapping):
            self._check_keys(given, added, removed, path)
            return {
                key: self._terms(terms, added.get(key, ()), removed.get(key, ()), (*path, key))
                for key, terms in given.items()
            }
        return self._terms(given, added, removed, path)

    def _check_keys(self, known: Collection[str], added: Any, removed: Any, path: Path) -> None:
        for side, keyed in (("add", added), ("remove", removed)):
            for key in keyed.keys() - set(known):
                self._fault((side, *path, key), f"没有这一类，只有 {'、'.join(known)}")

    def _cues(
        self,
        given: tuple[CueFile, ...],
        added: Mapping[str, CueWords],
        removed: Mapping[str, CueWords],
        path: Path,
    ) -> tuple[CueFile, ...]:
        """Return the cues; of entries that share a reason the first takes what is added."""
        self._check_keys(dict.fromkeys(cue.reason for cue in given), added, removed, path)
        cues = []
        for index, cue in enumerate(given):
            is_first = cue.reason not in {earlier.reason for earlier in given[:index]}
            more = added.get(cue.reason) if is_first else None
            less = removed.get(cue.reason)
            for scope in SCOPES if more else ():
                self._check_terms(getattr(more, scope), ("add", *path, cue.reason, scope))
            lists = {scope: self._changed(getattr(cue, scope), more, less, scope) for scope in SCOPES}
            cues.append(cue.model_copy(update=lists))
        for reason, words in removed.items():
            for scope in SCOPES:
                known = [t for cue in given if cue.reason == reason for t in getattr(cue, scope)]
                self._note_absent(getattr(words, scope), known, ("remove", *path, reason, scope))
        return tuple(cues)

    def _changed(self, terms: Terms, more: CueWords | None, less: CueWords | None, scope: str) -> Terms:
        gone = {self.normal(term) for term in getattr(less, scope, ())}
        kept = [term for term in terms if term not in gone]
        return tuple(dict.fromkeys((*kept, *map(self.normal, getattr(more, scope, ())))))

    def _terms(self, given: Terms, added: Terms, removed: Terms, path: Path) -> Terms:
        # Where the packaged list has words of one character, the office's may be as short.
        self._check_terms(added, ("add", *path), shortest=min(map(len, given), default=SHORTEST))
        for index, term in enumerate(added):
            if self.normal(term) in given and term not in removed:
                self._note(("add", *path, index), f"词表里已有“{term}”，不用再加")
        self._note_absent(removed, given, ("remove", *path))
        gone = {self.normal(term) for term in removed}
        kept = [term for term in given if term not in gone]
        terms = tuple(dict.fromkeys((*kept, *map(self.normal, added))))
        if given and not terms:
            self._fault(("remove", *path), "不能把这一组词全部去掉")
        return terms

    def _note_absent(self, gone: Iterable[str], given: Collection[str], path: Path) -> None:
        for index, term in enumerate(gone):
            if self.normal(term) not in given:
                self._note((*path, index), f"词表里没有“{term}”，去掉它不起作用")

    def _events(
        self, given: EventsFile, added: tuple[EventRuleFile, ...], removed: tuple[TypeWords, ...]
    ) -> EventsFile:
        """Return the rules: those of the office come first, so that they claim a word before others."""
        rules = list(given.rules)
        for index, entry in enumerate(removed):
            path: Path = ("remove", "events", index)
            type_ = self._type(entry.type, path)
            mine = [rule for rule in rules if rule.type == type_]
            known = {term for rule in mine for tier in TIERS for term in getattr(rule, tier)}
            self._note_absent(entry.words, known, (*path, "words"))
            gone = {self.normal(term) for term in entry.words}
            rules = [_without(rule, gone) if rule.type == type_ else rule for rule in rules]
        new = [self._rule(rule, ("add", "events", index), rules) for index, rule in enumerate(added)]
        return given.model_copy(update={"rules": (*new, *rules)})

    def _rule(self, rule: EventRuleFile, path: Path, known: list[EventRuleFile]) -> EventRuleFile:
        type_ = self._type(rule.type, path)
        if not any(getattr(rule, tier) for tier in TIERS):
            self._fault(path, "至少要有 words、hints、faint、ours 之一")
        for tier in TIERS:
            self._check_terms(getattr(rule, tier), (*path, tier))
        self._check_terms(rule.beside, (*path, "with"), shortest=1)
        self._check_terms(rule.without, (*path, "without"), shortest=1)
        for index, term in enumerate(rule.words):
            if any(self.normal(term) in other.words for other in known if other.type == type_):
                self._note((*path, "words", index), f"这一类已有“{term}”，不用再加")
        lists = {name: tuple(map(self.normal, getattr(rule, name))) for name in (*TIERS, "beside", "without")}
        return rule.model_copy(update={"type": type_, **lists})

    def _type(self, written: str, path: Path) -> str:
        if written not in self.event_types:
            near = get_close_matches(written, self.event_types, n=3, cutoff=0.5)
            hint = f"是不是 {'、'.join(near)}" if near else "写中文名称或代码，如 道路交通事故、road_traffic"
            self._fault((*path, "type"), f"没有“{written}”这种事件类型，{hint}")
        return self.event_types.get(written, written)

    def _watch(self, known: WatchList, file: WatchFile) -> WatchList:
        topics = []
        for index, topic in enumerate(file.topics):
            if not topic.any_of and not topic.all_of:
                self._fault(("watch", "topics", index), "至少要有 any 或 all")
            self._check_terms(topic.any_of, ("watch", "topics", index, "any"))
            self._check_terms(topic.all_of, ("watch", "topics", index, "all"))
            topics.append(
                Topic(
                    name=topic.name,
                    any_of=tuple(map(self.normal, topic.any_of)),
                    all_of=tuple(map(self.normal, topic.all_of)),
                )
            )
        self._check_terms(file.exclude, ("watch", "exclude"))
        exclude = (*known.exclude, *map(self.normal, file.exclude))
        return WatchList(topics=(*known.topics, *topics), exclude=tuple(dict.fromkeys(exclude)))


def _fault_of(term: str, shortest: int) -> str | None:
    """Return why this cannot be a word of a list, or None where it can."""
    if not _SEPARATORS.isdisjoint(term):
        return f"“{term}”里有顿号、逗号或分号：一项只写一个词，词与词之间用英文逗号隔开"
    if term[0] in _OPENING and term[-1] in _CLOSING:
        return f"{term} 的引号或括号也算成词的一部分了，请去掉"
    if not any(map(str.isalnum, term)):
        return f"“{term}”里没有文字；这里写的是词，不是正则表达式"
    return f"一个字的词到处都是，至少写两个字（现为“{term}”）" if len(term) < shortest else None


def _without(rule: EventRuleFile, gone: Collection[str]) -> EventRuleFile:
    return rule.model_copy(
        update={tier: tuple(term for term in getattr(rule, tier) if term not in gone) for tier in TIERS}
    )
