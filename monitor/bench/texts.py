"""How fast texts are judged: the whole verdict beside jieba.lcut alone, on the same texts."""

import logging
from collections.abc import Sequence
from functools import cache, partial
from tempfile import TemporaryDirectory

import jieba

from monitor.bench.corpus import STARTS_AT, compose, items_of, read_pieces
from monitor.bench.measure import Figure, Sizes, median_seconds
from monitor.classifiers.judge import Judge
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.classifiers.segment import JiebaSegmenter
from monitor.items.model import Item
from monitor.office.example import example_territory

jieba.setLogLevel(logging.WARNING)


def bench_segment(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure jieba.lcut alone: the yardstick of the other figures."""
    items = _usual_items(sizes)
    (taken,) = median_seconds(sizes.rounds, partial(segment, plain_jieba(), items))
    return (Figure(bench="segment", name="jieba.lcut", value=len(items) / taken, unit="items/s"),)


def bench_assess(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure verdicts on the usual mix, and on incident reports and complaints alone."""
    matters = items_of(compose(sizes.items, matter_share=1.0))
    return (
        _assess("the usual mix", _usual_items(sizes), sizes),
        _assess("incidents and complaints alone", matters, sizes),
    )


def _usual_items(sizes: Sizes) -> tuple[Item, ...]:
    return items_of(read_pieces(sizes.data, sizes.items) if sizes.data else compose(sizes.items))


def _assess(name: str, items: Sequence[Item], sizes: Sizes) -> Figure:
    ours, reference = median_seconds(
        sizes.rounds, partial(judge_all, items), partial(segment, plain_jieba(), items)
    )
    return Figure(
        bench="assess",
        name=name,
        value=len(items) / ours,
        unit="items/s",
        compared_with="jieba.lcut",
        reference=len(items) / reference,
    )


def segment(tokenizer: jieba.Tokenizer, items: Sequence[Item]) -> None:
    """Cut every text as jieba does by itself, its HMM on."""
    for item in items:
        tokenizer.lcut(f"{item.title}\n{item.text}")


def judge_all(items: Sequence[Item]) -> None:
    """Judge every item for the built-in example territory."""
    judge = packaged_judge()
    for item in items:
        judge.judge_item(item, STARTS_AT)


@cache
def packaged_judge() -> Judge:
    """Return the judge of the shipped words and grading table."""
    return Judge(packaged_lexicon(), load_table(), example_territory(), segmenter=packaged_segmenter())


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
