"""What it costs to find an item's incident among many open ones, beside jieba.lcut of the same items."""

import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import accumulate, cycle
from random import Random
from statistics import median
from typing import Final

from monitor.bench.corpus import STARTS_AT, Piece, compose, items_of, read_pieces
from monitor.bench.measure import Figure, Sizes, seconds
from monitor.bench.texts import packaged_judge, packaged_segmenter, plain_jieba, segment
from monitor.classifiers.model import Verdict
from monitor.incidents.group import Grouper
from monitor.incidents.model import Incident
from monitor.incidents.traits import blend
from monitor.items.fingerprint import exact_key
from monitor.items.model import Item

WORDS: Final = {"reports": 180, "posts": 85, "titles": 11}  # of about 320, 150 and 20 characters
OWN: Final = 20  # words that an incident has to itself, and three of ten words of its reports
PROBES: Final = 200  # items a round
MEBI: Final = 1 << 20

Told = Sequence[tuple[Item, Verdict]]


def bench_group(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure what it costs to group an item, and what the open incidents hold in memory.

    First for reports, posts and titles that are all grouped, then for an item of the usual mix, most of which
    are no matter and are never grouped.
    """
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
        lots = [_reports(random.choices(subjects, k=PROBES), length, random) for _ in range(2 * sizes.rounds)]
        figures += _figures(desk, lots, kind, name)
    mixes = _mixes(sizes)
    share = sum(_concerns_us(verdict) for lot in mixes for _, verdict in lot) / sum(map(len, mixes))
    return [*figures, *_figures(desk, mixes, f"the usual mix of which {share:.1%} are grouped", name)]


def _figures(desk: "_Desk", lots: Sequence[Told], kind: str, name: str) -> list[Figure]:
    """Return what it costs to decide on an item, and to decide and join, beside jieba.lcut of the same items.

    The two take turns, each with items of its own: what was asked about before is still at hand.
    """
    acts = {"decided": desk.decide_all, "decided and joined": desk.take_all}
    return [
        Figure(
            bench="group",
            name=f"{kind}, {done}, {name}",
            value=median(ours for ours, _ in taken) * 1e6,
            unit="µs/item",
            compared_with="jieba.lcut",
            reference=median(reference for _, reference in taken) * 1e6,
        )
        for done, taken in _taken(acts, lots).items()
    ]


def _taken(
    acts: Mapping[str, Callable[[Told], None]], lots: Sequence[Told]
) -> dict[str, list[tuple[float, float]]]:
    """Return the seconds an item of each lot took, and those that jieba took for it, act by act."""
    taken: dict[str, list[tuple[float, float]]] = {done: [] for done in acts}
    for told, (done, act) in zip(lots, cycle(acts.items()), strict=False):
        items = [item for item, _ in told]
        reference = seconds(partial(segment, plain_jieba(), items))
        taken[done].append((seconds(partial(act, told)) / len(told), reference / len(told)))
    return taken


def _mixes(sizes: Sizes) -> list[Told]:
    """Return two lots of the usual mix for each round, of real texts where there are some."""
    count = 2 * sizes.rounds
    pieces = read_pieces(sizes.data, count * sizes.items) if sizes.data else compose(count * sizes.items)
    return [_judged(items_of(pieces[first::count] or pieces)) for first in range(count)]


def _judged(items: Sequence[Item]) -> Told:
    judge = packaged_judge()
    keyed = [replace(item, exact_key=exact_key(item.title, item.text)) for item in items]
    return [(item, judge.judge_item(item, STARTS_AT)) for item in keyed]


class _Desk:
    """Lets items join incidents as the service does, without a database."""

    def __init__(self) -> None:
        self._grouper = Grouper(packaged_segmenter().rarity)
        self._incidents: dict[int, Incident] = {}
        self._items = 0

    def decide_all(self, told: Told) -> None:
        """Group every item that concerns us, and keep nothing of it."""
        for item, verdict in told:
            if _concerns_us(verdict):
                self._grouper.group(item, verdict)

    def take_all(self, told: Told) -> None:
        """Group every item that concerns us, and keep what it changed."""
        for unnumbered, verdict in told:
            if not _concerns_us(verdict):
                continue
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


def _concerns_us(verdict: Verdict) -> bool:
    """Return whether the service would group the item."""
    return verdict.matter and verdict.live and verdict.local is not False


def _opened(number: int, item: Item) -> Incident:
    return Incident(id=number, title=item.title, local=True, detected_at=item.at, last_item_at=item.at)


def _reports(subjects: Sequence[Sequence[str]], length: int, random: Random) -> Told:
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
