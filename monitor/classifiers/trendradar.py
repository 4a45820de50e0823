"""TrendRadar's `frequency_words.txt` -> a watch list, and a note for all that cannot be carried over.

Its groups are parted by empty lines. In a group a word is enough, `+word` is needed besides, `!word` excludes
(in that program from every group, whatever group it stands in), `@n` limits how many are shown, `[name]` on
the first line names the group, `word => name` one word, `/…/` is a regular expression, `#` a comment.
`[GLOBAL_FILTER]` and `[WORD_GROUPS]` on the first line of a group open a section.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from monitor.classifiers.lexicon import Topic, WatchList
from monitor.classifiers.office_words import SHORTEST
from monitor.errors import ConfigurationError

LONGEST = 24
SECTIONS = ("GLOBAL_FILTER", "WORD_GROUPS")
_MARK = re.compile(r"\[(.+)\]")
_PATTERN = re.compile(r"/(.+)/[a-z]*")
_BORDER = re.compile(r"\\b|\(\?<?!\[a-zA-Z\]\)|\(\?<?!\[A-Za-z\]\)")
_SPECIAL = re.compile(r"[\\^$.*+?{}\[\]()]")

Numbered = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """The watch list, and a line for everything that was left out or means something else here."""

    watch: WatchList
    notes: tuple[str, ...]


def read_trendradar(data: bytes, name: str = "frequency_words.txt") -> Import:
    """Return what a file asks to watch; raises ConfigurationError where it is not UTF-8 or names no word.

    A file without groups makes that program show everything: here it is refused.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError((f"{name}:{line}:1: 不是 UTF-8 编码，请另存为 UTF-8",)) from error
    reading = _Reading(name=name)
    for group in _groups(text):
        reading.take(group)
    if not reading.topics:
        raise ConfigurationError((*reading.notes, f"{name}:1:1: 没有可以关注的词"))
    watch = WatchList(topics=tuple(reading.topics), exclude=tuple(dict.fromkeys(reading.exclude)))
    return Import(watch=watch, notes=tuple(reading.notes))


def write_watch(watch: WatchList) -> str:
    """Return a watch list as a file of the office's own words."""
    lines = [
        "# 由 TrendRadar 的 frequency_words.txt 转换；请核对后放进 words 文件夹。",
        "watch:",
        "  topics:",
    ]
    for topic in watch.topics:
        lines.append(f"    - name: {_quoted(topic.name)}")
        for key, terms in (("any", topic.any_of), ("all", topic.all_of)):
            if terms:
                lines.append(f"      {key}: [{', '.join(map(_quoted, terms))}]")
    if watch.exclude:
        lines.append(f"  exclude: [{', '.join(map(_quoted, watch.exclude))}]")
    return "\n".join(lines) + "\n"


def _quoted(term: str) -> str:
    return json.dumps(term, ensure_ascii=False)


def _groups(text: str) -> Iterator[list[Numbered]]:
    """Yield the lines of each group with their numbers, without comments; a line of blanks parts nothing."""
    numbered = enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1)
    for is_gap, lines in groupby(numbered, key=lambda numbered_line: numbered_line[1] == ""):
        said = [(number, line.strip()) for number, line in lines]
        said = [(number, line) for number, line in said if line and not line.startswith("#")]
        if not is_gap and said:
            yield said


@dataclass(slots=True, kw_only=True)
class _Reading:
    name: str
    section: str = "WORD_GROUPS"
    topics: list[Topic] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def _note(self, number: int, message: str) -> None:
        self.notes.append(f"{self.name}:{number}:1: {message}")

    def take(self, group: list[Numbered]) -> None:
        """Read one group; its first line may open a section, the next one name it."""
        mark = _MARK.fullmatch(group[0][1])
        if mark and mark[1].upper() in SECTIONS:
            self.section, group = mark[1].upper(), group[1:]
        if self.section == "GLOBAL_FILTER":
            for number, line in group:
                self._filter(number, line)
        elif group:
            self._topic(group)

    def _filter(self, number: int, line: str) -> None:
        if line[0] in "!+@":
            self._note(number, f"全局过滤区里不起作用的一行：{line}")
        else:
            self.exclude += self._terms(number, line)

    def _topic(self, group: list[Numbered]) -> None:
        alias = _MARK.fullmatch(group[0][1])
        some: list[str] = []
        needed: list[str] = []
        labels: list[str] = []
        for number, line in group[1:] if alias else group:
            if line[0] == "@":
                self._note(number, f"没有条数限制，略去 {line}")
            elif line[0] == "!":
                self._note(number, f"过滤词对所有话题起作用（TrendRadar 也是这样）：{line}")
                self.exclude += self._terms(number, line[1:])
            elif line[0] == "+":
                needed += self._needed(number, line[1:])
            else:
                terms = self._terms(number, line)
                labels += [line.partition("=>")[2].strip()] if terms else []
                some += terms
        if some or needed:
            name = alias[1].strip() if alias else " / ".join(filter(None, labels)) or (some or needed)[0]
            self.topics.append(Topic(name=name[:60], any_of=_each_once(some), all_of=_each_once(needed)))

    def _needed(self, number: int, written: str) -> list[str]:
        terms = self._terms(number, written)
        if len(terms) > 1:
            self._note(number, f"必须词不能几选一，略去 +{written}（该话题会宽一些）")
            return []
        return terms

    def _terms(self, number: int, written: str) -> list[str]:
        """Return the words of a line: one, those of a simple alternation, or none with a note."""
        word = written.partition("=>")[0].strip()
        pattern = _PATTERN.fullmatch(word)
        words = [word]
        if pattern:
            words = _BORDER.sub("", pattern[1]).split("|")
            if any(_SPECIAL.search(one) for one in words):
                self._note(number, f"正则表达式不能转换，略去 {word}")
                return []
        kept = [one.strip() for one in words if SHORTEST <= len(one.strip()) <= LONGEST]
        if len(kept) < len(words):
            self._note(number, f"不足 {SHORTEST} 字或超过 {LONGEST} 字的词，略去：{written or '（空）'}")
        return kept


def _each_once(terms: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms))
