"""Where: places named in a text, whether they are ours, and whether it happened abroad."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import NamedTuple

from monitor.classifiers.lexicon import Lexicon, TermFinder, any_of
from monitor.classifiers.model import NamedPlace
from monitor.classifiers.passage import Spelling
from monitor.office.model import Place, Territory


class Standing(StrEnum):
    """What a place is to the territory: in it, a region that holds it and more, other in China, or abroad."""

    OURS = "ours"
    PARENT = "parent"
    ELSEWHERE = "elsewhere"
    ABROAD = "abroad"


class PlaceMention(NamedTuple):
    """A place at `[start, end)` of a passage.

    `is_reference` marks a place that is only pointed at: a distance, an origin, a destination, a sender.
    """

    name: str
    code: str | None
    standing: Standing
    start: int
    end: int
    is_reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    name: str
    code: str | None
    standing: Standing
    needs_parent: bool = False


# How far around a name its role is looked for, and how near its parent must stand.
_CHARS = 6
_PARENT_REACH = 12
# How long the code of a township is.
_TOWNSHIP = 9
_SENDS = re.compile(r"^[^，,。；、]{0,14}(?:驰援|支援|增援|援助|奔赴|赶赴|前往|赴)$")


class Gazetteer:
    """All places that are known to one office; built once from the lexicon and the territory."""

    def __init__(self, lexicon: Lexicon, territory: Territory) -> None:
        self._territory = territory
        self._entries: dict[str, list[_Entry]] = {}
        self._words = lexicon.places
        self._add_divisions(lexicon)
        self._add_territory(lexicon.spelling)
        for name in lexicon.places["greater_china"]:
            self._add(name, _Entry(name=name, code=None, standing=Standing.ELSEWHERE))
        for name in lexicon.places["foreign"]:
            self._entries[name] = [_Entry(name=name, code=None, standing=Standing.ABROAD)]
        for name in lexicon.places["not_places"]:
            self._entries[name] = []
        self._sure = {
            name: entries[0]
            for name, entries in self._entries.items()
            if len(entries) == 1 and not entries[0].needs_parent and entries[0].standing is not Standing.OURS
        }
        self._finder = TermFinder({"place": self._entries}, overlapping=True)
        self._before = re.compile(rf"(?:{any_of(lexicon.places['before_reference'])})[了于]?[^，,。；]?$")
        after, at_place = any_of(lexicon.places["after_reference"]), any_of(lexicon.places["after_place"])
        self._after = re.compile(rf"^(?:县城?|市|区|镇|省)?(?!{at_place})(?:{after})")
        self._not_place = re.compile(rf"^(?:{any_of(lexicon.places['foreign_not_place'])})")

        countries, followers = lexicon.foreign_short
        self._short = re.compile(
            rf"(?=[{re.escape(''.join(country[0] for country in countries))}])(?:^|(?<=[\n，。：:！？、 在]))"
            rf"(?P<country>{any_of(countries)})(?={any_of(followers)})"
        )

    def _add(self, name: str, entry: _Entry) -> None:
        if len(name) > 1:
            self._entries.setdefault(name, []).append(entry)

    def _add_divisions(self, lexicon: Lexicon) -> None:
        own = self._territory.code or ""
        for code, name, short, loose in lexicon.divisions:
            if len(code) > 6 and not (own and code.startswith(own)):
                continue
            standing = self.standing(code)
            self._add(name, _Entry(name=name, code=code, standing=standing))
            if short != name:
                needs = loose and (standing is not Standing.OURS or len(code) > 6)
                self._add(short, _Entry(name=name, code=code, standing=standing, needs_parent=needs))
            if len(code) == 12:
                self._add(f"{short.removesuffix('社区')}村", _Entry(name=name, code=code, standing=standing))

    def _add_territory(self, spelling: Spelling) -> None:
        """Add our own places, in the spelling that texts are judged in: 新村(三组) is 新村（三组） there."""
        for place in self._owned():
            entry = _Entry(name=place.name, code=place.code, standing=Standing.OURS)
            for name in (place.name, *place.aliases):
                self._add(spelling.normal(name), entry)

    def _owned(self) -> Iterator[Territory | Place]:
        yield self._territory
        yield from self._territory.places

    @property
    def home_names(self) -> tuple[str, ...]:
        """Return the names of ours down to the townships, and all the office gave: no other village's."""
        given = {place.name for place in self._owned()}
        return tuple(
            name
            for name, entries in self._entries.items()
            if any(
                entry.standing is Standing.OURS
                and (entry.name in given or len(entry.code or "") <= _TOWNSHIP)
                for entry in entries
            )
        )

    def standing(self, code: str) -> Standing:
        """Return what a place with this administrative code is to the territory."""
        if self._territory.level == "nation":
            return Standing.OURS
        own = self._territory.code or ""
        own = (
            own[:2]
            if self._territory.level == "province"
            else own[:4]
            if self._territory.level == "city"
            else own
        )
        if own and code.startswith(own):
            return Standing.OURS
        return Standing.PARENT if own and own.startswith(code) else Standing.ELSEWHERE

    def find(self, text: str) -> list[PlaceMention]:
        """Return the places of a text, in order."""
        found: list[PlaceMention] = []
        for hit in self._finder.hits(_longest(self._finder.scan(text))):
            entry = self._sure.get(hit.term) or self._choose(hit.term, hit.start, found)
            if entry is None:
                continue
            tail = text[hit.end : hit.end + _CHARS]
            lead = text[max(0, hit.start - _CHARS) : hit.start]
            if entry.standing == Standing.ABROAD:
                is_reference = bool(self._not_place.match(tail))
            else:
                is_reference = bool(self._before.search(lead)) or bool(self._after.match(tail))
            found.append(
                PlaceMention(
                    entry.name if entry.name.startswith(hit.term[:2]) else hit.term,
                    entry.code,
                    entry.standing,
                    hit.start,
                    hit.end,
                    is_reference,
                )
            )
        for match in self._short.finditer(text):
            start = match.start("country")
            found.append(PlaceMention(match["country"], None, Standing.ABROAD, start, match.end()))
        return _with_senders(sorted(found, key=attrgetter("start")), text) if found else found

    def _choose(self, term: str, start: int, found: Sequence[PlaceMention]) -> _Entry | None:
        """Return what a name means here; of places that share it, the one whose parent stands before it."""
        entries = self._entries[term]
        near = [m.code for m in found[-_PARENT_REACH:] if m.code and start - m.end <= _PARENT_REACH]
        for entry in entries:
            parents = [
                code for code in near if entry.code and entry.code != code and entry.code.startswith(code)
            ]
            if parents:
                return entry
        whole = [entry for entry in entries if not entry.needs_parent]
        if found and found[-1].end == start and found[-1].standing is Standing.ELSEWHERE:
            # 庐山温泉镇 is another 温泉镇 than ours; a county may stand beside its neighbour (凤庆昌宁两县).
            whole = [e for e in whole if e.standing is not Standing.OURS or e.name == self._territory.name]
        ours = [entry for entry in whole if entry.standing == Standing.OURS]
        if ours:
            return ours[0]
        if len(whole) == 1 or (whole and len({entry.code for entry in whole}) == 1):
            return whole[0]
        if whole:
            shortest = min(whole, key=lambda entry: len(entry.code or ""))
            if len(shortest.code or "") <= 4:
                return shortest
            return _Entry(name=term, code=None, standing=Standing.ELSEWHERE)
        return None


def _longest(found: Sequence[tuple[int, int, int]]) -> Sequence[tuple[int, int, int]]:
    """Return, of names that overlap, the longest, else the first: 田园镇 in 关于田园镇, not 于田.

    Each is (number of the name, start, end).
    """
    if len(found) < 2:
        return found
    taken: set[int] = set()
    kept = []
    for name in sorted(found, key=lambda name: (name[1] - name[2], name[1])):
        here = range(name[1], name[2])
        if taken.isdisjoint(here):
            taken.update(here)
            kept.append(name)
    return sorted(kept, key=itemgetter(1))


def _with_senders(mentions: Sequence[PlaceMention], text: str) -> list[PlaceMention]:
    """Return the mentions where one that sends help (昌宁消防驰援漾濞) is pointed at only, not its goal."""
    known = list(mentions)
    for index, (first, second) in enumerate(pairwise(mentions)):
        goes_out = first.standing is Standing.OURS and second.standing in (
            Standing.ELSEWHERE,
            Standing.ABROAD,
        )
        if goes_out and _SENDS.search(text[first.end : second.start]):
            known[index] = first._replace(is_reference=True)
            known[index + 1] = second._replace(is_reference=False)
    return known


def is_local(
    mentions: Sequence[PlaceMention], *, names_border: bool, source_is_ours: bool, level: str
) -> bool | None:
    """Return whether it happened in the territory: True, False, or None where it cannot be told (T12).

    `mentions` are those of the event's own sentences. A source of ours makes it local unless another place is
    named, so that its 我县 is ours; a border is ours until shown otherwise.
    """
    events = [mention for mention in mentions if not mention.is_reference]
    if any(mention.standing == Standing.OURS for mention in events):
        return True
    if any(mention.standing in (Standing.ELSEWHERE, Standing.ABROAD) for mention in events):
        ours_near = any(mention.standing == Standing.OURS for mention in mentions)
        return names_border and ours_near
    if level == "nation":
        return True
    if source_is_ours:
        return True
    if any(mention.standing == Standing.OURS for mention in mentions):
        return False
    return None


def named(mentions: Iterable[PlaceMention]) -> tuple[NamedPlace, ...]:
    """Return each place once, in order."""
    seen: dict[tuple[str, str | None], NamedPlace] = {}
    for mention in mentions:
        if (mention.name, mention.code) not in seen:
            seen[mention.name, mention.code] = NamedPlace(name=mention.name, code=mention.code)
    return tuple(seen.values())
