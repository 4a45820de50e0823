"""What two items are compared by: words weighted by rarity, theme and places, as one vector of length 1.

An incident's profile is the sum of the vectors of its reports: the representative that newcomers are compared
with. It is bounded, and no single late report can turn it.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from types import MappingProxyType

from pydantic import Field

from monitor.classifiers.lexicon import TermFinder
from monitor.classifiers.model import NamedPlace, Verdict
from monitor.items.model import Item
from monitor.yamlfile import YamlFile, read_yaml

MOST_TOKENS = 400
"""How many tokens of a text are compared: a long article tells its event at the beginning."""

MOST_TERMS = 256
"""How many terms a profile keeps, the heaviest ones; it is pruned when half as many again have gathered."""

_THEME_RARITY = 10.0
_THEME_SPAN = 160  # characters of title and text in which the theme must show
_PLACE_RARITY = {2: 4.0, 4: 7.0, 6: 9.0, 9: 10.0, 12: 10.0}
_RUN = re.compile(r"[A-Z]{1,2}[0-9]{3,4}")
_RUN_RARITY = 30.0
_WORD = re.compile(r"[\u4e00-\u9fff]{2,}|[A-Za-z]+[A-Za-z0-9]*|[0-9]{3,}")


class ThemeFile(YamlFile):
    """One entry of `themes.yaml`."""

    types: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class ThemesFile(YamlFile):
    """`themes.yaml`."""

    elsewhere: tuple[str, ...] = ()
    aftermath: tuple[str, ...] = ()
    scenes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    themes: dict[str, ThemeFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class Themes:
    """Coarse subjects of incidents: the words that show them, the event types that belong to them.

    `scenes` are kinds of places and vehicles by the words for them.
    """

    of_type: Mapping[str, frozenset[str]]
    finder: TermFinder
    elsewhere: tuple[str, ...] = ()
    aftermath: tuple[str, ...] = ()
    scenes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def are_other_scenes(self, some: Collection[str], others: Collection[str]) -> bool:
        """Return whether both vectors name scenes, and none of one kind: a restaurant and a warehouse."""
        here = {kind for word, kind in self.scenes.items() if word in some}
        there = {kind for word, kind in self.scenes.items() if word in others} if here else set()
        return bool(there) and here.isdisjoint(there)

    def themes_of(self, text: str, event_type: str | None) -> frozenset[str]:
        """Return the themes that the beginning of a text shows, else those of its event type."""
        shown = frozenset(slot for hit in self.finder.find(text[:_THEME_SPAN]) for slot in hit.slots)
        return shown or self.of_type.get(event_type or "", frozenset())

    def is_felt_only(self, text: str) -> bool:
        """Return whether a text names where something was felt, not where it happened."""
        beginning = text[:_THEME_SPAN]
        return any(word in beginning for word in self.elsewhere)

    def is_aftermath(self, text: str) -> bool:
        """Return whether a text tells of what follows an incident, so that its dates are not of another."""
        beginning = text[:_THEME_SPAN]
        return any(word in beginning for word in self.aftermath)

    def are_akin(self, one: str | None, other: str | None) -> bool:
        """Return whether two event types may be one event: equal, unknown, or sharing a theme."""
        if one == other or one is None or other is None:
            return True
        return not self.of_type.get(one, frozenset()).isdisjoint(self.of_type.get(other, frozenset()))


def read_themes(text: str, name: str = "themes.yaml") -> Themes:
    """Return the themes of a file's text; raises ConfigurationError with every fault and its place."""
    file, _ = read_yaml(text, name, ThemesFile)
    types = {type_ for theme in file.themes.values() for type_ in theme.types}
    return Themes(
        of_type=MappingProxyType(
            {t: frozenset(name for name, theme in file.themes.items() if t in theme.types) for t in types}
        ),
        finder=TermFinder({name: theme.words for name, theme in file.themes.items()}, overlapping=True),
        elsewhere=file.elsewhere,
        aftermath=file.aftermath,
        scenes=MappingProxyType({word: kind for kind, words in file.scenes.items() for word in words}),
    )


@cache
def packaged_themes() -> Themes:
    """Return the themes that come with the product."""
    return read_themes(files("monitor.incidents").joinpath("themes.yaml").read_text(encoding="utf-8"))


def traits_of(
    tokens: Sequence[str],
    places: Iterable[NamedPlace],
    themes: Iterable[str],
    rarity_of: Callable[[str], float],
) -> Mapping[str, float]:
    """Return the vector of an item; empty where it has no word to compare by.

    Terms are words as they stand, `@theme`, and `#code` for a place and every region that holds it, so that
    泸定 and 四川 meet. A word said often weighs more, but only with the logarithm of how often. `rarity_of`
    gives 0 for a token that is not compared.
    """
    weights = {
        word: (1 + math.log(count)) * rare if count > 1 else rare
        for word, count in Counter(tokens[:MOST_TOKENS]).items()
        if (rare := rarity_of(word))
    }
    weights |= {f"@{theme}": _THEME_RARITY for theme in themes}
    for code in filter(None, (place.code for place in places)):
        weights |= {f"#{code[:n]}": rare for n, rare in _PLACE_RARITY.items() if len(code) >= n}
    return _of_length_one(weights)


def item_traits(
    item: Item, verdict: Verdict, rarity: Callable[[str], float], themes: Themes | None = None
) -> Mapping[str, float]:
    """Return what an item is compared by."""
    found = (themes or packaged_themes()).themes_of(f"{item.title}\n{item.text}", verdict.event_type)
    return traits_of(verdict.tokens, verdict.places, sorted(found), partial(word_rarity, rarity))


def word_rarity(rarity: Callable[[str], float], token: str) -> float:
    """Return how rare a token is, 0 for one that is not compared: a number or a single character.

    A train or a flight is known by its number, whatever else is said of it: D2809, MU5735.
    """
    if _RUN.fullmatch(token):
        return _RUN_RARITY
    return rarity(token) if _WORD.fullmatch(token) else 0.0


def _of_length_one(weights: Mapping[str, float]) -> Mapping[str, float]:
    """Return the vector scaled to length 1."""
    length = norm(weights)
    return MappingProxyType({term: weight / length for term, weight in weights.items()} if length else {})


def norm(weights: Mapping[str, float]) -> float:
    """Return the length of a vector."""
    return math.hypot(*weights.values())


def blend(profile: Mapping[str, float], traits: Mapping[str, float]) -> Mapping[str, float]:
    """Return the profile with one more report in it (or with another profile: a merge)."""
    sums = dict(profile)
    for term, weight in traits.items():
        sums[term] = sums.get(term, 0.0) + weight
    if len(sums) > MOST_TERMS * 3 // 2:
        kept = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_TERMS]
        sums = dict(kept)
    return MappingProxyType(sums)


def withdraw(profile: Mapping[str, float], traits: Mapping[str, float]) -> Mapping[str, float]:
    """Return the profile without a report that a person took out (a split)."""
    rest = {term: weight - traits.get(term, 0.0) for term, weight in profile.items()}
    return MappingProxyType({term: weight for term, weight in rest.items() if weight > 1e-9})
