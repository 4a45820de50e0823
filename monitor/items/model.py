"""Item: one thing, seen at one place, at one instant."""

from dataclasses import dataclass
from datetime import datetime

from monitor.collectors.model import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing seen at one source. All instants are aware UTC.

    `key` is unique for (source, native id or canonical address or text) and makes a second sight an upsert.
    `published_at` is None where the publisher gave no time or an impossible one (C11): then `first_seen_at`
    stands in for order, never for a publication. `id` is 0 until the item is stored; ids rise with ingest.
    """

    id: int = 0
    key: str
    source_id: str
    source_name: str
    role: Role
    rank: int = 5
    scope: str | None = None
    url: str | None = None
    title: str
    text: str
    published_at: datetime | None
    published_raw: str | None = None
    first_seen_at: datetime
    heat: float | None = None
    board_rank: int | None = None
    exact_key: str
    platform: str | None = None
    baseline: bool = False

    @property
    def at(self) -> datetime:
        """Return the instant that orders this item among others."""
        return self.published_at or self.first_seen_at
