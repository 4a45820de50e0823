"""What programs were answered under a key of theirs, so that asking twice does nothing twice."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Field, SQLModel

from monitor.ports import GivenAnswer
from storage.mapping import Rows, insert_new, row_of, value_of
from storage.tables import table_of
from storage.types import UtcDateTime


class GivenAnswerRow(SQLModel, table=True):
    """One key of one login; `answer` is null while the act runs."""

    __tablename__ = "given_answers"
    account: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    asked_hash: str
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)
    answer: str | None


GIVEN = table_of(GivenAnswerRow)


class AnswerRows(Rows):
    """The part of a transaction that remembers answers."""

    def reserve_answer(self, asked: GivenAnswer) -> GivenAnswer | None:
        """Take a key for an act that begins now; return what stands there if the key was taken before."""
        if insert_new(self._connection, GIVEN, row_of(asked, GIVEN)):
            return None
        question = select(GIVEN).where(GIVEN.c.account == asked.account, GIVEN.c.key == asked.key)
        return value_of(GivenAnswer, self._connection.execute(question).mappings().one())

    def save_answer(self, given: GivenAnswer) -> None:
        """Keep what was answered under a reserved key."""
        self._upsert_value(GivenAnswerRow, given)

    def drop_answer(self, account: str, key: str) -> None:
        """Free a key whose act changed nothing."""
        self._connection.execute(delete(GIVEN).where(GIVEN.c.account == account, GIVEN.c.key == key))

    def drop_answers(self, until: datetime) -> int:
        """Forget the answers asked for up to this instant, itself included; return how many."""
        return self._connection.execute(delete(GIVEN).where(GIVEN.c.asked_at <= until)).rowcount
