"""Workers killed with -9 at the worst moments: nothing is lost, only what was in flight is told twice."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from alerts.model import OutcomeClass
from alerts.outbox import LEASE
from monitor.deadlines.model import ReminderState
from monitor.pipeline.engine import Engine
from monitor.ports import Store
from tests.support.builders import a_reminder, after, an_alert, an_incident, an_obligation, opening
from tests.support.child import an_outbox, child, wired_office, wires
from tests.support.setting import a_setting
from tests.support.vendors import VendorServer, says, vendor_server

pytestmark = pytest.mark.kill

TAKEN_OVER = LEASE + timedelta(seconds=1)
CONFERENCE = "1:press_conference:1"


def seed_messages(store: Store, count: int) -> None:
    """Queue one message to the duty officer for each of this many incidents."""
    with store.transaction() as transaction:
        for id_ in range(1, count + 1):
            alert = an_alert(incident_id=id_, id=f"{id_}|v1|detected||duty|duty-wecom")
            transaction.save(opening(an_incident(id=id_), alerts=(alert,)))


async def deliver(store: Store, server: VendorServer, at: timedelta) -> int:
    """Let another worker send what is due this long after T0; return how many it tried."""
    office = wired_office(server.address)
    async with wires(office) as channels:
        return await an_outbox(store, office, "second").deliver(channels, lambda: after() + at)


def outcomes(store: Store, count: int) -> tuple[list[str], dict[int, list[OutcomeClass | None]]]:
    """Return the states of all outbox rows, and for each message what came of its attempts, in order."""
    with store.reading() as transaction:
        states = [alert.state for id_ in range(1, count + 1) for alert in transaction.alerts_of(id_)]
        attempts: dict[int, list[OutcomeClass | None]] = {}
        for attempt in transaction.deliveries(range(1, count + 1)):
            assert attempt.attempt == len(attempts.get(attempt.message_no, [])) + 1
            came = attempt.outcome.kind if attempt.outcome else None
            attempts.setdefault(attempt.message_no, []).append(came)
    return [str(state) for state in states], attempts


def numbers_on_the_wire(server: VendorServer) -> list[int]:
    """Return the 编号 of every message the server was handed."""
    return sorted(int(body["text"]["content"].partition("编号")[2].split()[0]) for body in server.seen)


async def test_what_was_claimed_and_never_sent_is_sent_by_another_worker_after_the_lease(
    store: Store, database_url: str
) -> None:
    seed_messages(store, 3)
    async with vendor_server(says({"errcode": 0})) as server:
        async with child("take", database_url, server.address) as worker:
            assert await worker.hears() == "3"
            await worker.kill()
        assert server.seen == []
        assert await deliver(store, server, LEASE / 2) == 0
        assert await deliver(store, server, TAKEN_OVER) == 3
        assert await deliver(store, server, 2 * TAKEN_OVER) == 0
        assert numbers_on_the_wire(server) == [1, 2, 3]
    states, attempts = outcomes(store, 3)
    assert states == ["sent"] * 3
    assert attempts == {no: [None, OutcomeClass.OK] for no in (1, 2, 3)}


async def test_only_what_was_in_flight_at_the_kill_is_on_the_wire_twice(
    store: Store, database_url: str
) -> None:
    seed_messages(store, 4)
    held: asyncio.Queue[web.Request] = asyncio.Queue()

    async def hold(request: web.Request) -> web.StreamResponse:
        held.put_nowait(request)
        await asyncio.Event().wait()
        raise AssertionError

    taken = says({"errcode": 0})
    async with vendor_server(taken, hold, hold, taken) as server, asyncio.timeout(60):
        async with child("deliver", database_url, server.address) as worker:
            assert await worker.hears() == "ready"
            await worker.tell()
            await held.get()
            await held.get()
            while (done := len([s for s in outcomes(store, 4)[0] if s == "sent"])) < 2:
                await asyncio.to_thread(outcomes, store, 4)
            await worker.kill()
        assert done == 2
        assert await deliver(store, server, LEASE / 2) == 0
        assert await deliver(store, server, TAKEN_OVER) == 2
        wire = numbers_on_the_wire(server)
    states, attempts = outcomes(store, 4)
    assert states == ["sent"] * 4
    again = [no for no, came in attempts.items() if len(came) == 2]
    assert sorted(attempts.values(), key=len) == [[OutcomeClass.OK]] * 2 + [[None, OutcomeClass.OK]] * 2
    assert wire == sorted([1, 2, 3, 4, *again])


async def test_two_workers_never_send_one_row_twice(store: Store, database_url: str) -> None:
    seed_messages(store, 60)
    async with (
        vendor_server(says({"errcode": 0})) as server,
        child("deliver", database_url, server.address) as one,
        child("deliver", database_url, server.address) as other,
    ):
        for worker in (one, other):
            assert await worker.hears() == "ready"
        for worker in (one, other):
            await worker.tell()
        sent = [int(await worker.hears()) for worker in (one, other)]
        wire = numbers_on_the_wire(server)
    assert sum(sent) == 60
    assert wire == list(range(1, 61))
    states, attempts = outcomes(store, 60)
    assert states == ["sent"] * 60
    assert set(map(tuple, attempts.values())) == {(OutcomeClass.OK,)}


@pytest.mark.parametrize("pause", ["written", "committed"])
async def test_a_cycle_of_the_engine_is_kept_whole_or_not_at_all(
    store: Store, database_url: str, pause: str
) -> None:
    with store.transaction() as transaction:
        transaction.save(
            opening(
                an_incident(announced=True),
                obligations=(an_obligation(id=CONFERENCE),),
                reminders=(a_reminder(obligation_id=CONFERENCE),),
                wakes_at=after(hours=12),
            )
        )
    async with child("tick", database_url, pause) as worker:
        assert await worker.hears() == pause
        await worker.kill()

    is_whole = pause == "committed"
    assert kept(store) == (is_whole, is_whole, is_whole, is_whole)
    engine = Engine(a_setting(store))
    for _ in range(2):
        await asyncio.to_thread(engine.tick, after(hours=12, minutes=1))
    assert kept(store) == (True, True, True, True)
    with store.reading() as transaction:
        told = [(alert.to, alert.reason) for alert in transaction.alerts_of(1)]
        queued = [e.change.facts["to"] for e in transaction.journal() if e.change.event == "alert_queued"]
    assert told == [("duty", "reminder_50")]
    assert queued == ["duty"]


def kept(store: Store) -> tuple[bool, bool, bool, bool]:
    """Return whether the reminder fired: in the state, the journal, the outbox and the version."""
    with store.reading() as transaction:
        dossier = transaction.dossier(1)
        holds, said = transaction.verify_journal()
        assert holds, said
        return (
            dossier.reminders[0].state is ReminderState.FIRED,
            any(entry.change.event == "alert_queued" for entry in transaction.journal(incident_id=1)),
            bool(transaction.alerts_of(1)),
            dossier.incident.version == 2,
        )
