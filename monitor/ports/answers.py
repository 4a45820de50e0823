"""What the API needs to remember of what programs were answered under a key of theirs."""

from datetime import datetime
from typing import Protocol

from monitor.ports.model import GivenAnswer


class Answers(Protocol):
    """The part of a transaction that remembers answers."""

    def reserve_answer(self, asked: GivenAnswer) -> GivenAnswer | None:
        """Take a key for an act that begins now; return what stands there if the key was taken before."""
        ...

    def save_answer(self, given: GivenAnswer) -> None:
        """Keep what was answered under a reserved key."""
        ...

    def drop_answer(self, account: str, key: str) -> None:
        """Free a key whose act changed nothing."""
        ...

    def drop_answers(self, until: datetime) -> int:
        """Forget the answers asked for up to this instant, itself included; return how many."""
        ...
