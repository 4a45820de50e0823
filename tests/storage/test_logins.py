"""Second factors, who is signed in where, processes, and the journal looked through, on both databases."""

from dataclasses import replace

from sqlalchemy import text

from monitor.dossier.model import Change
from monitor.ports import Session, Store
from monitor.ports.journal import JournalQuestion
from monitor.ports.logins import SecondFactor
from monitor.ports.workers import Worker
from storage.engine import SqlStore
from tests.support.builders import T0, after

FACTOR = SecondFactor(account="wang", nonce="n")
SESSION = Session(token_hash="h", account="wang", created_at=T0, expires_at=after(hours=8))  # noqa: S106
WORKER = Worker(name="a", host="h", roles=("desk", "engine"), version="1", started_at=T0, seen_at=T0)


def test_a_second_factor_is_kept_changed_and_forgotten(store: Store) -> None:
    on = replace(FACTOR, enrolled_at=T0, last_step=59_000_000, recovery=("a", "b"))
    with store.transaction() as unit:
        assert unit.second_factor("wang", to_change=True) is None
        unit.save_second_factor(FACTOR)
        unit.save_second_factor(on)
        unit.save_second_factor(replace(FACTOR, account="li"))
    with store.reading() as unit:
        assert unit.second_factor("wang") == on
        assert unit.second_factors() == {"wang": on, "li": replace(FACTOR, account="li")}
    with store.transaction() as unit:
        unit.drop_second_factor("wang")
        unit.drop_second_factor("nobody")
        assert list(unit.second_factors()) == ["li"]


def test_sessions_in_time_are_listed_with_where_and_when_they_were_used(store: Store) -> None:
    later = replace(SESSION, token_hash="later", created_at=after(hours=1), address="10.0.0.7", agent="Edge")  # noqa: S106
    with store.transaction() as unit:
        for session in (
            SESSION,
            later,
            replace(SESSION, token_hash="over", expires_at=after(hours=2)),  # noqa: S106
            replace(SESSION, token_hash="program", kind="token"),  # noqa: S106
        ):
            unit.save_session(session)
        unit.note_use("later", after(hours=2))
        unit.note_use("never", after(hours=2))
    with store.reading() as unit:
        assert unit.sessions(after(hours=2)) == (replace(later, used_at=after(hours=2)), SESSION)


def test_a_worker_is_remembered_until_it_ends_or_is_silent(store: Store) -> None:
    with store.transaction() as unit:
        for worker in (WORKER, replace(WORKER, seen_at=after(minutes=1)), replace(WORKER, name="b")):
            unit.note_worker(worker, T0)
        unit.drop_worker("b")
        assert unit.workers() == (replace(WORKER, seen_at=after(minutes=1)),)
        unit.note_worker(replace(WORKER, name="c", seen_at=after(days=2)), after(days=1))
        assert [worker.name for worker in unit.workers()] == ["c"]
        assert unit.database_bytes() > 0


def test_the_filters_of_the_journal_hold_together_newest_first(store: Store) -> None:
    told = [
        ("engine", "alert_sent", 1), ("leader", "obligation_waived", 1), ("leader", "signed_in", None),
        ("engine", "alert_sent", 2), ("duty", "acknowledged", 1),
    ]  # fmt: skip
    with store.transaction() as unit:
        unit.record(
            Change(at=after(hours=hour), event=event, incident=incident, actor=actor, via="desk")
            for hour, (actor, event, incident) in enumerate(told)
        )
    cases = [
        (JournalQuestion(), [5, 4, 3, 2, 1]),
        (JournalQuestion(by_people=True), [5, 3, 2]),
        (JournalQuestion(actor="leader"), [3, 2]),
        (JournalQuestion(actor="leader", incident=1), [2]),
        (JournalQuestion(actor="engine", event="alert_sent"), [4, 1]),
        (JournalQuestion(since=after(hours=1), until=after(hours=3)), [3, 2]),
        (JournalQuestion(before_seq=4, limit=2), [3, 2]),
        (JournalQuestion(actor="nobody"), []),
    ]
    with store.reading() as unit:
        assert [[e.seq for e in unit.find_entries(asked)] for asked, _ in cases] == [
            seqs for _, seqs in cases
        ]


def test_what_people_did_is_found_without_reading_what_the_machine_did(store: Store) -> None:
    assert isinstance(store, SqlStore)
    with store.connected() as connection:
        if store.has_one_writer:
            asked = "EXPLAIN QUERY PLAN SELECT seq FROM journal WHERE actor = 'a' AND actor <> 'engine'"
            plan = str(connection.execute(text(f"{asked} ORDER BY seq DESC LIMIT 9")).all())
            assert "ix_journal_people" in plan
