"""Questions that people keep, and how far their answers were told."""

from datetime import datetime, timedelta

from sqlalchemy import Text, delete, insert, select, update
from sqlmodel import Field, SQLModel

from monitor.errors import NotFoundError
from monitor.ports.history import SavedQuestion
from storage.mapping import Rows, row_of, value_of
from storage.tables import table_of
from storage.types import Microseconds, UtcDateTime


class SavedQuestionRow(SQLModel, table=True):
    """A question that a login keeps."""

    __tablename__ = "saved_questions"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(index=True)
    name: str
    asked: str = Field(sa_type=Text)
    of_incidents: bool
    created_at: datetime = Field(sa_type=UtcDateTime)
    tells: bool
    every: timedelta = Field(sa_type=Microseconds)
    seen_item: int
    told_at: datetime | None = Field(sa_type=UtcDateTime)


class SavedAnswerRow(SQLModel, table=True):
    """An incident that was seen to answer a kept question."""

    __tablename__ = "saved_answers"
    question_id: int = Field(
        primary_key=True, foreign_key="saved_questions.id", sa_column_kwargs={"autoincrement": False}
    )
    incident_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


SAVED = table_of(SavedQuestionRow)
SAVED_ANSWERS = table_of(SavedAnswerRow)


class SavedQuestionRows(Rows):
    """The part of a transaction that keeps questions."""

    def saved_questions(self, account: str | None = None) -> tuple[SavedQuestion, ...]:
        """Return those of a login, of all logins without one; the oldest first."""
        question = select(SAVED).order_by(SAVED.c.id)
        if account is not None:
            question = question.where(SAVED.c.account == account)
        return tuple(value_of(SavedQuestion, row) for row in self._connection.execute(question).mappings())

    def saved_question(self, number: int) -> SavedQuestion:
        """Return one; raises NotFoundError."""
        row = self._connection.execute(select(SAVED).where(SAVED.c.id == number)).mappings().one_or_none()
        if row is None:
            raise NotFoundError("saved question", number)
        return value_of(SavedQuestion, row)

    def save_question(self, question: SavedQuestion) -> SavedQuestion:
        """Add one whose id is 0, else change it; return it as it is kept."""
        row = row_of(question, SAVED)
        number = row.pop("id")
        if number:
            self._connection.execute(update(SAVED).where(SAVED.c.id == number).values(row))
        else:
            number = self._connection.execute(insert(SAVED).values(row).returning(SAVED.c.id)).scalar_one()
        return self.saved_question(number)

    def drop_question(self, number: int) -> None:
        """Forget one."""
        self._connection.execute(delete(SAVED_ANSWERS).where(SAVED_ANSWERS.c.question_id == number))
        self._connection.execute(delete(SAVED).where(SAVED.c.id == number))
