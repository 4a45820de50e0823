"""How long to wait after a failed attempt, and when to give a channel up (A3, C15)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.model import Outcome, OutcomeClass

MAX_ATTEMPTS = 3
ATTEMPTS_WITHIN = timedelta(seconds=60)
"""All attempts at an unreachable channel start within this time from the first."""

RATE_LIMIT_PATIENCE = timedelta(minutes=2)
"""A Retry-After is waited for if it ends within this time from the first attempt, its end included."""

_WAITS = (timedelta(seconds=5), timedelta(seconds=15))
_JITTER = 0.2
_SHORTEST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Try the same channel again at `at`; `fall_back_now` starts the person's next channel meanwhile."""

    at: datetime
    fall_back_now: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """Leave this channel to its fate; the person's next one takes over. `why` is a code."""

    why: str


def wait_after(attempt: int, outcome: Outcome, seed: str) -> timedelta:
    """Return how long to wait after attempt number `attempt`, counted from 1.

    A Retry-After is kept to exactly. Otherwise about 5 and then 15 seconds, up to a fifth more or less: with
    time-outs of 10 s the third attempt ends within 60 s. The same seed gives the same wait.
    """
    if outcome.retry_after is not None:
        return outcome.retry_after
    base = _WAITS[min(max(attempt, 1), len(_WAITS)) - 1]
    return base * (1 + _JITTER * _swing(f"{seed}:{attempt}"))


def _swing(seed: str) -> float:
    """Return a number in [-1, 1) that looks random and is not."""
    digest = hashlib.blake2b(seed.encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 2**31 - 1


def after_failure(
    attempts: int,
    outcome: Outcome,
    first_attempt_at: datetime,
    urgent: bool,
    now: datetime,
    seed: str = "",
) -> Retry | GiveUp:
    """Decide what follows the failed attempt number `attempts` (C15); raises ValueError for a success.

    `urgent` (severity 1–2 or a breach) starts the next channel after the first failure, in parallel.
    """
    match outcome.kind:
        case OutcomeClass.OK:
            raise ValueError("nothing failed")
        case OutcomeClass.TRANSIENT:
            return _after_transient(attempts, outcome, first_attempt_at, urgent, now, seed)
        case OutcomeClass.RATE_LIMITED:
            return _after_rate_limit(outcome, first_attempt_at, urgent, now)
    return GiveUp(why=outcome.kind.value)


def _after_transient(
    attempts: int, outcome: Outcome, first_attempt_at: datetime, urgent: bool, now: datetime, seed: str
) -> Retry | GiveUp:
    if attempts >= MAX_ATTEMPTS:
        return GiveUp(why="attempts_exhausted")
    at = now + wait_after(attempts, outcome, seed)
    if at - first_attempt_at > ATTEMPTS_WITHIN:
        return GiveUp(why="too_late_to_retry")
    return Retry(at=at, fall_back_now=urgent)


def _after_rate_limit(
    outcome: Outcome, first_attempt_at: datetime, urgent: bool, now: datetime
) -> Retry | GiveUp:
    if outcome.retry_after is None:
        return GiveUp(why="rate_limited")
    at = now + max(outcome.retry_after, _SHORTEST_WAIT)
    if at - first_attempt_at > RATE_LIMIT_PATIENCE:
        return GiveUp(why="rate_limited")
    return Retry(at=at, fall_back_now=urgent)
