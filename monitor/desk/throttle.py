"""Slows down who guesses passwords: per login and address, per address, and gently per login."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Lock

FORGET_AFTER = timedelta(hours=1)
MOST_KEYS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """After `free` failures each further one costs a wait that doubles from `first` up to `longest`."""

    free: int
    first: timedelta
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """Return how long to wait after so many failures in a row."""
        over = failures - self.free
        return timedelta(0) if over < 0 else min(self.first * 2 ** min(over, 20), self.longest)


@dataclass(frozen=True, slots=True)
class _Failures:
    """Failures in a row of one key, and when the last one was."""

    count: int
    last_at: datetime


# The limit of a login alone stays short: nobody may lock a duty officer out from elsewhere.
_PAIR = Limit(free=5, first=timedelta(seconds=30), longest=timedelta(minutes=15))
_ADDRESS = Limit(free=20, first=timedelta(seconds=30), longest=timedelta(minutes=15))
_LOGIN = Limit(free=30, first=timedelta(seconds=2), longest=timedelta(seconds=30))
PATIENT = Limit(free=10, first=timedelta(seconds=30), longest=timedelta(minutes=15))
"""A login's limit where only who knows its password can fail: six digits are soon guessed."""


class Throttle:
    """Remembers failures in memory for an hour. Safe to use from several threads."""

    def __init__(self, login: Limit = _LOGIN) -> None:
        self._login = login
        self._failures: dict[tuple[str, str], _Failures] = {}
        self._lock = Lock()

    def wait(self, login: str, address: str, now: datetime) -> timedelta:
        """Return how long this login must still wait at this address; zero if it may try."""
        with self._lock:
            waits = [
                known.last_at + limit.wait(known.count) - now
                for key, limit in self._keys(login, address)
                if (known := self._failures.get(key)) is not None
            ]
        return max(timedelta(0), *waits) if waits else timedelta(0)

    def failed(self, login: str, address: str, now: datetime) -> None:
        """Count a failure."""
        with self._lock:
            if len(self._failures) > MOST_KEYS:
                self._forget(now)
            for key, _ in self._keys(login, address):
                known = self._failures.get(key, _Failures(0, now))
                fresh = known if now - known.last_at < FORGET_AFTER else _Failures(0, now)
                self._failures[key] = replace(fresh, count=fresh.count + 1, last_at=now)

    def succeeded(self, login: str, address: str) -> None:
        """Forget the failures of this login here; those of the address stay."""
        with self._lock:
            self._failures.pop((login, _place(address)), None)
            self._failures.pop((login, ""), None)

    def _forget(self, now: datetime) -> None:
        """Drop what is an hour old, and everything if an attack still fills the memory."""
        kept = {key: known for key, known in self._failures.items() if now - known.last_at < FORGET_AFTER}
        self._failures = kept if len(kept) < MOST_KEYS else {}

    def _keys(self, login: str, address: str) -> tuple[tuple[tuple[str, str], Limit], ...]:
        """Return the three keys a sign-in counts under."""
        place = _place(address)
        return ((login, place), _PAIR), (("", place), _ADDRESS), ((login, ""), self._login)


def _place(address: str) -> str:
    """Return what one subscriber holds: an IPv4 address, or the first half of an IPv6 address."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return address
    return str(known.ipv4_mapped or IPv6Address(int(known) >> 64 << 64))
