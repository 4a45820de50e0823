"""Which incidents carry which terms, and which of them an item is most like."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import itemgetter

from monitor.incidents.traits import word_rarity

PROBES = 8
"""How many of an item's heaviest terms look for incidents."""

MOST_CARRIERS = 16
"""A term that more incidents carry finds none of them."""

WEIGHINGS = 160
"""How many look-ups of a term in an incident an item is worth: a title is held against more incidents."""

FEWEST_WEIGHED = 4
"""How many incidents are weighed at least, however long the item is."""

MOST_IDLE = 200_000
"""How many words that no incident carries are kept at hand with their rarity."""

_PRIOR = 0.1  # weight of the unknown incidents in which the rarest term could also stand; common ones more
_PRIOR_STEP = 3.0  # in how many steps of rarity that weight grows e-fold
_PRIOR_OF_SIGN = 0.5  # the same for a theme or a region
_RAREST = 13.0


@dataclass(slots=True)
class _Term:
    """A term met so far: how rare, and how heavily it is carried: by whom we do not know, by each, by all."""

    rarity: float
    elsewhere: float
    carriers: dict[int, float] | None = None  # None while no incident carries it
    total: float = 0.0


_Borne = tuple[str, float, _Term, dict[int, float]]
"""A term that an item shares with some incident: its weight in the item, and its carriers."""


class _Terms(dict[str, _Term]):
    """The terms met so far, each worked out when it is met first.

    Rarity and carriers stand in one table, for most of what an item costs is waiting for memory: a look-up
    among 100,000 terms takes about 0.5 µs the first time, 0.05 µs when the same term is asked for again.
    """

    def __init__(self, rarity: Callable[[str], float], most_idle: int) -> None:
        self._rarity = rarity
        self._most_idle = self._most = most_idle

    def __missing__(self, term: str) -> _Term:
        """Work out a term met for the first time."""
        if len(self) >= self._most:
            for idle in [known for known, entry in self.items() if entry.carriers is None]:
                del self[idle]
            self._most = len(self) + self._most_idle
        is_sign = term[:1] in {"@", "#"}
        priors = (0.0, _PRIOR_OF_SIGN) if is_sign else _priors(word_rarity(self._rarity, term))
        self[term] = _Term(*priors)
        return self[term]


@cache
def _priors(rarity: float) -> tuple[float, float]:
    """Return the rarity, and the weight that such a word may have in incidents we do not know of.

    Common words have more. Words of one rarity share both numbers, which saves 48 bytes a word.
    """
    return rarity, _PRIOR * math.exp((_RAREST - rarity) / _PRIOR_STEP)


class TermIndex:
    """The profiles of the incidents, term by term; one for a process, not safe for threads."""

    def __init__(self, rarity: Callable[[str], float], most_idle: int = MOST_IDLE) -> None:
        self._terms = _Terms(rarity, most_idle)
        self._profiles: dict[int, Mapping[str, float]] = {}
        self._lengths: dict[int, float] = {}

    def __len__(self) -> int:
        """Return how many terms are carried."""
        return sum(entry.carriers is not None for entry in self._terms.values())

    def rarity_of(self, token: str) -> float:
        """Return how rare a token is, 0 for one that is not compared."""
        return self._terms[token].rarity

    def put(self, incident_id: int, profile: Mapping[str, float]) -> None:
        """Index an incident's profile, or its newer one: only what changed is touched."""
        before = dict(self._profiles.get(incident_id, {}))  # a proxy's `get` costs three times a dict's
        for term in before.keys() - profile.keys():
            self._forget(term, incident_id)
        for term, weight in profile.items():
            known = before.get(term)
            if known != weight:
                entry = self._terms[term]
                if entry.carriers is None:
                    entry.carriers = {}
                entry.carriers[incident_id] = weight
                entry.total += weight - (known or 0.0)
        self._profiles[incident_id] = profile
        self._lengths[incident_id] = math.hypot(*profile.values())

    def drop(self, incident_id: int) -> None:
        """Forget an incident; an unknown one changes nothing."""
        for term in self._profiles.pop(incident_id, {}):
            self._forget(term, incident_id)
        self._lengths.pop(incident_id, None)

    def _forget(self, term: str, incident_id: int) -> None:
        entry = self._terms[term]
        carriers = entry.carriers or {}
        entry.total -= carriers.pop(incident_id)
        if not carriers:
            entry.carriers, entry.total = None, 0.0

    def nearest(self, traits: Mapping[str, float]) -> list[tuple[float, int]]:
        """Return the incidents worth weighing with their similarity, 0 to 1, the most similar first.

        Half of it is the cosine with the profile, half the share of the item's weight that points to this
        incident rather than to others.
        """
        probes, rest = self._parted(traits)
        cosines: dict[int, float] = {}
        pointings: dict[int, float] = {}
        for _, weight, entry, carriers in probes:
            pull = weight / (entry.total + entry.elsewhere)
            for id_, carried in carriers.items():
                cosines[id_] = cosines.get(id_, 0.0) + weight * carried
                pointings[id_] = pointings.get(id_, 0.0) + pull * carried
        chosen = _highest(pointings, max(FEWEST_WEIGHED, WEIGHINGS // max(1, len(probes) + len(rest))))
        for id_, weight, carried, entry in self._meetings(chosen, rest):
            cosines[id_] += weight * carried
            pointings[id_] += weight / (entry.total + entry.elsewhere) * carried
        whole = sum(traits.values())
        near = [((cosines[id_] / self._lengths[id_] + pointings[id_] / whole) / 2, id_) for id_ in chosen]
        return sorted(near, key=lambda pair: (-pair[0], pair[1]))

    def _parted(self, traits: Mapping[str, float]) -> tuple[list[_Borne], list[_Borne]]:
        """Return the item's heaviest terms that few incidents carry, and the others that any carries."""
        borne = [
            (term, weight, entry, entry.carriers)
            for term, weight in traits.items()
            if (entry := self._terms[term]).carriers is not None
        ]
        borne.sort(key=itemgetter(1), reverse=True)
        probes: list[_Borne] = []
        rest: list[_Borne] = []
        for one in borne:
            is_probe = len(probes) < PROBES and len(one[3]) <= MOST_CARRIERS
            (probes if is_probe else rest).append(one)
        return probes, rest

    def _meetings(
        self, incident_ids: Collection[int], terms: Sequence[_Borne]
    ) -> Iterator[tuple[int, float, float, _Term]]:
        """Yield where one of these incidents carries one of these terms.

        Looked up from the side of the fewer: a title has few terms left and many incidents, a post the
        reverse. It saves a quarter of `nearest`.
        """
        if len(terms) < len(incident_ids):
            for _, weight, entry, carriers in terms:
                for id_ in incident_ids:
                    if id_ in carriers:
                        yield id_, weight, carriers[id_], entry
        else:
            for id_ in incident_ids:
                profile = self._profiles[id_]
                for term, weight, entry, _ in terms:
                    if term in profile:
                        yield id_, weight, profile[term], entry


def _highest(sums: Mapping[int, float], most: int) -> Collection[int]:
    """Return the keys of the highest sums, equal ones all."""
    if len(sums) <= most:
        return sums.keys()
    least = sorted(sums.values())[-most]
    return [id_ for id_, value in sums.items() if value >= least]
