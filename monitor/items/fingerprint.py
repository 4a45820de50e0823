"""Exact and near-duplicate keys: the same words again, and nearly the same words again."""

import re
import unicodedata
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from zlib import crc32

from datasketch import MinHash, MinHashLSH

_TAGS = re.compile(r"[#＃][^#＃\s]{1,40}[#＃]")
_NOT_WORDS = re.compile(r"[\W_]+")
_NGRAM = 2
_PERMUTATIONS = 64
_MAX_CHARACTERS = 4_000


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
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_WORDS.sub("", _TAGS.sub("", plain)) or _NOT_WORDS.sub("", plain)


@dataclass(slots=True, kw_only=True)
class NearIndex:
    """Near-duplicates among what was added within `window`; lives in memory and is rebuilt at the start.

    MinHash over pairs of characters: it finds light edits of short Chinese texts, which SimHash does not.
    Not safe for several threads at once.
    """

    window: timedelta = timedelta(hours=72)
    threshold: float = 0.5
    _signatures: dict[int, MinHash] = field(default_factory=dict)
    _arrivals: deque[tuple[datetime, int]] = field(default_factory=deque)
    _last: tuple[str, MinHash | None] = ("", None)
    _lsh: MinHashLSH = field(init=False)
    _blank: MinHash = field(init=False)

    def __post_init__(self) -> None:
        """Build the empty index."""
        self._lsh = MinHashLSH(threshold=self.threshold, num_perm=_PERMUTATIONS, weights=(0.3, 0.7))
        self._blank = MinHash(num_perm=_PERMUTATIONS, hashfunc=crc32)

    def __len__(self) -> int:
        """Return how many texts are in the window."""
        return len(self._signatures)

    def query(self, text: str) -> list[tuple[int, float]]:
        """Return the ids of similar texts with the estimated share of common character pairs, best first."""
        signature = self._signature(text)
        if signature is None:
            return []
        found = [(key, signature.jaccard(self._signatures[key])) for key in self._lsh.query(signature)]
        near = [(key, similarity) for key, similarity in found if similarity >= self.threshold]
        return sorted(near, key=lambda pair: (-pair[1], pair[0]))

    def add(self, item_id: int, text: str, at: datetime) -> None:
        """Add a text, in order of `at`; what fell out of the window is forgotten, a known id left alone."""
        self.expire(at)
        signature = self._signature(text)
        if signature is None or item_id in self._signatures:
            return
        self._lsh.insert(item_id, signature, check_duplication=False)
        self._signatures[item_id] = signature
        self._arrivals.append((at, item_id))

    def remove(self, item_id: int) -> None:
        """Forget a text; an unknown id changes nothing."""
        if self._signatures.pop(item_id, None) is not None:
            self._lsh.remove(item_id)

    def expire(self, now: datetime) -> None:
        """Forget everything added more than `window` before `now`."""
        while self._arrivals and self._arrivals[0][0] < now - self.window:
            self.remove(self._arrivals.popleft()[1])

    def _signature(self, text: str) -> MinHash | None:
        """Return the text's MinHash, or None if there is nothing to compare; the last is kept for `add`."""
        if text != self._last[0]:
            self._last = (text, self._computed(text))
        return self._last[1]

    def _computed(self, text: str) -> MinHash | None:
        """Compute a MinHash over the pairs of characters."""
        words = letters(text[:_MAX_CHARACTERS])
        grams = {words[i : i + _NGRAM] for i in range(max(1, len(words) - _NGRAM + 1))} - {""}
        if not grams:
            return None
        signature = self._blank.copy()
        signature.update_batch([gram.encode() for gram in grams])
        return signature
