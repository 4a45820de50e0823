"""How fast feeds are read: our reader beside feedparser alone, on the same documents."""

import io
from typing import Final

import feedparser

from monitor.bench.corpus import compose, rss_of
from monitor.bench.measure import Figure, Sizes, median_seconds
from monitor.collectors.model import Role, Source, SourceKind
from monitor.collectors.readers.document import read_document

ENTRIES: Final = 30
SOURCE: Final = Source(
    id="bench", name="bench", kind=SourceKind.FEED, role=Role.MEDIA, address="https://news.example/feed"
)


def documents(count: int, *, seed: int = 1) -> tuple[bytes, ...]:
    """Return `count` feeds of 30 entries each."""
    pieces = compose(count * ENTRIES, seed=seed)
    return tuple(rss_of(pieces[start : start + ENTRIES]) for start in range(0, len(pieces), ENTRIES))


def bench_feed_parse(sizes: Sizes) -> tuple[Figure, ...]:
    """Measure entries read a second."""
    feeds = documents(sizes.feeds)
    ours, reference = median_seconds(
        sizes.rounds,
        lambda: [read_document(body, "application/rss+xml; charset=utf-8", SOURCE) for body in feeds],
        lambda: [feedparser.parse(io.BytesIO(body)) for body in feeds],
    )
    count = len(feeds) * ENTRIES
    return (
        Figure(
            bench="feed_parse",
            name="entries of changed feeds",
            value=count / ours,
            unit="items/s",
            compared_with="feedparser.parse",
            reference=count / reference,
        ),
    )
