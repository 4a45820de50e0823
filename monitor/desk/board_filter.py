"""The board by severity, what is to be done, township, department, type and 舆情热度.

The choice stands in the address and needs no scripts; what it hides is counted.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from monitor.desk import words
from monitor.desk.choice import SEVERITIES, Choice, codes_of
from monitor.desk.reads import Board
from monitor.desk.views.board_view import Card, Wait, kind_name, name_of
from monitor.incidents.opinion_level import OpinionLevel
from monitor.office.model import Office, PlaceKind

_LABELS = {"severity": "级别", "waits": "待办", "township": "乡镇", "department": "责任单位", "type": "类型"}
_FILTERS = (*_LABELS, "heat")
_TOWNSHIP_DIGITS = 9
_ALL = ("checks", "all")

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatLink:
    """A level to be shown or hidden; `address` is the board with it switched over, other filters kept."""

    level: OpinionLevel
    name: str
    is_chosen: bool
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value of a filter, and how many incidents of the whole board have it."""

    value: str
    name: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One filter with what can be chosen: values that no incident has are left out."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardChoice:
    """What the address asks for; nothing chosen shows all. `address` is the board as it is.

    `said` are the chosen values in words, `others` what the address says beside the filters.
    """

    choice: Choice
    waits: frozenset[Wait]
    pairs: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    fields: tuple[Field, ...] = ()
    hidden: int = 0
    pressing: int = 0  # of the hidden ones, late or of severity 1-2
    levels: Mapping[int, OpinionLevel]

    @property
    def address(self) -> str:
        """Return the board as it is."""
        return _address((*self.others, *self.pairs))

    @property
    def without(self) -> str:
        """Return the board without any filter."""
        return _address(self.others)

    @property
    def shows_all(self) -> bool:
        """Return whether the whole to-check list is wanted, however long."""
        return _ALL in self.others

    @property
    def with_all(self) -> str:
        """Return the board as it is, with the whole to-check list."""
        return _address((*self.others, _ALL, *self.pairs))

    @property
    def links(self) -> tuple[HeatLink, ...]:
        """Return the levels of 舆情热度 to be switched, those of the address marked."""
        rest = (*self.others, *(pair for pair in self.pairs if pair[0] != "heat"))
        return tuple(
            HeatLink(
                level=level,
                name=words.word("opinion_level", level.value),
                is_chosen=level in self.choice.heat,
                address=_address((*rest, *_heat(self.choice.heat ^ {level}))),
            )
            for level in OpinionLevel
        )

    @property
    def said(self) -> str:
        """Return the chosen values in words."""
        return "、".join(o.name for field in self.fields for o in field.options if o.is_chosen)

    @property
    def kept(self) -> Pairs:
        """Return what a form of the other filters has to carry along."""
        return (*self.others, *_heat(self.choice.heat))


def read_choice(query: str) -> BoardChoice:
    """Return the choice that a query string makes; a value that no filter knows is no filter."""
    asked = parse_qsl(query)
    known: Mapping[str, Collection[str]] = {
        "severity": SEVERITIES, "waits": tuple(Wait), "heat": tuple(OpinionLevel)
    }  # fmt: skip
    found = {name: [v for key, v in asked if key == name and v in known.get(name, (v,))] for name in _FILTERS}
    return BoardChoice(
        choice=Choice(
            severities=frozenset(SEVERITIES[s] for s in found["severity"]),
            departments=frozenset(found["department"]),
            types=frozenset(found["type"]),
            townships=tuple(found["township"]),
            heat=frozenset(map(OpinionLevel, found["heat"])),
        ),
        waits=frozenset(map(Wait, found["waits"])),
        pairs=tuple((name, value) for name, values in found.items() for value in values),
        others=tuple(pair for pair in asked if pair[0] not in _FILTERS),
        levels={},
    )


def _heat(levels: Iterable[OpinionLevel]) -> Pairs:
    return [("heat", level.value) for level in OpinionLevel if level in levels]


def _address(pairs: Pairs) -> str:
    return "/" + (f"?{urlencode(pairs)}" if pairs else "")


def with_fields(choice: BoardChoice, board: Board, office: Office) -> BoardChoice:
    """Return the choice with what can be chosen, counted on the whole board."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in _LABELS}
    towns = {key: p.name for p in office.territory.places if p.kind is PlaceKind.TOWNSHIP
             for key in (p.name, p.code)}  # fmt: skip
    for card in (*board.cards, *board.to_check):
        for name, values in _values(card, towns).items():
            counts[name].update(values)
    for name, value in choice.pairs:
        if name in counts:
            counts[name].setdefault(value, 0)
    fields = (_field(name, counts[name], choice, office) for name in _LABELS)
    return replace(choice, fields=tuple(fields))


def _values(card: Card, towns: Mapping[str | None, str]) -> Mapping[str, Iterable[str]]:
    """Return what each filter finds in an incident; a village counts for its township."""
    incident = card.incident
    keys = (key for p in incident.places for key in (p.name, (p.code or "")[:_TOWNSHIP_DIGITS]))
    return {
        "severity": [str(int(incident.severity)) if incident.severity else "none"],
        "waits": card.waits,
        "township": {towns[key] for key in keys if key in towns},
        "department": incident.assigned_to,
        "type": codes_of(incident)[:1],
    }


def _field(name: str, counts: Counter[str], choice: BoardChoice, office: Office) -> Field:
    """Return one filter: grades and waits in their own order, the rest the most frequent first."""
    order = {"severity": tuple(SEVERITIES), "waits": tuple(Wait)}.get(name, ())
    values = sorted(counts, key=lambda v: (order.index(v) if v in order else len(order), -counts[v], v))
    options = (
        Option(
            value=value,
            name=_name(name, value, office),
            count=counts[value],
            is_chosen=(name, value) in choice.pairs,
        )
        for value in values
    )
    return Field(name=name, label=_LABELS[name], options=tuple(options))


def _name(field: str, value: str, office: Office) -> str:
    match field:
        case "severity":
            return words.severity_word(SEVERITIES.get(value))
        case "waits":
            return words.word("waits", value)
        case "department":
            return name_of(office, value)
        case "type":
            return kind_name(value)
    return value


def choose(
    board: Board, choice: BoardChoice, levels: Mapping[int, OpinionLevel], office: Office
) -> tuple[Board, BoardChoice]:
    """Return the board with what was chosen alone, and the choice with what it hides.

    `levels` are needed where levels of 舆情热度 were chosen.
    """
    wanted = choice.choice.spelled_out(office)

    def fits(card: Card) -> bool:
        return (
            wanted.fits(card.incident)
            and (not choice.waits or not choice.waits.isdisjoint(card.waits))
            and (not wanted.heat or levels[card.incident.id] in wanted.heat)
        )

    every = (*board.cards, *board.to_check)
    hidden = [card for card in every if not fits(card)]
    left = Board(cards=tuple(filter(fits, board.cards)), to_check=tuple(filter(fits, board.to_check)))
    pressing = sum(card.is_pressing for card in hidden)
    return left, replace(choice, hidden=len(hidden), pressing=pressing, levels=levels)
