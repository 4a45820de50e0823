"""How fast texts are judged: the whole verdict beside jieba.lcut alone, on the same texts."""

import jieba

from monitor.bench.corpus import compose
from monitor.bench.measure import Figure, Sizes, median_seconds


def bench_segment(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure jieba.lcut alone: the yardstick of the other figures."""
    texts = [f"{piece.title}。{piece.text}" for piece in compose(sizes.items)]
    jieba.initialize()
    (taken,) = median_seconds(sizes.rounds, lambda: [jieba.lcut(text) for text in texts])
    return (Figure(bench="segment", name="jieba.lcut", value=len(texts) / taken, unit="items/s"),)
