"""The second factor of a login: made, asked for, renewed, switched off, reset."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from monitor.desk.access import one_time
from monitor.desk.access.model import AccessError, Device, Visitor, digest, journal_name
from monitor.desk.access.records import Records
from monitor.ports import Account, Transaction
from monitor.ports.logins import SecondFactor


class SecondFactors(Records):
    """The part of the door that asks for the code of a telephone."""

    def second_factor(self, name: str) -> SecondFactor | None:
        """Return the second factor of a login, also one whose first code is still waited for, or None."""
        with self._store.reading() as transaction:
            return transaction.second_factor(name)

    def has_second_factor(self, name: str) -> bool:
        """Return whether a login is asked for a code."""
        factor = self.second_factor(name)
        return factor is not None and factor.is_on

    def shared_secret(self, factor: SecondFactor) -> str:
        """Return what the telephone has to know; only its owner may see it, and only before enrolment."""
        return one_time.secret_of(self._secret, factor)

    def begin_second_factor(self, visitor: Visitor) -> None:
        """Make a new secret for this login; no code is asked for until its first one was shown.

        Raises AccessError `factor_is_on`.
        """
        name = visitor.account.name
        with self._store.transaction() as transaction:
            factor = transaction.second_factor(name, to_change=True)
            if factor is not None and factor.is_on:
                raise AccessError("factor_is_on")
            transaction.save_second_factor(SecondFactor(account=name, nonce=secrets.token_hex(16)))

    def confirm_second_factor(self, visitor: Visitor, code: str, address: str) -> tuple[str, ...]:
        """Switch the second factor on by its first code; return the recovery codes, shown this once.

        Other browsers are signed out. Raises AccessError `wrong_code`, `locked` or `factor_is_on`.
        """
        account, codes = visitor.account, one_time.new_recovery_codes()
        with self._using(account, code, address, is_on=False) as (transaction, factor):
            hashes = tuple(map(one_time.recovery_hash, codes))
            transaction.save_second_factor(replace(factor, enrolled_at=self._clock.now(), recovery=hashes))
            transaction.drop_sessions_of(account.name, but=visitor.session.token_hash)
            self._note(transaction, "second_factor_on", account, visitor.by)
        return codes

    def renew_recovery_codes(self, visitor: Visitor, code: str, address: str) -> tuple[str, ...]:
        """Return new recovery codes, shown this once; the former ones are void.

        Raises AccessError `wrong_code`, `locked` or `no_factor`.
        """
        codes = one_time.new_recovery_codes()
        with self._using(visitor.account, code, address) as (transaction, factor):
            hashes = tuple(map(one_time.recovery_hash, codes))
            transaction.save_second_factor(replace(factor, recovery=hashes))
            self._note(transaction, "recovery_codes_renewed", visitor.account, visitor.by)
        return codes

    def end_second_factor(self, visitor: Visitor, code: str, address: str) -> None:
        """Switch the second factor off by one of its codes.

        Raises AccessError `wrong_code`, `locked` or `no_factor`.
        """
        with self._using(visitor.account, code, address) as (transaction, factor):
            transaction.drop_second_factor(factor.account)
            self._note(transaction, "second_factor_off", visitor.account, visitor.by)

    def reset_second_factor(self, name: str, *, by: str = "console") -> None:
        """Take the second factor off a login whose owner lost telephone and recovery codes.

        Its sessions end. Raises AccessError `no_account` or `no_factor`.
        """
        with self._store.transaction() as transaction:
            account = transaction.account(name)
            if account is None:
                raise AccessError("no_account")
            if transaction.second_factor(name, to_change=True) is None:
                raise AccessError("no_factor")
            transaction.drop_second_factor(name)
            transaction.drop_sessions_of(name, but="")
            self._note(transaction, "second_factor_reset", account, by)

    def finish_sign_in(self, token: str, code: str, device: Device) -> str:
        """Return a session for who gave the password before, and now the code.

        Raises AccessError `too_late` where the password was given too long ago, `wrong_code` or `locked`.
        """
        with self._store.reading() as transaction:
            half = transaction.session(digest(token))
            account = transaction.account(half.account) if half else None
        if half is None or half.kind != "half" or half.expires_at <= self._clock.now():
            raise AccessError("too_late")
        if account is None or account.disabled:
            raise AccessError("too_late")
        with self._using(account, code, device.address) as (transaction, _):
            transaction.drop_session(half.token_hash)
        return self._let_in(account, device)

    @contextmanager
    def _using(
        self, account: Account, code: str, address: str, *, is_on: bool = True
    ) -> Iterator[tuple[Transaction, SecondFactor]]:
        """Use a code up; lend the transaction that does so and the factor after it.

        The lock on the factor puts guesses sent at once in a row, each behind the wait of those before.
        """
        now = self._clock.now()
        with self._store.transaction() as transaction:
            factor = transaction.second_factor(account.name, to_change=True)
            if wait := self._codes.wait(account.name, address, now):
                raise AccessError("locked", wait)
            if factor is None or factor.is_on is not is_on:
                raise AccessError("no_factor" if is_on else "factor_is_on")
            used = one_time.use_code(factor, self.shared_secret(factor), code, self._code_clock.now())
            if used is None:
                self._codes.failed(account.name, address, now)
                raise AccessError("wrong_code")
            transaction.save_second_factor(used)
            if len(used.recovery) < len(factor.recovery):
                self._note(transaction, "recovery_code_used", account, journal_name(account))
            yield transaction, used
        self._codes.succeeded(account.name, address)
