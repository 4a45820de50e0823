"""What holds for every table of any material at all."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.analysis.answering import (
    COLUMNS,
    Punctuality,
    answers_due,
    departments_of,
    nearest_rank,
    on_time_by_department,
    on_time_by_month,
    response_time,
)
from monitor.analysis.assessment import assessment, overdue_list
from monitor.analysis.catalog import ANALYSES, Analysis
from monitor.analysis.facts import Material
from monitor.analysis.judging import corrections, false_alarms
from monitor.analysis.table import Kind, Table
from monitor.analysis.trend import by_place, by_type, calendar, trend
from monitor.analysis.writing import as_csv
from tests.analysis.facts import NAMING, clocks, materials

DEPARTMENTS = ("water", "police")
EVERY = [pytest.param(each, id=each.code) for each in ANALYSES]


def total(table: Table, key: str, *, last: bool = False) -> float:
    rows = table.figures(key)[-1:] if last else table.figures(key)
    return sum(cell or 0 for cell in rows)


@pytest.mark.parametrize("each", EVERY)
@given(found=materials)
@settings(max_examples=25, deadline=None)
def test_every_rate_lies_between_none_and_all_and_no_count_below_zero(
    each: Analysis, found: Material
) -> None:
    table = each.build(found, NAMING)
    for column in table.columns:
        figures = [] if column.kind is Kind.TEXT else [f for f in table.figures(column.key) if f is not None]
        assert all(figure >= 0 for figure in figures), column
        assert column.kind is not Kind.RATE or all(figure <= 1 for figure in figures), column
    assert len(list(csv.reader(io.StringIO(as_csv(table))))) == len(table.rows) + 1


@given(found=st.lists(clocks, max_size=20), now=materials)
def test_on_time_late_overdue_and_open_are_all_and_with_those_left_out_everything(
    found: list[object], now: Material
) -> None:
    counted = Punctuality.of([held.clock for held in found], now.now)  # type: ignore[attr-defined]
    assert counted.all == counted.on_time + counted.late + counted.overdue + counted.open
    assert counted.all + counted.left_out == len(found)


@given(found=materials)
@settings(max_examples=50)
def test_the_total_of_obligations_counts_each_once(found: Material) -> None:
    due = answers_due(found)
    by_department, by_month = on_time_by_department(found, NAMING), on_time_by_month(found, NAMING)
    assert by_department.rows[-1][1:] == by_month.rows[-1][1:]
    for column in COLUMNS:
        if column.kind is Kind.COUNT:
            months = by_month.figures(column.key)
            assert sum(cell or 0 for cell in months[:-1]) == months[-1]
    counted = total(by_department, "due", last=True) + total(by_department, "left_out", last=True)
    assert counted == len(due)
    in_rows = sum(total(by_department, key) for key in ("due", "left_out")) - counted
    assert in_rows == sum(len(departments_of(held)) for held in due)


@given(found=materials)
@settings(max_examples=50)
def test_every_incident_of_ours_is_in_the_trend_the_calendar_and_each_composition_once(
    found: Material,
) -> None:
    ours = sum(incident.counts for incident in found.incidents)
    assert total(trend(found, NAMING), "incidents") == ours
    cells = [cell for row in calendar(found, NAMING).rows for cell in row[1:]]
    assert sum(cell for cell in cells if isinstance(cell, int)) == ours
    assert total(by_type(found, NAMING), "incidents") == ours
    assert total(by_place(found, NAMING), "incidents") == ours
    assert total(response_time(found, NAMING), "incidents") == 2 * ours
    assert total(response_time(found, NAMING), "incidents", last=True) == ours


@given(found=materials)
@settings(max_examples=50)
def test_alarms_and_corrections_add_up(found: Material) -> None:
    alarms, graded = false_alarms(found, NAMING), corrections(found, NAMING)
    for key in ("incidents", "judged", "dismissed", "waiting"):
        assert total(alarms, key) == 2 * total(alarms, key, last=True)
    assert total(alarms, "judged", last=True) + total(alarms, "waiting", last=True) == total(
        alarms, "incidents", last=True
    )
    judged = sum(incident.judgement is not None for incident in found.incidents)
    assert total(graded, "all", last=True) == judged
    assert sum(total(graded, f"s{grade}", last=True) for grade in range(5)) == judged


@given(found=materials)
@settings(max_examples=50)
def test_the_assessment_says_what_the_on_time_table_says_and_lists_whatever_is_late(found: Material) -> None:
    sheet, on_time = assessment(found, NAMING, DEPARTMENTS), on_time_by_department(found, NAMING)
    for key in ("due", "on_time", "late", "overdue", "open", "left_out", "rate"):
        assert sheet.column(key)[-1] == on_time.column(key)[-1]
    late = total(sheet, "late", last=True) + total(sheet, "overdue", last=True)
    assert len(overdue_list(found, NAMING).rows) == late
    assert sheet.column("department")[:2] == ("县水务局", "县公安局")


@given(values=st.lists(st.floats(0, 1e6), min_size=1), part=st.floats(0, 1))
def test_a_rank_is_a_value_that_at_least_its_part_does_not_exceed(values: list[float], part: float) -> None:
    found = nearest_rank(sorted(values), part)
    assert found in values
    assert sum(value <= found for value in values) >= part * len(values) - 1e-9
