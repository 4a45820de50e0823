"""What the page of words and rules shows of a text: a verdict with its reasons, by each set of words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.classifiers.explain import explain, in_short
from monitor.classifiers.judge import Judge
from monitor.collectors.model import Role
from monitor.desk.incident_view import Piece, pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A text as somebody typed it; `role` is that of the source it is said to come from."""

    title: str = ""
    text: str = ""
    source_name: str = ""
    role: Role = Role.MEDIA


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the reasoning; `is_new` where the words in force say something else."""

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
        known = {line.text for line in found[0].lines} if found else None
        lines = explain(verdict, judge.table).split("\n")
        found.append(
            Reasoning(
                heading=heading,
                short=in_short(verdict, judge.table),
                lines=tuple(
                    Line(text=line, is_new=known is not None and line not in known) for line in lines
                ),
                title=pieces(pasted.title, verdict.evidence, "title"),
                text=pieces(pasted.text, verdict.evidence, "text"),
            )
        )
    return tuple(found)
