"""Instants that a person corrects: clocks move either way, breaches are taken back or found (C3, T7, C21)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.delivery import obsolete_reason
from monitor.classifiers.model import Moment, Precision
from monitor.collectors.model import Role
from monitor.deadlines.model import Obligation, ObligationState, StartBasis
from monitor.dossier import acts
from monitor.dossier.audit import find_untold
from monitor.dossier.correcting import as_moment
from monitor.dossier.draft import Draft
from monitor.dossier.joining import merge, split
from monitor.errors import NotFoundError, RefusedActError
from monitor.incidents.model import PublicationKind
from tests.dossier.standing import Standing, a_report, circumstances, reporting
from tests.support.builders import T0, after

OCCURRED, PUBLISHED = StartBasis.OCCURRED, StartBasis.FIRST_PUBLISHED
MINUTES = st.integers(min_value=-4000, max_value=0)


def happened(**before: float) -> Moment:
    return Moment(at=T0 - timedelta(**before), precision=Precision.MINUTE)


def an_accident(occurred: Moment | None = None, published_at: object = T0) -> Standing:
    """Return a grave accident seen at T0."""
    return Standing.opened(a_report(T0, deaths=12, occurred=occurred, published_at=published_at), T0)


def correct(
    standing: Standing, basis: StartBasis, minutes: float, now: float = 30, by: str = "office_head"
) -> bool:
    """Correct an instant to `minutes` after T0, `now` minutes after T0."""
    act = acts.correct_start(basis, after(minutes=minutes), Precision.MINUTE, "核实")
    return standing.act(act, by, after(minutes=now))


def clock(standing: Standing, kind: str = "first_release") -> Obligation:
    return [o for o in standing.dossier.obligations if o.kind == kind][-1]


def events(standing: Standing, event: str) -> list[object]:
    return [c.facts.get("obligation", c.facts) for c in standing.journal if c.event == event]


# -- what is refused


@pytest.mark.parametrize(
    ("by", "reason", "minutes", "code"),
    [
        pytest.param(" ", "核实", 0, "nobody_named", id="nobody"),
        pytest.param("duty", " ", 0, "reason_missing", id="no reason"),
        pytest.param("duty", "核实", 31, "in_the_future", id="not yet"),
        pytest.param("duty", "核实", 1, "after_detection", id="after we knew of it"),
    ],
)
def test_a_start_is_corrected_by_a_named_person_with_a_reason_to_a_possible_time(
    by: str, reason: str, minutes: int, code: str
) -> None:
    act = acts.correct_start(OCCURRED, after(minutes=minutes), Precision.MINUTE, reason)
    draft = Draft(an_accident().dossier, circumstances(after(minutes=30), actor=by))
    with pytest.raises(RefusedActError) as refused:
        act(draft, by)
    assert (refused.value.act, refused.value.reason) == ("correct_start", code)


# -- the start


@given(MINUTES)
def test_the_same_instant_again_changes_nothing(minutes: int) -> None:
    standing = an_accident()
    correct(standing, OCCURRED, minutes)
    kept = standing.copy()
    assert correct(standing, OCCURRED, minutes, now=40, by="duty")
    assert (standing.dossier, standing.journal) == (kept.dossier, kept.journal)


@given(MINUTES, MINUTES, st.sampled_from([OCCURRED, PUBLISHED]))
def test_the_last_correction_alone_decides_when_clocks_are_due(
    first: int, second: int, basis: StartBasis
) -> None:
    standing, other = an_accident(happened(hours=1)), an_accident(happened(hours=1))
    correct(standing, basis, first)
    correct(standing, basis, second)
    correct(other, basis, second)
    assert [o.due_at for o in standing.dossier.obligations] == [o.due_at for o in other.dossier.obligations]
    states = {o.state for one in (standing, other) for o in one.dossier.obligations}
    assert states <= {ObligationState.OPEN, ObligationState.BREACHED}
    for obligation in standing.dossier.obligations:
        is_late = obligation.due_at < after(minutes=30)
        assert (obligation.state is ObligationState.BREACHED) == is_late


def test_only_the_clocks_that_count_from_a_corrected_instant_move() -> None:
    standing = an_accident(happened(hours=1))
    correct(standing, PUBLISHED, -10)
    assert standing.dossier.incident.first_published_at == after(minutes=-10)
    assert events(standing, "obligation_moved") == []


def test_a_correction_acknowledges_the_open_round_and_says_what_was_before() -> None:
    standing = an_accident(happened(hours=1))
    correct(standing, OCCURRED, -20)
    assert standing.dossier.acknowledgements[-1].by == "office_head"
    [facts] = events(standing, "start_corrected")
    assert isinstance(facts, dict)
    assert (facts["from_at"], facts["to_at"]) == (
        after(hours=-1).isoformat(),
        after(minutes=-20).isoformat(),
    )


@pytest.mark.parametrize("role", [Role.MEDIA, Role.OFFICIAL])
def test_no_later_reading_changes_what_a_person_corrected(role: Role) -> None:
    standing = an_accident(happened(hours=1))
    correct(standing, OCCURRED, -20)
    correct(standing, PUBLISHED, -5)
    earlier = a_report(
        after(hours=1),
        deaths=12,
        item_id=2,
        role=role,
        occurred=happened(hours=2),
        published_at=after(minutes=-30),
    )
    standing.join(earlier, after(hours=1))
    incident = standing.dossier.incident
    assert incident.occurred == happened(minutes=20)
    assert incident.first_published_at == after(minutes=-5)
    assert clock(standing).starts_at == after(minutes=-20)


def test_a_reopened_or_regraded_clock_starts_where_a_person_put_it() -> None:
    standing = an_accident(happened(hours=2))
    correct(standing, OCCURRED, -20)
    standing.act(acts.dismiss("误报"), "duty", after(minutes=40))
    standing.act(acts.reopen("属实"), "duty", after(minutes=50))
    assert clock(standing).starts_at == after(minutes=-20)


def test_a_breach_with_a_due_time_to_come_is_taken_back_and_may_come_again() -> None:
    standing = an_accident(happened(hours=6))
    assert clock(standing).state is ObligationState.BREACHED
    standing.tick(after(hours=1))
    correct(standing, OCCURRED, -60, now=70)
    reopened = clock(standing)
    assert (reopened.state, reopened.due_at, reopened.version) == (ObligationState.OPEN, after(hours=4), 2)
    assert reopened.breached_at == T0
    assert not reopened.overdue_at_birth
    assert set(standing.told("corrected")) == {"duty", "leader"}
    for hours in (2, 3, 3.9, 4.1, 6.1):
        standing.tick(after(hours=hours))
    assert clock(standing).breached_at == after(hours=4.1)
    assert [r.kind for r in standing.dossier.reminders if r.id.startswith(f"{reopened.id}/2/overdue")] == [
        "overdue_1",
        "overdue_2",
    ]
    assert standing.told("due").count("leader") == 2


def test_an_untold_second_breach_is_found_though_the_first_was_told() -> None:
    standing = an_accident(happened(hours=6))
    correct(standing, OCCURRED, -60)
    told = list(standing.alerts.values())
    now = after(hours=5)
    assert f"breach_unnoticed:{clock(standing).id}" in find_untold(standing.dossier, told, now)
    standing.tick(now)
    assert f"breach_untold:{clock(standing).id}" in find_untold(standing.dossier, told, now)


def test_a_breach_that_was_taken_back_is_not_sent() -> None:
    standing = an_accident(happened(hours=6))
    [due, *_] = [a for a in standing.alerts.values() if a.reason == "due"]
    assert obsolete_reason(due, standing.dossier) is None
    correct(standing, OCCURRED, -60)
    assert obsolete_reason(due, standing.dossier) == "not_breached"


@pytest.mark.parametrize(
    ("minutes", "late", "breaches"),
    [pytest.param(-180, True, 1, id="found late"), pytest.param(-20, False, 0, id="still in time")],
)
def test_what_was_met_is_judged_by_the_corrected_due_time(minutes: int, late: bool, breaches: int) -> None:
    standing = an_accident(happened(hours=1))
    standing.tick(after(hours=2))
    standing.act(acts.respond(PublicationKind.FIRST_RELEASE, title="通报"), "duty", after(hours=3))
    correct(standing, OCCURRED, minutes, now=200)
    met = clock(standing)
    assert (met.state, met.met_late, met.ended_at) == (ObligationState.MET, late, after(hours=3))
    assert events(standing, "obligation_breached").count("first_release") == breaches
    assert bool(standing.told("corrected")) == late


def test_a_report_to_a_superior_counts_anew_as_well() -> None:
    standing = Standing.opened(
        a_report(T0, deaths=12, occurred=happened(hours=1)), T0, office=reporting(U_COUNTY_2H=2)
    )
    correct(standing, OCCURRED, -20)
    assert clock(standing, "U_COUNTY_2H").due_at == after(minutes=100)


# -- precision


@pytest.mark.parametrize(
    ("precision", "at", "until"),
    [
        pytest.param(Precision.MINUTE, after(minutes=95), None, id="minute"),
        pytest.param(Precision.HOUR, after(minutes=60), None, id="hour"),
        pytest.param(Precision.DAY, after(hours=-8), after(hours=16), id="the local day"),
    ],
)
def test_an_instant_is_as_exact_as_a_person_says(precision: Precision, at: object, until: object) -> None:
    moment = as_moment(after(minutes=95), precision)
    assert (moment.at, moment.until, moment.precision) == (at, until, precision)


def test_a_publication_known_to_the_day_counts_at_its_latest_instant_before_we_saw_it() -> None:
    standing = an_accident()
    for days, expected in ((1, after(hours=-8)), (0, T0)):
        act = acts.correct_start(PUBLISHED, T0 - timedelta(days=days), Precision.DAY, "网页只写日期")
        standing.act(act, "duty", after(minutes=5))
        assert standing.dossier.incident.first_published_at == expected


# -- the time of a publication


def answered(hours: float = 3) -> Standing:
    """Return an accident of T0 with a release of `hours` later."""
    standing = an_accident()
    for hour in (1, 2.5, 3.75, 4.5, 5.1):
        standing.tick(after(hours=hour)) if hour < hours else None
    standing.act(acts.respond(PublicationKind.FIRST_RELEASE, title="通报"), "duty", after(hours=hours))
    return standing


def retime(standing: Standing, hours: float, publication: str = "1-p1", now: float = 8) -> bool:
    act = acts.correct_publication(publication, after(hours=hours), "登记有误")
    return standing.act(act, "office_head", after(hours=now))


@pytest.mark.parametrize(
    ("recorded", "corrected", "late", "told"),
    [
        pytest.param(6, 4, False, True, id="late to in time"),
        pytest.param(4, 6, True, True, id="in time to late"),
        pytest.param(3, 4, False, False, id="in time all the same"),
        pytest.param(6, 7, True, False, id="late all the same"),
    ],
)
def test_what_a_publication_meets_is_judged_by_its_corrected_time(
    recorded: float, corrected: float, late: bool, told: bool
) -> None:
    standing = answered(recorded)
    assert retime(standing, corrected)
    met = clock(standing)
    assert (met.met_late, met.met_effective_at) == (late, after(hours=corrected))
    assert bool(standing.told("corrected")) == told
    assert clock(standing, "follow_up").starts_at == after(hours=corrected)
    assert clock(standing, "follow_up").is_running


def test_the_publication_that_is_the_first_by_corrected_times_meets_the_clock() -> None:
    standing = answered(3)
    standing.act(acts.respond(PublicationKind.FOLLOW_UP, title="续报"), "duty", after(hours=4))
    assert retime(standing, 5)
    assert (clock(standing).met_by, clock(standing).met_effective_at) == ("1-p2", after(hours=4))
    [ended, running] = [o for o in standing.dossier.obligations if o.kind == "follow_up"]
    assert (ended.state, running.starts_at) == (ObligationState.MET, after(hours=5))


def test_a_follow_up_that_its_release_no_longer_meets_gives_way_to_the_running_one() -> None:
    standing = answered(3)
    standing.act(acts.respond(PublicationKind.FOLLOW_UP, title="续报"), "duty", after(hours=4))
    assert retime(standing, 2, publication="1-p2")
    [given_up, running] = [o for o in standing.dossier.obligations if o.kind == "follow_up"]
    assert (given_up.state, running.starts_at) == (ObligationState.SUPERSEDED, after(hours=3))


def test_the_same_time_of_a_publication_changes_nothing() -> None:
    standing = answered(3)
    kept = standing.copy()
    assert retime(standing, 3)
    assert (standing.dossier, standing.journal) == (kept.dossier, kept.journal)


def test_a_publication_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        retime(an_accident(), 3)


def test_a_withdrawn_publication_has_no_time_to_correct() -> None:
    standing = answered(3)
    standing.act(acts.withdraw_answer("1-p1", "登记有误"), "duty", after(hours=4))
    assert not retime(standing, 2)


@given(st.integers(min_value=1, max_value=420), st.integers(min_value=1, max_value=420))
def test_correcting_a_publication_is_like_having_recorded_it_so(recorded: int, corrected: int) -> None:
    standing, other = answered(8), answered(8)
    retime(standing, recorded / 60, now=9)
    retime(standing, corrected / 60, now=9)
    retime(other, corrected / 60, now=9)
    for one, same in zip(standing.dossier.obligations, other.dossier.obligations, strict=True):
        assert (one.kind, one.state, one.due_at, one.met_late) == (
            same.kind,
            same.state,
            same.due_at,
            same.met_late,
        )


# -- merge and split


def test_a_merge_leaves_what_a_person_corrected() -> None:
    survivor, gone = an_accident(happened(hours=1)), an_accident(happened(hours=3))
    correct(survivor, OCCURRED, -20)
    other = replace(gone.dossier, incident=replace(gone.dossier.incident, id=2))
    kept, _ = merge(other, survivor.dossier, "duty", circumstances(after(hours=1), actor="duty"))
    assert kept.incident.occurred == happened(minutes=20)
    assert kept.obligations == ()


@pytest.mark.parametrize(
    ("corrected_to", "holds", "by"),
    [
        pytest.param(-20, 60, {}, id="a later start that somebody gave the other incident is not this one's"),
        pytest.param(-90, 90, {"occurred": "office_head"}, id="an earlier one is"),
    ],
)
def test_a_merge_never_lets_a_clock_start_later(corrected_to: int, holds: int, by: dict[str, str]) -> None:
    survivor, gone = an_accident(happened(hours=1)), an_accident(happened(hours=2))
    correct(gone, OCCURRED, corrected_to)
    other = replace(gone.dossier, incident=replace(gone.dossier.incident, id=2))
    kept, _ = merge(other, survivor.dossier, "duty", circumstances(after(hours=1), actor="duty"))
    assert kept.incident.occurred == happened(minutes=holds)
    assert kept.incident.corrected_by == by


def test_a_split_leaves_what_a_person_corrected() -> None:
    standing = an_accident(happened(hours=1))
    correct(standing, OCCURRED, -20)
    staying, moved = a_report(T0, deaths=12, occurred=happened(hours=1)), a_report(T0, deaths=1, item_id=2)
    left, _ = split(standing.dossier, [moved], [staying], 2, "duty", circumstances(after(hours=1)))
    assert left.incident.occurred == happened(minutes=20)
    assert left.incident.corrected_by == {"occurred": "office_head"}
