"""How fast texts are judged: the whole verdict beside jieba.lcut alone, on the same texts."""

import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib.util import find_spec
from random import Random
from subprocess import run
from tempfile import TemporaryDirectory
from time import perf_counter
from types import MappingProxyType

import jieba

from monitor.bench.corpus import STARTS_AT, Piece, compose, compose_reports, items_of, read_pieces
from monitor.bench.measure import Figure, Sizes, median_seconds
from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.classifiers.segment import JiebaSegmenter, RjiebaSegmenter
from monitor.items.model import Item
from monitor.office.example import example_territory

jieba.setLogLevel(logging.WARNING)

JUDGED = 10_000
"""How many characters of a long text are judged at most."""
REPORT, POST = 200, 60
"""From how many characters on a text is a report or a post; a shorter one is a headline."""
SAMPLE = 20
"""How many real texts are looked through for each that is wanted as an incident."""

# What an endless text is made of; nothing given is any Han character.
_ENDLESS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "any characters": (),
        "digits": "0123456789",
        "numbers of people": ("3人死亡", "其中", "2人", "，", "十余人受伤", "近百", "名"),
        "words of harm without numbers": ("死亡", "受伤", "失踪", "被困", "的", "遇难"),
        "events": ("火灾", "爆炸", "车祸", "滑坡", "，", "在昌宁县", "发生"),
        "times": ("22日19时许", "昨天下午", "11月", "2020年", "，"),
        "places": ("昌宁县", "柯街镇", "云南省", "保山市", "距", "公里"),
        "Han numerals": "一二三四五六七八九十百千万",
        "stops": "。，；！？",
        "brackets": "（）“”【】",
    }
)


def bench_segment(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure jieba.lcut alone: the yardstick of the other figures."""
    items = _usual_items(sizes)
    (taken,) = median_seconds(sizes.rounds, partial(segment, plain_jieba(), items))
    return (Figure(bench="segment", name="jieba.lcut", value=len(items) / taken, unit="items/s"),)


def bench_assess(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure verdicts on the usual mix, on incidents alone by length, on the worst texts, and the first one.

    With the extra `fast` everything but the worst and the first one is measured with it too.
    """
    texts = {"the usual mix": _usual_items(sizes), **_incidents(sizes)}
    judges = {"": packaged_judge(), ", with rjieba": fast_judge()} if has_twin() else {"": packaged_judge()}
    return (
        *(
            _assess(f"{name}{suffix}", items, sizes, judge)
            for suffix, judge in judges.items()
            for name, items in texts.items()
            if items
        ),
        *bench_worst(sizes),
        *bench_start(),
    )


def _usual_items(sizes: Sizes) -> tuple[Item, ...]:
    return items_of(read_pieces(sizes.data, sizes.items) if sizes.data else compose(sizes.items))


def _incidents(sizes: Sizes) -> dict[str, Sequence[Item]]:
    """Return incidents and complaints as reports, posts and bare headlines.

    Of real texts those that are judged to be matters, from a sample large enough to hold some.
    """
    if sizes.data is None:
        posts = items_of(compose(sizes.items, matter_share=1.0))
        told = [*items_of(compose_reports(sizes.items)), *posts, *(replace(item, text="") for item in posts)]
    else:
        sample = items_of(read_pieces(sizes.data, sizes.items * SAMPLE))
        told = [item for item in sample if packaged_judge().judge_item(item, STARTS_AT).matter]
    by_name: dict[str, list[Item]] = {"incident reports": [], "incident posts": [], "incident headlines": []}
    for item in told:
        length = len(item.title) + len(item.text)
        kind = "reports" if length >= REPORT else "posts" if length >= POST else "headlines"
        by_name[f"incident {kind}"].append(item)
    return {name: items[: sizes.items] for name, items in by_name.items()}


def _assess(name: str, items: Sequence[Item], sizes: Sizes, judge: Judge) -> Figure:
    ours, reference = median_seconds(
        sizes.rounds, partial(judge_all, items, judge), partial(segment, plain_jieba(), items)
    )
    return Figure(
        bench="assess",
        name=name,
        value=len(items) / ours,
        unit="items/s",
        compared_with="jieba.lcut",
        reference=len(items) / reference,
    )


def bench_worst(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure each kind of endless text beside jieba.lcut of as much of it as is judged; return the worst."""
    figures = []
    for name, piece in zip(_ENDLESS, items_of([_endless(kind, sizes) for kind in _ENDLESS]), strict=True):
        judged = replace(piece, text=piece.text[:JUDGED])
        ours, reference = median_seconds(
            sizes.rounds, partial(judge_all, [piece]), partial(segment, plain_jieba(), [judged])
        )
        figures.append(
            Figure(
                bench="assess",
                name=f"the worst long text: {name}",
                value=ours * 1000,
                unit="ms",
                compared_with=f"jieba.lcut of {JUDGED:,} characters",
                reference=reference * 1000,
            )
        )
    return (max(figures, key=lambda figure: figure.ratio or 0.0),)


def _endless(kind: str, sizes: Sizes) -> Piece:
    random = Random(1)  # noqa: S311 - a repeatable choice of words, not a secret
    words = _ENDLESS[kind] or [chr(random.randrange(0x4E00, 0x9FA6)) for _ in range(3_000)]
    return Piece(title="通报", text="".join(random.choices(words, k=sizes.longest)), is_matter=False)


def bench_start() -> tuple[Figure, ...]:
    """Measure how long a new process takes to its first verdict, and how much memory it holds at most."""
    line = json.dumps({"id": "1", "title": "一车辆侧翻致1人死亡", "text": ""}, ensure_ascii=False)
    program = (
        "import runpy, sys; sys.argv = ['huiying', 'assess']\n"
        "try: runpy.run_module('monitor', run_name='__main__')\n"
        "finally: print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0], file=sys.stderr)"
    )
    started = perf_counter()
    ran = run(  # noqa: S603 - this very interpreter with a fixed program
        [sys.executable, "-c", program], input=line, capture_output=True, text=True, check=True
    )
    taken = perf_counter() - started
    return (
        Figure(bench="assess", name="a new process to its first verdict", value=taken, unit="s"),
        Figure(bench="assess", name="its memory", value=int(ran.stderr.split()[-1]) / 1024, unit="MiB"),
    )


def segment(tokenizer: jieba.Tokenizer, items: Sequence[Item]) -> None:
    """Cut every text as jieba does by itself, its HMM on."""
    for item in items:
        tokenizer.lcut(f"{item.title}\n{item.text}")


def judge_all(items: Sequence[Item], judge: Judge | None = None) -> None:
    """Judge every item for the built-in example territory."""
    judge = judge or packaged_judge()
    for item in items:
        judge.judge_item(item, STARTS_AT)


@cache
def packaged_judge() -> Judge:
    """Return the judge of the shipped words and grading table."""
    return Judge(packaged_lexicon(), load_table(), example_territory(), segmenter=packaged_segmenter())


@cache
def fast_judge() -> Judge:
    """Return the same judge on the Rust twin; raises ConfigurationError where that is not installed."""
    twin = RjiebaSegmenter(packaged_lexicon().user_words)
    return Judge(packaged_lexicon(), load_table(), example_territory(), segmenter=twin)


def has_twin() -> bool:
    """Return whether the extra `fast` is installed."""
    return find_spec("rjieba") is not None


@cache
def packaged_lexicon() -> Lexicon:
    """Return the shipped words."""
    return load_lexicon()


@cache
def packaged_segmenter() -> JiebaSegmenter:
    """Return the product's own segmenter with the shipped words."""
    return JiebaSegmenter(packaged_lexicon().user_words)


@cache
def plain_jieba() -> jieba.Tokenizer:
    """Return jieba as it comes, its cache kept out of the shared temporary folder."""
    tokenizer = jieba.Tokenizer()
    with TemporaryDirectory(prefix="huiying-bench-") as folder:
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
    return tokenizer
