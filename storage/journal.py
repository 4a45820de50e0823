"""The journal: append-only, each entry hashed together with the one before it (A11)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from monitor.clock import as_utc
from monitor.dossier.model import Change
from monitor.ports import JournalAnchor, JournalCheck, JournalEntry
from storage.journal_tables import JournalAnchorRow, JournalHeadRow, JournalRow, JournalWordsRow
from storage.mapping import Rows, insert_new, value_of
from storage.tables import table_of

JOURNAL = table_of(JournalRow)
WORDS = table_of(JournalWordsRow)
HEAD = table_of(JournalHeadRow)
ANCHORS = table_of(JournalAnchorRow)
_PAGE = 1000


def _text_hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()


def _plain(fact: Any) -> Any:
    """Return what JSON can say of a fact: instants as ISO text in UTC, lengths in seconds, sets sorted."""
    match fact:
        case datetime():
            return as_utc(fact).isoformat()
        case timedelta():
            return fact.total_seconds()
        case frozenset() | set():
            return sorted(fact)
        case Mapping():
            return dict(fact)
    raise TypeError(f"a fact of the journal must be an id, a code or an instant, not {type(fact).__name__}")


def _canonical(value: Any) -> str:
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    change: Change
    facts: str
    rule_version: str


def _link(previous: str, fields: Mapping[Any, Any]) -> str:
    """Return the hash of an entry: over the hash before it and its own fields, free words as their hash."""
    named = ("seq", "event", "incident", "actor", "via", "facts", "words_hash", "rule_version")
    body = {name: fields[name] for name in named} | {"at": as_utc(fields["at"]).isoformat()}
    return _text_hash(previous + _canonical(body))


class JournalRows(Rows):
    """The part of a transaction that keeps the journal.

    Entries wait until the end of the transaction, so that the lock on the end of the chain is held for a
    moment only and is always the last one taken.
    """

    def __init__(self, connection: Connection, *, writes: bool) -> None:
        super().__init__(connection, writes=writes)
        self._pending: list[_Pending] = []

    def record(self, changes: Iterable[Change], rule_version: str = "") -> None:
        """Append to the journal's hash chain; raises TypeError for a fact that is no id, code or instant."""
        self._pending += [
            _Pending(change=change, facts=_canonical(dict(change.facts)), rule_version=rule_version)
            for change in changes
        ]

    def flush_journal(self) -> None:
        """Write the entries that wait; the store calls this before it commits."""
        if not self._pending:
            return
        head = self._connection.execute(select(HEAD).with_for_update()).one()
        rows: list[dict[str, Any]] = []
        previous = head.hash
        for seq, pending in enumerate(self._pending, start=head.seq + 1):
            row = _row(seq, pending, previous)
            previous = row["hash"]
            rows.append(row)
        self._connection.execute(insert(JOURNAL), rows)
        words = [
            {"seq": row["seq"], "words": pending.change.words}
            for row, pending in zip(rows, self._pending, strict=True)
            if pending.change.words is not None
        ]
        if words:
            self._connection.execute(insert(WORDS), words)
        self._connection.execute(update(HEAD).values(seq=rows[-1]["seq"], hash=previous))
        self._pending.clear()

    def journal(
        self, after_seq: int = 0, incident_id: int | None = None, limit: int = 1000
    ) -> tuple[JournalEntry, ...]:
        """Return journal entries in order."""
        self.flush_journal()
        return tuple(entry_of(row) for row in self._rows_after(after_seq, incident_id, limit))

    def _rows_after(self, seq: int, incident_id: int | None, limit: int) -> Sequence[Row[Any]]:
        question = select(JOURNAL, WORDS.c.words).outerjoin(WORDS).where(JOURNAL.c.seq > seq)
        if incident_id is not None:
            question = question.where(JOURNAL.c.incident == incident_id)
        return self._connection.execute(question.order_by(JOURNAL.c.seq).limit(limit)).all()

    def journal_head(self) -> tuple[int, str]:
        """Return number and hash of the newest journal entry; 0 for an empty journal."""
        self.flush_journal()
        head = self._connection.execute(select(HEAD)).one()
        return head.seq, head.hash

    def journal_entry(self, hash_start: str) -> JournalEntry | None:
        """Return the entry whose hash begins so, or None where none or several do."""
        question = select(JOURNAL.c.seq).where(JOURNAL.c.hash.startswith(hash_start, autoescape=True))
        found = self._connection.execute(question.limit(2)).scalars().all()
        return self.journal(found[0] - 1, limit=1)[0] if len(found) == 1 else None

    def anchor_journal(self, on_day: date) -> JournalAnchor:
        """Keep the end of the chain as the digest of this day prints it; the first of a day stands."""
        seq, hash_ = self.journal_head()
        insert_new(self._connection, ANCHORS, {"on_day": on_day, "seq": seq, "hash": hash_})
        return next(anchor for anchor in self.journal_anchors() if anchor.on_day == on_day)

    def journal_anchors(self) -> tuple[JournalAnchor, ...]:
        """Return what the digests printed, oldest first."""
        rows = self._connection.execute(select(ANCHORS).order_by(ANCHORS.c.on_day)).mappings()
        return tuple(value_of(JournalAnchor, row) for row in rows)

    def check_journal(self, after_seq: int = 0, limit: int | None = None) -> JournalCheck:
        """Recompute the chain behind this entry, `limit` entries of it, and hold it against the anchors."""
        head = self.journal_head()
        start = self._connection.execute(select(JOURNAL.c.hash).where(JOURNAL.c.seq == after_seq)).scalar()
        seq, previous = after_seq, start or ""
        stop = head[0] + 1 if limit is None else after_seq + limit
        while rows := self._rows_after(seq, None, min(stop - seq, _PAGE)):
            for row in rows:
                if fault := _fault(row, seq + 1, previous):
                    return _broken(seq, previous, f"第 {seq + 1} 条：{fault}")
                seq, previous = row.seq, row.hash
        is_end = not stop <= seq < head[0]
        if is_end and head != (seq, previous):
            return _broken(seq, previous, f"第 {seq} 条：链到此为止，而登记的末端是第 {head[0]} 条")
        fault = self._anchor_fault(after_seq, None if is_end else seq)
        return _broken(seq, previous, fault) if fault else _holds(seq, previous, is_end=is_end)

    def _anchor_fault(self, after_seq: int, until: int | None) -> str | None:
        """Return which anchor behind `after_seq`, up to `until`, does not stand in the chain, or None."""
        found = JOURNAL.c.hash
        question = select(ANCHORS, found.label("found")).outerjoin(JOURNAL, JOURNAL.c.seq == ANCHORS.c.seq)
        question = question.where(ANCHORS.c.seq > after_seq, found.is_distinct_from(ANCHORS.c.hash))
        if until is not None:
            question = question.where(ANCHORS.c.seq <= until)
        row = self._connection.execute(question.order_by(ANCHORS.c.seq).limit(1)).first()
        if row is None:
            return None
        what = "缺失" if row.found is None else "整体被改写"
        return f"第 {row.seq} 条：{what}，与 {row.on_day.isoformat()} 简报上的校验码不符"

    def verify_journal(self) -> tuple[bool, str]:
        """Check the whole chain; return whether it holds, and its head hash or what is wrong where."""
        check = self.check_journal()
        return check.fault is None, check.fault or check.hash


def _row(seq: int, pending: _Pending, previous: str) -> dict[str, Any]:
    change = pending.change
    row = {
        "seq": seq,
        "at": change.at,
        "event": change.event,
        "incident": change.incident,
        "actor": change.actor,
        "via": change.via,
        "facts": pending.facts,
        "words_hash": None if change.words is None else _text_hash(change.words),
        "rule_version": pending.rule_version,
        "previous_hash": previous,
    }
    return row | {"hash": _link(previous, row)}


def entry_of(row: Row[Any]) -> JournalEntry:
    """Return the entry that a row of the journal, with its words, holds."""
    change = Change(
        at=row.at,
        event=row.event,
        incident=row.incident,
        actor=row.actor,
        via=row.via,
        facts=json.loads(row.facts),
        words=row.words,
    )
    return JournalEntry(
        seq=row.seq,
        change=change,
        previous_hash=row.previous_hash,
        hash=row.hash,
        rule_version=row.rule_version,
        words_hash=row.words_hash,
    )


def _fault(row: Row[Any], seq: int, previous: str) -> str | None:
    if row.seq != seq:
        return f"缺失，下一条是第 {row.seq} 条"
    if row.previous_hash != previous:
        return "与上一条衔接不上"
    if row.hash != _link(previous, row._mapping):  # noqa: SLF001 - SQLAlchemy's public name for it
        return "内容被改动"
    if row.words is not None and row.words_hash != _text_hash(row.words):
        return "办理人的原话被改动"
    return None


def _holds(seq: int, hash_: str, *, is_end: bool) -> JournalCheck:
    return JournalCheck(seq=seq, hash=hash_, fault=None, is_end=is_end)


def _broken(seq: int, hash_: str, fault: str) -> JournalCheck:
    return JournalCheck(seq=seq, hash=hash_, fault=fault, is_end=False)
