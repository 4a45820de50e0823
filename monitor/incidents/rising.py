"""Is the reach of an incident rising? A test of two Poisson rates that may be repeated at will.

Of all items that arrived since the start, those of the last window are binomial with the window's share of
the time, if they come at one steady rate (Przyborowski and Wilenski, 1940). No number of items is chosen by
hand, only the chance of a false alarm.

**Repeated looks.** An incident is looked at whenever an item arrives, and a test repeated often enough finds
anything. So the k-th look may spend `FALSE_ALARM / (k (k + 1))`, shared by its windows, and all looks
together, however many there are, spend `FALSE_ALARM` (the union bound): an incident whose items arrive at a
steady rate has at most this chance of ever being called rising. As a look happens because an item arrived,
that item itself proves nothing and is left out; so is the first one, with which the time begins.

**One rise, one telling.** A rise that was told is the new normal: the next test starts where that rise
began, with its looks counted anew. So a rise that goes on is not told again, a faster one is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, fsum, lgamma, log, log1p

from monitor.incidents.heat import HOUR, Sighting, arrivals

WINDOWS = (HOUR, 6 * HOUR)
"""What is compared with the time before: a burst shows in the short window, a slow climb in the long one."""

HISTORY = timedelta(hours=24)

FALSE_ALARM = 0.05
"""The chance that a steady incident is ever called rising, from its opening to its end."""

FEWEST = 4
"""With fewer items no chance is small enough: one begins, one is the look, and one alone proves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """Whether items arrive faster than before: `recent` since `begins_at`, `before_per_hour` until then.

    `chance` is the test's p-value, `spent` what it may spend of the chance of a false alarm.
    """

    is_rising: bool
    begins_at: datetime
    recent: int
    before_per_hour: float
    chance: float
    spent: float


def rising(
    sightings: Iterable[Sighting],
    now: datetime,
    *,
    looks: int,
    since: datetime | None = None,
    awake_since: datetime | None = None,
    away: timedelta = timedelta(0),
) -> Rise:
    """Return whether arrivals in one of the windows come faster than in the rest of the last 24 hours.

    `looks` is how many items have arrived since the start, this one included; `since` is when the last rise
    began that was told. The service was `away` until `awake_since`: what came meanwhile was seen at once, so
    a window that reaches back to then is longer by that. Several items of one source at one instant are one
    arrival.
    """

    def back(length: timedelta) -> datetime:
        at = now - length
        return at - away if awake_since is not None and at < awake_since else at

    instants = sorted({(s.at, s.source_id) for s in arrivals(sightings) if s.at <= now})
    begins = [back(HISTORY), *(at for at, _ in instants[:1]), *([since] if since else [])]
    start = max(begins)
    counted = [at for at, _ in instants[:-1] if at > start]
    spent = FALSE_ALARM / (looks * (looks + 1)) / len(WINDOWS) if looks > 0 else 0.0
    found = [_compare(counted, start, back(window), now, spent) for window in WINDOWS]
    return min(found, key=lambda rise: rise.chance)


def _compare(
    counted: Sequence[datetime], start: datetime, edge: datetime, now: datetime, spent: float
) -> Rise:
    """Compare `(edge, now]` with `(start, edge]`; without a time before there is nothing to compare."""
    recent = sum(at > edge for at in counted)
    is_born_before = edge > start
    chance = binomial_tail(recent, len(counted), (now - edge) / (now - start)) if is_born_before else 1.0
    return Rise(
        is_rising=chance <= spent,
        begins_at=max(start, edge),
        recent=recent,
        before_per_hour=(len(counted) - recent) / ((edge - start) / HOUR) if is_born_before else 0.0,
        chance=chance,
        spent=spent,
    )


def binomial_tail(at_least: int, trials: int, share: float) -> float:
    """Return the chance of `at_least` or more successes in `trials` of probability `share`, 0 < share < 1."""
    ways = lgamma(trials + 1)
    terms = (
        exp(ways - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(share) + (trials - k) * log1p(-share))
        for k in range(at_least, trials + 1)
    )
    return min(1.0, fsum(terms)) if at_least > 0 else 1.0
