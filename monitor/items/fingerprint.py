"""Exact and near-duplicate keys: the same words again, and nearly the same words again."""

import re
import unicodedata
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final, NamedTuple

from rensa import RMinHash, RMinHashLSH

_TAGS = re.compile(r"[#＃][^#＃\s]{1,40}[#＃]")
_NOT_WORDS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[0-9]+|[〇零一二两三四五六七八九十百千万]+(?=[人名位死伤亡])")
_NGRAM = 2
_PERMUTATIONS = 64
_BANDS = 16  # of 4 permutations: texts with 80 % in common are missed once in 5,000 times
_SEED = 1
_MAX_CHARACTERS = 4_000


class _Alphabet(dict[int, str]):
    """What is left of a character: in one width and case, nothing of signs and spaces."""

    def __missing__(self, code: int) -> str:
        """Work out a character met for the first time."""
        plain = unicodedata.normalize("NFKC", chr(code)).casefold()
        self[code] = _NOT_WORDS.sub("", plain)
        return self[code]


_ALPHABET: Final = _Alphabet()


def exact_key(title: str, text: str) -> str:
    """Return a hash of the words alone: width, case, punctuation, spaces and #tags# do not count.

    A title that its text begins with is not counted twice, so that a post equals its own repost without a
    title.
    """
    head, body = letters(title), letters(text)
    words = body if body.startswith(head) else head + body
    return blake2b(words.encode(), digest_size=16).hexdigest()


def letters(text: str) -> str:
    """Return only what is compared: letters, digits and Han characters in one width and case."""
    return _TAGS.sub("", text).translate(_ALPHABET) or text.translate(_ALPHABET)


class Near(NamedTuple):
    """A text nearly like the one asked for: the estimated share of common character pairs."""

    item_id: int
    likeness: float
    has_same_numbers: bool


class _Print(NamedTuple):
    """What is kept of a text: a sketch of its character pairs, and its numbers in order."""

    sketch: RMinHash
    numbers: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class NearIndex:
    """Near-duplicates among what was added within `window`; lives in memory and is rebuilt at the start.

    MinHash over pairs of characters: it finds light edits of short Chinese texts, which SimHash does not.
    Not safe for several threads at once.
    """

    window: timedelta = timedelta(hours=72)
    threshold: float = 0.5
    _prints: dict[int, _Print] = field(default_factory=dict)
    _arrivals: deque[tuple[datetime, int]] = field(default_factory=deque)
    _last: tuple[str, _Print | None] = ("", None)
    _lsh: RMinHashLSH = field(init=False)

    def __post_init__(self) -> None:
        """Build the empty index."""
        self._lsh = RMinHashLSH(self.threshold, _PERMUTATIONS, _BANDS)

    def __len__(self) -> int:
        """Return how many texts are in the window."""
        return len(self._prints)

    def query(self, text: str) -> list[Near]:
        """Return the similar texts, best first."""
        asked = self._print_of(text)
        if asked is None:
            return []
        found = [(key, self._prints[key]) for key in self._lsh.query(asked.sketch)]
        near = [Near(key, asked.sketch.jaccard(p.sketch), p.numbers == asked.numbers) for key, p in found]
        return sorted(
            (n for n in near if n.likeness >= self.threshold), key=lambda n: (-n.likeness, n.item_id)
        )

    def add(self, item_id: int, text: str, at: datetime) -> None:
        """Add a text, in order of `at`; what fell out of the window is forgotten, a known id left alone."""
        self.expire(at)
        added = self._print_of(text)
        if added is None or item_id in self._prints:
            return
        self._lsh.insert(item_id, added.sketch)
        self._prints[item_id] = added
        self._arrivals.append((at, item_id))

    def remove(self, item_id: int) -> None:
        """Forget a text; an unknown id changes nothing."""
        if self._prints.pop(item_id, None) is not None:
            self._lsh.remove(item_id)

    def expire(self, now: datetime) -> None:
        """Forget everything added more than `window` before `now`."""
        while self._arrivals and self._arrivals[0][0] < now - self.window:
            self.remove(self._arrivals.popleft()[1])

    def _print_of(self, text: str) -> _Print | None:
        """Return the text's print, or None if there is nothing to compare; the last is kept for `add`."""
        if text != self._last[0]:
            self._last = (text, _print_of(text[:_MAX_CHARACTERS]))
        return self._last[1]


def _print_of(text: str) -> _Print | None:
    words = letters(text)
    if not words:
        return None
    sketch = RMinHash(_PERMUTATIONS, _SEED)
    sketch.update([words[i : i + _NGRAM] for i in range(max(1, len(words) - _NGRAM + 1))])
    return _Print(sketch, tuple(_NUMBER.findall(words)))
