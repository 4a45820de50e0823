"""Overlapping pairs of characters: the keys under which history finds any words, Chinese or not.

A text is folded (letters without case) and stripped of everything that is neither letter nor digit, character
by character. So wherever a word is a substring of a text, the word's pairs are among the text's: the index
never misses, and what it finds too much is dropped by `occurs`.
"""

from array import array
from itertools import pairwise

_SIZE = 4  # hexadecimal digits of one UTF-16 unit
_LOWEST = 2**31


def fold(text: str) -> str:
    """Return the text without case, character by character."""
    return text.casefold()


def occurs(word: str, title: str, text: str) -> bool:
    """Return whether the word, in any case, is a substring of title or text: the answer of a plain scan."""
    folded = fold(word)
    return folded in fold(title) or folded in fold(text)


def _units(text: str) -> bytes:
    return "".join(filter(str.isalnum, fold(text))).encode("utf-16-be", "surrogatepass")


def hex_grams(title: str, text: str) -> str:
    """Return a token of eight digits for each pair, one of four for the last character, for FTS5."""
    digits = [_units(part).hex() for part in (title, text)]
    return " ".join(part[i : i + 2 * _SIZE] for part in digits for i in range(0, len(part), _SIZE))


def hex_question(words: tuple[str, ...]) -> str:
    """Return the FTS5 question for texts with all these words, or "" where no word has a letter or digit.

    A word of one character is asked as the beginning of a pair.
    """
    asked = [_units(word).hex() for word in words]
    return " AND ".join(_phrase(digits) for digits in asked if digits)


def _phrase(digits: str) -> str:
    if len(digits) == _SIZE:
        return f'"{digits}"*'
    pairs = (digits[i : i + 2 * _SIZE] for i in range(0, len(digits) - _SIZE, _SIZE))
    return f'"{" ".join(pairs)}"'


def number_grams(*parts: str) -> str:
    """Return each pair and each single character once, as numbers of 32 bits: a literal array of PostgreSQL.

    The parts are title and text, or the words of a question; "{}" where no letter or digit is left.
    """
    grams: set[int] = set()
    for part in parts:
        units = array("H", _units(part))
        units.byteswap()
        grams.update(first << 16 | second for first, second in pairwise(units))
        grams.update(units)
    return f"{{{','.join([str(gram - _LOWEST) for gram in grams])}}}"
