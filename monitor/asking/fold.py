"""One spelling for texts and questions: width and case do not matter, everything else does."""

from unicodedata import normalize


class _Folding(dict[int, str]):
    def __missing__(self, code: int) -> str:
        folded = normalize("NFKC", chr(code)).casefold()
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Return the text in NFKC without case, character by character.

    Never the text as a whole: so a part of a text, folded, is a part of the folded text.
    """
    return text.casefold() if text.isascii() else text.translate(_FOLDING)


def spans(text: str, folded_words: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return where any of these folded words stands in the text, in order, as `[start, end)` of the text.

    Places that touch or overlap are one.
    """
    folded = fold(text)
    found = sorted((at, at + len(word)) for word in folded_words if word for at in _places(folded, word))
    if len(folded) != len(text):  # a character that is several when folded: ㎡, ß, ½
        origin = [at for at, sign in enumerate(text) for _ in fold(sign)]
        found = [(origin[start], origin[end - 1] + 1) for start, end in found]
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def _places(folded: str, word: str) -> list[int]:
    places, at = [], folded.find(word)
    while at >= 0:
        places.append(at)
        at = folded.find(word, at + 1)
    return places
