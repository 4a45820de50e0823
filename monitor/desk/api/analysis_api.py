"""The JSON API of the analyses: what there is, one table of a period, the assessment of a year."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from monitor.analysis.assessment import assessment
from monitor.analysis.catalog import ANALYSES, REACH, Analysis
from monitor.analysis.period import Period, local_day, year
from monitor.analysis.table import Kind, Table
from monitor.desk import reads
from monitor.desk.api.conditions import ConditionalAnswer
from monitor.desk.api.description import PROBLEMS
from monitor.desk.context import LARGEST_ID, Caller, TheDesk, require_scope
from monitor.desk.views.analysis_view import (
    MOST_INCIDENTS,
    asked_period,
    department_ids,
    load,
    naming,
    show_reach,
)

analysis_api = APIRouter(prefix="/api/v1", responses=PROBLEMS, default_response_class=ConditionalAnswer)


class AnalysisOut(BaseModel):
    """One analysis: what it counts, in Chinese."""

    code: str
    title: str
    definition: str

    @classmethod
    def of(cls, each: Analysis) -> "AnalysisOut":
        """Return the body of an analysis."""
        return cls(code=each.code, title=each.title, definition=each.definition)


class ColumnOut(BaseModel):
    """A column: `kind` is text, count, rate (0 to 1), hours or number."""

    key: str
    name: str
    kind: Kind


class TableOut(BaseModel):
    """A table of the local days from `since` to `until`, both whole; null is no figure, never 0."""

    since: date | None
    until: date | None
    columns: list[ColumnOut]
    rows: list[list[str | int | float | None]]

    @classmethod
    def of(cls, table: Table, period: Period | None) -> "TableOut":
        """Return the body of a table; without a period for the comparison of incidents."""
        return cls(
            since=period.first if period else None,
            until=period.last if period else None,
            columns=[ColumnOut(key=c.key, name=c.name, kind=c.kind) for c in table.columns],
            rows=[list(row) for row in table.rows],
        )


@analysis_api.get("/analyses", summary="有哪些统计")
def list_analyses(caller: Caller) -> list[AnalysisOut]:
    """Return every analysis with its definition."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    return [AnalysisOut.of(each) for each in (*ANALYSES, REACH)]


@analysis_api.get("/analyses/reach", summary="传播曲线对比")
def compare_reach(
    desk: TheDesk,
    caller: Caller,
    incident: Annotated[
        list[Annotated[int, Query(ge=1, le=LARGEST_ID)]], Query(min_length=1, max_length=MOST_INCIDENTS)
    ],
) -> TableOut:
    """Return how many items had come to each of these incidents so many hours after its first one."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    with desk.store.reading() as transaction:
        return TableOut.of(show_reach(transaction, incident, desk.clock.now()).table, None)


@analysis_api.get("/analyses/{code}", summary="一项统计")
def read_analysis(
    desk: TheDesk, caller: Caller, code: str, since: date | None = None, until: date | None = None
) -> TableOut:
    """Return one table of a period, both days included; the last 30 days where none are named."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    period = asked_period(since, until, local_day(desk.clock.now()))
    with desk.store.reading() as transaction:
        shown = load(transaction, desk.office(), code, period, desk.clock.now())
    return TableOut.of(shown.table, period)


@analysis_api.get("/assessments/{of_year}", summary="政务公开考核")
def read_assessment(
    desk: TheDesk, caller: Caller, of_year: Annotated[int, Path(ge=2000, le=2099)]
) -> TableOut:
    """Return the assessment of a year, a row for each department and the total."""
    require_scope(caller, "read")
    reads.require_everything(caller)
    office, period = desk.office(), year(of_year)
    with desk.store.reading() as transaction:
        material = transaction.analysis_material(period, desk.clock.now())
    return TableOut.of(assessment(material, naming(office), department_ids(office)), period)
