"""What the desk needs to keep logins and second factors, and to know who is signed in where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from monitor.ports.model import Account, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """The second factor of a login: what its secret is made of, never the secret.

    `enrolled_at` is None until the first code was shown to be right. `last_step` is the time step of the last
    code that was used (RFC 6238); `recovery` are hashes of the recovery codes not used yet.
    """

    account: str
    nonce: str = field(repr=False)
    enrolled_at: datetime | None = None
    last_step: int = 0
    recovery: tuple[str, ...] = field(default=(), repr=False)

    @property
    def is_on(self) -> bool:
        """Return whether the login is asked for a code."""
        return self.enrolled_at is not None


class Logins(Protocol):
    """The part of a transaction that keeps logins, their second factors, sessions and tokens."""

    def account(self, name: str) -> Account | None:
        """Return a login, or None."""
        ...

    def accounts(self) -> tuple[Account, ...]:
        """Return all logins."""
        ...

    def save_account(self, account: Account) -> None:
        """Add or change a login."""
        ...

    def session(self, token_hash: str) -> Session | None:
        """Return a session or token, or None."""
        ...

    def tokens(self, now: datetime) -> tuple[Session, ...]:
        """Return the API tokens that are still in time, oldest first."""
        ...

    def save_session(self, session: Session) -> None:
        """Add a session or token."""
        ...

    def drop_session(self, token_hash: str) -> None:
        """Revoke a session or token."""
        ...

    def drop_sessions_of(self, account: str, but: str) -> None:
        """Revoke all sessions of a login, begun ones too, except the one with this hash; its tokens stay."""
        ...

    def drop_expired_sessions(self, now: datetime) -> int:
        """Delete every session, token and one-time link whose time is over; return how many."""
        ...

    def second_factor(self, account: str, *, to_change: bool = False) -> SecondFactor | None:
        """Return the second factor of a login, locked if it will be changed, or None."""
        ...

    def second_factors(self) -> Mapping[str, SecondFactor]:
        """Return all second factors by login."""
        ...

    def save_second_factor(self, factor: SecondFactor) -> None:
        """Add or change one."""
        ...

    def drop_second_factor(self, account: str) -> None:
        """Forget the second factor of a login."""
        ...

    def sessions(self, now: datetime) -> tuple[Session, ...]:
        """Return the signed-in browsers of everybody, the one signed in last first."""
        ...

    def note_use(self, token_hash: str, at: datetime) -> None:
        """Remember that a session or token was used."""
        ...
