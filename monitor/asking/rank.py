"""How well an answer fits: whole words count more than parts of others, headlines more than texts."""

from collections.abc import Callable

from monitor.asking.fold import fold

Cut = Callable[[str], list[str]]
_WHOLE, _IN_TITLE, _EARLY, _MOST_TIMES = 6, 4, 2, 3
_BEGINNING = 120


def fitness(words: tuple[str, ...], title: str, text: str, cut: Cut) -> int:
    """Return the sum over the folded words: in the headline 4, a whole word there 10, early in the text 2.

    Each of the first three times in the text counts 1.

    It depends on the answer alone, not on what else is stored: so pages stay as they are while items arrive.
    """
    headline, body = fold(title), fold(text)
    borders = _borders(cut(headline)) if any(word in headline for word in words) else frozenset()
    return sum(_of_word(word, headline, body, borders) for word in words)


def _borders(tokens: list[str]) -> frozenset[int]:
    at, borders = 0, {0}
    for token in tokens:
        at += len(token)
        borders.add(at)
    return frozenset(borders)


def _of_word(word: str, headline: str, body: str, borders: frozenset[int]) -> int:
    points = min(body.count(word), _MOST_TIMES)
    points += _EARLY if word in body[:_BEGINNING] else 0
    at = headline.find(word)
    if at >= 0:
        points += _IN_TITLE
        points += _WHOLE if at in borders and at + len(word) in borders else 0
    return points
