"""What every part of the door stands on: the store, the clock, the journal, and new sessions."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from loguru import logger

from monitor.clock import Clock
from monitor.desk.access.model import CODE_LASTS, SETUP_LASTS, AccessError, Device, digest, journal_name
from monitor.desk.throttle import PATIENT, Throttle
from monitor.dossier.model import Change
from monitor.office.model import Office
from monitor.ports import Account, Session, Store, Transaction

MOST_WAITING = 10
"""So many passwords may wait for their turn: each wait holds one of the threads that draw the pages."""

BUSY = timedelta(seconds=2)


class Records:
    """The part that remembers. Every method blocks: call it in a worker thread."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        office: Callable[[], Office],
        secret: bytes,
        session_lasts: timedelta,
        hasher: PasswordHasher,
        link_lasts: timedelta = SETUP_LASTS,
        code_lasts: timedelta = CODE_LASTS,
        code_clock: Clock | None = None,
    ) -> None:
        """Take what the door needs.

        `code_clock` is the time that people's telephones show; it differs from `clock` in the demo alone.
        """
        self._store = store
        self._clock = clock
        self._code_clock = code_clock or clock
        self._office = office
        self._secret = secret
        self._session_lasts = session_lasts
        self._link_lasts = link_lasts
        self._code_lasts = code_lasts
        self._hasher = hasher
        self._throttle = Throttle()
        self._codes = Throttle(PATIENT)
        self._nobody = hasher.hash(secrets.token_urlsafe())
        self._places = BoundedSemaphore(MOST_WAITING)
        self._turn = Lock()

    def _check_password(
        self, name: str, account: Account | None, password: str, address: str, *, fault: str
    ) -> Account:
        """Return the login whose password this is; a failure is counted.

        One at a time: each costs much memory and a core, which the clocks need, and guesses sent at once
        stand in a row, each behind the wait of those before. A login that is unknown or has no password
        costs as much. Raises AccessError `locked`, `busy` or `fault`.
        """
        if not self._places.acquire(blocking=False):
            raise AccessError("busy", BUSY)
        try:
            with self._turn:
                now = self._clock.now()
                if wait := self._throttle.wait(name, address, now):
                    raise AccessError("locked", wait)
                known = account if account and account.password_hash and not account.disabled else None
                is_right = self._matches(known.password_hash if known else self._nobody, password)
                if known is None or not is_right:
                    self._failed(known, name, address, now)
                    raise AccessError(fault)
                return known
        finally:
            self._places.release()

    def _failed(self, known: Account | None, name: str, address: str, now: datetime) -> None:
        """Count a failure. What was typed for a login may be a password: only a known one is named."""
        self._throttle.failed(name, address, now)
        if wait := self._throttle.wait(name, address, now):
            login = known.name if known else "an unknown login"
            logger.warning("sign-in to {} from {} must wait {} after failures", login, address, wait)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _let_in(self, account: Account, device: Device) -> str:
        """Open a session, put it on record and return its secret."""
        token = self._open(account.name, "session", self._session_lasts, device=device)
        with self._store.transaction() as transaction:
            self._note(transaction, "signed_in", account, journal_name(account))
        return token

    def _note(self, transaction: Transaction, event: str, account: Account, by: str) -> None:
        """Write to the journal what happened to a login: its name, never a secret (A11)."""
        facts = {"account": account.name}
        change = Change(at=self._clock.now(), event=event, incident=None, actor=by, via="desk", facts=facts)
        transaction.record([change])

    def _open(
        self, account: str, kind: str, lasts: timedelta, scope: str = "", device: Device | None = None
    ) -> str:
        """Store a new session, token or one-time link and return its secret; what has expired goes."""
        token, now, device = secrets.token_urlsafe(32), self._clock.now(), device or Device()
        session = Session(
            token_hash=digest(token),
            account=account,
            created_at=now,
            expires_at=now + lasts,
            kind=kind,
            scope=scope,
            address=device.address,
            agent=device.agent[:200],
        )
        with self._store.transaction() as transaction:
            transaction.drop_expired_sessions(now)
            transaction.save_session(session)
        return token
