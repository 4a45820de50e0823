"""Which incident an item belongs to, or a new one, and why; decided item by item in the order of the stream.

An item is compared with the profiles of incidents, never with their last item, so that incidents do not grow
into chains. The similarity has two halves: the cosine with the profile, and the share of the item's weight
that points to this incident rather than to others: a word that one incident alone carries says more than a
rare one.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from monitor.classifiers.model import Moment, NamedPlace, Verdict
from monitor.incidents.model import Incident, IncidentState, Report, Trust
from monitor.incidents.reconcile import trust_of
from monitor.incidents.terms import TermIndex
from monitor.incidents.traits import Themes, packaged_themes, traits_of
from monitor.items.fingerprint import NearIndex
from monitor.items.model import Item

ENOUGH = 0.13
"""The similarity at which an item joins, while the incident is fresh and nothing contradicts."""

DUPLICATE = 0.8
"""The estimated share of common character pairs from which a text is the same text again."""

FRESH = timedelta(hours=96)
LONGEST = timedelta(days=30)
_STALE_FACTOR = 3.0  # how much more similarity an incident asks for when it has been silent for `LONGEST`
_FIT_FACTOR = 0.6  # how much less where the event type is the same and nothing contradicts
_LEAST = ENOUGH * _FIT_FACTOR  # nothing ever asks for less
_DOUBT_FACTOR = 1.6  # how much more for every fact that does not fit
_DOUBTS_OF_TYPE = 2  # another kind of event counts as two facts
_DOUBTS_OF_PROVINCE = 2
_WALL = 0.6  # what a contradiction of hard facts asks for: nearly the same words
_NEVER = 2.0  # more than any similarity is
_APART = timedelta(hours=36)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Where an item belongs: `incident_id` None opens a new incident.

    `reason` is a code: `exact_duplicate`, `near_duplicate`, `similar`, `nothing_similar`,
    `not_similar_enough`, `other_township`, `other_scene`, `other_victims`. `similarity` is that of the best
    candidate, `shared` the terms that weighed most, `traits` what `blend` adds to the incident's profile:
    nothing for a duplicate.
    """

    incident_id: int | None
    reason: str
    duplicate_of: int | None = None
    similarity: float | None = None
    shared: tuple[str, ...] = ()
    traits: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class _Text:
    """What is remembered of an item's text: where it belongs, when it was out, its key."""

    home: int
    at: datetime
    exact_key: str


class Grouper:
    """The open and lately ended incidents, indexed by their terms; one for a process, not safe for threads.

    Everything it knows of an incident stands in the incident, so that it is rebuilt by `put` after a
    restart; the texts of the last days come back by `remember`.
    """

    def __init__(self, rarity: Callable[[str], float], themes: Themes | None = None) -> None:
        self._index = TermIndex(rarity)
        self._themes = themes or packaged_themes()
        self._standing: dict[int, Incident] = {}
        self._near = NearIndex()
        self._texts: OrderedDict[int, _Text] = OrderedDict()
        self._exact: dict[str, int] = {}

    # -- what is known
    def put(self, incident: Incident) -> None:
        """Index an incident, or its newer version; one that went up in another is forgotten."""
        if incident.state is IncidentState.MERGED:
            self.drop(incident.id)
        else:
            self._standing[incident.id] = incident
            self._index.put(incident.id, incident.profile)

    def drop(self, incident_id: int) -> None:
        """Forget an incident: merged, or silent for too long; an unknown one changes nothing."""
        self._standing.pop(incident_id, None)
        self._index.drop(incident_id)

    def remember(self, item: Item, incident_id: int) -> None:
        """Remember for some days the text of an item and where it belongs, also when a person moved it."""
        self._forget_texts_before(item.at - self._near.window)
        self._texts[item.id] = _Text(incident_id, item.at, item.exact_key)
        self._exact[item.exact_key] = item.id
        self._near.add(item.id, _words(item), item.at)

    def _forget_texts_before(self, at: datetime) -> None:
        while self._texts:
            id_, text = next(iter(self._texts.items()))
            if text.at >= at:
                return
            del self._texts[id_]
            if self._exact.get(text.exact_key) == id_:
                del self._exact[text.exact_key]

    def expire(self, now: datetime) -> None:
        """Forget incidents that have been silent longer than any item could join them."""
        for id_, incident in list(self._standing.items()):
            if _silence(incident, now) > LONGEST:
                self.drop(id_)

    # -- the decision
    def group(self, item: Item, verdict: Verdict) -> Grouping:
        """Return where an item belongs, by what is known now; changes nothing."""
        words = _words(item)
        duplicate = self._duplicate(item, words)
        if duplicate is not None:
            original, likeness = duplicate
            return Grouping(
                incident_id=self._texts[original].home,
                reason="exact_duplicate" if likeness == 1.0 else "near_duplicate",
                duplicate_of=original,
                similarity=likeness,
            )
        themes = sorted(self._themes.themes_of(words, verdict.event_type))
        traits = traits_of(verdict.tokens, verdict.places, themes, self._index.rarity_of)
        if not any(term[0] not in "@#" for term in traits):
            return Grouping(incident_id=None, reason="no_words", traits=traits)
        return self._similar(item, verdict, traits, is_felt=self._themes.is_felt_only(words))

    def _similar(
        self, item: Item, verdict: Verdict, traits: Mapping[str, float], *, is_felt: bool
    ) -> Grouping:
        """Return the incident that an item is like by more than is asked, or a new one."""
        best: tuple[Incident, float, float, str] | None = None
        lead = 0.0
        for similarity, id_ in self._index.nearest(traits):
            if best is not None and similarity <= lead * _LEAST:
                break  # It cannot be further above what is asked than the best one is.
            asked, reason = self._asked(self._standing[id_], item, verdict, traits, is_felt=is_felt)
            if similarity > lead * asked:
                lead = similarity / asked
                best = (self._standing[id_], similarity, asked, reason)
        if best is None:
            return Grouping(incident_id=None, reason="nothing_similar", traits=traits)
        incident, similarity, asked, reason = best
        joins = similarity >= asked and _shares_more_than_the_place(traits, verdict, incident)
        return Grouping(
            incident_id=incident.id if joins else None,
            reason="similar" if joins else reason,
            similarity=round(similarity, 3),
            shared=_shared(traits, incident.profile),
            traits=traits,
        )

    def _duplicate(self, item: Item, words: str) -> tuple[int, float] | None:
        """Return an earlier item with the same words, and how alike they are.

        Other numbers make it another report: 5人 that became 6人 is no repost.
        """
        exact = self._exact.get(item.exact_key, item.id)
        if exact != item.id and self._is_recent(exact, item.at):
            return exact, 1.0
        for other, likeness, has_same_numbers in self._near.query(words):
            if likeness < DUPLICATE:
                return None
            if has_same_numbers and other != item.id and self._is_recent(other, item.at):
                return other, min(round(likeness, 3), 0.999)
        return None

    def _is_recent(self, item_id: int, at: datetime) -> bool:
        text = self._texts.get(item_id)
        return text is not None and abs(at - text.at) <= self._near.window

    def _asked(
        self,
        incident: Incident,
        item: Item,
        verdict: Verdict,
        traits: Mapping[str, float],
        *,
        is_felt: bool = False,
    ) -> tuple[float, str]:
        """Return the similarity that this pair asks for, and what the reason is if it falls short."""
        silence = _silence(incident, item.at)
        if silence > LONGEST:
            return _NEVER, "too_long_ago"
        wall = hard_contradiction(incident, item, verdict)
        if wall == "other_day" and self._themes.is_aftermath(_words(item)):
            wall = None
        if wall is not None:
            return _NEVER if wall == "other_township" else _WALL, wall
        is_same_type = incident.event_type is not None and incident.event_type == verdict.event_type
        if is_same_type and self._themes.are_other_scenes(traits, incident.profile):
            return _WALL, "other_scene"
        is_akin = self._themes.are_akin(incident.event_type, verdict.event_type)
        doubts = _DOUBTS_OF_TYPE * (not is_akin)
        if not is_felt:
            doubts += _doubts_of_place(incident.places, verdict.places)
        stale = max(0.0, (silence - FRESH) / (LONGEST - FRESH)) * (_STALE_FACTOR - 1)
        factor = _FIT_FACTOR if is_same_type and not doubts else _DOUBT_FACTOR**doubts
        return min(_WALL, ENOUGH * (1 + stale) * factor), "not_similar_enough"


def hard_contradiction(incident: Incident, item: Item, verdict: Verdict) -> str | None:
    """Return which hard fact keeps an item out: another day, another township, other victims; else None."""
    if are_apart(incident.occurred, verdict.occurred):
        return "other_day"
    if _townships(incident.places) and _townships(verdict.places):
        if _townships(incident.places).isdisjoint(_townships(verdict.places)):
            return "other_township"
        return None
    is_other_kind = not verdict.places and verdict.event_type != incident.event_type
    told = incident.holding
    if is_other_kind and _are_fewer(verdict, "missing", (told.official, told.media, told.social)):
        return "other_victims"  # Of one incident's missing ever fewer are missing, but they stay its missing.
    if trust_of(item.role) is Trust.SOCIAL or _places_meet(incident.places, verdict.places):
        return None
    return "other_victims" if _are_fewer(verdict, "deaths", (told.official, told.media)) else None


def _are_fewer(verdict: Verdict, metric: str, shelves: Sequence[Mapping[str, Report]]) -> bool:
    """Return whether an item counts fewer than all that these reports tell, and they do tell of some."""
    count = verdict.figures.counts.get(metric)
    told = [shelf[metric] for shelf in shelves if metric in shelf]
    return (
        count is not None
        and not count.claimed
        and bool(told)
        and all(count.value < report.count.low for report in told)
    )


def _townships(places: Sequence[NamedPlace]) -> frozenset[str]:
    """Return the codes of the townships that these places are or lie in."""
    return frozenset(place.code[:9] for place in places if place.code and len(place.code) >= 9)


def _places_meet(some: Sequence[NamedPlace], others: Sequence[NamedPlace]) -> bool:
    """Return whether one place of each lies in the other, or nothing is known of either."""
    one = [place.code for place in some if place.code]
    other = [place.code for place in others if place.code]
    return not one or not other or any(a.startswith(b) or b.startswith(a) for a in one for b in other)


def _doubts_of_place(some: Sequence[NamedPlace], others: Sequence[NamedPlace]) -> int:
    """Return how little two lists of places fit: other ones of a province are one doubt, of another two."""
    if _places_meet(some, others):
        return 0
    provinces = [{place.code[:2] for place in places if place.code} for places in (some, others)]
    return _DOUBTS_OF_PROVINCE if provinces[0].isdisjoint(provinces[1]) else 1


def are_apart(one: Moment | None, other: Moment | None) -> bool:
    """Return whether two occurrences lie more than 36 hours apart, both known."""
    if one is None or other is None:
        return False
    first, second = sorted((one, other), key=lambda moment: moment.at)
    return second.at - (first.until or first.at) > _APART


def _silence(incident: Incident, at: datetime) -> timedelta:
    """Return how long an incident has been silent."""
    return at - (incident.last_item_at or incident.first_published_at or incident.detected_at)


def _shares_more_than_the_place(traits: Mapping[str, float], verdict: Verdict, incident: Incident) -> bool:
    """Return whether more than the place is shared: a word, a theme, or the type of the event.

    A power cut in the township of a landslide is no report of the landslide, however rare the township.
    """
    if verdict.event_type is not None and verdict.event_type == incident.event_type:
        return True
    return any(term[0] != "#" and term in incident.profile for term in traits)


def _shared(traits: Mapping[str, float], profile: Mapping[str, float], most: int = 5) -> tuple[str, ...]:
    """Return the terms that weighed most; of a place only its most exact code, which tells the others."""
    weighed = sorted((-weight * profile[term], term) for term, weight in traits.items() if term in profile)
    codes = [term for _, term in weighed if term[0] == "#"]
    told = {code for code in codes if any(other != code and other.startswith(code) for other in codes)}
    return tuple(term for _, term in weighed if term not in told)[:most]


def _words(item: Item) -> str:
    """Return all that an item says."""
    return f"{item.title}\n{item.text}"
