"""The tick: outages, moved clocks, and that running it twice or in two workers changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from sqlite3 import connect
from threading import Barrier

import pytest

from monitor.errors import StoreError
from monitor.pipeline.engine import BATCH, Engine
from monitor.ports import Pulse, Store
from storage.engine import open_store
from tests.support.builders import a_reminder, after, an_incident, an_obligation, opening
from tests.support.faults import full_disk
from tests.support.setting import a_setting

CONFERENCE = "1:press_conference:1"
BEFORE = Pulse(last_tick_at=after(), awake_since=after(hours=-8))


def events(store: Store) -> list[tuple[str, object]]:
    """Return what the journal says of the engine itself."""
    with store.reading() as transaction:
        changes = [entry.change for entry in transaction.journal() if entry.change.incident is None]
    return [(c.event, c.facts.get("away_s", c.facts.get("by_s"))) for c in changes]


def pulse(store: Store) -> Pulse:
    with store.reading() as transaction:
        return transaction.pulse()


def seed_conference(store: Store) -> None:
    """Store incident 1 with a 24-hour obligation that reminds at 12 h and is breached after 24 h."""
    with store.transaction() as transaction:
        transaction.save_pulse(BEFORE)
        transaction.save(
            opening(
                an_incident(announced=True),
                obligations=(an_obligation(id=CONFERENCE),),
                reminders=tuple(
                    a_reminder(
                        id=f"{CONFERENCE}:{kind}",
                        obligation_id=CONFERENCE,
                        kind=kind,
                        fires_at=after(hours=at),
                    )
                    for kind, at in (("reminder_50", 12), ("reminder_75", 18), ("due", 24))
                ),
                wakes_at=after(hours=12),
            )
        )


def told(store: Store) -> list[tuple[str, str, timedelta, timedelta | None]]:
    with store.reading() as transaction:
        return [(a.to, a.reason, a.late_by, a.away) for a in transaction.alerts_of(1)]


def test_an_incident_that_cannot_be_advanced_holds_back_no_other(sqlite_url: str) -> None:
    with closing(open_store(sqlite_url)) as store:
        seed_conference(store)
        with store.transaction() as transaction:
            reminder = a_reminder(
                id="2:due", incident_id=2, obligation_id="2:o", kind="due", fires_at=after(hours=13)
            )
            obligation = an_obligation(id="2:o", incident_id=2, kind="first_release")
            changes = opening(
                an_incident(id=2, announced=True), obligations=(obligation,), reminders=(reminder,)
            )
            transaction.save(replace(changes, wakes_at=after(hours=13)))
        with closing(connect(sqlite_url.removeprefix("sqlite:///"))) as damaged:
            damaged.execute("UPDATE reminders SET value = '{}' WHERE incident_id = 1")
            damaged.commit()
        engine = Engine(a_setting(store))
        waiting: list[bool] = []
        for hours in (14, 15):
            with pytest.raises((KeyError, TypeError, ValueError)):
                engine.tick(after(hours=hours))
            with store.reading() as transaction:
                waiting.append(2 in transaction.wake(after(hours=hours), BATCH))
        assert waiting == [True, False]


@pytest.mark.parametrize(
    ("is_running", "gap_s", "expected"),
    [
        pytest.param(False, 14, [], id="a restart within 15 seconds is no outage"),
        pytest.param(False, 16, [("service_down", None), ("service_up", 16)], id="nobody ticked for longer"),
        pytest.param(True, 16, [], id="a slow cycle is none either"),
        pytest.param(True, 90, [], id="nor is a very slow one"),
        pytest.param(True, 91, [("clock_jumped", 91)], id="more than that is a clock set forward"),
        pytest.param(True, -1, [], id="a second back is the time service at work"),
        pytest.param(True, -600, [("clock_jumped", -600)], id="a clock set back"),
        pytest.param(False, -600, [("clock_jumped", -600)], id="a clock set back while nobody looked"),
    ],
)
def test_a_gap_between_ticks_is_an_outage_or_a_moved_clock(
    lite: Store, is_running: bool, gap_s: int, expected: list[tuple[str, object]]
) -> None:
    engine = Engine(a_setting(lite))
    with lite.transaction() as transaction:
        transaction.save_pulse(BEFORE)
    if is_running:
        engine.tick(after())
    engine.tick(after(seconds=gap_s))
    engine.tick(after(seconds=gap_s + 1))
    assert events(lite) == expected
    awake_since = after(seconds=gap_s) if expected else BEFORE.awake_since
    assert (pulse(lite).awake_since, pulse(lite).last_tick_at) == (awake_since, after(seconds=gap_s + 1))


def test_an_engine_that_the_database_kept_from_ticking_was_away_and_no_clock_was_moved(lite: Store) -> None:
    engine = Engine(a_setting(lite))
    engine.tick(after())
    for seconds in range(60, 301, 60):
        with full_disk(), pytest.raises(StoreError):
            engine.tick(after(seconds=seconds))
    engine.tick(after(seconds=360))
    assert events(lite) == [("service_down", None), ("service_up", 360)]
    assert (pulse(lite).away, pulse(lite).jumped_at) == (timedelta(seconds=360), None)


def test_the_last_move_of_the_clock_is_kept_for_those_who_look(lite: Store) -> None:
    engine = Engine(a_setting(lite))
    for seconds in (0, -600, -599):
        engine.tick(after(seconds=seconds))
    assert (pulse(lite).jumped_at, pulse(lite).jumped_by) == (after(seconds=-600), timedelta(seconds=-600))


def test_the_first_tick_of_all_is_no_outage(lite: Store) -> None:
    Engine(a_setting(lite)).tick(after())
    assert events(lite) == []
    assert pulse(lite).awake_since == after()


def test_the_second_worker_that_comes_back_reports_no_second_outage(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.save_pulse(BEFORE)
    for seconds in (600, 601):
        Engine(a_setting(store)).tick(after(seconds=seconds))
    assert events(store) == [("service_down", None), ("service_up", 600)]


def test_after_an_outage_the_latest_passed_reminder_says_how_late_it_is_and_how_long_we_were_away(
    store: Store,
) -> None:
    seed_conference(store)
    engine = Engine(a_setting(store))
    for _ in range(2):
        engine.tick(after(hours=19))
    late, away = timedelta(hours=1), timedelta(hours=19)
    assert told(store) == [
        ("duty", "reminder_75", late, away),
        ("office_head", "reminder_75", late, away),
    ]


@pytest.mark.parametrize("back", [timedelta(minutes=-10), timedelta(hours=-12)])
def test_a_clock_set_back_fires_nothing_twice(store: Store, back: timedelta) -> None:
    seed_conference(store)
    engine = Engine(a_setting(store))
    for at in (after(hours=12), after(hours=12) + back, after(hours=12), after(hours=12, minutes=1)):
        engine.tick(at)
    assert [(to, reason) for to, reason, _, _ in told(store)] == [("duty", "reminder_50")]


def test_two_workers_that_tick_at_one_instant_tell_once(database_url: str) -> None:
    with closing(open_store(database_url)) as one, closing(open_store(database_url)) as other:
        seed_conference(one)
        start = Barrier(2)

        def tick(store: Store) -> None:
            engine = Engine(a_setting(store))
            start.wait(timeout=30)
            for hours in (12, 18, 25):
                engine.tick(after(hours=hours))

        with ThreadPoolExecutor() as threads:
            list(threads.map(tick, (one, other)))
        reasons = [(to, reason) for to, reason, _, _ in told(one)]
        assert len(reasons) == len(set(reasons))
        assert {reason for _, reason in reasons} >= {"due"}
        with one.reading() as transaction:
            assert transaction.verify_journal()[0]


def test_more_incidents_than_one_cycle_takes_say_that_more_wait(lite: Store) -> None:
    with lite.transaction() as transaction:
        for id_ in range(1, BATCH + 2):
            transaction.save(opening(an_incident(id=id_), wakes_at=after()))
    engine = Engine(a_setting(lite))
    first = engine.tick(after())
    assert (first.woken, first.more) == (BATCH, True)
