"""What people do: each act on record, what is refused on record too, and nobody overwrites anybody."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypedDict

import pytest

from monitor.classifiers.model import Severity
from monitor.errors import ConflictError, NotFoundError, RefusedActError
from monitor.incidents.model import Incident, IncidentState, PublicationKind, PublicationState
from monitor.pipeline.acting import TRIES, Acting
from monitor.ports import Store
from tests.support.builders import (
    a_joining,
    a_publication,
    a_round,
    a_verdict,
    after,
    an_incident,
    an_item,
    opening,
)
from tests.support.clock import SimulatedClock
from tests.support.setting import LosingStore, a_setting

NOW = after(minutes=5)


class By(TypedDict):
    by: str
    via: str


class Why(By):
    reason: str


class Release(TypedDict):
    title: str
    url: str
    channel: str


BY: By = {"by": "duty", "via": "desk"}
WHY: Why = {**BY, "reason": "已核实"}
RELEASE: Release = {"title": "情况通报", "url": "", "channel": "县政府网"}

Do = Callable[[Acting], object]


@dataclass(frozen=True, slots=True)
class Desk:
    """A store with incident 1 of two items, an open round and an offered answer, and somebody at the desk."""

    store: Store
    acting: Acting

    def last(self) -> tuple[str, int | None, str, str]:
        """Return the last entry of the journal that a person made: event, incident, actor, via."""
        changes = [c for c in self.changes() if c[2] != "engine"]
        return changes[-1]

    def changes(self) -> list[tuple[str, int | None, str, str]]:
        with self.store.reading() as transaction:
            changes = [entry.change for entry in transaction.journal()]
        return [(c.event, c.incident, c.actor, c.via) for c in changes]

    def incident(self, id_: int = 1) -> Incident:
        with self.store.reading() as transaction:
            return transaction.dossier(id_).incident

    def items(self, id_: int) -> list[int]:
        with self.store.reading() as transaction:
            return [joined.item.id for joined in transaction.joined_items(id_)]


def seed(store: Store, incident: Incident) -> None:
    """Store an incident with two items of its own, an open round and an offered answer."""
    with store.transaction() as transaction:
        number = transaction.next_incident_id()
        titles = [f"{number} 号事件第 {n} 条" for n in (1, 2)]
        verdicts = [a_verdict(tokens=(title,)) for title in titles]
        items = transaction.add_items([an_item(title=title) for title in titles], verdicts)
        transaction.save(
            opening(
                replace(incident, id=number, item_count=2, first_item_id=items[0].id, announced=True),
                rounds=(a_round(id=f"{number}-r1", incident_id=number),),
                publications=(
                    a_publication(id=f"{number}-p1", incident_id=number, state=PublicationState.OFFERED),
                ),
                joinings=tuple(a_joining(incident_id=number, item_id=item.id) for item in items),
            )
        )


def a_desk(store: Store) -> Desk:
    seed(store, an_incident())
    return Desk(store, Acting(a_setting(store), SimulatedClock(NOW)))


ACTS: dict[str, tuple[Do, str]] = {
    "acknowledge": (lambda a: a.acknowledge(1, **BY), "acknowledged"),
    "confirm": (lambda a: a.confirm(1, **BY), "incident_confirmed"),
    "set_severity": (lambda a: a.set_severity(1, Severity.PARTICULARLY_SERIOUS, **WHY), "severity_changed"),
    "assign": (lambda a: a.assign(1, "police", **BY), "assigned"),
    "respond": (
        lambda a: a.respond(1, PublicationKind.FIRST_RELEASE, **RELEASE, effective_at=None, **BY),
        "response_recorded",
    ),
    "dismiss": (lambda a: a.dismiss(1, **WHY), "incident_dismissed"),
    "close": (lambda a: a.close(1, **WHY), "incident_closed"),
    "place": (lambda a: a.place(1, False, **BY), "incident_placed"),
    "must_answer": (lambda a: a.must_answer(1, **WHY), "must_answer"),
    "accept_answer": (lambda a: a.accept_answer(1, "1-p1", **BY), "evidence_accepted"),
    "decline_answer": (lambda a: a.decline_answer(1, "1-p1", **WHY), "evidence_declined"),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_on_record_with_who_did_it_and_how(lite: Store, name: str) -> None:
    desk = a_desk(lite)
    do, event = ACTS[name]
    do(desk.acting)
    assert (event, 1, "duty", "desk") in desk.changes()
    assert desk.incident().version == 2


def test_an_incident_that_was_ended_is_taken_up_again(lite: Store) -> None:
    desk = a_desk(lite)
    desk.acting.dismiss(1, **WHY)
    desk.acting.reopen(1, **WHY)
    assert desk.incident().state is IncidentState.OPEN
    assert ("incident_reopened", 1, "duty", "desk") in desk.changes()


def test_only_a_leader_excuses_an_obligation(lite: Store) -> None:
    desk = a_desk(lite)
    desk.acting.confirm(1, **BY)
    desk.acting.set_severity(1, Severity.PARTICULARLY_SERIOUS, **WHY)
    with pytest.raises(RefusedActError, match="needs_level_3"):
        desk.acting.waive(1, "press_conference", **WHY)
    desk.acting.waive(1, "press_conference", by="leader", reason="专项处置组统一发布", via="desk")
    assert ("obligation_waived", 1, "leader", "desk") in desk.changes()


REFUSALS: dict[str, tuple[Do, str]] = {
    "somebody from outside acknowledges": (
        lambda a: a.acknowledge(1, by="admin", via="desk"),
        "not_on_a_level",
    ),
    "no reason for another severity": (
        lambda a: a.set_severity(1, Severity.ORDINARY, by="duty", reason=" ", via="desk"),
        "reason_missing",
    ),
    "an unknown department": (lambda a: a.assign(1, "nobody", **BY), "unknown_department"),
    "a publication in the future": (
        lambda a: a.respond(
            1,
            PublicationKind.RESPONSE,
            **RELEASE,
            effective_at=NOW + timedelta(minutes=1),
            **BY,
        ),
        "in_the_future",
    ),
    "a dismissal without a reason": (
        lambda a: a.dismiss(1, by="duty", reason="", via="desk"),
        "reason_missing",
    ),
    "reopening what is open": (lambda a: a.reopen(1, **WHY), "is_open"),
    "an incident into itself": (lambda a: a.merge(1, 1, **BY), "same_incident"),
    "a split that leaves nothing": (lambda a: a.split(1, [1, 2], **BY), "nothing_would_stay"),
    "a split of nothing": (lambda a: a.split(1, [], **BY), "nothing_to_move"),
    "a split of another's item": (lambda a: a.split(1, [9], **BY), "not_a_member"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_the_rules_refuse_changes_nothing_but_is_on_record(lite: Store, name: str) -> None:
    desk = a_desk(lite)
    do, reason = REFUSALS[name]
    with pytest.raises(RefusedActError) as refused:
        do(desk.acting)
    assert refused.value.reason == reason
    assert desk.incident().version == 1
    with lite.reading() as transaction:
        [*_, last] = transaction.journal()
    assert (last.change.event, last.change.incident) == ("refused", 1)
    assert last.change.facts["reason"] == reason
    assert last.change.actor == last.change.facts["by"]


def test_acknowledging_again_answers_who_did_it_when_and_changes_nothing(store: Store) -> None:
    desk = a_desk(store)
    assert desk.acting.acknowledge(1, **BY) == "值班员 已于 03月02日 08:05 收到"
    before = desk.changes()
    assert desk.acting.acknowledge(1, **BY) == "值班员 已于 03月02日 08:05 收到"
    assert desk.acting.acknowledge(1, by="leader", via="link") == "值班员 已于 03月02日 08:05 收到"
    assert desk.changes() == before


# -- conflicts


VERSIONED: dict[str, Callable[[Acting, int], object]] = {
    "confirm": lambda a, v: a.confirm(1, **BY, expected_version=v),
    "set_severity": lambda a, v: a.set_severity(1, Severity.ORDINARY, **WHY, expected_version=v),
    "assign": lambda a, v: a.assign(1, "police", **BY, expected_version=v),
    "dismiss": lambda a, v: a.dismiss(1, **WHY, expected_version=v),
    "close": lambda a, v: a.close(1, by="leader", reason="已办结", via="desk", expected_version=v),
    "place": lambda a, v: a.place(1, False, **BY, expected_version=v),
    "must_answer": lambda a, v: a.must_answer(1, **WHY, expected_version=v),
    "accept_answer": lambda a, v: a.accept_answer(1, "1-p1", **BY, expected_version=v),
    "decline_answer": lambda a, v: a.decline_answer(1, "1-p1", **WHY, expected_version=v),
    "merge": lambda a, v: a.merge(1, 2, **BY, expected_version=v),
    "split": lambda a, v: a.split(1, [1], **BY, expected_version=v),
}


@pytest.mark.parametrize("name", VERSIONED)
def test_an_act_on_what_somebody_has_changed_meanwhile_is_a_conflict_and_changes_nothing(
    lite: Store, name: str
) -> None:
    desk = a_desk(lite)
    seed(lite, an_incident())
    before = desk.changes()
    with pytest.raises(ConflictError):
        VERSIONED[name](desk.acting, 7)
    assert (desk.changes(), desk.incident().version) == (before, 1)
    VERSIONED[name](desk.acting, 1)
    assert desk.incident().version == 2


def test_an_act_that_expects_no_version_is_tried_again_when_it_loses_a_race(lite: Store) -> None:
    desk = a_desk(lite)
    clock = SimulatedClock(NOW)
    Acting(a_setting(LosingStore(lite, TRIES - 1)), clock).confirm(1, **BY)
    assert desk.incident().confirmed_by == "duty"
    with pytest.raises(ConflictError):
        Acting(a_setting(LosingStore(lite, TRIES)), clock).assign(1, "police", **BY)


@pytest.mark.parametrize(
    "do",
    [
        pytest.param(lambda a: a.confirm(9, **BY), id="an act"),
        pytest.param(lambda a: a.merge(9, 1, **BY), id="a merge"),
        pytest.param(lambda a: a.merge(1, 9, **BY), id="a merge into nothing"),
        pytest.param(lambda a: a.split(9, [1], **BY), id="a split"),
        pytest.param(lambda a: a.accept_answer(1, "1-p9", **BY), id="an answer nobody offered"),
    ],
)
def test_what_does_not_exist_is_not_found(lite: Store, do: Do) -> None:
    with pytest.raises(NotFoundError):
        do(a_desk(lite).acting)


# -- merge and split


def test_a_merge_moves_the_items_and_ends_the_clocks_of_what_is_gone(store: Store) -> None:
    desk = a_desk(store)
    seed(store, an_incident(title="同一件事"))
    desk.acting.merge(2, 1, **BY)
    assert (desk.items(1), desk.items(2)) == ([1, 2, 3, 4], [])
    gone = desk.incident(2)
    assert (gone.state, gone.merged_into, desk.incident(1).item_count) == (IncidentState.MERGED, 1, 4)
    with store.reading() as transaction:
        assert not [o for o in transaction.dossier(2).obligations if o.is_running]
        assert len(transaction.dossier(1).publications) == 2
    assert ("incident_merged", 2, "duty", "desk") in desk.changes()


def test_a_split_takes_items_out_into_a_new_incident_with_its_own_clocks(store: Store) -> None:
    desk = a_desk(store)
    desk.acting.split(1, [2], **BY)
    assert (desk.items(1), desk.items(2)) == ([1], [2])
    assert desk.incident(1).item_count == desk.incident(2).item_count == 1
    with store.reading() as transaction:
        opened = transaction.dossier(2)
        assert {o.kind for o in opened.obligations} == {"first_release", "press_conference"}
        assert transaction.verify_journal()[0]
    assert ("incident_split", 1, "duty", "desk") in desk.changes()


def test_what_was_merged_by_mistake_can_be_split_off_again(store: Store) -> None:
    desk = a_desk(store)
    seed(store, an_incident(title="另一件事"))
    desk.acting.merge(2, 1, **BY)
    desk.acting.split(1, [3, 4], **BY)
    assert (desk.items(1), desk.items(2), desk.items(3)) == ([1, 2], [], [3, 4])
