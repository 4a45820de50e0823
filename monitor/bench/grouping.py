"""What it costs to find an item's incident among many open ones, beside jieba.lcut of the same items."""

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import accumulate
from random import Random
from statistics import median
from typing import Final

from monitor.bench.corpus import Piece, items_of
from monitor.bench.measure import Figure, Sizes, seconds
from monitor.bench.texts import packaged_segmenter, plain_jieba, segment
from monitor.classifiers.model import Verdict
from monitor.incidents.group import Grouper
from monitor.incidents.model import Incident
from monitor.incidents.traits import blend
from monitor.items.fingerprint import exact_key
from monitor.items.model import Item

WORDS: Final = {"posts": 85, "titles": 11}  # of about 150 and 20 characters
OWN: Final = 20  # words that an incident has to itself, and three of ten words of its reports
PROBES: Final = 200  # items a round
MEBI: Final = 1 << 20


def bench_group(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure an item's decision and its joining, and what the open incidents hold in memory."""
    return tuple(figure for open_count in sizes.incidents for figure in _among(open_count, sizes))


def _among(open_count: int, sizes: Sizes) -> list[Figure]:
    random = Random(open_count)  # noqa: S311 - a repeatable choice of words, not a secret
    subjects = [tuple(random.choices(_vocabulary()[0], k=OWN)) for _ in range(open_count)]
    reports = _reports(subjects, WORDS["posts"], random)
    tracemalloc.start()
    desk = _Desk()
    desk.take_all(reports)
    held = tracemalloc.get_traced_memory()[0] / MEBI
    tracemalloc.stop()
    name = f"{open_count:,} open"
    figures = [Figure(bench="group", name=f"memory, {name}", value=held, unit="MiB")]
    for kind, length in WORDS.items():
        ours, reference = [], []
        for _ in range(sizes.rounds):
            told = _reports(random.choices(subjects, k=PROBES), length, random)
            reference.append(seconds(partial(segment, plain_jieba(), [item for item, _ in told])))
            ours.append(seconds(partial(desk.take_all, told)))
        figures.append(
            Figure(
                bench="group",
                name=f"{kind}, {name}",
                value=median(ours) / PROBES * 1e6,
                unit="µs/item",
                compared_with="jieba.lcut",
                reference=median(reference) / PROBES * 1e6,
            )
        )
    return figures


class _Desk:
    """Lets items join incidents as the service does, without a database."""

    def __init__(self) -> None:
        self._grouper = Grouper(packaged_segmenter().rarity)
        self._incidents: dict[int, Incident] = {}
        self._items = 0

    def take_all(self, told: Sequence[tuple[Item, Verdict]]) -> None:
        """Group every item, and keep what it changed."""
        for unnumbered, verdict in told:
            self._items += 1
            item = replace(unnumbered, id=self._items)
            grouping = self._grouper.group(item, verdict)
            number = grouping.incident_id or len(self._incidents) + 1
            known = self._incidents.get(number) or _opened(number, item)
            if grouping.duplicate_of is None:
                known = replace(known, profile=blend(known.profile, grouping.traits))
            self._incidents[number] = known
            self._grouper.put(known)
            self._grouper.remember(item, number)


def _opened(number: int, item: Item) -> Incident:
    return Incident(id=number, title=item.title, local=True, detected_at=item.at, last_item_at=item.at)


def _reports(subjects: Sequence[Sequence[str]], length: int, random: Random) -> list[tuple[Item, Verdict]]:
    """Return a report of each subject with the words that its verdict carries.

    The other words are as common as they are in Chinese.
    """
    words, sums = _vocabulary()
    own = length * 3 // 10
    pieces = []
    for subject in subjects:
        chosen = [*random.choices(subject, k=own), *random.choices(words, cum_weights=sums, k=length - own)]
        random.shuffle(chosen)
        pieces.append(Piece(title="", text="".join(chosen), is_matter=True))
    told = []
    for item in items_of(pieces):
        tokens = packaged_segmenter().words(item.text)
        told.append(
            (
                replace(item, exact_key=exact_key("", item.text)),
                Verdict(matter=True, live=True, tokens=tokens),
            )
        )
    return told


@cache
def _vocabulary() -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return the words of jieba's dictionary with how often each is said, summed up."""
    said = {word: often for word, often in plain_jieba().FREQ.items() if often}
    return tuple(said), tuple(accumulate(said.values()))
