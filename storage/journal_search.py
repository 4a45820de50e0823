"""The journal looked through: by incident, person, act and time."""

from sqlalchemy import select

from monitor.ports import JournalEntry
from monitor.ports.journal import JournalQuestion
from storage.journal import JOURNAL, WORDS, entry_of
from storage.mapping import Rows

_ENGINE = "engine"


class JournalSearchRows(Rows):
    """The part of a transaction that looks through the journal."""

    def find_entries(self, question: JournalQuestion) -> tuple[JournalEntry, ...]:
        """Return the entries asked for, newest first."""
        found = select(JOURNAL, WORDS.c.words).outerjoin(WORDS)
        for column in ("incident", "actor", "event"):
            if (value := getattr(question, column)) is not None:
                found = found.where(JOURNAL.c[column] == value)
        # The very words of the partial index: neither database finds out by itself that it covers a person.
        if question.by_people or question.actor not in (None, _ENGINE):
            found = found.where(JOURNAL.c.actor != _ENGINE)
        if question.since is not None:
            found = found.where(JOURNAL.c.at >= question.since)
        if question.until is not None:
            found = found.where(JOURNAL.c.at < question.until)
        if question.before_seq is not None:
            found = found.where(JOURNAL.c.seq < question.before_seq)
        newest = found.order_by(JOURNAL.c.seq.desc()).limit(question.limit)
        return tuple(entry_of(row) for row in self._connection.execute(newest).all())
