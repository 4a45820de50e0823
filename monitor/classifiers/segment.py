"""Text to tokens. The only module that knows jieba; a twin with the same answers may stand in for it."""

import logging
from collections.abc import Iterable
from math import log
from pathlib import Path
from typing import Protocol

import jieba

jieba.setLogLevel(logging.WARNING)


class Segmenter(Protocol):
    """Cuts a text into words without changing it: the tokens joined are the text."""

    def lcut(self, text: str) -> list[str]:
        """Return the tokens in order."""
        ...


class JiebaSegmenter:
    """jieba without HMM, so that the same text always gives the same tokens; it knows the lexicon's terms.

    `cache_dir` is the service's own folder (mode 0700) for the dictionary's cache, which jieba loads with
    `marshal`; without it the dictionary is built in memory and nothing is read from the shared temp folder.
    """

    def __init__(self, words: Iterable[str] = (), cache_dir: Path | None = None) -> None:
        self._tokenizer = jieba.Tokenizer()
        if cache_dir is None:
            frequencies, total = self._tokenizer.gen_pfdict(self._tokenizer.get_dict_file())
            self._tokenizer.FREQ, self._tokenizer.total = frequencies, total
            self._tokenizer.initialized = True
        else:
            self._tokenizer.tmp_dir = str(cache_dir)
            self._tokenizer.initialize()
        for word in words:
            if word not in self._tokenizer.FREQ or not self._tokenizer.FREQ[word]:
                self._tokenizer.add_word(word)

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
