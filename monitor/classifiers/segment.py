"""Text to tokens. The only module that knows jieba; a twin with the same answers may stand in for it."""

import logging
from collections.abc import Iterable, Mapping
from math import inf, log, nan
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import jieba

from monitor.errors import ConfigurationError

jieba.setLogLevel(logging.WARNING)


class Segmenter(Protocol):
    """Cuts a text into words without changing it: the tokens joined are the text."""

    def lcut(self, text: str) -> list[str]:
        """Return the tokens in order."""
        ...


class _Tokenizer(jieba.Tokenizer):  # type: ignore[misc]
    """jieba's tokenizer without HMM, whose likeliest way through a sentence is found in one walk, not two.

    The same sums in the same order, so the same words to the last one; in half the time.
    """

    def __init__(self) -> None:
        super().__init__()
        # The weight of each word met so far; no number for the beginning of words that is none itself.
        self._weights: dict[str, float] = {}

    def add_word(self, word: str, freq: int | None = None, tag: str | None = None) -> None:
        """Add a word, which moves the weight of every other one."""
        super().add_word(word, freq, tag)
        self._weights.clear()

    def __cut_DAG_NO_HMM(self, sentence: str) -> list[str]:  # noqa: N802 - jieba's name, taken over
        """Return the likeliest words of one stretch; letters and digits that stand alone are one word."""
        words: list[str] = []
        ends, start, length, letters = self._ends(sentence), 0, len(sentence), ""
        while start < length:
            word = sentence[start : ends[start]]
            start += len(word)
            if len(word) == 1 and word.isascii() and word.isalnum():
                letters += word
                continue
            if letters:
                words.append(letters)
                letters = ""
            words.append(word)
        return [*words, letters] if letters else words

    def _ends(self, sentence: str) -> list[int]:
        """Return where the likeliest word that begins at each place ends."""
        weight_of, frequency_of, log_total = self._weights.get, self.FREQ.get, log(self.total)
        length = len(sentence)
        weights, ends = [0.0] * (length + 1), [0] * length
        for start in range(length - 1, -1, -1):
            best, last = -inf, start + 1
            for end in range(start + 1, length + 1):
                weight = weight_of(piece := sentence[start:end])
                if weight is None:
                    frequency = frequency_of(piece)
                    if frequency is None:
                        break
                    weight = log(frequency) - log_total if frequency else nan
                    self._weights[piece] = weight
                if (here := weight + weights[end]) >= best:
                    best, last = here, end
            weights[start] = weights[start + 1] - log_total if best == -inf else best
            ends[start] = last
        return ends


class JiebaSegmenter:
    """jieba without HMM, so that the same text always gives the same tokens; it knows the lexicon's terms.

    `cache_dir` is the service's own folder (mode 0700) for the dictionary's cache, which jieba loads with
    `marshal`; without it the dictionary is built in memory and nothing is read from the shared temp folder.
    """

    def __init__(self, words: Iterable[str] = (), cache_dir: Path | None = None) -> None:
        self._tokenizer = _Tokenizer()
        if cache_dir is None:
            frequencies, total = self._tokenizer.gen_pfdict(self._tokenizer.get_dict_file())
            self._tokenizer.FREQ, self._tokenizer.total = frequencies, total
            self._tokenizer.initialized = True
        else:
            self._tokenizer.tmp_dir = str(cache_dir)
            self._tokenizer.initialize()
        self._added: dict[str, int] = {}
        for word in words:
            if not self._tokenizer.FREQ.get(word):
                self._tokenizer.add_word(word)
                self._added[word] = self._tokenizer.FREQ[word]

    def lcut(self, text: str) -> list[str]:
        """Return the tokens in order."""
        tokens: list[str] = self._tokenizer.lcut(text, HMM=False)
        return tokens

    def words(self, text: str) -> tuple[str, ...]:
        """Return the tokens of two characters and more: what texts are compared by."""
        return tuple(token for token in self.lcut(text) if len(token) > 1)

    def rarity(self, word: str) -> float:
        """Return how rare a word is in Chinese at large, 2 (everywhere) to 13 (not in the dictionary)."""
        frequency = self._tokenizer.FREQ.get(word) or 0
        return float(min(13.0, max(2.0, log(self._tokenizer.total / (frequency + 3)) - 2.5)))


class RjiebaSegmenter(JiebaSegmenter):
    """jieba's twin in Rust, of the extra `fast`: the same words and weights, cut many times as fast.

    Where two ways of cutting are equally likely, as in a row of one repeated character, it may choose the
    other one. Raises ConfigurationError without the extra.
    """

    def __init__(self, words: Iterable[str] = (), cache_dir: Path | None = None) -> None:
        try:
            import rjieba
        except ModuleNotFoundError as error:
            fault = "HUIYING_SEGMENTER: rjieba 没有安装，请运行 pip install 'huiying[fast]'，或改回 jieba"
            raise ConfigurationError((fault,)) from error
        super().__init__(words, cache_dir)
        self._twin = rjieba.Jieba()
        for word, frequency in self._added.items():
            self._twin.add_word(word, frequency, None)

    def lcut(self, text: str) -> list[str]:
        """Return the tokens in order."""
        return self._twin.cut(text, hmm=False)


SEGMENTERS: Mapping[str, type[JiebaSegmenter]] = MappingProxyType(
    {"jieba": JiebaSegmenter, "rjieba": RjiebaSegmenter}
)
"""By the names that the setting may have."""
