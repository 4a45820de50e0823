"""Texts to measure with, composed from word lists: the same seed gives the same texts on every machine."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from itertools import islice
from pathlib import Path
from random import Random
from string import Formatter
from xml.sax.saxutils import escape
from zlib import crc32

from monitor.collectors.model import Role
from monitor.errors import NotFoundError
from monitor.items.model import Item
from monitor.yamlfile import YamlFile, read_yaml

STARTS_AT = datetime(2026, 3, 2, tzinfo=UTC)
EVERY = timedelta(seconds=20)
MATTER_SHARE = 0.05
SENTENCES = (3, 6)
DETAILS = (4, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One composed text; `is_matter` says from which words it was composed, not what the judge says."""

    title: str
    text: str
    is_matter: bool


def compose(size: int, *, seed: int = 1, matter_share: float = MATTER_SHARE) -> tuple[Piece, ...]:
    """Return `size` texts of some 200 characters; `matter_share` of them tell of an incident or complaint."""
    random = Random(seed)  # noqa: S311 - a repeatable choice of words, not a secret
    return tuple(_piece(random, is_matter=random.random() < matter_share) for _ in range(size))


def compose_reports(size: int, *, seed: int = 1) -> tuple[Piece, ...]:
    """Return `size` reports of incidents and complaints as long as the press writes them, 300 characters."""
    random = Random(seed)  # noqa: S311 - a repeatable choice of words, not a secret
    words = _words()
    reports = []
    for _ in range(size):
        matter = random.choice(words.matters)
        sentences = [matter.lead, *random.sample(words.details, k=random.randint(*DETAILS))]
        text = "".join(_filled(sentence, random, words.slots) for sentence in sentences)
        reports.append(Piece(title=_filled(matter.title, random, words.slots), text=text, is_matter=True))
    return tuple(reports)


def compose_serious(size: int, *, seed: int = 1) -> tuple[Piece, ...]:
    """Return `size` reports of a local incident of severity 2."""
    random = Random(seed)  # noqa: S311 - a repeatable choice of words, not a secret
    serious, slots = _words().serious, _words().slots
    return tuple(
        Piece(
            title=_filled(serious.title, random, slots),
            text=_filled(serious.lead, random, slots),
            is_matter=True,
        )
        for _ in range(size)
    )


def read_pieces(data: Path, size: int) -> tuple[Piece, ...]:
    """Return up to `size` real texts, evenly from all `*.jsonl` files under `data`.

    Rows without words are left out; raises NotFoundError where nothing is left. `is_matter` is not known.
    """
    sources = sorted(data.rglob("*.jsonl")) if data.is_dir() else [data]
    share = -(-size // max(1, len(sources)))
    pieces = [piece for file in sources for piece in islice(_real_pieces(file), share)]
    if not pieces:
        raise NotFoundError("text under", data)
    return tuple(pieces[:size])


def _real_pieces(file: Path) -> Iterator[Piece]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            title, text = str(row.get("title") or ""), str(row.get("text") or "")
            if title or text:
                yield Piece(title=title, text=text, is_matter=False)


def items_of(
    pieces: Sequence[Piece], *, source: str = "bench", starts_at: datetime = STARTS_AT
) -> tuple[Item, ...]:
    """Return the texts as items of one social source, published one after the other."""
    return tuple(
        Item(
            key=f"{source}:{number}",
            source_id=source,
            source_name=source,
            role=Role.SOCIAL,
            title=piece.title,
            text=piece.text,
            published_at=starts_at + number * EVERY,
            first_seen_at=starts_at + number * EVERY,
            exact_key=f"{source}:{number}",
        )
        for number, piece in enumerate(pieces)
    )


def rss_of(pieces: Sequence[Piece], at: datetime = STARTS_AT) -> bytes:
    """Return the texts as one RSS document as a news site would serve it, the newest first, of `at`."""
    entries = "".join(
        f"<item><guid>{crc32(piece.text.encode())}-{number}</guid><title>{escape(piece.title)}</title>"
        f"<link>https://news.example/{number}?a=1&amp;b=2</link>"
        f"<description>{escape(f'<p>{piece.text}</p>')}</description>"
        f"<pubDate>{format_datetime(at - number * EVERY, usegmt=True)}</pubDate></item>"
        for number, piece in enumerate(pieces)
    )
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>news</title>'
    return f"{head}<link>https://news.example/</link>{entries}</channel></rss>".encode()


def _piece(random: Random, *, is_matter: bool) -> Piece:
    words = _words()
    count = random.randint(*SENTENCES)
    if is_matter:
        matter = random.choice(words.matters)
        title, sentences = matter.title, [matter.lead, *random.sample(words.follow_ups, k=count - 2)]
    else:
        title = random.choice(words.ordinary.titles)
        sentences = random.sample(words.ordinary.sentences, k=count)
    text = "".join(_filled(sentence, random, words.slots) for sentence in sentences)
    return Piece(title=_filled(title, random, words.slots), text=text, is_matter=is_matter)


def _filled(phrase: str, random: Random, slots: Mapping[str, Sequence[str]]) -> str:
    """Return the phrase with every slot filled, each with a word of its own."""
    parts = []
    for literal, slot, _, _ in Formatter().parse(phrase):
        parts.append(literal)
        if slot == "n":
            parts.append(str(random.randint(1, 9)))
        elif slot == "many":
            parts.append(str(random.randint(10, 900)))
        elif slot is not None:
            parts.append(random.choice(slots[slot]))
    return "".join(parts)


class _OrdinaryFile(YamlFile):
    titles: list[str]
    sentences: list[str]


class _MatterFile(YamlFile):
    title: str
    lead: str


class _WordsFile(YamlFile):
    slots: dict[str, list[str]]
    ordinary: _OrdinaryFile
    matters: list[_MatterFile]
    serious: _MatterFile
    follow_ups: list[str]
    details: list[str]


@cache
def _words() -> _WordsFile:
    text = files(__package__).joinpath("words.yaml").read_text(encoding="utf-8")
    return read_yaml(text, "words.yaml", _WordsFile)[0]
