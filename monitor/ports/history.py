"""What analysts ask of history, and what they are answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from monitor.asking.figures import FigureBound
from monitor.asking.model import EVERYTHING, AllOf, Tree, all_words
from monitor.classifiers.model import Verdict
from monitor.incidents.model import Incident
from monitor.items.model import Item


class Order(StrEnum):
    """In which order answers come; with `best` very many are not ranked: older ones follow by time."""

    NEWEST = "newest"
    BEST = "best"


class ClockOutcome(StrEnum):
    """How a statutory clock of an incident stands."""

    RUNNING = "running"
    MET = "met"
    LATE = "late"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: words that must all stand in an item, a tree of words, range `[since, until)`, filters.

    The range is over `Item.at`, for incidents over their detection. Grade, type and place of an item are
    those of its incident, of its verdict where it has none. State, department, outcome and figures are of
    the incident. Of each filter one value is enough; every filter must hold. `kinds` are event types,
    categories or opinions.

    `before_id` is the id of the last answer of the page before. `after_id` asks for what was stored after
    that item, `as_of` leaves it out; `new_to` asks for the incidents that are not noted of a kept question.
    """

    words: tuple[str, ...] = ()
    tree: Tree = EVERYTHING
    since: datetime | None = None
    until: datetime | None = None
    severities: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    figures: tuple[FigureBound, ...] = ()
    limit: int = 50
    before_id: int | None = None
    after_id: int | None = None
    as_of: int | None = None
    new_to: int | None = None
    with_verdicts: bool = True

    @property
    def asked(self) -> Tree:
        """Return all words that are asked for as one tree."""
        return AllOf(parts=(all_words(*self.words), self.tree)) if self.words else self.tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer: an item with its verdict, if asked for, and the incident it belongs to, if any."""

    item: Item
    verdict: Verdict | None
    incident_id: int | None
    incident_state: str | None
    severity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Answers in order; `next_before_id` asks for the next page, None at the end."""

    hits: tuple[Hit, ...]
    next_before_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIncidents:
    """Incidents that an item answers for, the last opened first; `next_before_id` as in `Page`."""

    incidents: tuple[Incident, ...]
    next_before_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """How many answers have this value; None is unknown, `label` says it where it is a code."""

    value: str | None
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How many answers there are, and by what they differ, most frequent first; months in order."""

    total: int
    by: Mapping[str, Sequence[FacetCount]]


class History(Protocol):
    """The part of a transaction that answers analysts."""

    def search(self, question: Question) -> Page:
        """Answer from the items, newest first: exactly what a scan for the words would find."""
        ...

    def search_incidents(self, question: Question) -> FoundIncidents:
        """Return the incidents of which some item answers."""
        ...

    def newest_answers(self, question: Question, incident_ids: Sequence[int]) -> Mapping[int, Item]:
        """Return of each of these incidents the newest item that answers the words, none without words."""
        ...

    def item_facets(self, question: Question) -> Facets:
        """Count the items that answer."""
        ...

    def incident_facets(self, question: Question) -> Facets:
        """Count the incidents of which some item answers."""
        ...

    def note_answers(self, number: int, question: Question) -> int:
        """Note which incidents answer a kept question; return how many were not noted before."""
        ...

    def last_item_id(self) -> int:
        """Return the id of the item that was stored last, 0 where there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuestion:
    """A question that a login keeps; `asked` is what was typed, as JSON.

    With `tells` its person hears of what was stored after item `seen_item`, with `of_incidents` of incidents
    that did not answer before, at most every `every`; `told_at` is when that happened last.
    """

    id: int = 0
    account: str
    name: str
    asked: str
    of_incidents: bool = False
    created_at: datetime
    tells: bool = False
    every: timedelta = timedelta(hours=1)
    seen_item: int = 0
    told_at: datetime | None = None


class SavedQuestions(Protocol):
    """The part of a transaction that keeps questions."""

    def saved_questions(self, account: str | None = None) -> tuple[SavedQuestion, ...]:
        """Return those of a login, of all logins without one; the oldest first."""
        ...

    def saved_question(self, number: int) -> SavedQuestion:
        """Return one; raises NotFoundError."""
        ...

    def save_question(self, question: SavedQuestion) -> SavedQuestion:
        """Add one whose id is 0, else change it; return it as it is kept."""
        ...

    def drop_question(self, number: int) -> None:
        """Forget one."""
        ...
