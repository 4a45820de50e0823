"""A question as a tree: words that stand somewhere in a title or a text, joined by and, or, not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from monitor.asking.fold import fold
from monitor.errors import MonitorError


class AskingError(MonitorError):
    """What is no question; `fault` is Chinese, `column` of the line of words counts from 1."""

    def __init__(self, column: int | None, fault: str) -> None:
        super().__init__(column, fault)
        self.column = column
        self.fault = fault

    def __str__(self) -> str:
        """Return the fault, with its place where it has one."""
        return self.fault if self.column is None else f"第 {self.column} 个字：{self.fault}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Characters in a row, found wherever they stand, also inside a longer word; blanks count."""

    text: str

    @property
    def folded(self) -> str:
        """Return the spelling that texts are compared in."""
        return fold(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every part holds; without parts it always does."""

    parts: tuple["Tree", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """The part does not hold."""

    part: "Tree"


Tree: TypeAlias = Word | AllOf | AnyOf | Without
EVERYTHING = AllOf()


def all_words(*words: str) -> Tree:
    """Return the question for texts in which all these words stand."""
    return AllOf(parts=tuple(Word(text=word) for word in words if word))


def holds(tree: Tree, title: str, text: str) -> bool:
    """Return whether title and text answer the question: the plain scan that every index must equal.

    A word stands in the title or in the text, never across both.
    """
    folded = fold(title), fold(text)
    return _holds(tree, lambda word: any(word in part for part in folded))


def _holds(tree: Tree, stands: Callable[[str], bool]) -> bool:
    match tree:
        case Word():
            return stands(tree.folded)
        case AllOf(parts=parts):
            return all(_holds(part, stands) for part in parts)
        case AnyOf(parts=parts):
            return any(_holds(part, stands) for part in parts)
        case Without(part=part):
            return not _holds(part, stands)
        case _:
            assert_never(tree)


def wanted_words(tree: Tree) -> tuple[str, ...]:
    """Return the words, folded, that are asked for and not excluded, each once: what is shown marked."""
    return tuple(dict.fromkeys(_wanted(tree, wanted=True)))


def _wanted(tree: Tree, *, wanted: bool) -> tuple[str, ...]:
    match tree:
        case Word():
            return (tree.folded,) if wanted else ()
        case Without(part=part):
            return _wanted(part, wanted=not wanted)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return tuple(word for part in parts for word in _wanted(part, wanted=wanted))
        case _:
            assert_never(tree)
