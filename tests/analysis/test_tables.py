"""What each table counts, case by case."""

from datetime import date
from typing import Any

import pytest

from monitor.analysis import answering, judging, spreading, trend, wording
from monitor.analysis.answering import Standing, standing
from monitor.analysis.catalog import analysis
from monitor.analysis.facts import Judged, WordCount
from monitor.analysis.period import Period
from monitor.classifiers.model import Grade, NamedPlace, Severity
from monitor.incidents.heat import Sighting
from monitor.incidents.model import IncidentState
from tests.analysis.facts import MARCH, NAMING, NOW, a_clock, an_arrival, an_incident, material
from tests.support.builders import T0, after

STANDINGS = [
    pytest.param({"state": "met"}, Standing.ON_TIME, id="met"),
    pytest.param({"state": "met", "met_late": True}, Standing.LATE, id="met late"),
    pytest.param({"state": "breached"}, Standing.OVERDUE, id="breached"),
    pytest.param({"state": "open", "due": 599}, Standing.OVERDUE, id="over, not noticed yet"),
    pytest.param({"state": "open", "due": 600}, Standing.OPEN, id="due at this very instant"),
    pytest.param(
        {"state": "superseded", "ended_reason": "merged", "breached_at": T0}, Standing.LEFT_OUT, id="merged"
    ),
    pytest.param({"state": "superseded", "ended_reason": "closed"}, Standing.LEFT_OUT, id="closed in time"),
    pytest.param(
        {"state": "superseded", "ended_reason": "closed", "breached_at": T0},
        Standing.OVERDUE,
        id="closed overdue",
    ),
    pytest.param({"state": "waived", "breached_at": T0}, Standing.LEFT_OUT, id="waived"),
]


@pytest.mark.parametrize(("fields", "expected"), STANDINGS)
def test_what_came_of_an_obligation(fields: dict[str, Any], expected: Standing) -> None:
    assert standing(a_clock(**fields).clock, NOW) is expected


def test_the_rate_leaves_out_what_is_not_due_yet_and_what_no_longer_had_to_be_met() -> None:
    clocks = (
        a_clock("water", id="a"),
        a_clock("water", id="b", met_late=True),
        a_clock("water", id="c", state="breached"),
        a_clock("water", id="d", state="open", due=700),
        a_clock("water", id="e", state="waived"),
        a_clock("water", "police", id="f"),
        a_clock(id="g"),
        a_clock("water", id="h", kind="follow_up", statutory=False, state="breached"),
        a_clock("water", id="i", kind="U_PHONE_30", name="电话报告", state="breached"),
    )
    table = answering.on_time_by_department(material(clocks=clocks), NAMING)
    assert table.rows == (
        ("县水务局", 5, 2, 1, 1, 1, 0.5, 1),
        ("未交办", 1, 1, 0, 0, 0, 1.0, 0),
        ("县公安局", 1, 1, 0, 0, 0, 1.0, 0),
        ("合计", 6, 3, 1, 1, 1, 0.6, 1),
    )
    kinds = answering.on_time_by_kind(material(clocks=clocks), NAMING)
    assert kinds.rows == (("回应", 6, 3, 1, 1, 1, 0.6, 1), ("电话报告", 1, 0, 0, 1, 0, 0.0, 0))


def test_months_are_those_of_the_due_instant_in_local_time() -> None:
    period = Period(first=date(2026, 3, 1), last=date(2026, 5, 31))
    clocks = (a_clock(due=29 * 24 + 15), a_clock(id="late", due=29 * 24 + 16, met_late=True))
    table = answering.on_time_by_month(material(period=period, clocks=clocks, now=after(days=60)), NAMING)
    assert [row[:4] for row in table.rows] == [
        ("2026-03", 1, 1, 0),
        ("2026-04", 1, 0, 1),
        ("2026-05", 0, 0, 0),
        ("合计", 2, 1, 1),
    ]
    assert table.column("rate") == (1.0, 0.0, None, 0.5)


def test_a_rate_of_nothing_on_time_is_drawn_and_no_emptiness() -> None:
    """All late is the worst there is: it must not look like a quiet month."""
    by_department = analysis("on_time_departments")
    assert by_department is not None
    late = by_department.build(material(clocks=(a_clock("water", state="breached"),)), NAMING)
    assert not late.is_empty
    assert by_department.drawing(late) is not None
    nothing = by_department.build(material(), NAMING)
    assert nothing.is_empty
    assert by_department.drawing(nothing) is None


@pytest.mark.parametrize(("count", "title"), [(15, "涉及地点"), (16, "涉及地点，前 15 项")])
def test_a_chart_that_leaves_rows_out_says_so(count: int, title: str) -> None:
    by_place = analysis("places")
    assert by_place is not None
    found = tuple(an_incident(id=n, places=(NamedPlace(name=f"{n}镇"),)) for n in range(count))
    drawing = by_place.drawing(by_place.build(material(incidents=found), NAMING))
    assert drawing is not None
    assert drawing.shown.title == title


def test_what_waits_for_people_is_no_emptiness_where_nothing_is_drawn_of_it() -> None:
    alarms = analysis("false_alarms")
    assert alarms is not None
    table = alarms.build(material(incidents=(an_incident(),)), NAMING)
    assert (alarms.drawing(table), table.is_empty) == (None, False)


def test_days_that_have_not_come_have_no_figure() -> None:
    found = material(now=after(days=1), incidents=(an_incident(),))
    assert trend.trend(found, NAMING).column("incidents")[1:4] == (1, 0, None)
    assert trend.calendar(found, NAMING).rows[0][1:5] == (0, 1, 0, None)


def test_the_time_to_the_first_word_counts_from_the_first_post_and_never_below_zero() -> None:
    incidents = [
        an_incident(id=1),
        an_incident(id=2, first_published_at=after(hours=2)),
        an_incident(id=3),
        an_incident(id=4, first_published_at=None),
        an_incident(id=5, state=IncidentState.DISMISSED),
    ]
    words = {1: after(hours=4), 2: after(hours=1), 4: after(hours=1), 5: after(hours=99)}
    table = answering.response_time(material(incidents=tuple(incidents), first_words=words), NAMING)
    assert table.rows[1] == ("2级", 4, 3, 2, 1, 2.0, 4.0, 4.0)
    assert table.rows[0] == ("1级", 0, 0, 0, 0, None, None, None)


def test_dismissed_ones_are_false_alarms_of_those_that_somebody_judged() -> None:
    lowered = Judged(severity=None, automatic_seen=Severity.SERIOUS)
    incidents = (
        an_incident(id=1),
        an_incident(id=2, confirmed_at=T0),
        an_incident(id=3, state=IncidentState.DISMISSED, judgement=lowered, grade=Grade()),
        an_incident(id=4, state=IncidentState.MERGED),
        an_incident(id=5, state=IncidentState.CLOSED, ended_by="ledger"),
        an_incident(id=6, state=IncidentState.DISMISSED),
    )
    found = material(incidents=incidents, by_hand=frozenset({6}))
    assert judging.false_alarms(found, NAMING).rows[1] == ("2级", 3, 2, 1, 1, 0.5)
    assert judging.corrections(found, NAMING).rows[1] == ("2级", 0, 0, 0, 0, 1, 1, 0.0)


def test_the_source_that_had_it_first_leads_and_lone_ones_do_not_count() -> None:
    arrivals = (
        an_arrival("forum", 0), an_arrival("forum", 9), an_arrival("paper", 2), an_arrival("ledger", -5),
        an_arrival("paper", 1, incident=2), an_arrival("forum", 4, incident=2),
        an_arrival("hotline", 0, incident=3),
    )  # fmt: skip
    found = material(incidents=tuple(an_incident(id=n) for n in (1, 2, 3)), arrivals=arrivals)
    assert spreading.sources_by_lead(found, NAMING).rows == (
        ("forum网", "media", 2, 1, 0.5, 2.0, 1.5),
        ("paper网", "media", 2, 1, 0.5, 3.0, 1.0),
    )


def test_reach_is_compared_hour_by_hour_and_ends_where_time_does() -> None:
    def seen(*hours: float) -> list[Sighting]:
        return [Sighting(at=after(hours=h), item_id=n, source_id="a") for n, h in enumerate(hours)]

    again = Sighting(at=after(hours=2), item_id=0, source_id="a", rank=1)
    table = spreading.reach({3: [*seen(0, 1, 5), again], 7: seen(4), 9: []}, after(hours=6))
    assert table.column("hours") == ("0", "1", "2", "3", "4", "5", "6", "8")[:7]
    assert table.column("i3")[:6] == (1, 2, 2, 2, 2, 3)
    assert table.column("i7") == (1, 1, 1, None, None, None, None)
    assert set(table.column("i9")) == {None}


def test_a_word_rises_where_more_reports_have_it_than_chance_would_give() -> None:
    now = WordCount(reports=100, words={"停水": 30, "道路": 50, "新词": 3, "少见": 2, "减少": 5})
    before = WordCount(reports=100, words={"停水": 5, "道路": 48, "减少": 30})
    table = wording.words_that_rose(material(words=now, words_before=before), NAMING)
    assert table.column("word") == ("停水",)
    assert table.rows[0][1:5] == (30, 5, 0.3, 0.05)
    assert wording.likelihood_ratio(30, 100, 5, before) == pytest.approx(19.81, abs=0.01)
    assert wording.words_that_rose(material(words=now), NAMING).rows == ()


@pytest.mark.parametrize(
    ("period", "first", "count"),
    [
        pytest.param(MARCH, "03-01", 31, id="a month by day"),
        pytest.param(
            Period(first=date(2026, 1, 5), last=date(2026, 12, 31)), "2026-01", 12, id="a year by month"
        ),
    ],
)
def test_a_trend_is_by_day_for_two_months_and_by_month_for_longer(
    period: Period, first: str, count: int
) -> None:
    found = material(period=period, incidents=(an_incident(),), daily_items={date(2026, 3, 2): 4})
    table = trend.trend(found, NAMING)
    assert (table.rows[0][0], len(table.rows)) == (first, count)
    assert [row[1:] for row in table.rows if any(row[1:])] == [(1, 1, 4)]


def test_compositions_name_what_is_unknown_and_order_by_number() -> None:
    incidents = (
        an_incident(id=1, event_type="fire", places=(NamedPlace(name="柯街镇"), NamedPlace(name="田园镇"))),
        an_incident(id=2, event_type="fire", severity=None),
        an_incident(id=3),
        an_incident(id=4, local=False),
    )
    found = material(incidents=incidents)
    assert trend.by_type(found, NAMING).rows == (("fire", 2, 1, 2 / 3), ("政务舆情", 1, 1, 1 / 3))
    assert trend.by_place(found, NAMING).rows == (("未认定", 2, 1, 2 / 3), ("柯街镇", 1, 1, 1 / 3))


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 3, 2), date(2026, 3, 1)), (date(2000, 1, 1), date(2026, 1, 1))]
)
def test_a_period_has_an_order_and_an_end(first: date, last: date) -> None:
    with pytest.raises(ValueError, match="起始日期"):
        Period(first=first, last=last)


def test_the_period_before_ends_where_this_one_begins_and_is_as_long() -> None:
    assert MARCH.before == Period(first=date(2026, 1, 29), last=date(2026, 2, 28))
    assert MARCH.before.until == MARCH.since
