"""Logins and sessions of the desk, the engine's pulse, and which digests were claimed."""

from datetime import date, datetime

from sqlalchemy import delete, select

from monitor.ports import Account, Pulse, SelfWatch, Session
from storage.journal_tables import SelfWatchRow
from storage.mapping import Rows, insert_new, value_of
from storage.tables import AccountRow, DigestRow, PulseRow, SessionRow, table_of

ACCOUNTS = table_of(AccountRow)
SESSIONS = table_of(SessionRow)
PULSE = table_of(PulseRow)
WATCH = table_of(SelfWatchRow)


class ServiceRows(Rows):
    """The part of a transaction that keeps what the service itself needs."""

    def pulse(self, *, to_change: bool = False) -> Pulse:
        """Return the engine's pulse; with `to_change` locked until this transaction ends."""
        question = select(PULSE).with_for_update() if to_change else select(PULSE)
        row = self._connection.execute(question).mappings().one_or_none()
        return Pulse() if row is None else value_of(Pulse, row)

    def save_pulse(self, pulse: Pulse) -> None:
        """Keep the engine's pulse."""
        self._upsert_value(PulseRow, pulse, id=1)

    def self_watch(self) -> SelfWatch:
        """Return what the auditor found last."""
        row = self._connection.execute(select(WATCH)).mappings().one_or_none()
        return SelfWatch() if row is None else value_of(SelfWatch, row)

    def save_self_watch(self, found: SelfWatch) -> None:
        """Keep what the auditor found."""
        self._upsert_value(SelfWatchRow, found, id=1)

    def digest_due(self, on: date, person_id: str) -> bool:
        """Claim the daily digest of one person and day; True exactly once, also with several processes."""
        row = {"on_day": on, "person_id": person_id}
        return insert_new(self._connection, table_of(DigestRow), row)

    def account(self, name: str) -> Account | None:
        """Return a login, or None."""
        row = self._connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name)).mappings().first()
        return None if row is None else value_of(Account, row)

    def accounts(self) -> tuple[Account, ...]:
        """Return all logins by name."""
        rows = self._connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.name)).mappings()
        return tuple(value_of(Account, row) for row in rows)

    def save_account(self, account: Account) -> None:
        """Add or change a login."""
        self._upsert_value(AccountRow, account)

    def session(self, token_hash: str) -> Session | None:
        """Return a session or token, or None."""
        question = select(SESSIONS).where(SESSIONS.c.token_hash == token_hash)
        row = self._connection.execute(question).mappings().first()
        return None if row is None else value_of(Session, row)

    def tokens(self, now: datetime) -> tuple[Session, ...]:
        """Return the API tokens that are still in time, oldest first."""
        question = select(SESSIONS).where(SESSIONS.c.kind == "token", SESSIONS.c.expires_at > now)
        rows = self._connection.execute(question.order_by(SESSIONS.c.created_at)).mappings()
        return tuple(value_of(Session, row) for row in rows)

    def save_session(self, session: Session) -> None:
        """Add a session or token."""
        self._upsert_value(SessionRow, session)

    def drop_session(self, token_hash: str) -> None:
        """Revoke a session or token."""
        self._connection.execute(delete(SESSIONS).where(SESSIONS.c.token_hash == token_hash))

    def drop_sessions_of(self, account: str, but: str) -> None:
        """Revoke all sessions of a login, begun ones too, except the one with this hash; its tokens stay."""
        kinds = SESSIONS.c.kind.in_(("session", "half"))
        others = delete(SESSIONS).where(SESSIONS.c.account == account, kinds)
        self._connection.execute(others.where(SESSIONS.c.token_hash != but))

    def drop_expired_sessions(self, now: datetime) -> int:
        """Delete every session, token and one-time link whose time is over; return how many."""
        return self._connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= now)).rowcount
