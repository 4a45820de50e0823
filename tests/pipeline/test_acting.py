"""What people do: each act on record, what is refused on record too, and nobody overwrites anybody."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypedDict

import pytest

from monitor.classifiers.model import Moment, Precision, Severity
from monitor.deadlines.model import Obligation, ObligationState, StartBasis
from monitor.dossier import acts
from monitor.dossier.model import Dossier
from monitor.errors import ConflictError, NotFoundError, RefusedActError
from monitor.incidents.model import Incident, IncidentState, Promise, PublicationKind, PublicationState
from monitor.pipeline.acting import TRIES, Acting
from monitor.ports import Store
from tests.support.builders import (
    T0,
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


BY: By = {"by": "duty", "via": "desk"}
WHY = "已核实"

PROMISE = Promise(passage="将于三日内公布调查结果", due_at=after(hours=72))

Do = Callable[[Acting], object]


def doing(act: acts.Act, incident_id: int = 1) -> Do:
    return lambda acting: acting.do(incident_id, act, **BY)


@dataclass(frozen=True, slots=True)
class Desk:
    """A store with incident 1 of two items, an open round and an offered answer, and somebody at the desk."""

    store: Store
    acting: Acting

    def changes(self) -> list[tuple[str, int | None, str, str]]:
        with self.store.reading() as transaction:
            changes = [entry.change for entry in transaction.journal()]
        return [(c.event, c.incident, c.actor, c.via) for c in changes]

    def dossier(self, id_: int = 1) -> Dossier:
        with self.store.reading() as transaction:
            return transaction.dossier(id_)

    def incident(self, id_: int = 1) -> Incident:
        return self.dossier(id_).incident

    def obligation(self, kind: str) -> Obligation:
        """Return the latest obligation of this kind of incident 1."""
        return [o for o in self.dossier().obligations if o.kind == kind][-1]

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
                    a_publication(
                        id=f"{number}-p1",
                        incident_id=number,
                        state=PublicationState.OFFERED,
                        effective_at=after(minutes=1),
                        promises=(PROMISE,),
                    ),
                ),
                joinings=tuple(a_joining(incident_id=number, item_id=item.id) for item in items),
            )
        )


def a_desk(store: Store) -> Desk:
    seed(store, an_incident())
    return Desk(store, Acting(a_setting(store), SimulatedClock(NOW)))


ACTS: dict[str, tuple[acts.Act, str]] = {
    "confirm": (acts.confirm, "incident_confirmed"),
    "set_severity": (acts.set_severity(Severity.PARTICULARLY_SERIOUS, WHY), "severity_changed"),
    "assign": (acts.assign("police"), "assigned"),
    "respond": (acts.respond(PublicationKind.FIRST_RELEASE, title="情况通报"), "response_recorded"),
    "correct_start": (
        acts.correct_start(StartBasis.OCCURRED, after(hours=-1), Precision.HOUR, WHY),
        "start_corrected",
    ),
    "correct_publication": (
        acts.correct_publication("1-p1", after(minutes=2), WHY),
        "publication_corrected",
    ),
    "dismiss": (acts.dismiss(WHY), "incident_dismissed"),
    "place": (acts.place(local=False), "incident_placed"),
    "must_answer": (acts.must_answer(WHY), "must_answer"),
    "accept_answer": (acts.judge_answer("1-p1", PublicationState.ACCEPTED), "evidence_accepted"),
    "decline_answer": (acts.judge_answer("1-p1", PublicationState.DECLINED, WHY), "evidence_declined"),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_on_record_with_who_did_it_and_how(lite: Store, name: str) -> None:
    desk = a_desk(lite)
    act, event = ACTS[name]
    desk.acting.do(1, act, **BY)
    assert (event, 1, "duty", "desk") in desk.changes()
    assert desk.incident().version == 2


def test_an_incident_that_was_ended_is_taken_up_again(lite: Store) -> None:
    desk = a_desk(lite)
    desk.acting.do(1, acts.close(WHY), **BY)
    desk.acting.do(1, acts.reopen(WHY), **BY)
    assert desk.incident().state is IncidentState.OPEN
    assert ("incident_reopened", 1, "duty", "desk") in desk.changes()


def test_only_a_leader_excuses_an_obligation(lite: Store) -> None:
    desk = a_desk(lite)
    desk.acting.do(1, acts.set_severity(Severity.PARTICULARLY_SERIOUS, WHY), **BY)
    waive = acts.waive("press_conference", "专项处置组统一发布")
    with pytest.raises(RefusedActError, match="needs_level_3"):
        desk.acting.do(1, waive, **BY)
    desk.acting.do(1, waive, by="leader", via="desk")
    assert ("obligation_waived", 1, "leader", "desk") in desk.changes()


def test_a_withdrawn_answer_counts_no_longer_and_what_it_met_runs_again(store: Store) -> None:
    desk = a_desk(store)
    desk.acting.do(1, acts.judge_answer("1-p1", PublicationState.ACCEPTED), **BY)
    assert desk.obligation("first_release").state is ObligationState.MET
    desk.acting.do(1, acts.withdraw_answer("1-p1", "通报的是另一起事故"), **BY)
    assert desk.dossier().publications[0].state is PublicationState.WITHDRAWN
    assert desk.obligation("first_release").state is ObligationState.OPEN
    assert ("evidence_withdrawn", 1, "duty", "desk") in desk.changes()


def test_a_corrected_start_is_kept_with_who_corrected_it(store: Store) -> None:
    desk = a_desk(store)
    desk.acting.do(1, acts.correct_start(StartBasis.OCCURRED, T0, Precision.DAY, WHY), **BY)
    incident = desk.incident()
    assert incident.corrected_by == {"occurred": "duty"}
    assert incident.occurred == Moment(at=after(hours=-8), precision=Precision.DAY, until=after(hours=16))
    with store.reading() as transaction:
        assert transaction.verify_journal()[0]


def test_a_promise_that_a_person_takes_up_runs_until_a_publication_keeps_it(store: Store) -> None:
    desk = a_desk(store)
    desk.acting.do(1, acts.judge_answer("1-p1", PublicationState.ACCEPTED), **BY)
    desk.acting.do(1, acts.accept_promise("1-p1", 1), **BY)
    promised = desk.obligation("promise_1")
    assert (promised.state, promised.due_at) == (ObligationState.OPEN, PROMISE.due_at)
    desk.acting.do(1, acts.respond(PublicationKind.FOLLOW_UP, title="调查结果通报"), **BY)
    desk.acting.do(1, acts.keep_promise(promised.id, "1-p2"), **BY)
    kept = desk.obligation("promise_1")
    assert (kept.state, kept.met_by, kept.met_late) == (ObligationState.MET, "1-p2", False)


TOO_EARLY = acts.respond(PublicationKind.RESPONSE, title="情况通报", effective_at=NOW + timedelta(minutes=1))
REFUSALS: dict[str, tuple[Do, str]] = {
    "somebody from outside acknowledges": (
        lambda a: a.acknowledge(1, by="admin", via="desk"),
        "not_on_a_level",
    ),
    "no reason for another severity": (doing(acts.set_severity(Severity.ORDINARY, " ")), "reason_missing"),
    "an unknown department": (doing(acts.assign("nobody")), "unknown_department"),
    "a publication in the future": (doing(TOO_EARLY), "in_the_future"),
    "a dismissal without a reason": (doing(acts.dismiss("")), "reason_missing"),
    "reopening what is open": (doing(acts.reopen(WHY)), "is_open"),
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
    "act": lambda a, v: a.do(1, acts.confirm, **BY, expected_version=v),
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
    Acting(a_setting(LosingStore(lite, TRIES - 1)), clock).do(1, acts.confirm, **BY)
    assert desk.incident().confirmed_by == "duty"
    with pytest.raises(ConflictError):
        Acting(a_setting(LosingStore(lite, TRIES)), clock).do(1, acts.assign("police"), **BY)


@pytest.mark.parametrize(
    "do",
    [
        pytest.param(doing(acts.confirm, 9), id="an act"),
        pytest.param(lambda a: a.merge(9, 1, **BY), id="a merge"),
        pytest.param(lambda a: a.merge(1, 9, **BY), id="a merge into nothing"),
        pytest.param(lambda a: a.split(9, [1], **BY), id="a split"),
        pytest.param(
            doing(acts.judge_answer("1-p9", PublicationState.ACCEPTED)), id="an answer nobody offered"
        ),
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
