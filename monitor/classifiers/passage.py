"""The part of an item that is judged: one spelling, cut into sentences, with its way back."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, Protocol, TypeVar

from monitor.classifiers.model import Evidence

HEAD = 8_000
TAIL = 2_000
TITLE = 500
# What pairs words within a sentence may cost its length squared; real sentences are far shorter.
LONGEST = 400

_END = re.compile(r"[。！？!?；;\n\r…]+")
# Looks back only once a blank is found: this is read over every text.
_GAP = re.compile(
    r"[ \t](?:(?<=[0-9][ \t])[ \t]*(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff][ \t])[ \t]*(?=[0-9]))"
)
_KEEP = set("，：；？！（）")


def _single_forms() -> dict[int, str]:
    """Return every character whose compatibility form is one other character, so that lengths stay."""
    forms = {}
    for code in range(0x100, 0x10000):
        form = unicodedata.normalize("NFKC", chr(code))
        if len(form) == 1 and form != chr(code) and chr(code) not in _KEEP:
            forms[code] = form
    forms.update(
        {ord("("): "（", ord(")"): "）", ord("〔"): "（", ord("〕"): "）", ord("●"): "〇", ord("○"): "〇"}
    )
    return forms


SINGLE_FORMS = _single_forms()


# Where a stretch of text begins, and how far from there it was moved; before the first nothing was.
Steps = tuple[tuple[int, int], ...]


class Sentence(NamedTuple):
    """A stretch `[start, end)` of a passage's text; `is_title` marks the headline."""

    start: int
    end: int
    text: str
    is_title: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Title and judged text in one string and one spelling.

    Full-width forms are narrowed, traditional characters of the lexicon's terms simplified, blanks between
    digits and Han dropped. `gaps` lead from places of `text` to places before blanks were dropped, and
    `cuts` from there to places of `title + newline + text` of the item.
    """

    text: str
    title_end: int
    title: str
    body: str
    truncated: bool
    gaps: Steps = ()
    cuts: Steps = ()

    def evidence(self, field: str, start: int, end: int) -> Evidence | None:
        """Return `[start, end)` as words of the original, or None where it crosses from title to text."""
        first, last = start, end
        if self.gaps or self.cuts:
            first, last = self._origin(start), self._origin(end - 1) + 1
        shift = len(self.title) + 1
        if last <= len(self.title):
            return Evidence(field=field, text=self.title[first:last], start=first, end=last, where="title")
        if first < shift:
            return None
        first, last = first - shift, last - shift
        return Evidence(field=field, text=self.body[first:last], start=first, end=last, where="text")

    def _origin(self, place: int) -> int:
        for steps in (self.gaps, self.cuts):
            if steps:
                place += steps[bisect_right(steps, place, key=itemgetter(0)) - 1][1]
        return place

    def sentences(self) -> tuple[Sentence, ...]:
        """Return the headline and the sentences of the text; empty ones are left out, endless ones cut."""
        ends = [mark.end() for mark in _END.finditer(self.text)]
        found = []
        start = 0
        for stop in (*ends, len(self.text)):
            while start < stop:
                end = stop if stop - start <= LONGEST else _last_comma(self.text, start, start + LONGEST)
                piece = self.text[start:end]
                if not piece.isspace():
                    found.append(Sentence(start, end, piece, start < self.title_end))
                start = end
        return tuple(found)


def _last_comma(text: str, start: int, limit: int) -> int:
    """Return where to cut a sentence that is too long to be one: after its last comma before `limit`."""
    comma = max(text.rfind("，", start, limit), text.rfind(",", start, limit))
    return limit if comma < start else comma + 1


class Placed(Protocol):
    """Anything that begins somewhere in a passage."""

    @property
    def start(self) -> int:
        """Return where it begins."""
        ...


Found = TypeVar("Found", bound=Placed)


def by_sentence(found: Iterable[Found], sentences: Sequence[Sentence]) -> list[list[Found]]:
    """Return what begins in each sentence; both must be in order of place."""
    groups: list[list[Found]] = [[] for _ in sentences]
    index = 0
    for one in found:
        while index < len(sentences) and sentences[index].end <= one.start:
            index += 1
        if index == len(sentences):
            break
        groups[index].append(one)
    return groups


class Spelling:
    """Maps characters to the spelling that is understood, one to one, so that lengths never change."""

    def __init__(self, forms: Mapping[int, str]) -> None:
        self._forms = {chr(code): form for code, form in forms.items()}
        self._needed = re.compile(f"[{re.escape(''.join(self._forms))}]")

    def normal(self, text: str) -> str:
        """Return the text in that spelling; most texts are so already."""
        return (
            self._needed.sub(lambda char: self._forms[char[0]], text) if self._needed.search(text) else text
        )


def is_cut(title: str, text: str) -> bool:
    """Return whether only parts of an item are judged: its title's beginning, its text's head and tail."""
    return len(text) > HEAD + TAIL or len(title) > TITLE


def plain_text(title: str, text: str, spelling: Spelling) -> str:
    """Return what is judged of an item: its title, the first 8,000 and last 2,000 characters of its text."""
    plain = spelling.normal(_judged(title, text))
    return _GAP.sub("", plain) if " " in plain or "\t" in plain else plain


def read_passage(title: str, text: str, spelling: Spelling, plain: str | None = None) -> Passage:
    """Return what is judged of an item with its way back; `plain` is its plain text where it is known."""
    plain = plain_text(title, text, spelling) if plain is None else plain
    judged = _judged(title, text)
    return Passage(
        text=plain,
        title_end=plain.index("\n") if title else 0,
        title=title,
        body=text,
        truncated=is_cut(title, text),
        gaps=() if len(plain) == len(judged) else _gaps(spelling.normal(judged)),
        cuts=_cuts(title, text) if is_cut(title, text) else (),
    )


def _judged(title: str, text: str) -> str:
    if len(text) <= HEAD + TAIL and len(title) <= TITLE:
        return f"{title}\n{text}"
    return f"{title[:TITLE]}\n{text[:HEAD]}{text[max(HEAD, len(text) - TAIL) :]}"


def _cuts(title: str, text: str) -> Steps:
    """Return how far the parts of a cut item were moved."""
    head = min(len(title), TITLE)
    left_out = len(title) - head
    return ((0, 0), (head, left_out), (head + 1 + HEAD, left_out + max(0, len(text) - HEAD - TAIL)))


def _gaps(text: str) -> Steps:
    """Return how far what follows each dropped blank was moved."""
    steps, dropped = [(0, 0)], 0
    for gap in _GAP.finditer(text):
        steps.append((gap.start() - dropped, dropped + gap.end() - gap.start()))
        dropped += gap.end() - gap.start()
    return tuple(steps)
