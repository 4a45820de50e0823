"""Overlapping pairs of characters: the keys under which history finds any words, Chinese or not.

A text is folded and cut into every pair of neighbours, signs and blanks included. So a word is a substring
of a text exactly where its pairs stand in a row among the text's: on FTS5 that is a phrase, and nothing has
to be looked at again. PostgreSQL keeps which pairs there are, not where: there a word of three characters and
more is looked for in the folded text as well.
"""

from array import array
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple, assert_never

from sqlalchemy import ColumnElement, Integer, Text, and_, cast, func, literal, not_, or_, true
from sqlalchemy.dialects.postgresql import ARRAY

from monitor.asking.fold import fold
from monitor.asking.model import AllOf, AnyOf, Tree, Without, Word

_SIZE = 4  # hexadecimal digits of one UTF-16 unit
_LOWEST = 2**31
_BETWEEN = "\x1f"
"""Stands between title and text where both are one; no question holds a control character."""


def _units(text: str) -> bytes:
    return fold(text).encode("utf-16-be", "surrogatepass")


def hex_grams(title: str, text: str) -> str:
    """Return a token of eight digits for each pair, one of four for the last character, for FTS5."""
    digits = [_units(part).hex() for part in (title, text)]
    return " ".join([part[i : i + 2 * _SIZE] for part in digits for i in range(0, len(part), _SIZE)])


class Fts5Question(NamedTuple):
    """What FTS5 is asked: `match` finds the answers, or with `is_rest` all that are none.

    "" finds nothing, so with `is_rest` everything is an answer.
    """

    match: str
    is_rest: bool


def fts5_question(tree: Tree) -> Fts5Question:
    """Return the question for FTS5, which can take answers away from others but not from everything."""
    match tree:
        case Word():
            return Fts5Question(_phrase(_units(tree.text).hex()), is_rest=False)
        case Without(part=part):
            return _turned(fts5_question(part))
        case AllOf(parts=parts):
            return _all_of(fts5_question(part) for part in parts)
        case AnyOf(parts=parts):
            return _turned(_all_of(_turned(fts5_question(part)) for part in parts))
        case _:
            assert_never(tree)


def _turned(asked: Fts5Question) -> Fts5Question:
    return asked._replace(is_rest=not asked.is_rest)


def _all_of(parts: Iterable[Fts5Question]) -> Fts5Question:
    asked = list(parts)
    wanted = [part.match for part in asked if not part.is_rest]
    excluded = " OR ".join(part.match for part in asked if part.is_rest and part.match)
    if not wanted:
        return Fts5Question(f"({excluded})" if excluded else "", is_rest=True)
    if not all(wanted):
        return Fts5Question("", is_rest=False)
    found = f"({' AND '.join(wanted)})"
    return Fts5Question(f"({found} NOT ({excluded}))" if excluded else found, is_rest=False)


def _phrase(digits: str) -> str:
    """Return the phrase for a word; one character is asked for as the beginning of a pair."""
    if len(digits) <= _SIZE:
        return f'"{digits}"*' if digits else ""
    pairs = (digits[i : i + 2 * _SIZE] for i in range(0, len(digits) - _SIZE, _SIZE))
    return f'"{" ".join(pairs)}"'


def number_grams(title: str, text: str) -> str:
    """Return each pair and each single character once, in 32 bits: a literal array of PostgreSQL."""
    grams: set[int] = set()
    for part in (title, text):
        units, pairs = _numbers(part)
        grams.update(units, pairs)
    return _literal(grams)


def _wanted_grams(word: str) -> str:
    """Return the pairs of a word, or the one character: single ones of a pair would only be read in vain."""
    units, pairs = _numbers(word)
    return _literal(pairs or set(units))


def _numbers(text: str) -> "tuple[array[int], set[int]]":
    units = array("H", _units(text))
    units.byteswap()
    return units, {first << 16 | second for first, second in pairwise(units)}


def _literal(grams: Iterable[int]) -> str:
    return f"{{{','.join([str(gram - _LOWEST) for gram in grams])}}}"


def folded_whole(title: str, text: str) -> str:
    """Return both, folded, as PostgreSQL keeps them to look longer words up in."""
    return f"{fold(title)}{_BETWEEN}{fold(text)}".replace("\0", _BETWEEN)


def number_condition(
    tree: Tree, grams: ColumnElement[object], folded: ColumnElement[str]
) -> ColumnElement[bool]:
    """Return what PostgreSQL asks of a row of the index."""
    match tree:
        case Word():
            wanted = grams.op("@>", is_comparison=True)(
                cast(literal(_wanted_grams(tree.text), Text), ARRAY(Integer))
            )
            is_exact = len(_units(tree.text)) <= _SIZE
            return wanted if is_exact else and_(wanted, func.strpos(folded, tree.folded) > 0)
        case Without(part=part):
            return not_(number_condition(part, grams, folded))
        case AllOf(parts=parts):
            return and_(true(), *(number_condition(part, grams, folded) for part in parts))
        case AnyOf(parts=parts):
            return or_(*(number_condition(part, grams, folded) for part in parts))
        case _:
            assert_never(tree)
