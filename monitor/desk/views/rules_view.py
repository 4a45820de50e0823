"""What the page of words and rules shows of a text: a verdict with its reasons, by each set of words."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.classifiers.explain import explain, in_short
from monitor.classifiers.judge import Judge
from monitor.collectors.model import Role
from monitor.desk.views.incident_view import Piece, pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A text as somebody typed it; `role` is that of the source it is said to come from."""

    title: str = ""
    text: str = ""
    source_name: str = ""
    role: Role = Role.MEDIA


_PLACED = re.compile(r"(.+?):(\d+):(\d+): (.+)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A fault or a note of a file: in which line it stands, and that line where it was typed on the page."""

    place: str
    words: str
    line: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the reasoning; `is_new` where the words in force give reasons too, and not this one."""

    text: str
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoning:
    """One verdict on a pasted text: in short, to the last word, and in the text itself."""

    heading: str
    short: str
    lines: tuple[Line, ...]
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]


def reasonings(pasted: Pasted, judges: Sequence[tuple[str, Judge]], now: datetime) -> tuple[Reasoning, ...]:
    """Return what each of these judges says of a text published now, each under its heading.

    The first judge's words are those in force.
    """
    found: list[Reasoning] = []
    for heading, judge in judges:
        verdict = judge.judge(
            title=pasted.title,
            text=pasted.text,
            published_at=now,
            source_name=pasted.source_name or None,
            role=pasted.role,
            scope=None,
            now=now,
        )
        known = {line.text for line in found[0].lines} if found else set[str]()
        is_compared = len(known) > 1
        lines = explain(verdict, judge.table).split("\n")
        found.append(
            Reasoning(
                heading=heading,
                short=in_short(verdict, judge.table),
                lines=tuple(Line(text=line, is_new=is_compared and line not in known) for line in lines),
                title=pieces(pasted.title, verdict.evidence, "title"),
                text=pieces(pasted.text, verdict.evidence, "text"),
            )
        )
    return tuple(found)


def slips(faults: Iterable[str], name: str = "", typed: str = "") -> tuple[Slip, ...]:
    """Return faults as an analyst reads them: 第 4 行第 7 列 instead of `:4:7:`.

    `typed` is the text that faults of the file `name` are about.
    """
    return tuple(_slip(fault, name, typed.split("\n")) for fault in faults)


def _slip(fault: str, name: str, typed: Sequence[str]) -> Slip:
    found = _PLACED.fullmatch(fault)
    if found is None:
        return Slip(place="", words=fault)
    file, row, column, words = found.groups()
    line = typed[int(row) - 1] if file == name and int(row) <= len(typed) else ""
    return Slip(place=f"{file} 第 {row} 行第 {column} 列", words=words, line=line.rstrip())
