"""Logins, sessions, one-time links and API tokens. Only hashes of secrets are stored."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from monitor.clock import Clock
from monitor.desk.roles import ROLES
from monitor.desk.throttle import Throttle
from monitor.dossier.model import Change
from monitor.errors import MonitorError
from monitor.ports import Account, Session, Store, Transaction

SETUP_LASTS = timedelta(minutes=30)
SHORTEST_PASSWORD = 10
SCOPES = frozenset({"read", "act", "metrics", "feeds"})
"""What a token may be for: reading, acting, numbers for Prometheus, calendar and feed reader."""


class AccessError(MonitorError):
    """Somebody may not in; `reason` is a code, `wait` how long to wait before the next try."""

    def __init__(self, reason: str, wait: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


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
        return _by(self.account)

    def has_scope(self, scope: str) -> bool:
        """Return whether this visitor's token covers `scope`, one of SCOPES."""
        return self.session.kind == "session" or scope in self.scopes


class Access:
    """The door of the desk. Every method blocks: call it in a worker thread."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        secret: bytes,
        session_lasts: timedelta,
        hasher: PasswordHasher,
        link_lasts: timedelta = SETUP_LASTS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._secret = secret
        self._session_lasts = session_lasts
        self._link_lasts = link_lasts
        self._hasher = hasher
        self._throttle = Throttle()
        self._nobody = hasher.hash(secrets.token_urlsafe())

    def sign_in(self, name: str, password: str, address: str) -> str:
        """Return a session token; raises AccessError `locked` or `credentials`.

        An unknown login costs as much time as a wrong password.
        """
        now = self._clock.now()
        if wait := self._throttle.wait(name, address, now):
            raise AccessError("locked", wait)
        with self._store.reading() as transaction:
            account = transaction.account(name)
        is_right = self._matches(account.password_hash if account else self._nobody, password)
        if account is None or account.disabled or not is_right:
            self._throttle.failed(name, address, now)
            raise AccessError("credentials")
        self._throttle.succeeded(name, address)
        return self._let_in(account)

    def sign_out(self, visitor: Visitor) -> None:
        """End this visitor's session."""
        with self._store.transaction() as transaction:
            transaction.drop_session(visitor.session.token_hash)
            self._note(transaction, "signed_out", visitor.account, visitor.by)

    def visitor(self, token: str, kind: str) -> Visitor | None:
        """Return who holds this `session` or `token`; None if it is unknown, over or its login disabled."""
        digest = _digest(token)
        with self._store.reading() as transaction:
            session = transaction.session(digest)
            account = transaction.account(session.account) if session else None
        if session is None or session.kind != kind or session.expires_at <= self._clock.now():
            return None
        if account is None or account.disabled:
            return None
        csrf = hmac.new(self._secret, f"csrf {digest}".encode(), hashlib.sha256).hexdigest()
        return Visitor(account=account, session=session, csrf=csrf, scopes=frozenset(session.scope.split()))

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
        return token.token_hash[:12]

    def revoke_token(self, id_: str, *, by: str = "console") -> None:
        """End a token at once; raises AccessError `no_token`."""
        found = [token for token in self.tokens() if self.token_id(token) == id_]
        if not found:
            raise AccessError("no_token")
        with self._store.transaction() as transaction:
            transaction.drop_session(found[0].token_hash)
            account = transaction.account(found[0].account)
            if account is not None:
                self._note(transaction, "token_revoked", account, by)

    def open_setup(self) -> str | None:
        """Return the token of the link that creates the first administrator; None if there is a login."""
        with self._store.reading() as transaction:
            if transaction.accounts():
                return None
        return self._open("", "setup", self._link_lasts, "first-admin")

    def finish_setup(self, token: str, name: str, password: str) -> str:
        """Create the first administrator, use the link up and return a session token."""
        account = self._account(name, password, "admin", None)
        with self._store.transaction() as transaction:
            link = transaction.session(_digest(token))
            if not self._is_usable(link, "first-admin") or transaction.accounts():
                raise AccessError("link_used")
            transaction.drop_session(_digest(token))
            transaction.save_account(account)
            self._note(transaction, "account_added", account, account.name)
        return self._let_in(account)

    def open_demo(self, role: str, person_id: str | None) -> str:
        """Return the token of a one-time link that signs in with this role; such a login has no password."""
        account = Account(name=f"demo-{role}", person_id=person_id, role=role, password_hash="")
        with self._store.transaction() as transaction:
            transaction.save_account(account)
        return self._open(account.name, "setup", self._link_lasts, "enter")

    def may_open(self, token: str, scope: str) -> bool:
        """Return whether a one-time link can still be used."""
        with self._store.reading() as transaction:
            return self._is_usable(transaction.session(_digest(token)), scope)

    def enter(self, token: str) -> str:
        """Use a one-time link up and return a session token; raises AccessError `link_used`."""
        with self._store.transaction() as transaction:
            link = transaction.session(_digest(token))
            if link is None or not self._is_usable(link, "enter"):
                raise AccessError("link_used")
            transaction.drop_session(link.token_hash)
            account = transaction.account(link.account)
        if account is None or account.disabled:
            raise AccessError("link_used")
        return self._let_in(account)

    def save_account(self, *, name: str, password: str, role: str, person_id: str | None, by: str) -> None:
        """Add a login; raises AccessError `name_taken` or what is wrong with the entries."""
        account = self._account(name, password, role, person_id)
        with self._store.transaction() as transaction:
            if transaction.account(account.name) is not None:
                raise AccessError("name_taken")
            transaction.save_account(account)
            self._note(transaction, "account_added", account, by)

    def disable_account(self, name: str, *, disabled: bool, by: str) -> None:
        """Lock a login out, or let it in again; its sessions end at once."""
        with self._store.transaction() as transaction:
            account = transaction.account(name)
            if account is None or account.disabled == disabled:
                return
            transaction.save_account(replace(account, disabled=disabled))
            event = "account_disabled" if disabled else "account_enabled"
            self._note(transaction, event, account, by)

    def change_password(self, visitor: Visitor, old: str, new: str, address: str) -> None:
        """Give a signed-in visitor another password; their other browsers are signed out.

        Raises AccessError `no_password`, `wrong_password`, `locked`, `weak_password` or `same_password`.
        """
        account, now = visitor.account, self._clock.now()
        if wait := self._throttle.wait(account.name, address, now):
            raise AccessError("locked", wait)
        if not account.password_hash:
            raise AccessError("no_password")
        if not self._matches(account.password_hash, old):
            self._throttle.failed(account.name, address, now)
            raise AccessError("wrong_password")
        if old == new:
            raise AccessError("same_password")
        changed = self._account(account.name, new, account.role, account.person_id)
        with self._store.transaction() as transaction:
            transaction.save_account(changed)
            transaction.drop_sessions_of(account.name, but=visitor.session.token_hash)
            self._note(transaction, "password_changed", account, visitor.by)

    def _account(self, name: str, password: str, role: str, person_id: str | None) -> Account:
        """Return a checked login; raises AccessError `bad_name`, `weak_password` or `bad_role`."""
        name = name.strip()
        if not 2 <= len(name) <= 40:
            raise AccessError("bad_name")
        if len(password) < SHORTEST_PASSWORD:
            raise AccessError("weak_password")
        if role not in ROLES:
            raise AccessError("bad_role")
        return Account(name=name, person_id=person_id, role=role, password_hash=self._hasher.hash(password))

    def _matches(self, password_hash: str, password: str) -> bool:
        """Return whether the password is right; a login without one is never opened by a password."""
        try:
            return self._hasher.verify(password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _is_usable(self, link: Session | None, scope: str) -> bool:
        """Return whether a one-time link of this scope is known and in time."""
        if link is None or link.kind != "setup" or link.scope != scope:
            return False
        return link.expires_at > self._clock.now()

    def _let_in(self, account: Account) -> str:
        """Open a session, put it on record and return its secret."""
        token = self._open(account.name, "session", self._session_lasts)
        with self._store.transaction() as transaction:
            self._note(transaction, "signed_in", account, _by(account))
        return token

    def _note(self, transaction: Transaction, event: str, account: Account, by: str) -> None:
        """Write to the journal what happened to a login: its name, never a secret (A11)."""
        facts = {"account": account.name}
        change = Change(at=self._clock.now(), event=event, incident=None, actor=by, via="desk", facts=facts)
        transaction.record([change])

    def _open(self, account: str, kind: str, lasts: timedelta, scope: str = "") -> str:
        """Store a new session, token or one-time link and return its secret; what has expired goes."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        with self._store.transaction() as transaction:
            transaction.drop_expired_sessions(now)
            transaction.save_session(
                Session(
                    token_hash=_digest(token),
                    account=account,
                    created_at=now,
                    expires_at=now + lasts,
                    kind=kind,
                    scope=scope,
                )
            )
        return token


def _by(account: Account) -> str:
    return account.person_id or account.name


def _digest(token: str) -> str:
    """Return what is stored of a secret; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
