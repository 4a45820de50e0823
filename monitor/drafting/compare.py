"""What differs between two texts, readable for a person: sentence by sentence, then sign by sign."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+")
_MOST_SIGNS = 400
"""Longer passages are shown whole: comparing their signs takes long and reads badly."""

_MOST_PAIRS = 250_000
"""Beyond so many pairs of sentences both texts are shown whole."""

_ALIKE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch that both texts have (`change` empty), or only the older (`out`) or the newer (`in`)."""

    change: str
    text: str


def compare(old: str, new: str) -> tuple[Stretch, ...]:
    """Return the two texts as one, in order; without what was added it is the old one, and vice versa."""
    before, after = _SENTENCE.findall(old), _SENTENCE.findall(new)
    return tuple(_joined(_changes(before, after)))


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Stretch]:
    if len(before) * len(after) > _MOST_PAIRS:
        yield from (Stretch(change="out", text="".join(before)), Stretch(change="in", text="".join(after)))
        return
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = "".join(before[i:j]), "".join(after[k:m])
        if tag == "replace" and max(len(old), len(new)) <= _MOST_SIGNS:
            yield from _sign_by_sign(old, new)
        elif tag == "equal":
            yield Stretch(change="", text=old)
        else:
            yield from (Stretch(change="out", text=old), Stretch(change="in", text=new))


def _sign_by_sign(old: str, new: str) -> Iterator[Stretch]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < _ALIKE:
        yield from (Stretch(change="out", text=old), Stretch(change="in", text=new))
        return
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield Stretch(change="", text=old[i:j])
        else:
            yield from (Stretch(change="out", text=old[i:j]), Stretch(change="in", text=new[k:m]))


def _joined(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    """Yield the stretches that say something, neighbours of one kind as one."""
    last: Stretch | None = None
    for stretch in stretches:
        if not stretch.text:
            continue
        if last is not None and last.change == stretch.change:
            last = Stretch(change=last.change, text=last.text + stretch.text)
            continue
        if last is not None:
            yield last
        last = stretch
    if last is not None:
        yield last
