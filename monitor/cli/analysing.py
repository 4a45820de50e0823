"""`analysis` and `assessment`: the tables of the desk's page, and the yearly sheet, from the command line."""

import io
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.clock import SystemClock
from monitor.errors import ConfigurationError

if TYPE_CHECKING:
    from monitor.analysis.period import Period
    from monitor.desk.views.analysis_view import Shown
    from monitor.office.model import Office
    from monitor.ports import Transaction


class AnalysisFormat(StrEnum):
    """How a table is printed or written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    SVG = "svg"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(analysis)
    app.command()(assessment)


def analysis(
    code: Annotated[str, typer.Argument(metavar="[统计]", help="哪一项；不写则列出全部")] = "",
    since: Annotated[str, typer.Option(help="从这一天（含），默认三十天前")] = "",
    until: Annotated[str, typer.Option(help="到这一天（含），默认今天")] = "",
    incident: Annotated[list[int] | None, typer.Option(min=1, help="reach 用：事件编号，可多次")] = None,
    form: Annotated[AnalysisFormat, typer.Option("--format")] = AnalysisFormat.TABLE,
    out: Annotated[Path | None, typer.Option(help="写到这个文件；xlsx 和 svg 必须写文件")] = None,
) -> None:
    """统计分析：趋势、按时率、首发到发布用时、误报率、信源先后、上升的词等，附口径。"""
    from monitor.analysis.catalog import ANALYSES, REACH

    if not code:
        for each in (*ANALYSES, REACH):
            typer.echo(f"{each.code:<28}{each.title}")
        return
    if form in (AnalysisFormat.XLSX, AnalysisFormat.SVG) and out is None:
        raise typer.BadParameter("这种格式须用 --out 写到文件", param_hint="--format")
    made = _made(_shown(code, since, until, incident or []), form)
    if out is None:
        typer.echo(made.decode("utf-8-sig").rstrip("\r\n"))
    else:
        out.write_bytes(made)


def assessment(
    out: Annotated[Path, typer.Argument(metavar="文件", help="写到这个 Excel 文件")],
    of_year: Annotated[int, typer.Option("--year", min=2000, max=2099, help="哪一年")],
) -> None:
    """政务公开考核表：各责任单位全年的应回应、按时、逾期和按时率，附逾期清单和口径。"""
    from monitor.desk.views.analysis_view import write_assessment

    with _reading() as (transaction, office):
        out.write_bytes(write_assessment(transaction, office, of_year, SystemClock().now()))
    typer.echo(f"已写入 {out}")


@contextmanager
def _reading() -> Iterator[tuple["Transaction", "Office"]]:
    from monitor.office.registry import read_office
    from monitor.service import open_database
    from monitor.settings import environment_values, read_settings

    settings = read_settings()
    office = read_office(settings.office.read_bytes(), settings.office.name, environment_values())
    with (
        closing(open_database(settings.database_url.get_secret_value())) as store,
        store.reading() as transaction,
    ):
        yield transaction, office


def _shown(code: str, since: str, until: str, incidents: list[int]) -> "Shown":
    from monitor.analysis.catalog import REACH
    from monitor.analysis.period import local_day
    from monitor.desk.views.analysis_view import load, show_reach

    now = SystemClock().now()
    period = period_of(since, until, local_day(now))
    with _reading() as (transaction, office):
        if code == REACH.code:
            return show_reach(transaction, incidents, now)
        return load(transaction, office, code, period, now)


def period_of(since: str, until: str, today: date) -> "Period":
    """Return the days that options name, else the last 30; raises ConfigurationError."""
    from monitor.desk.reads import QuestionError
    from monitor.desk.views.analysis_view import asked_period

    try:
        return asked_period(_day(since), _day(until), today)
    except QuestionError as error:
        raise ConfigurationError(("--since 不得晚于 --until，一次最多十年",)) from error


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise ConfigurationError((f"日期应写作 2026-11-24（现为 {written!r}）",)) from error


def _made(shown: "Shown", form: AnalysisFormat) -> bytes:
    from monitor.analysis.pictures import draw
    from monitor.analysis.writing import as_csv, as_xlsx

    match form:
        case AnalysisFormat.CSV:
            return as_csv(shown.table).encode("utf-8-sig")
        case AnalysisFormat.XLSX:
            return as_xlsx([shown.sheet], SystemClock().now())
        case AnalysisFormat.SVG if shown.drawing is None:
            raise ConfigurationError((f"“{shown.analysis.title}”这段时间没有可画的图",))
        case AnalysisFormat.SVG if shown.drawing is not None:
            return draw(shown.drawing)
        case AnalysisFormat.JSON:
            return _as_json(shown).encode()
    return _as_text(shown).encode()


def _as_json(shown: "Shown") -> str:
    keys = [column.key for column in shown.table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in shown.table.rows]
    said = {"code": shown.analysis.code, "definition": shown.analysis.definition, "rows": rows}
    return json.dumps(said, ensure_ascii=False, indent=2)


def _as_text(shown: "Shown") -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    printed = Table(*(column.name for column in shown.table.columns))
    for row in shown.table.shown():
        printed.add_row(*map(Text, row))
    out = io.StringIO()
    Console(file=out, width=160).print(printed)
    return f"{shown.analysis.title}\n{out.getvalue()}口径：{shown.analysis.definition}"
