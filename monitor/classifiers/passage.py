"""The part of an item that is judged: one spelling, cut into sentences, with its way back."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from monitor.classifiers.model import Evidence

HEAD = 8_000
TAIL = 2_000
TITLE = 500
# What pairs words within a sentence may cost its length squared; real sentences are far shorter.
LONGEST = 400

_END = re.compile(r"[。！？!?；;\n\r…]+")
_GAP = re.compile(r"(?<=[0-9])[ \t]+(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[ \t]+(?=[0-9])")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A stretch `[start, end)` of a passage's text; `is_title` marks the headline."""

    start: int
    end: int
    text: str
    is_title: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Title and judged text in one string and one spelling.

    Full-width forms are narrowed, traditional characters of the lexicon's terms simplified, blanks between
    digits and Han dropped. `origin[i]` is where `text[i]` stood in `title + newline + text` of the item.
    """

    text: str
    title_end: int
    origin: range | tuple[int, ...]
    title: str
    body: str
    truncated: bool

    def evidence(self, field: str, start: int, end: int) -> Evidence | None:
        """Return `[start, end)` as words of the original, or None where it crosses from title to text."""
        first, last = self.origin[start], self.origin[end - 1] + 1
        shift = len(self.title) + 1
        if last <= len(self.title):
            return Evidence(field=field, text=self.title[first:last], start=first, end=last, where="title")
        if first < shift:
            return None
        first, last = first - shift, last - shift
        return Evidence(field=field, text=self.body[first:last], start=first, end=last, where="text")

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
                    found.append(Sentence(start=start, end=end, text=piece, is_title=start < self.title_end))
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
        self._forms = dict(forms)
        self._needed = re.compile(f"[{re.escape(''.join(map(chr, forms)))}]")

    def normal(self, text: str) -> str:
        """Return the text in that spelling; most texts are so already."""
        return text.translate(self._forms) if self._needed.search(text) else text


def read_passage(title: str, text: str, spelling: Spelling) -> Passage:
    """Return what is judged of an item: its title, the first 8,000 and last 2,000 characters of its text."""
    full = f"{title}\n{text}"
    origin: range | tuple[int, ...] = range(len(full))
    judged = full
    truncated = len(text) > HEAD + TAIL or len(title) > TITLE
    if truncated:
        body = len(title) + 1
        head, tail = body + HEAD, max(body + HEAD, len(full) - TAIL)
        origin = (
            *range(min(len(title), TITLE)),
            *range(len(title), min(head, len(full))),
            *range(tail, len(full)),
        )
        judged = "".join(full[place] for place in origin)
    plain = spelling.normal(judged)
    if " " in plain or "\t" in plain:
        plain, origin = _without_gaps(plain, origin)
    return Passage(
        text=plain,
        title_end=plain.index("\n") if title else 0,
        origin=origin,
        title=title,
        body=text,
        truncated=truncated,
    )


def _without_gaps(text: str, origin: range | tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    parts: list[str] = []
    places: list[int] = []
    start = 0
    for gap in [*_GAP.finditer(text), None]:
        end = gap.start() if gap else len(text)
        parts.append(text[start:end])
        places.extend(origin[start:end])
        start = gap.end() if gap else end
    return "".join(parts), tuple(places)
