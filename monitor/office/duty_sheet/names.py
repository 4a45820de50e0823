"""From what stands in a sheet to people of `office.yaml`: 张　三、李四（副县长）13800000000."""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from monitor.office.model import Office, Person

NOBODY = frozenset({"无", "-", "—", "——", "空", "空岗"})

_BETWEEN = re.compile(r"[、,;/|&\n\r]+")
_ASIDE = re.compile(
    r"[(\[【][^)\]】]*[)\]】]|(?<!\d)(?:1\d{2}[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-?\d{7,8}|\d{5,8})(?!\d)"
)
_TITLE = re.compile(
    r"(?:副|常务|县|乡|镇|街道|党组|办公室|政府办|[一二三四]级)*"
    r"(?:县长|镇长|乡长|主任科员|主任|书记|部长|局长|科长|股长|所长|队长|组长|主席|常委|委员|调研员|秘书|同志)"
)


class UnknownNameError(ValueError):
    """A name that is not of this office, of several people, or of somebody who cannot be told."""


def people_in(text: str, office: Office, level: int) -> tuple[str, ...]:
    """Return the ids of the people that a cell names, in its order; raises UnknownNameError, once for all."""
    known: dict[str, list[Person]] = {}
    for person in office.people:
        known.setdefault("".join(person.name.split()), []).append(person)
    ids, faults = [], []
    for name in _names(text, frozenset(known)):
        try:
            ids.append(_one(name, known, level))
        except UnknownNameError as error:
            faults.append(str(error))
    if faults:
        raise UnknownNameError("；".join(faults))
    return tuple(dict.fromkeys(ids))


def _names(text: str, known: frozenset[str]) -> Iterator[str]:
    """Yield each name: a space stands between two, or within one of two characters."""
    for piece in _BETWEEN.split(_ASIDE.sub(" ", text)):
        words = piece.split()
        while words:
            taken = next((n for n in range(len(words), 0, -1) if _plain(words[:n], known) in known), 1)
            name = _plain(words[:taken], known)
            words = words[taken:]
            if name:
                yield name


def _plain(words: list[str], known: frozenset[str]) -> str:
    """Return the words as one, without a title before or after a name."""
    whole = "".join(words)
    return whole if whole in known else _TITLE.sub("", whole)


def _one(name: str, known: dict[str, list[Person]], level: int) -> str:
    people = known.get(name, [])
    if not people:
        close = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"，是否指 {close[0]}？" if close else "，请先加到 people"
        raise UnknownNameError(f"office.yaml 里没有“{name}”这个人{hint}")
    if len(people) > 1:
        people = [person for person in people if person.level == level] or people
    if len(people) > 1:
        raise UnknownNameError(f"有 {len(people)} 人都叫“{name}”，请在 office.yaml 里把姓名写得能分清")
    if not people[0].channels:
        raise UnknownNameError(f"“{name}”没有任何渠道，值班时收不到消息")
    return people[0].id
