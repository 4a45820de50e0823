"""What a decision holds, to the last field: each of these was once changed by `make mutants` unnoticed."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from monitor.classifiers.model import Moment, Precision, Severity
from monitor.deadlines.derive import Derivation, derive_obligations, judge_evidence, move
from monitor.deadlines.model import Obligation, ObligationState, Rule, RuleBook, StartBasis, StartRule
from monitor.deadlines.reminders import overdue_reminder, plan_reminders, reminder_due
from monitor.deadlines.rules import packaged_rules, read_rules
from monitor.deadlines.windows import Start, start_of, starts_at
from monitor.deadlines.workdays import add_workdays, count_workdays, is_workday, next_workday
from monitor.errors import ConfigurationError
from monitor.incidents.model import Incident, IncidentState
from monitor.office.model import CalendarYear, Policy
from tests.deadlines.test_rules import RULE
from tests.support.builders import T0, a_publication, after, an_incident, an_obligation

RULES = packaged_rules()
RELEASE = RULES.rule("first_release")
WEEK = timedelta(days=7)


BORN_AT = after(minutes=2)


def derive(incident: Incident, *existing: Obligation, now: datetime = BORN_AT) -> Derivation:
    return derive_obligations(incident, existing, (), RULES, Policy(), now)


# -- an obligation is born


def test_an_obligation_is_born_with_the_rule_and_its_start_frozen_onto_it() -> None:
    [release, _] = derive(an_incident(), now=after(hours=1)).opened
    assert release == Obligation(
        id="1:first_release:1",
        incident_id=1,
        kind="first_release",
        name=RELEASE.name,
        legal_basis=RELEASE.legal_basis,
        statutory=True,
        rule_version=RULES.version,
        starts_at=T0,
        start_basis=StartBasis.FIRST_PUBLISHED,
        window=timedelta(hours=5),
        due_at=after(hours=5),
        opened_at=after(hours=1),
    )


def test_a_start_moved_to_detection_says_so_on_the_obligation() -> None:
    long_ago = Moment(at=after(days=-8), precision=Precision.MINUTE)
    [release, _] = derive(an_incident(occurred=long_ago)).opened
    assert (release.starts_at, release.start_basis, release.start_limited) == (
        after(minutes=2),
        StartBasis.DETECTED,
        True,
    )


@pytest.mark.parametrize(("now", "overdue"), [(after(hours=5), False), (after(hours=5, seconds=1), True)])
def test_what_is_born_at_its_last_instant_is_not_overdue(now: datetime, overdue: bool) -> None:
    assert derive(an_incident(), now=now).opened[0].overdue_at_birth is overdue


def test_the_office_sets_the_hours_of_a_follow_up() -> None:
    policy, published = Policy(follow_up_every=timedelta(hours=12)), a_publication()
    opened = derive_obligations(an_incident(), (), [published], RULES, policy, after(hours=2)).opened
    [follow_up] = [o for o in opened if o.kind == "follow_up"]
    assert (follow_up.window, follow_up.due_at) == (timedelta(hours=12), after(hours=13))
    assert follow_up.start_basis is StartBasis.LAST_RELEASE


# -- an obligation ends

RUNNING = derive(an_incident()).opened
RESPONSE = derive(an_incident(severity=Severity.ORDINARY)).opened


@pytest.mark.parametrize(
    ("incident", "before", "reason"),
    [
        pytest.param({"local": None}, RUNNING, "unplaced", id="nobody knows where"),
        pytest.param({"state": IncidentState.CLOSED}, RUNNING, "closed", id="closed"),
        pytest.param({"severity": Severity.ORDINARY}, RUNNING, "downgraded", id="lowered"),
        pytest.param({}, RESPONSE, "upgraded", id="raised"),
    ],
)
def test_what_no_longer_holds_is_superseded_now_and_for_a_reason(
    incident: dict[str, Any], before: tuple[Obligation, ...], reason: str
) -> None:
    ended = derive(an_incident(**incident), *before, now=after(hours=3)).superseded
    assert ended == tuple(
        replace(o, state=ObligationState.SUPERSEDED, ended_at=after(hours=3), ended_reason=reason)
        for o in before
    )


@pytest.mark.parametrize(("state", "stands"), [(IncidentState.OPEN, True), (IncidentState.DISMISSED, False)])
def test_a_promise_stands_as_long_as_the_incident_has_clocks(state: IncidentState, stands: bool) -> None:
    promise = an_obligation(id="1:promise_1:1", kind="promise_1")
    assert bool(derive(an_incident(state=state), *RUNNING, promise).superseded) is not stands


def test_what_is_met_keeps_by_what_when_and_who_recorded_it() -> None:
    before = replace(RUNNING[0], state=ObligationState.BREACHED, breached_at=after(hours=6))
    published = a_publication(effective_at=after(hours=5), recorded_by="office_head")
    expected = replace(
        before,
        state=ObligationState.MET,
        met_effective_at=after(hours=5),
        met_by=published.id,
        met_late=False,
        recorded_late=True,
        ended_at=after(hours=8),
        ended_by="office_head",
        ended_reason="met",
    )
    assert judge_evidence(before, RELEASE, [published], after(hours=8)) == expected
    derived = derive_obligations(an_incident(), [before], [published], RULES, Policy(), after(hours=8))
    assert derived.met == (expected,)


def test_evidence_at_birth_is_recorded_at_birth() -> None:
    derived = derive_obligations(an_incident(), (), [a_publication()], RULES, Policy(), after(hours=9))
    assert {o.kind: o.ended_at for o in derived.opened}["first_release"] == after(hours=9)


# -- a start moves

EARLIER = Moment(at=after(hours=-2), precision=Precision.MINUTE)


def test_a_moved_obligation_changes_its_start_and_nothing_else() -> None:
    start = Start(at=after(hours=-2), basis=StartBasis.OCCURRED, limited=True)
    assert move(RUNNING[0], start) == replace(
        RUNNING[0],
        version=2,
        starts_at=after(hours=-2),
        start_basis=StartBasis.OCCURRED,
        start_limited=True,
        due_at=after(hours=3),
    )


def test_what_moves_and_is_met_at_once_is_told_as_both() -> None:
    published = a_publication(effective_at=after(hours=1))
    changed = derive_obligations(
        an_incident(occurred=EARLIER), RUNNING, [published], RULES, Policy(), after(hours=2)
    )
    assert [(m.before.version, m.after.kind) for m in changed.moved] == [
        (1, "first_release"),
        (1, "press_conference"),
    ]
    assert [(o.version, o.kind) for o in changed.met] == [(2, "first_release")]


def a_former(hours: float, number: int = 1) -> Obligation:
    """Return a superseded first release that counted from the detection, so many hours from T0."""
    return an_obligation(
        id=f"1:first_release:{number}",
        kind="first_release",
        starts_at=after(hours=hours),
        start_basis=StartBasis.DETECTED,
        state=ObligationState.SUPERSEDED,
    )


@pytest.mark.parametrize(
    ("former", "at", "basis"),
    [
        pytest.param([-1], after(hours=-1), StartBasis.DETECTED, id="an earlier one holds"),
        pytest.param([-1, -3, -2], after(hours=-3), StartBasis.DETECTED, id="the earliest of several"),
        pytest.param([1], T0, StartBasis.FIRST_PUBLISHED, id="a later one does not"),
        pytest.param([0], T0, StartBasis.FIRST_PUBLISHED, id="nor one of the same instant"),
    ],
)
def test_what_ran_before_gives_its_start_only_if_it_is_earlier(
    former: list[float], at: datetime, basis: StartBasis
) -> None:
    existing = [a_former(hours, number) for number, hours in enumerate(former, start=1)]
    release = derive(an_incident(), *existing).opened[0]
    assert (release.starts_at, release.start_basis) == (at, basis)
    assert release.id == f"1:first_release:{len(former) + 1}"


# -- where a window starts


def test_a_day_without_an_end_lasts_a_day() -> None:
    occurred = Moment(at=after(days=-3), precision=Precision.DAY)
    assert starts_at(StartRule.OCCURRENCE, an_incident(occurred=occurred), WEEK) == Start(
        at=after(days=-2), basis=StartBasis.OCCURRED
    )


@pytest.mark.parametrize(
    ("published", "start"),
    [
        pytest.param(
            after(days=-8),
            Start(at=after(minutes=2), basis=StartBasis.DETECTED, limited=True),
            id="too long ago",
        ),
        pytest.param(
            after(minutes=2),
            Start(at=after(minutes=2), basis=StartBasis.FIRST_PUBLISHED),
            id="at detection",
        ),
        pytest.param(
            after(minutes=3), Start(at=after(minutes=2), basis=StartBasis.DETECTED), id="after detection"
        ),
    ],
)
def test_a_start_says_which_instant_it_is(published: datetime, start: Start) -> None:
    assert starts_at(StartRule.PUBLICATION, an_incident(first_published_at=published), WEEK) == start


def test_a_follow_up_counts_from_the_last_release_and_says_so() -> None:
    released = [a_publication(id=f"{n}", effective_at=after(hours=n)) for n in (2, 1)]
    assert start_of(RULES.rule("follow_up"), an_incident(), released, WEEK) == Start(
        at=after(hours=2), basis=StartBasis.LAST_RELEASE
    )


# -- the rule book


def test_a_repeated_rule_is_refused_at_its_own_place_in_the_file_named() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_rules(RULE + RULE.partition("rules:\n")[2])
    [fault] = caught.value.faults
    assert fault.startswith("rules.yaml:10:")
    assert "rules[1].kind: 规则 response 重复" in fault


def test_the_version_is_short_enough_to_be_printed_and_an_unknown_kind_is_named() -> None:
    book = read_rules(RULE)
    assert len(book.version) == 12
    with pytest.raises(KeyError, match="press_conference"):
        book.rule("press_conference")


# -- reminders


def test_every_reminder_knows_its_obligation_and_incident() -> None:
    obligation = an_obligation(id="7:response:1", incident_id=7)
    planned = [*plan_reminders(obligation, (50,)), overdue_reminder(obligation, 1, timedelta(hours=2))]
    assert {(r.obligation_id, r.incident_id) for r in planned} == {("7:response:1", 7)}


def test_what_is_passed_over_is_overtaken() -> None:
    plan = plan_reminders(an_obligation(), (50, 75, 90))
    assert reminder_due(plan, after(hours=20), T0).skipped == ((plan[0], "overtaken"),)
    overdue = [overdue_reminder(an_obligation(), n, timedelta(hours=2)) for n in (1, 2, 3)]
    firing = reminder_due(overdue, after(hours=31), after(hours=27))
    assert firing.fires == overdue[2]
    assert firing.skipped == ((overdue[0], "service_away"), (overdue[1], "overtaken"))


# -- reports to a superior


def a_report(**fields: Any) -> Rule:
    defaults: dict[str, Any] = {
        "kind": "U_PHONE_30",
        "name": "电话报告",
        "when": "reported",
        "to": "市政府总值班室",
    }
    defaults |= {
        "start": StartRule.KNOWN,
        "window": timedelta(0),
        "statutory": True,
        "legal_basis": "第十七条",
    }
    return Rule(**(defaults | {"fulfilled_by": ("phone",)} | fields))


@pytest.mark.parametrize(
    ("fields", "is_owed"),
    [
        pytest.param({}, True, id="of everything"),
        pytest.param({"severities": (1, 2)}, True, id="of its severity"),
        pytest.param({"severities": (3, 4)}, False, id="of another severity"),
        pytest.param({"categories": ("accident",)}, True, id="of its category"),
        pytest.param({"categories": ("public_health",)}, False, id="of another category"),
        pytest.param({"event_types": ("road_traffic",)}, True, id="of its type"),
        pytest.param({"event_types": ("fire",)}, False, id="of another type"),
    ],
)
def test_a_report_is_owed_of_the_incidents_it_is_about(fields: dict[str, Any], is_owed: bool) -> None:
    rule = a_report(**fields)
    policy = Policy(reporting={rule.kind: timedelta(minutes=30)})
    book = RuleBook(rules=(rule,), version="r1")
    opened = derive_obligations(an_incident(), (), (), book, policy, BORN_AT).opened
    assert [(o.kind, o.starts_at, o.start_basis, o.due_at) for o in opened] == [
        (rule.kind, after(minutes=2), StartBasis.KNOWN, after(minutes=32))
    ] * is_owed


WRONG_RULES = [
    (
        {"kind": "PHONE"},
        "kind: 信息报送规则（when: reported）的 kind 以 U_ 开头，其他规则不以它开头",
    ),
    ({"window": "30m"}, "window: 时限由 office.yaml 的 settings.reporting 设定，这里不写 window"),
    (
        {"fulfilled_by": "[phone, response]"},
        "fulfilled_by: 信息报送由 phone、written 完成，对公众的回应由发布完成",
    ),
    ({"to": None}, "to: 缺少报送对象 to"),
    ({"when": "other", "kind": "x", "fulfilled_by": "[response]"}, "window: 缺少 window"),
]


@pytest.mark.parametrize(("written", "said"), WRONG_RULES)
def test_a_report_rule_that_does_not_fit_together_says_what_and_where(
    written: dict[str, str | None], said: str
) -> None:
    keys = {"kind": "U_A", "name": "电话报告", "when": "reported", "to": "市政府", "start": "known"}
    keys |= {"statutory": "true", "fulfilled_by": "[phone, written]", "legal_basis": "第十七条"}
    rule = {name: value for name, value in (keys | written).items() if value is not None}
    text = "rules:\n  - {" + ", ".join(f"{name}: {value}" for name, value in rule.items()) + "}\n"
    with pytest.raises(ConfigurationError) as caught:
        read_rules(text)
    assert [fault.partition("rules[0].")[2] for fault in caught.value.faults] == [said]


# -- working days

ENTERED = CalendarYear(year=2031, holidays=(date(2031, 1, 1),), workdays=(date(2031, 1, 4),), complete=True)


def test_a_year_entered_whole_follows_the_week_from_monday_to_friday() -> None:
    week = [date(2031, 1, 6) + timedelta(days=n) for n in range(7)]
    assert [is_workday(day, (ENTERED,)) for day in week] == [True] * 5 + [False] * 2


def test_every_count_of_working_days_asks_the_offices_own_table() -> None:
    new_year = date(2030, 12, 31)
    assert next_workday(new_year, (ENTERED,)) == date(2031, 1, 2)
    assert add_workdays(new_year, 3, (ENTERED,)) == date(2031, 1, 4)
    assert count_workdays(date(2031, 1, 1), date(2031, 1, 7), (ENTERED,)) == 4
