"""Logins and their passwords, and the one-time links by which somebody enters without one."""

from dataclasses import replace

from monitor.desk.access.model import (
    LONGEST_NAME,
    SHORTEST_PASSWORD,
    AccessError,
    Admission,
    Device,
    Visitor,
    digest,
)
from monitor.desk.access.records import Records
from monitor.desk.roles import ROLES
from monitor.ports import Account, Session, Transaction


class Logins(Records):
    """The part of the door that knows who may in."""

    def sign_in(self, name: str, password: str, device: Device) -> Admission:
        """Return a session, or the question for the second factor where the login has one.

        Raises AccessError `locked`, `busy` or `credentials`.
        """
        name = name.strip()[:LONGEST_NAME]
        with self._store.reading() as transaction:
            known, factor = transaction.account(name), transaction.second_factor(name)
        account = self._check_password(name, known, password, device.address, fault="credentials")
        self._throttle.succeeded(name, device.address)
        if factor is None or not factor.is_on:
            return Admission(token=self._let_in(account, device), needs_code=False)
        return Admission(token=self._open(account.name, "half", self._code_lasts), needs_code=True)

    def open_setup(self) -> str | None:
        """Return the token of the link that creates the first administrator; None if there is a login."""
        with self._store.reading() as transaction:
            if transaction.accounts():
                return None
        return self._open("", "setup", self._link_lasts, "first-admin")

    def finish_setup(self, token: str, name: str, password: str, device: Device | None = None) -> str:
        """Create the first administrator, use the link up and return a session token.

        Raises AccessError `setup_over` or what is wrong with the entries.
        """
        account = self._account(name, password, "admin", None)
        with self._store.transaction() as transaction:
            link = transaction.session(digest(token))
            if not self._is_usable(link, "first-admin") or transaction.accounts():
                raise AccessError("setup_over")
            transaction.drop_session(digest(token))
            transaction.save_account(account)
            self._note(transaction, "account_added", account, account.name)
        return self._let_in(account, device or Device())

    def open_demo(self, role: str, person_id: str | None) -> str:
        """Return the token of a one-time link that signs in with this role; such a login has no password."""
        account = Account(name=f"demo-{role}", person_id=person_id, role=role, password_hash="")
        with self._store.transaction() as transaction:
            transaction.save_account(account)
        return self._open(account.name, "setup", self._link_lasts, "enter")

    def may_open(self, token: str, scope: str) -> bool:
        """Return whether a one-time link can still be used."""
        with self._store.reading() as transaction:
            return self._is_usable(transaction.session(digest(token)), scope)

    def enter(self, token: str, device: Device | None = None) -> str:
        """Use a one-time link up and return a session token; raises AccessError `link_used`."""
        with self._store.transaction() as transaction:
            link = transaction.session(digest(token))
            if link is None or not self._is_usable(link, "enter"):
                raise AccessError("link_used")
            transaction.drop_session(link.token_hash)
            account = transaction.account(link.account)
        if account is None or account.disabled:
            raise AccessError("link_used")
        return self._let_in(account, device or Device())

    def save_account(self, *, name: str, password: str, role: str, person_id: str | None, by: str) -> None:
        """Add a login; raises AccessError `name_taken` or what is wrong with the entries."""
        if not self._may_stand_for(role, person_id):
            raise AccessError("bad_person")
        account = self._account(name, password, role, person_id)
        with self._store.transaction() as transaction:
            if transaction.account(account.name) is not None:
                raise AccessError("name_taken")
            transaction.save_account(account)
            self._note(transaction, "account_added", account, by)

    def disable_account(self, name: str, *, disabled: bool, by: str) -> None:
        """Lock a login out, or let it in again; its sessions end at once, its tokens rest.

        Raises AccessError `last_admin`: somebody must be left who can let others in.
        """
        with self._store.transaction() as transaction:
            account = transaction.account(name)
            if account is None or account.disabled == disabled:
                return
            if disabled and account.role == "admin" and not _has_other_admin(transaction, name):
                raise AccessError("last_admin")
            transaction.save_account(replace(account, disabled=disabled))
            transaction.drop_sessions_of(name, but="")
            event = "account_disabled" if disabled else "account_enabled"
            self._note(transaction, event, account, by)

    def change_password(self, visitor: Visitor, old: str, new: str, address: str) -> None:
        """Give a signed-in visitor another password; their other browsers are signed out.

        Raises AccessError `no_password`, `wrong_password`, `locked`, `busy`, `weak_password` or
        `same_password`.
        """
        account = visitor.account
        if not account.password_hash:
            raise AccessError("no_password")
        self._check_password(account.name, account, old, address, fault="wrong_password")
        if old == new:
            raise AccessError("same_password")
        changed = self._account(account.name, new, account.role, account.person_id)
        with self._store.transaction() as transaction:
            transaction.save_account(changed)
            transaction.drop_sessions_of(account.name, but=visitor.session.token_hash)
            self._note(transaction, "password_changed", account, visitor.by)

    def reset_password(self, name: str, password: str, *, by: str) -> None:
        """Give somebody who forgot theirs another password; all their browsers are signed out.

        Their second factor stays. Raises AccessError `no_account` or `weak_password`.
        """
        with self._store.reading() as transaction:
            account = transaction.account(name)
        if account is None:
            raise AccessError("no_account")
        changed = self._account(name, password, account.role, account.person_id)
        with self._store.transaction() as transaction:
            transaction.save_account(replace(changed, disabled=account.disabled))
            transaction.drop_sessions_of(name, but="")
            self._note(transaction, "password_reset", account, by)

    def _may_stand_for(self, role: str, person_id: str | None) -> bool:
        """Return whether a login of this role may be this person or department: sight hangs on it."""
        office = self._office()
        if role == "department":
            return person_id is not None and office.department(person_id) is not None
        return person_id is None or office.person(person_id) is not None

    def _account(self, name: str, password: str, role: str, person_id: str | None) -> Account:
        """Return a checked login; raises AccessError `bad_name`, `weak_password` or `bad_role`."""
        name = name.strip()
        if not 2 <= len(name) <= LONGEST_NAME or not name.isprintable():
            raise AccessError("bad_name")
        if len(password) < SHORTEST_PASSWORD:
            raise AccessError("weak_password")
        if role not in ROLES:
            raise AccessError("bad_role")
        return Account(name=name, person_id=person_id, role=role, password_hash=self._hasher.hash(password))

    def _is_usable(self, link: Session | None, scope: str) -> bool:
        """Return whether a one-time link of this scope is known and in time."""
        if link is None or link.kind != "setup" or link.scope != scope:
            return False
        return link.expires_at > self._clock.now()


def _has_other_admin(transaction: Transaction, name: str) -> bool:
    """Return whether another administrator than this one may in."""
    return any(a.role == "admin" and not a.disabled and a.name != name for a in transaction.accounts())
