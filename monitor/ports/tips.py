"""What the pipeline and the desk need to keep reports taken by hand."""

from collections.abc import Sequence
from typing import Protocol

from monitor.items.model import Item
from monitor.items.tips import Attachment, KeptTip


class Tips(Protocol):
    """The part of a transaction that keeps reports taken by hand."""

    def add_tip(self, tip: KeptTip, attachments: Sequence[Attachment]) -> None:
        """Keep what is known of a stored item that was taken by hand, with its files numbered from 1."""
        ...

    def tip(self, item_id: int, *, to_change: bool = False) -> KeptTip:
        """Return one without its files' bytes, locked if something will follow; raises NotFoundError."""
        ...

    def attachment(self, item_id: int, number: int) -> Attachment:
        """Return one file; raises NotFoundError."""
        ...

    def item_at(self, url: str) -> Item | None:
        """Return the first item with this canonical address, or None."""
        ...
