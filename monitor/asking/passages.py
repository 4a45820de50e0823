"""What is shown of an answer: the words asked for, marked, with what stands around them."""

from dataclasses import dataclass

from monitor.asking.fold import spans

AROUND = 40
MOST = 3
_LONGEST_START = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some characters of a text, as they are; whoever shows them escapes them."""

    text: str
    is_marked: bool = False


def marked(text: str, words: tuple[str, ...]) -> tuple[Piece, ...]:
    """Return the whole text in pieces, the folded words marked; the pieces joined are the text."""
    return _cut(text, spans(text, words), 0, len(text))


def pointed(line: str, column: int) -> tuple[Piece, ...]:
    """Return what stands around a place of a line, counted from 1, that place marked; behind the end: ▲."""
    at = min(column - 1, len(line))
    left, right = max(0, at - AROUND), min(len(line), at + AROUND)
    pieces = (
        Piece(text="…" if left else ""),
        Piece(text=line[left:at]),
        Piece(text=line[at : at + 1] or "▲", is_marked=True),
        Piece(text=line[at + 1 : right]),
        Piece(text="…" if right < len(line) else ""),
    )
    return tuple(piece for piece in pieces if piece.text)


def passages(text: str, words: tuple[str, ...]) -> tuple[tuple[Piece, ...], ...]:
    """Return up to three passages with marked words, or the beginning of a text that has none."""
    found = spans(text, words)
    if not found:
        beginning = text[:_LONGEST_START]
        more = (Piece(text="…"),) if len(text) > _LONGEST_START else ()
        return ((Piece(text=beginning), *more),) if beginning else ()
    windows: list[list[int]] = []
    for start, end in found:
        left, right = max(0, start - AROUND), min(len(text), end + AROUND)
        if windows and left <= windows[-1][1]:
            windows[-1][1] = right
        elif len(windows) < MOST:
            windows.append([left, right])
        else:
            break
    return tuple(_passage(text, found, left, right) for left, right in windows)


def _passage(text: str, found: tuple[tuple[int, int], ...], left: int, right: int) -> tuple[Piece, ...]:
    before = (Piece(text="…"),) if left else ()
    after = (Piece(text="…"),) if right < len(text) else ()
    return (*before, *_cut(text, found, left, right), *after)


def _cut(text: str, found: tuple[tuple[int, int], ...], left: int, right: int) -> tuple[Piece, ...]:
    pieces, at = [], left
    for start, end in found:
        if start < left or end > right:
            continue
        if at < start:
            pieces.append(Piece(text=text[at:start]))
        pieces.append(Piece(text=text[start:end], is_marked=True))
        at = end
    if at < right:
        pieces.append(Piece(text=text[at:right]))
    return tuple(pieces)
