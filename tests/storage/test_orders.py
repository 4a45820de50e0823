"""Slips: kept with their decision, numbered without gaps, found by department and deadline."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.dossier.model import Changes
from monitor.errors import ConflictError, NotFoundError
from monitor.keeping import keep
from monitor.orders.model import OrderKind, OrderState, Reply, SignFor, SignMeans
from monitor.ports import Store
from monitor.ports.orders import FiledOrder, OrderQuestion
from storage.backup import restore_backup, take_backup
from storage.engine import open_store
from storage.retention import forget_old
from tests.support.builders import a_change, after, an_incident, an_order, opening
from tests.support.databases import BOTH, fresh_database

WHOLE = an_order(
    state=OrderState.ANSWERED,
    signed=SignFor(by="emergency_bureau", signer="杨师傅", at=after(hours=1), means=SignMeans.LINK),
    feedback=Reply(by="emergency_bureau", at=after(hours=2), text="已抢通"),
)


def changed(*orders: Any, version: int = 1, **fields: Any) -> Changes:
    incident = an_incident(version=version + 1, **fields)
    journal = tuple(
        a_change(event="order_issued", facts={"order": o.id}) for o in orders if not o.number
    ) or (a_change(event="order_signed"),)
    return Changes(incident=incident, expected_version=version, orders=orders, journal=journal)


def test_a_slip_comes_back_as_it_was_with_its_incident(store: Store) -> None:
    with store.transaction() as unit:
        keep(unit, opening(orders=(WHOLE,)))
    with store.reading() as unit:
        assert unit.dossier(1).orders == (WHOLE,)
        assert unit.order("1-o1") == FiledOrder(order=WHOLE, incident=unit.dossier(1).incident)
        with pytest.raises(NotFoundError, match="no order 1-o2"):
            unit.order("1-o2")


def test_slips_are_numbered_by_kind_and_year_in_the_journal_too(store: Store) -> None:
    news = [
        an_order(id="1-o1", number=0),
        an_order(id="1-o2", number=0, kind=OrderKind.URGING),
        an_order(id="1-o3", number=0),
        an_order(id="1-o4", number=0, year=2027),
    ]
    with store.transaction() as unit:
        keep(unit, opening())
        keep(unit, changed(*news))
    with store.reading() as unit:
        assert [o.number for o in unit.dossier(1).orders] == [1, 1, 2, 1]
        issued = [e.change.facts for e in unit.journal() if e.change.event == "order_issued"]
    assert [facts["number"] for facts in issued] == [1, 1, 2, 1]


def test_a_decision_that_failed_leaves_no_gap(store: Store) -> None:
    with store.transaction() as unit:
        keep(unit, opening())
    with pytest.raises(ConflictError), store.transaction() as unit:
        keep(unit, changed(an_order(number=0), version=7))
    with store.transaction() as unit:
        keep(unit, changed(an_order(number=0)))
    with store.reading() as unit:
        assert unit.order("1-o1").order.number == 1


class UndoneError(Exception):
    """Something went wrong after the number was taken."""


def issue_some(store: Store, first: int) -> None:
    """Issue a slip on every other incident from `first` on; each third decision comes to nothing once."""
    for incident in range(first, 13, 2):
        order = an_order(id=f"{incident}-o1", incident_id=incident, number=0)
        for fails in (True, False) if incident % 3 == 0 else (False,):
            with suppress(UndoneError), store.transaction() as unit:
                unit.dossier(incident)
                keep(unit, changed(order, id=incident))
                if fails:
                    raise UndoneError


def test_two_workers_at_once_number_slips_without_gap_or_twin(database_url: str) -> None:
    with closing(open_store(database_url)) as one, closing(open_store(database_url)) as other:
        with one.transaction() as unit:
            for number in range(1, 13):
                keep(unit, opening(an_incident(id=number)))
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(issue_some, one, 1), pool.submit(issue_some, other, 2)]:
                done.result(timeout=60)
        with one.reading() as unit:
            numbers = [filed.order.number for filed in unit.orders(OrderQuestion())]
    assert sorted(numbers) == list(range(1, 13))


def test_a_slip_keeps_its_number_when_it_changes(store: Store) -> None:
    with store.transaction() as unit:
        keep(unit, opening())
        keep(unit, changed(an_order(number=0)))
    with store.transaction() as unit:
        [kept] = unit.dossier(1).orders
        keep(unit, changed(replace(kept, state=OrderState.SIGNED), version=2))
        assert unit.next_order_number(OrderKind.ASSIGNMENT, 2026) == 2
    with store.reading() as unit:
        assert unit.order("1-o1").order == replace(kept, state=OrderState.SIGNED)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (OrderQuestion(), ["1-o5", "1-o4", "1-o3", "1-o2", "1-o1"]),
        (OrderQuestion(limit=2), ["1-o5", "1-o4"]),
        (OrderQuestion(waiting=True), ["1-o1", "1-o2", "1-o5", "1-o4"]),
        (OrderQuestion(waiting=True, limit=1), ["1-o1"]),
        (OrderQuestion(overdue_at=after(hours=25)), ["1-o1"]),
        (OrderQuestion(overdue_at=after(hours=24)), []),
        (OrderQuestion(department="police"), ["1-o4", "1-o2"]),
        (OrderQuestion(department="police", waiting=True), ["1-o2", "1-o4"]),
        (OrderQuestion(department="nobody"), []),
    ],
)
def test_slips_are_found(store: Store, asked: OrderQuestion, found: list[str]) -> None:
    orders = (
        an_order(),
        an_order(id="1-o2", number=2, department="police", due_at=after(days=9), issued_at=after(hours=1)),
        replace(WHOLE, id="1-o3", number=3, issued_at=after(hours=2)),
        an_order(
            id="1-o4", kind=OrderKind.HANDOVER, department="police", issued_at=after(hours=3), due_at=None
        ),
        an_order(id="1-o5", number=5, due_at=None, issued_at=after(hours=4)),
    )
    with store.transaction() as unit:
        keep(unit, opening(orders=orders))
    with store.reading() as unit:
        assert [filed.order.id for filed in unit.orders(asked)] == found


@pytest.mark.parametrize("kind", BOTH)
def test_slips_and_their_count_are_in_a_backup_and_outlive_retention(
    database_url: str, kind: str, tmp_path: Path
) -> None:
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        keep(unit, opening(orders=(WHOLE,)))
        unit.next_order_number(OrderKind.ASSIGNMENT, 2026)
    forget_old(database_url, after(days=900), after(days=901), "admin")
    take_backup(database_url, tmp_path / "backup.zip", {}, work=tmp_path, now=after(days=901))
    folder = tmp_path / "target"
    folder.mkdir()
    with fresh_database(kind, folder) as target:
        restore_backup(tmp_path / "backup.zip", target, work=tmp_path, now=after(days=902))
        with closing(open_store(target)) as store, store.transaction() as unit:
            assert unit.dossier(1).orders == (WHOLE,)
            assert unit.next_order_number(OrderKind.ASSIGNMENT, 2026) == 2
