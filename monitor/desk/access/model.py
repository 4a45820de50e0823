"""Who asks, from where, and why somebody may not in."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from monitor.errors import MonitorError
from monitor.ports import Account, Session

SETUP_LASTS = timedelta(minutes=30)
CODE_LASTS = timedelta(minutes=5)
"""How long after the password the code of the second factor is waited for."""

SHORTEST_PASSWORD = 10
LONGEST_NAME = 40
SCOPES = frozenset({"read", "act", "metrics", "feeds"})
"""What a token may be for: reading, acting, numbers for Prometheus, calendar and feed reader."""


class AccessError(MonitorError):
    """Somebody may not in; `reason` is a code, `wait` how long to wait before the next try."""

    def __init__(self, reason: str, wait: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """Where somebody signs in: the network address, and what the browser says of itself."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a right password brought: a session, or with `needs_code` only the question for the code."""

    token: str
    needs_code: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks, and by what right: `scopes` is empty for a browser's session, which may all its role may."""

    account: Account
    session: Session
    csrf: str
    scopes: frozenset[str]

    @property
    def by(self) -> str:
        """Return the name that stands in the journal: the person of `office.yaml`, else the login."""
        return journal_name(self.account)

    def has_scope(self, scope: str) -> bool:
        """Return whether this visitor's token covers `scope`, one of SCOPES."""
        return self.session.kind == "session" or scope in self.scopes


def journal_name(account: Account) -> str:
    """Return the name of a login's owner in the journal."""
    return account.person_id or account.name


def digest(token: str) -> str:
    """Return what is stored of a secret; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_id(session: Session) -> str:
    """Return what a session or token is named by: it says nothing of its secret."""
    return session.token_hash[:12]
