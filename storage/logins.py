"""Second factors of logins, and the sessions as their owners see them."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlmodel import Field, SQLModel

from monitor.ports import Session
from monitor.ports.logins import SecondFactor
from storage.mapping import Rows, value_of
from storage.service import SESSIONS
from storage.tables import table_of
from storage.types import Json, UtcDateTime


class SecondFactorRow(SQLModel, table=True):
    """What the secret of a second factor is made of; without the service's own secret it opens nothing."""

    __tablename__ = "second_factors"
    account: str = Field(primary_key=True)
    nonce: str
    enrolled_at: datetime | None = Field(sa_type=UtcDateTime)
    last_step: int
    recovery: tuple[str, ...] = Field(sa_type=Json(tuple[str, ...]))


FACTORS = table_of(SecondFactorRow)


class LoginRows(Rows):
    """The part of a transaction that keeps second factors and looks through sessions."""

    def second_factor(self, account: str, *, to_change: bool = False) -> SecondFactor | None:
        """Return the second factor of a login, locked if it will be changed, or None."""
        question = select(FACTORS).where(FACTORS.c.account == account)
        row = (
            self._connection.execute(question.with_for_update() if to_change else question).mappings().first()
        )
        return None if row is None else value_of(SecondFactor, row)

    def second_factors(self) -> Mapping[str, SecondFactor]:
        """Return all second factors by login."""
        rows = self._connection.execute(select(FACTORS)).mappings()
        return {row["account"]: value_of(SecondFactor, row) for row in rows}

    def save_second_factor(self, factor: SecondFactor) -> None:
        """Add or change one."""
        self._upsert_value(SecondFactorRow, factor)

    def drop_second_factor(self, account: str) -> None:
        """Forget the second factor of a login."""
        self._connection.execute(delete(FACTORS).where(FACTORS.c.account == account))

    def sessions(self, now: datetime) -> tuple[Session, ...]:
        """Return the signed-in browsers of everybody, the one signed in last first."""
        question = select(SESSIONS).where(SESSIONS.c.kind == "session", SESSIONS.c.expires_at > now)
        rows = self._connection.execute(question.order_by(SESSIONS.c.created_at.desc())).mappings()
        return tuple(value_of(Session, row) for row in rows)

    def note_use(self, token_hash: str, at: datetime) -> None:
        """Remember that a session or token was used."""
        used = update(SESSIONS).where(SESSIONS.c.token_hash == token_hash)
        self._connection.execute(used.values(used_at=at))
