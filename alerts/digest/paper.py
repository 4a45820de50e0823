"""What is handed to leaders on paper, as values: sentences made of stored rows, under numbered headings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from math import ceil

from alerts.charts.draw import bar_chart, heat_map, line_chart
from alerts.charts.model import Chart, Form, Grid
from monitor.deadlines.model import Obligation
from monitor.incidents.model import Incident, Publication

_NUMERALS = "一二三四五六七八九"


class StoredKind(StrEnum):
    """In which book a row stands."""

    INCIDENT = "incident"
    OBLIGATION = "obligation"
    PUBLICATION = "publication"
    ITEM = "item"
    SOURCE = "source"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One stored row that words were made of."""

    kind: StoredKind
    id: str


def stored(*values: Incident | Obligation | Publication) -> tuple[Stored, ...]:
    """Return the rows of these values, in their order."""
    return tuple(Stored(kind=_kind(value), id=str(value.id)) for value in values)


def _kind(value: Incident | Obligation | Publication) -> StoredKind:
    match value:
        case Incident():
            return StoredKind.INCIDENT
        case Obligation():
            return StoredKind.OBLIGATION
        case Publication():
            return StoredKind.PUBLICATION


def stored_items(ids: Sequence[int]) -> tuple[Stored, ...]:
    """Return the rows of items; 0 is no item."""
    return tuple(Stored(kind=StoredKind.ITEM, id=str(id_)) for id_ in dict.fromkeys(ids) if id_)


def stored_sources(ids: Sequence[str]) -> tuple[Stored, ...]:
    """Return the rows of sources."""
    return tuple(Stored(kind=StoredKind.SOURCE, id=id_) for id_ in ids)


class Rank(IntEnum):
    """What a block is: body text, or a heading 一、 and （一）, or a numbered paragraph 1. (GB/T 9704)."""

    TEXT = 0
    FIRST = 1
    SECOND = 2
    POINT = 3


_NUMBERED = 5
"""Incidents that are named by their number; of more it is said how many."""


def say_numbers(ids: Sequence[str]) -> str:
    """Return the numbers of incidents: `7、10号`, `1、2、3、4、5号等14件`."""
    many = f"等{len(ids)}件" if len(ids) > _NUMBERED else ""
    return f"{'、'.join(ids[:_NUMBERED])}号{many}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence and the rows it was made of; without rows it says that there is nothing.

    `cited` are those that a reader can look up, printed behind it; the others are its proof.
    """

    said: str
    rows: tuple[Stored, ...] = ()
    cited: tuple[Stored, ...] = ()

    @property
    def citation(self) -> str:
        """Return what is printed behind the sentence: `〔1号〕`, `〔2、3号，条目35、36〕`, or nothing."""
        numbers = [row.id for row in self.cited if row.kind is StoredKind.INCIDENT]
        items = [row.id for row in self.cited if row.kind is StoredKind.ITEM]
        parts = [
            *([say_numbers(numbers)] if numbers else []),
            *([f"条目{'、'.join(items)}"] if items else []),
        ]
        return f"〔{'，'.join(parts)}〕" if parts else ""

    @property
    def shown(self) -> str:
        """Return the sentence with its citation before the full stop."""
        if not self.citation:
            return self.said
        return f"{self.said.removesuffix('。')}{self.citation}。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading or a paragraph."""

    rank: Rank
    sentences: tuple[Sentence, ...]


class Drawn(StrEnum):
    """As what figures are drawn."""

    LINES = "lines"
    BARS = "bars"
    LYING_BARS = "lying_bars"
    HEAT_MAP = "heat_map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart in the annex (附图), and the rows its figures were counted from."""

    drawn: Drawn
    shown: Chart | Grid
    rows: tuple[Stored, ...]

    def draw(self, form: Form) -> bytes:
        """Return the picture."""
        if isinstance(self.shown, Grid):
            return heat_map(self.shown, form)
        if self.drawn is Drawn.LINES:
            return line_chart(self.shown, form)
        return bar_chart(self.shown, form, is_lying=self.drawn is Drawn.LYING_BARS)


FORM_COLUMNS = 24
"""Into how many columns the width of a form is divided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One box of a form, and how many columns it spans."""

    said: str
    columns: int
    is_label: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A report, before it is a file.

    `dateline` stands under the title, `closing` ends the text: words of the form, not facts. `figures` are
    its annex, on pages of their own: there are no pictures in the text. `made_at` is aware UTC. A slip of the
    paper flow has a red `letterhead` with its number, an `addressee`, and a `signature` with its day. `form`
    are the rows of a boxed form (表格) under the title; the blocks follow it on a page of their own.
    """

    title: str
    office_name: str
    dateline: str
    made_at: datetime
    blocks: tuple[Block, ...]
    closing: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    letterhead: str = ""
    addressee: str = ""
    signature: tuple[str, ...] = ()
    form: tuple[tuple[Cell, ...], ...] = ()

    def sentences(self) -> Iterator[Sentence]:
        """Yield every sentence of the body, headings left out."""
        for block in self.blocks:
            if block.rank in (Rank.TEXT, Rank.POINT):
                yield from block.sentences


LINES, SIGNS = 22, 28
"""Lines of a page, and characters of a line."""

_TITLE_SIGNS = 20
_LONG_WORD = re.compile("[!-~]{14,}")
_HEAD_LINES = 3


def line_count(paper: Paper) -> int:
    """Return how many lines the paper takes, on the safe side; first lines are indented by two."""
    paragraphs = [
        number + "".join(s.shown for s in block.sentences) for block, number in numbered(paper.blocks)
    ]
    body = sum(ceil((2 + _width(words)) / SIGNS) for words in (*paragraphs, *paper.closing))
    under = ceil(_width(f"{paper.office_name}　{paper.dateline}") / SIGNS)
    return _HEAD_LINES + ceil(_width(paper.title) / _TITLE_SIGNS) + under + body


def is_ragged(words: str) -> bool:
    """Return whether lines would be torn apart to end at the edge: addresses and hashes do not break."""
    return _LONG_WORD.search(words) is not None


def _width(words: str) -> float:
    """Return the width in Chinese characters, as wide as any program sets them.

    Half-width signs are narrower, but some programs part digits from their neighbours; words do not break.
    """
    return sum(0.75 if sign.isascii() and not sign.isdigit() else 1 for sign in words)


def heading(rank: Rank, words: str) -> Block:
    """Return a heading."""
    return Block(rank=rank, sentences=(Sentence(said=words),))


def text(*sentences: Sentence) -> Block:
    """Return a paragraph."""
    return Block(rank=Rank.TEXT, sentences=sentences)


def points(sentences: Sequence[Sentence]) -> tuple[Block, ...]:
    """Return one numbered paragraph for each; a single one needs no number."""
    rank = Rank.POINT if len(sentences) > 1 else Rank.TEXT
    return tuple(Block(rank=rank, sentences=(sentence,)) for sentence in sentences)


def numbered(blocks: Sequence[Block]) -> Iterator[tuple[Block, str]]:
    """Yield every block with its number: 一、 then （一） then 1. , each counted anew under the one above."""
    counts = [0, 0, 0, 0]
    for block in blocks:
        counts[block.rank] += 1
        if block.rank is not Rank.TEXT:
            counts[block.rank + 1 :] = [0] * (Rank.POINT - block.rank)
        yield block, _number(block.rank, counts[block.rank])


def _number(rank: Rank, count: int) -> str:
    match rank:
        case Rank.FIRST:
            return f"{_NUMERALS[count - 1]}、"
        case Rank.SECOND:
            return f"（{_NUMERALS[count - 1]}）"
        case Rank.POINT:
            return f"{count}．"
        case Rank.TEXT:
            return ""
