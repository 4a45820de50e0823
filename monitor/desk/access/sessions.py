"""Signed-in browsers and API tokens: who holds which, and how each is ended."""

import hashlib
import hmac
from contextlib import suppress
from datetime import timedelta

from monitor.desk.access.model import SCOPES, AccessError, Visitor, digest, session_id
from monitor.desk.access.records import Records
from monitor.errors import StoreError
from monitor.ports import Session

NOTED_EVERY = timedelta(minutes=5)
"""So seldom is it written down that a session was used: a page that only shows must not wait for a writer."""


class Sessions(Records):
    """The part of the door that knows who is in."""

    def visitor(self, token: str, kind: str) -> Visitor | None:
        """Return who holds this `session` or `token`; None if it is unknown, over or its login disabled."""
        hashed = digest(token)
        with self._store.reading() as transaction:
            session = transaction.session(hashed)
            account = transaction.account(session.account) if session else None
        if session is None or session.kind != kind or session.expires_at <= self._clock.now():
            return None
        if account is None or account.disabled:
            return None
        self._note_use(session)
        csrf = hmac.new(self._secret, f"csrf {hashed}".encode(), hashlib.sha256).hexdigest()
        return Visitor(account=account, session=session, csrf=csrf, scopes=frozenset(session.scope.split()))

    def is_in(self, visitor: Visitor) -> bool:
        """Return whether a visitor's session still holds: not over, not ended, its login not disabled."""
        with self._store.reading() as transaction:
            session = transaction.session(visitor.session.token_hash)
            account = transaction.account(visitor.account.name)
        is_over = session is None or session.expires_at <= self._clock.now()
        return not is_over and account is not None and not account.disabled

    def _note_use(self, session: Session) -> None:
        """Remember the use of a session, now and then; that it cannot be written keeps nobody out."""
        now = self._clock.now()
        if now - (session.used_at or session.created_at) < NOTED_EVERY:
            return
        with suppress(StoreError), self._store.transaction() as transaction:
            transaction.note_use(session.token_hash, now)

    def sign_out(self, visitor: Visitor) -> None:
        """End this visitor's session."""
        with self._store.transaction() as transaction:
            transaction.drop_session(visitor.session.token_hash)
            self._note(transaction, "signed_out", visitor.account, visitor.by)

    def sessions(self) -> tuple[Session, ...]:
        """Return everybody's signed-in browsers, the one signed in last first."""
        with self._store.reading() as transaction:
            return transaction.sessions(self._clock.now())

    def end_session(self, visitor: Visitor, id_: str) -> None:
        """End one of this visitor's own sessions at once; raises AccessError `no_session`."""
        own = (s for s in self.sessions() if s.account == visitor.account.name and session_id(s) == id_)
        session = next(own, None)
        if session is None:
            raise AccessError("no_session")
        with self._store.transaction() as transaction:
            transaction.drop_session(session.token_hash)
            self._note(transaction, "session_ended", visitor.account, visitor.by)

    def end_sessions(self, name: str, *, by: str) -> None:
        """End all sessions of a login at once; its tokens stay. Raises AccessError `no_account`."""
        with self._store.transaction() as transaction:
            account = transaction.account(name)
            if account is None:
                raise AccessError("no_account")
            transaction.drop_sessions_of(name, but="")
            self._note(transaction, "sessions_ended", account, by)

    def issue_token(
        self, name: str, scopes: tuple[str, ...], lasts: timedelta, *, by: str = "console"
    ) -> str:
        """Return a new API token with these scopes; it is shown this once.

        Raises AccessError `bad_scope` or `no_account`.
        """
        if not scopes or not set(scopes) <= SCOPES:
            raise AccessError("bad_scope")
        with self._store.transaction() as transaction:
            account = transaction.account(name)
            if account is None or account.disabled:
                raise AccessError("no_account")
            self._note(transaction, "token_issued", account, by)
        return self._open(name, "token", lasts, " ".join(scopes))

    def tokens(self) -> tuple[Session, ...]:
        """Return the API tokens that are still in time, oldest first."""
        with self._store.reading() as transaction:
            return transaction.tokens(self._clock.now())

    @staticmethod
    def token_id(token: Session) -> str:
        """Return what a token is named by: it says nothing of its secret."""
        return session_id(token)

    def revoke_token(self, id_: str, *, by: str = "console", of: str | None = None) -> None:
        """End a token at once, with `of` only one of this login; raises AccessError `no_token`."""
        held = (token for token in self.tokens() if of is None or token.account == of)
        found = next((token for token in held if session_id(token) == id_), None)
        if found is None:
            raise AccessError("no_token")
        with self._store.transaction() as transaction:
            transaction.drop_session(found.token_hash)
            account = transaction.account(found.account)
            if account is not None:
                self._note(transaction, "token_revoked", account, by)
