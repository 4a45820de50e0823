"""The board by 舆情热度: the level of every open incident, and the choice that stays in the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from monitor.desk import words
from monitor.desk.reads import MOST_REPORTS, Board
from monitor.desk.views.board_view import Card
from monitor.incidents.heat import measure_heat
from monitor.incidents.model import Incident
from monitor.incidents.opinion_level import LevelTable, OpinionLevel, measure_attention
from monitor.ports import Store, Transaction

FRESH = timedelta(minutes=5)
"""How long a level is taken as it was measured, while nothing joined and nobody acted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatLink:
    """A level to be shown or hidden; `address` is the board with it switched over, other filters kept."""

    level: OpinionLevel
    name: str
    is_chosen: bool
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatChoice:
    """Which levels the address asks for; nothing chosen shows all. `address` is the board as it is."""

    chosen: frozenset[OpinionLevel]
    links: tuple[HeatLink, ...]
    address: str
    without: str
    hidden: int = 0
    pressing: int = 0  # of the hidden ones, late or of severity 1-2
    levels: Mapping[int, OpinionLevel]


def read_choice(query: str) -> HeatChoice:
    """Return the choice that a query string makes; what it does not know is kept and ignored."""
    asked = parse_qsl(query)
    others = [pair for pair in asked if pair[0] != "heat"]
    chosen = frozenset(level for level in OpinionLevel if ("heat", level.value) in asked)
    return HeatChoice(
        chosen=chosen,
        links=tuple(
            HeatLink(
                level=level,
                name=words.word("opinion_level", level.value),
                is_chosen=level in chosen,
                address=_address(others, chosen ^ {level}),
            )
            for level in OpinionLevel
        ),
        address=_address(others, chosen),
        without=_address(others, frozenset()),
        levels={},
    )


def _address(others: Sequence[tuple[str, str]], chosen: frozenset[OpinionLevel]) -> str:
    pairs = [*others, *(("heat", level.value) for level in OpinionLevel if level in chosen)]
    return "/" + (f"?{urlencode(pairs)}" if pairs else "")


def choose(board: Board, choice: HeatChoice, levels: Mapping[int, OpinionLevel]) -> tuple[Board, HeatChoice]:
    """Return the board with the chosen levels alone, and the choice with what it hides."""
    left = Board(
        cards=tuple(c for c in board.cards if levels[c.incident.id] in choice.chosen),
        to_check=tuple(c for c in board.to_check if levels[c.incident.id] in choice.chosen),
    )
    kept = {card.incident.id for card in (*left.cards, *left.to_check)}
    hidden = [card for card in (*board.cards, *board.to_check) if card.incident.id not in kept]
    pressing = sum(_is_pressing(card) for card in hidden)
    return left, replace(choice, hidden=len(hidden), pressing=pressing, levels=levels)


def _is_pressing(card: Card) -> bool:
    return card.incident.is_serious or (card.clock is not None and card.clock.tone == "late")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A level as it was measured: of which version, when, by which table."""

    version: int
    at: datetime
    table: LevelTable
    level: OpinionLevel


class HeatLevels:
    """The opinion levels of incidents, each measured anew when the incident changed or after `FRESH`.

    Two pages at once may measure the same; what the later one remembers stays.
    """

    def __init__(self) -> None:
        self._known: dict[int, _Measured] = {}

    def measure(
        self, store: Store, incidents: Sequence[Incident], table: LevelTable, now: datetime
    ) -> Mapping[int, OpinionLevel]:
        """Return the level of each of these incidents, as its own page shows it."""
        known = {id_: m for id_, m in self._known.items() if now - m.at < FRESH and m.table is table}
        with store.reading() as transaction:
            for incident in incidents:
                measured = known.get(incident.id)
                if measured is None or measured.version != incident.version:
                    level = _level(transaction, incident, table, now)
                    known[incident.id] = _Measured(version=incident.version, at=now, table=table, level=level)
        self._known = known
        return {incident.id: known[incident.id].level for incident in incidents}


def _level(transaction: Transaction, incident: Incident, table: LevelTable, now: datetime) -> OpinionLevel:
    heat = measure_heat(transaction.sightings(incident.id), now)
    joined = transaction.joined_items(incident.id, limit=MOST_REPORTS)
    return measure_attention(incident, heat, [(j.item, j.verdict) for j in joined], table).level
