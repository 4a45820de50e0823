"""What crosses the ports beside the values of the stages: what is claimed, asked, answered and signed in."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from alerts.model import Alert, Delivery, Message, Text
from monitor.classifiers.model import Verdict
from monitor.dossier.model import Change
from monitor.items.model import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """A stored change with its place in the hash chain; `words` are a person's free words, if still kept."""

    seq: int
    change: Change
    previous_hash: str
    hash: str
    rule_version: str = ""
    words_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalAnchor:
    """The end of the chain as the digest of a day printed it: no later hand can change paper (A11)."""

    on_day: date
    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalCheck:
    """A stretch of the chain recomputed: it holds up to entry `seq`, or `fault` says what is wrong where.

    `is_end` says that nothing comes after it.
    """

    seq: int
    hash: str
    fault: str | None
    is_end: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfWatch:
    """What the auditor found last, for every process of the database (A10, A11).

    `untold` is how much is due and was told to nobody. The journal is checked in stretches: up to entry
    `journal_seq` since it was last found whole, at `journal_whole_at`.
    """

    audited_at: datetime | None = None
    untold: int = 0
    first_untold: str = ""
    heartbeat_at: datetime | None = None
    heartbeat_failures: int = 0
    journal_seq: int = 0
    journal_whole_at: datetime | None = None
    journal_fault: str | None = None

    @property
    def is_clean(self) -> bool:
        """Return whether everything due was told to somebody and the journal holds as far as it was read."""
        return not self.untold and self.journal_fault is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """The engine's own pulse, shared by all workers of one database (T10, A10).

    `jumped_at` and `jumped_by` are the last move of the machine's clock, by the clock as it stood after it.
    """

    last_tick_at: datetime | None = None
    awake_since: datetime | None = None
    away: timedelta = timedelta(0)
    jumped_at: datetime | None = None
    jumped_by: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A message taken for sending under a lease, with its alerts and the attempt row already written (A3)."""

    message: Message
    alerts: tuple[Alert, ...]
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A message ready to leave: what was claimed and still true, and its words."""

    claim: Claim
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedItem:
    """An item of an incident with its verdict and how it joined; `shared` as in `Grouping`."""

    item: Item
    verdict: Verdict | None
    reach_only: bool
    similarity: float | None
    reason: str
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A login of the desk; `role` is duty, head, leader, department, analyst or admin."""

    name: str
    person_id: str | None
    role: str
    password_hash: str = field(repr=False)
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser or an API token; only a hash of the secret is stored.

    `half` is a browser whose second factor is still asked for. `address` and `agent` are where it was opened
    and in which browser; `used_at` is not exact, it lags behind by minutes.
    """

    token_hash: str = field(repr=False)
    account: str
    created_at: datetime
    expires_at: datetime
    kind: str = "session"  # session | half | token | setup | ack
    scope: str = ""
    address: str = ""
    agent: str = ""
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """What a login was answered under a key it chose; `answer` is None while the act runs.

    `asked_hash` is of all that was asked: another question under the same key is a mistake.
    """

    account: str
    key: str
    asked_hash: str
    asked_at: datetime
    answer: str | None = None
