"""Which obligations hold, and what changes them (T5–T8, T12, T13, C3–C9)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classifiers.model import Moment, Precision, Severity
from monitor.deadlines.derive import Derivation, derive_obligations, judge_evidence, no_clock_reason
from monitor.deadlines.model import Obligation, ObligationState
from monitor.deadlines.rules import packaged_rules
from monitor.incidents.model import (
    Incident,
    IncidentState,
    Publication,
    PublicationKind,
    PublicationState,
    ReportMeans,
    UpwardReport,
)
from monitor.office.model import Policy
from tests.support.builders import T0, a_publication, after, an_incident

RULES = packaged_rules()
BORN_AT = after(minutes=2)
COMPLAINT: dict[str, Any] = {"severity": None, "category": None, "event_type": None, "opinion": "complaint"}


def derive(
    incident: Incident,
    existing: Sequence[Obligation] = (),
    publications: Sequence[Publication] = (),
    now: datetime = BORN_AT,
) -> Derivation:
    return derive_obligations(incident, existing, publications, RULES, Policy(), now)


def kinds(obligations: Sequence[Obligation]) -> list[str]:
    return [o.kind for o in obligations]


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (Severity.PARTICULARLY_SERIOUS, ["first_release", "press_conference"]),
        (Severity.SERIOUS, ["first_release", "press_conference"]),
        (Severity.RELATIVELY_SERIOUS, ["response"]),
        (Severity.ORDINARY, ["response"]),
        (None, ["response"]),
    ],
)
def test_the_severity_decides_which_clocks_run(severity: Severity | None, expected: list[str]) -> None:
    opened = derive(an_incident(severity=severity)).opened
    assert kinds(opened) == expected
    assert all(o.statutory and o.legal_basis and o.rule_version == RULES.version for o in opened)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({}, None, id="an emergency"),
        pytest.param({"local": None}, "unplaced", id="unplaced"),
        pytest.param({"local": False}, "elsewhere", id="elsewhere"),
        pytest.param({"state": IncidentState.DISMISSED}, "dismissed", id="dismissed"),
        pytest.param({"state": IncidentState.CLOSED}, "closed", id="closed"),
        pytest.param({"state": IncidentState.MERGED}, "merged", id="merged"),
        pytest.param({**COMPLAINT, "source_ids": ("a",)}, "single_complaint", id="one complaint"),
        pytest.param({**COMPLAINT, "opinion": "topic", "on_board": True}, "watched_topic", id="a topic"),
        pytest.param({**COMPLAINT, "opinion": "topic", "must_answer_by": "duty"}, None, id="to be answered"),
        pytest.param({**COMPLAINT, "source_ids": ("a", "b")}, None, id="two sources"),
        pytest.param({**COMPLAINT, "for_many": True}, None, id="for many"),
        pytest.param({**COMPLAINT, "on_board": True}, None, id="on a hot list or in the media"),
        pytest.param({**COMPLAINT, "must_answer_by": "duty"}, None, id="a person said so"),
        pytest.param({**COMPLAINT, "severity": Severity.ORDINARY}, None, id="with a severity"),
        pytest.param({**COMPLAINT, "opinion": "rumor"}, None, id="a rumour is no complaint"),
    ],
)
def test_why_no_clock_runs(fields: dict[str, Any], reason: str | None) -> None:
    incident = an_incident(**fields)
    assert no_clock_reason(incident) == reason
    assert bool(derive(incident).opened) is (reason is None)


def test_an_upgrade_adds_the_stricter_clocks_from_the_original_start_and_supersedes_the_response() -> None:
    (response,) = derive(an_incident(severity=Severity.ORDINARY)).opened
    changed = derive(an_incident(), [response], now=after(hours=7))
    assert kinds(changed.opened) == ["first_release", "press_conference"]
    assert {o.starts_at for o in changed.opened} == {T0}
    assert [o.overdue_at_birth for o in changed.opened] == [True, False]
    assert [(o.kind, o.state, o.ended_reason) for o in changed.superseded] == [
        ("response", ObligationState.SUPERSEDED, "upgraded")
    ]


@pytest.mark.parametrize(
    ("kind", "met"),
    [
        (PublicationKind.FIRST_RELEASE, ["first_release"]),
        (PublicationKind.RESPONSE, ["first_release"]),
        (PublicationKind.FOLLOW_UP, ["first_release"]),
        (PublicationKind.PRESS_CONFERENCE, ["first_release", "press_conference"]),
    ],
)
def test_only_a_conference_meets_the_conference_and_any_release_the_rest(
    kind: PublicationKind, met: list[str]
) -> None:
    existing = derive(an_incident()).opened
    changed = derive(an_incident(), existing, [a_publication(kind=kind)], after(hours=2))
    assert kinds(changed.met) == met
    assert kinds(changed.opened) == ["follow_up"]


@pytest.mark.parametrize("state", [PublicationState.OFFERED, PublicationState.DECLINED])
def test_evidence_that_nobody_accepted_fulfils_nothing(state: PublicationState) -> None:
    existing = derive(an_incident()).opened
    assert derive(an_incident(), existing, [a_publication(state=state)], after(hours=2)) == Derivation()


@pytest.mark.parametrize(
    ("effective", "state", "late", "recorded_late"),
    [
        pytest.param(timedelta(hours=5), ObligationState.OPEN, False, False, id="at the deadline"),
        pytest.param(timedelta(hours=5, seconds=1), ObligationState.OPEN, True, False, id="a second late"),
        pytest.param(timedelta(hours=4), ObligationState.BREACHED, False, True, id="early, recorded late"),
        pytest.param(timedelta(hours=6), ObligationState.BREACHED, True, False, id="late"),
    ],
)
def test_evidence_counts_by_its_effective_time(
    effective: timedelta, state: ObligationState, late: bool, recorded_late: bool
) -> None:
    release = replace(derive(an_incident()).opened[0], state=state)
    published = a_publication(effective_at=T0 + effective)
    judged = judge_evidence(release, RULES.rule("first_release"), [published], after(hours=8))
    assert (judged.state, judged.met_late, judged.recorded_late) == (ObligationState.MET, late, recorded_late)


def test_the_earliest_fulfilling_publication_decides() -> None:
    release = derive(an_incident()).opened[0]
    late, early = a_publication(id="9", effective_at=after(hours=9)), a_publication(id="1")
    judged = judge_evidence(release, RULES.rule("first_release"), [late, early], after(hours=10))
    assert (judged.met_by, judged.met_late) == ("1", False)


def test_evidence_that_exists_meets_an_obligation_at_its_birth() -> None:
    opened = derive(an_incident(), (), [a_publication()], after(hours=9)).opened
    assert [(o.kind, o.state, o.met_late) for o in opened] == [
        ("first_release", ObligationState.MET, False),
        ("press_conference", ObligationState.OPEN, False),
        ("follow_up", ObligationState.OPEN, False),
    ]


def test_each_release_restarts_the_follow_up() -> None:
    first = a_publication(id="1", effective_at=after(hours=1))
    second = a_publication(id="2", effective_at=after(hours=20))
    opened = derive(an_incident(), (), [first], after(hours=1)).opened
    changed = derive(an_incident(), opened, [first, second], after(hours=20))
    assert kinds(changed.met) == ["follow_up"]
    assert [(o.kind, o.due_at) for o in changed.opened] == [("follow_up", after(hours=44))]
    older = a_publication(id="3", effective_at=after(minutes=30))
    assert derive(an_incident(), opened, [first, older], after(hours=2)) == Derivation()


def test_a_start_moves_earlier_by_itself_and_never_later() -> None:
    existing = derive(an_incident()).opened
    earlier = Moment(at=after(hours=-2), precision=Precision.MINUTE)
    moved = derive(an_incident(occurred=earlier), existing, now=after(hours=1)).moved
    assert [(m.after.kind, m.after.version, m.after.due_at) for m in moved] == [
        ("first_release", 2, after(hours=3)),
        ("press_conference", 2, after(hours=22)),
    ]
    later = Moment(at=after(minutes=1), precision=Precision.MINUTE)
    assert derive(an_incident(occurred=later), existing, now=after(hours=1)) == Derivation()


def test_evidence_is_judged_against_the_moved_deadline() -> None:
    existing = derive(an_incident()).opened
    earlier = an_incident(occurred=Moment(at=after(hours=-2), precision=Precision.MINUTE))
    changed = derive(earlier, existing, [a_publication(effective_at=after(hours=4))], after(hours=4))
    assert [(o.kind, o.version, o.met_late) for o in changed.met] == [("first_release", 2, True)]


def test_what_is_met_or_waived_is_never_opened_again() -> None:
    existing = derive(an_incident()).opened
    settled = [
        replace(existing[0], state=ObligationState.MET),
        replace(existing[1], state=ObligationState.WAIVED),
    ]
    assert derive(an_incident(), settled, now=after(hours=3)) == Derivation()


def test_a_reopened_incident_counts_from_the_old_start_even_if_a_later_one_is_known_now() -> None:
    old = derive(an_incident(first_published_at=after(hours=-4))).opened
    ended = derive(an_incident(state=IncidentState.DISMISSED), old, now=after(hours=1)).superseded
    assert [o.ended_reason for o in ended] == ["dismissed", "dismissed"]
    again = derive(an_incident(), ended, now=after(hours=2)).opened
    assert [(o.id, o.starts_at) for o in again] == [
        ("1:first_release:2", after(hours=-4)),
        ("1:press_conference:2", after(hours=-4)),
    ]


severities = st.sampled_from([None, *Severity])
states = st.sampled_from([IncidentState.OPEN, IncidentState.OPEN, IncidentState.DISMISSED])
steps = st.lists(st.tuples(severities, states, st.booleans()), min_size=1, max_size=12)


@given(steps)
def test_obligations_are_never_deleted_never_revived_and_one_of_a_kind_runs(
    steps: list[tuple[Severity | None, IncidentState, bool]],
) -> None:
    kept: dict[str, Obligation] = {}
    publications: list[Publication] = []
    for hour, (severity, state, publishes) in enumerate(steps, start=1):
        now = after(hours=hour)
        if publishes:
            publications.append(a_publication(id=f"p{hour:02}", effective_at=now))
        incident = an_incident(severity=severity, state=state)
        changed = derive(incident, list(kept.values()), publications, now)
        moved = [m.after for m in changed.moved]
        touched = [*changed.superseded, *moved, *changed.met, *changed.opened]
        assert all(kept[o.id].is_running for o in touched if o.id in kept)
        kept |= {o.id: o for o in touched}
        running = [o.kind for o in kept.values() if o.is_running]
        assert len(running) == len(set(running))
        assert derive(incident, list(kept.values()), publications, now) == Derivation()


REPORTING = Policy(reporting={"U_PHONE_30": timedelta(minutes=30), "U_HEALTH_2": timedelta(hours=2)})


def a_report(kind: str = "U_PHONE_30", minutes: int = 10) -> UpwardReport:
    return UpwardReport(
        id="1-u1",
        kind=kind,
        means=ReportMeans.PHONE,
        to="市政府总值班室",
        reporter="值班员",
        effective_at=after(minutes=minutes),
        recorded_at=after(minutes=minutes),
        recorded_by="duty",
    )


def derive_reports(incident: Incident, existing: Sequence[Obligation] = ()) -> Derivation:
    return derive_obligations(incident, existing, (), RULES, REPORTING, BORN_AT)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"severity": Severity.SERIOUS}, ["U_PHONE_30"], id="of its severity"),
        pytest.param({"severity": Severity.ORDINARY}, [], id="not of its severity"),
        pytest.param({"severity": None}, [], id="ungraded"),
        pytest.param(
            {"severity": None, "category": "public_health"}, ["U_HEALTH_2"], id="of its category, ungraded"
        ),
        pytest.param({"severity": Severity.SERIOUS, "local": None}, [], id="unplaced"),
    ],
)
def test_what_the_county_set_hours_for_is_reported_upwards(
    fields: dict[str, Any], expected: list[str]
) -> None:
    incident = an_incident(**fields)
    assert [k for k in kinds(derive_reports(incident).opened) if k.startswith("U_")] == expected
    assert not [k for k in kinds(derive(incident).opened) if k.startswith("U_")]


def test_a_report_counts_from_when_the_office_knows_and_only_a_report_fulfils_it() -> None:
    incident = an_incident(severity=Severity.SERIOUS)
    opened = {o.kind: o for o in derive_reports(incident).opened}
    phone = opened["U_PHONE_30"]
    assert (phone.starts_at, phone.due_at - phone.starts_at) == (incident.detected_at, timedelta(minutes=30))
    released = derive_obligations(
        incident, tuple(opened.values()), (a_publication(),), RULES, REPORTING, BORN_AT
    )
    assert "U_PHONE_30" not in kinds(released.met)
    assert kinds(released.met) == ["first_release"]
    reported = derive_reports(replace(incident, upward_reports=(a_report(),)), tuple(opened.values()))
    assert kinds(reported.met) == ["U_PHONE_30"]


def test_a_report_of_another_kind_fulfils_nothing_and_a_late_one_is_late() -> None:
    incident = an_incident(severity=Severity.SERIOUS)
    other = derive_reports(replace(incident, upward_reports=(a_report("U_WRITE_60"),)))
    assert "U_PHONE_30" in kinds(other.opened)
    late = derive_reports(replace(incident, upward_reports=(a_report(minutes=500),)))
    (phone,) = [o for o in late.opened if o.kind == "U_PHONE_30"]
    assert (phone.state, phone.met_late) == (ObligationState.MET, True)


def test_a_downgrade_below_its_severities_supersedes_a_report() -> None:
    incident = an_incident(severity=Severity.SERIOUS)
    opened = derive_reports(incident).opened
    lowered = derive_reports(replace(incident, severity=Severity.ORDINARY), opened)
    assert "U_PHONE_30" in kinds(lowered.superseded)


def test_a_report_whose_hours_the_county_took_back_ends_as_no_longer_asked_for() -> None:
    incident = an_incident(severity=Severity.SERIOUS)
    opened = derive_reports(incident).opened
    ended = {o.kind: o.ended_reason for o in derive(incident, opened).superseded}
    assert ended == {"U_PHONE_30": "not_reported"}
