"""The daily digest: once for each person and day, at its hour, in a message of its own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from alerts.model import Alert, AlertState
from monitor.classifiers.model import Severity
from monitor.clock import SHANGHAI
from monitor.collectors.model import Source, SourceState
from monitor.incidents.model import IncidentState
from monitor.office.example import example_office
from monitor.office.model import Office, QuietHours
from monitor.pipeline.digesting import digest_range, gather_digest, queue_digests
from monitor.pipeline.looking_back import source_summaries
from monitor.ports import Store
from tests.support.builders import (
    a_change,
    a_poll,
    a_source,
    after,
    an_alert,
    an_incident,
    an_obligation,
    opening,
)
from tests.support.child import child
from tests.support.setting import a_setting

EIGHT = datetime(2026, 3, 3, 8, 0, tzinfo=SHANGHAI)
OFFICE = replace(example_office(), digest_at=time(8, 0))


def digests(store: Store) -> list[Alert]:
    with store.reading() as transaction:
        queued = transaction.alerts_in_states([str(state) for state in AlertState], 100)
    return [alert for alert in queued if alert.reason == "digest"]


@pytest.mark.parametrize(
    ("office", "at", "to"),
    [
        pytest.param(OFFICE, EIGHT - timedelta(seconds=1), [], id="not before its hour"),
        pytest.param(OFFICE, EIGHT, ["leader"], id="to the highest level unless somebody is named"),
        pytest.param(
            replace(OFFICE, digest_to=("office_head", "leader")),
            EIGHT + timedelta(hours=9),
            ["leader", "office_head"],
            id="late is better than never",
        ),
        pytest.param(replace(OFFICE, digest_at=None), EIGHT, [], id="no digest wanted"),
        pytest.param(replace(OFFICE, digest_to=("nobody",)), EIGHT, [], id="to somebody without a channel"),
    ],
)
def test_the_digest_is_queued_at_its_hour_once(
    lite: Store, office: Office, at: datetime, to: Sequence[str]
) -> None:
    setting = a_setting(lite, office)
    assert queue_digests(setting, at) == len(to)
    assert queue_digests(setting, at) == 0
    assert sorted(alert.to for alert in digests(lite)) == sorted(to)


def test_the_next_day_has_its_own_digest(lite: Store) -> None:
    setting = a_setting(lite, OFFICE)
    assert [queue_digests(setting, EIGHT + timedelta(days=n)) for n in (0, 1)] == [1, 1]


@pytest.mark.parametrize(("days", "queued"), [(0, 0), (1, 1)])
def test_no_digest_tells_of_a_day_before_the_service_was_first_started(
    lite: Store, days: int, queued: int
) -> None:
    with lite.transaction() as transaction:
        transaction.save_pulse(replace(transaction.pulse(), awake_since=EIGHT + timedelta(hours=9)))
    assert queue_digests(a_setting(lite, OFFICE), EIGHT + timedelta(days=days, hours=10)) == queued


@pytest.mark.kill
async def test_two_processes_queue_one_digest_for_each_person_and_day(
    store: Store, database_url: str
) -> None:
    async with (
        child("digest", database_url, EIGHT.isoformat()) as one,
        child("digest", database_url, EIGHT.isoformat()) as other,
    ):
        for worker in (one, other):
            assert await worker.hears() == "ready"
        for worker in (one, other):
            await worker.tell()
        assert sorted([await one.hears(), await other.hears()]) == ["0", "1"]
    assert [alert.to for alert in digests(store)] == ["leader"]


def test_a_digest_leaves_at_its_hour_alone_even_where_other_messages_wait_or_nights_are_quiet(
    store: Store,
) -> None:
    now = EIGHT.astimezone(after().tzinfo)
    waiting = an_alert(
        to="leader",
        channel="leader-wecom",
        reason="overdue_1",
        level=3,
        urgent=False,
        created_at=now - timedelta(seconds=30),
        send_at=now + timedelta(seconds=30),
    )
    with store.transaction() as transaction:
        transaction.save(opening(an_incident(), alerts=(waiting,)))
    quiet = QuietHours(level=3, since=time(22), until=time(9))
    queue_digests(a_setting(store, replace(OFFICE, quiet_hours=(quiet,))), now)
    [digest] = digests(store)
    assert (digest.state, digest.send_at) == (AlertState.QUEUED, now)
    with store.transaction() as transaction:
        claims = transaction.claim(now, "worker", timedelta(minutes=1), 10)
    assert [[alert.reason for alert in claim.alerts] for claim in claims] == [["digest"]]


def test_every_digest_of_a_day_prints_the_same_hash_and_it_is_anchored(lite: Store) -> None:
    setting = a_setting(lite, OFFICE)
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident()))
    queue_digests(setting, EIGHT)
    with lite.transaction() as transaction:
        [anchor] = transaction.journal_anchors()
        assert (anchor.on_day, anchor.seq) == (date(2026, 3, 3), transaction.journal_head()[0])
        transaction.record([a_change()])
    queue_digests(replace(setting, office=lambda: replace(OFFICE, digest_to=("leader", "duty"))), EIGHT)
    with lite.reading() as transaction:
        assert transaction.journal_anchors() == (anchor,)
        printed = [
            gather_digest(transaction, OFFICE, [], until - timedelta(days=1), until, EIGHT).journal_head
            for until in (EIGHT, EIGHT + timedelta(days=1))
        ]
        assert printed == [anchor.hash, transaction.journal_head()[1]]
        assert anchor.hash != transaction.journal_head()[1]


def test_a_day_without_a_digest_has_no_anchor(lite: Store) -> None:
    queue_digests(a_setting(lite, replace(OFFICE, digest_to=("nobody",))), EIGHT)
    with lite.reading() as transaction:
        assert transaction.journal_anchors() == ()


def test_the_range_of_a_digest_ends_at_its_hour_of_the_local_day() -> None:
    assert digest_range(OFFICE, date(2026, 3, 3)) == (EIGHT - timedelta(days=1), EIGHT)


@pytest.mark.parametrize(
    ("state", "is_blind"),
    [
        pytest.param(
            SourceState(source_id="county-paper", last_success_at=EIGHT, last_new_item_at=EIGHT),
            False,
            id="a source that answers",
        ),
        pytest.param(
            SourceState(source_id="county-paper", failures=3, last_success_at=EIGHT - timedelta(hours=5)),
            True,
            id="a source that fails",
        ),
        pytest.param(
            SourceState(source_id="county-paper", failures=3, last_poll_at=EIGHT),
            True,
            id="one that never answered",
        ),
    ],
)
def test_a_digest_says_whether_anybody_was_watching(lite: Store, state: SourceState, is_blind: bool) -> None:
    source: Source = a_source(verified=True)
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(first_published_at=EIGHT - timedelta(hours=3))))
        transaction.save(opening(an_incident(id=2, local=False, title="邻县的事")))
    with lite.transaction() as transaction:
        transaction.save_poll(a_poll(), state)
        digest = gather_digest(transaction, OFFICE, [source], EIGHT - timedelta(days=1), EIGHT, EIGHT)
    assert digest.is_blind is is_blind
    assert digest.totals.open_now == 1


def test_a_source_that_nobody_asked_any_more_is_down_since_its_last_answer(lite: Store) -> None:
    source: Source = a_source(verified=True)
    asked = SourceState(source_id="county-paper", last_poll_at=EIGHT, last_success_at=EIGHT)
    with lite.transaction() as transaction:
        transaction.save_poll(a_poll(started_at=EIGHT, ended_at=EIGHT), asked)
        soon, later = (source_summaries(transaction, [source], EIGHT + timedelta(hours=h)) for h in (0.5, 30))
    assert (soon[0].down_since, later[0].down_since) == (None, EIGHT)


def test_a_digest_of_a_past_day_tells_how_things_stood_then(lite: Store) -> None:
    found_at = EIGHT - timedelta(hours=5)
    due = an_obligation(opened_at=found_at, starts_at=found_at, window=timedelta(hours=24))
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(detected_at=found_at), obligations=(due,)))
        ended = {"state": IncidentState.CLOSED, "ended_at": EIGHT + timedelta(days=2), "version": 2}
        changed = an_incident(detected_at=found_at, severity=Severity.ORDINARY, **ended)
        told = [
            a_change(at=EIGHT + timedelta(hours=1), event="severity_changed", facts={"from": 2, "to": 4}),
            a_change(at=EIGHT + timedelta(days=2), event="incident_closed"),
        ]
        transaction.save(opening(changed, expected_version=1, journal=tuple(told)))
        digests = [
            gather_digest(transaction, OFFICE, [], at - timedelta(days=1), at, at)
            for at in (EIGHT, EIGHT + timedelta(days=1), EIGHT + timedelta(days=3))
        ]
    assert [digest.totals.open_by_severity for digest in digests] == [
        (0, 1, 0, 0, 0), (0, 0, 0, 1, 0), (0, 0, 0, 0, 0),
    ]  # fmt: skip
    assert [len(digest.sections[0].lines) for digest in digests] == [0, 1, 0]
    assert "已超时 5小时" in digests[1].sections[0].lines[0].said
