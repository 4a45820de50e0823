"""统计分析: tables and charts of a period, their files, and the yearly assessment."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from monitor.analysis.catalog import REACH
from monitor.analysis.period import local_day
from monitor.analysis.pictures import draw
from monitor.analysis.writing import XLSX, as_csv, as_xlsx
from monitor.desk import reads
from monitor.desk.context import LARGEST_ID, Signed, TheDesk
from monitor.desk.views.analysis_view import (
    MOST_INCIDENTS,
    Shown,
    asked_period,
    load,
    show_all,
    show_reach,
    write_assessment,
)
from monitor.errors import NotFoundError

analyses = APIRouter(include_in_schema=False)

Day = Annotated[date | None, Query()]
Numbers = Annotated[str, Query(max_length=100, description="事件编号，用顿号、逗号或空格隔开")]
Year = Annotated[int, Query(alias="year", ge=2000, le=2099)]


class TableForm(StrEnum):
    """As what an analysis is handed out."""

    SVG = "svg"
    CSV = "csv"
    XLSX = "xlsx"


@analyses.get("/analysis")
def analysis_page(
    desk: TheDesk, visitor: Signed, since: str = "", until: str = "", incidents: Numbers = ""
) -> HTMLResponse:
    """Show every analysis of a period, and how far some incidents went."""
    reads.require_everything(visitor)
    now = desk.clock.now()
    fault, numbers = "", tuple[int, ...]()
    try:
        period = asked_period(_day(since), _day(until), local_day(now))
        numbers = read_numbers(incidents)
    except reads.QuestionError:
        period, fault = asked_period(None, None, local_day(now)), "日期或事件编号不对；下面是最近三十天"
    with desk.store.reading() as transaction:
        material = transaction.analysis_material(period, now, with_words=True)
        compared = show_reach(transaction, numbers, now) if numbers else None
    return desk.page(
        "analysis.html",
        visitor,
        status=422 if fault else 200,
        fault=fault,
        period=period,
        incidents=incidents,
        found=len(material.incidents),
        shown=show_all(material, desk.office()),
        compared=compared,
        most=MOST_INCIDENTS,
        years=range(local_day(now).year, local_day(now).year - 5, -1),
    )


@analyses.get("/analysis/assessment")
def assessment_file(desk: TheDesk, visitor: Signed, of_year: Year) -> Response:
    """Hand out the assessment sheet of a year."""
    reads.require_everything(visitor)
    with desk.store.reading() as transaction:
        made = write_assessment(transaction, desk.office(), of_year, desk.clock.now())
    return _saved(made, XLSX, f"政务公开考核-{of_year}.xlsx")


@analyses.get("/analysis/{code}/{form}")
def analysis_file(
    desk: TheDesk,
    visitor: Signed,
    code: str,
    form: TableForm,
    since: Day = None,
    until: Day = None,
    incidents: Numbers = "",
) -> Response:
    """Hand out one analysis as a chart or as a table."""
    reads.require_everything(visitor)
    now = desk.clock.now()
    period = asked_period(since, until, local_day(now))
    with desk.store.reading() as transaction:
        if code == REACH.code:
            shown = show_reach(transaction, read_numbers(incidents), now)
        else:
            shown = load(transaction, desk.office(), code, period, now)
    if form is TableForm.SVG:
        return _picture(shown)
    name = f"{shown.analysis.title}-{period.first}-{period.last}.{form}"
    if form is TableForm.CSV:
        return _saved(as_csv(shown.table).encode("utf-8-sig"), "text/csv; charset=utf-8", name)
    return _saved(as_xlsx([shown.sheet], now), XLSX, name)


def read_numbers(written: str) -> tuple[int, ...]:
    """Return the numbers of incidents in a text; raises QuestionError."""
    parts = written.translate(str.maketrans("、，,号", "    ")).split()
    are_numbers = all(part.isdecimal() and 0 < int(part) <= LARGEST_ID for part in parts)
    if len(parts) > MOST_INCIDENTS or not are_numbers:
        raise reads.QuestionError("incidents")
    return tuple(int(part) for part in parts)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise reads.QuestionError(written) from error


def _picture(shown: Shown) -> Response:
    if shown.drawing is None:
        raise NotFoundError("chart", shown.analysis.code)
    return Response(draw(shown.drawing), media_type="image/svg+xml")


def _saved(made: bytes, kind: str, name: str) -> Response:
    """Return a file to save under a Chinese name (RFC 6266)."""
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return Response(made, media_type=kind, headers={"content-disposition": disposition})
