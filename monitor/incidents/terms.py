"""Which incidents carry which terms, and which of them an item is most like."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

PROBES = 8
"""How many of an item's heaviest terms look for incidents."""

MOST_CARRIERS = 16
"""A term that more incidents carry finds none of them."""

WEIGHINGS = 160
"""How many look-ups of a term in an incident an item is worth: a title is held against more incidents."""

FEWEST_WEIGHED = 4
"""How many incidents are weighed at least, however long the item is."""

_PRIOR = 0.1  # weight of the unknown incidents in which the rarest term could also stand; common ones more
_PRIOR_STEP = 3.0  # in how many steps of rarity that weight grows e-fold
_PRIOR_OF_SIGN = 0.5  # the same for a theme or a region
_RAREST = 13.0


@dataclass(slots=True)
class _Term:
    """A term that some incident carries: how heavily each one, all together, and those we do not know of."""

    elsewhere: float
    carriers: dict[int, float] = field(default_factory=dict)
    total: float = 0.0


class TermIndex:
    """The profiles of the incidents, term by term; one for a process, not safe for threads."""

    def __init__(self, rarity: Callable[[str], float]) -> None:
        self._rarity = rarity
        self._terms: dict[str, _Term] = {}
        self._profiles: dict[int, Mapping[str, float]] = {}
        self._lengths: dict[int, float] = {}

    def __len__(self) -> int:
        """Return how many terms are carried."""
        return len(self._terms)

    def put(self, incident_id: int, profile: Mapping[str, float]) -> None:
        """Index an incident's profile, or its newer one: only what changed is touched."""
        before = self._profiles.get(incident_id, {})
        for term in before.keys() - profile.keys():
            self._forget(term, incident_id)
        for term, weight in profile.items():
            known = before.get(term)
            if known != weight:
                entry = self._terms.get(term) or self._new(term)
                entry.carriers[incident_id] = weight
                entry.total += weight - (known or 0.0)
        self._profiles[incident_id] = profile
        self._lengths[incident_id] = math.hypot(*profile.values())

    def drop(self, incident_id: int) -> None:
        """Forget an incident; an unknown one changes nothing."""
        for term in self._profiles.pop(incident_id, {}):
            self._forget(term, incident_id)
        self._lengths.pop(incident_id, None)

    def _new(self, term: str) -> _Term:
        entry = self._terms[term] = _Term(self._elsewhere(term))
        return entry

    def _forget(self, term: str, incident_id: int) -> None:
        entry = self._terms[term]
        entry.total -= entry.carriers.pop(incident_id)
        if not entry.carriers:
            del self._terms[term]

    def _elsewhere(self, term: str) -> float:
        """Return the weight that a term may have in incidents we do not know of: common ones more."""
        if term[0] in "@#":
            return _PRIOR_OF_SIGN
        return _PRIOR * math.exp((_RAREST - self._rarity(term)) / _PRIOR_STEP)

    def nearest(self, traits: Mapping[str, float]) -> list[tuple[float, int]]:
        """Return the incidents worth weighing with their similarity, 0 to 1, the most similar first.

        Half of it is the cosine with the profile, half the share of the item's weight that points to this
        incident rather than to others.
        """
        known = [
            (weight, weight / (entry.total + entry.elsewhere), entry.carriers)
            for term, weight in traits.items()
            if (entry := self._terms.get(term)) is not None
        ]
        whole = sum(traits.values())
        near = []
        for id_ in _candidates(known):
            cosine = pointing = 0.0
            for weight, pull, carriers in known:
                if id_ in carriers:
                    carried = carriers[id_]
                    cosine += weight * carried
                    pointing += pull * carried
            near.append(((cosine / self._lengths[id_] + pointing / whole) / 2, id_))
        return sorted(near, key=lambda pair: (-pair[0], pair[1]))


def _candidates(known: list[tuple[float, float, dict[int, float]]]) -> list[int]:
    """Return the incidents that the heaviest terms carried by few point to most."""
    probes = [(weight, pull, carriers) for weight, pull, carriers in known if len(carriers) <= MOST_CARRIERS]
    probes.sort(key=lambda probe: -probe[0])
    pointed: dict[int, float] = {}
    for _, pull, carriers in probes[:PROBES]:
        for id_, carried in carriers.items():
            pointed[id_] = pointed.get(id_, 0.0) + pull * carried
    most = max(FEWEST_WEIGHED, WEIGHINGS // max(1, len(known)))
    if len(pointed) <= most:
        return list(pointed)
    least = sorted(pointed.values())[-most]
    return [id_ for id_, pull in pointed.items() if pull >= least]
