"""`digest` and `history`: what leaders read and analysts ask, from the command line."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alerts.digest.incident_papers import IncidentPaper
from monitor.clock import SHANGHAI, SystemClock, as_local
from monitor.errors import ConfigurationError
from monitor.incidents.model import IncidentState

if TYPE_CHECKING:
    from alerts.digest.paper import Paper
    from monitor.ports import Hit, Page

DocxFile = Annotated[Path | None, typer.Option(help="写成 Word 文件（公文版式）")]
PdfFile = Annotated[Path | None, typer.Option(help="写成 PDF（须装 huiying[pdf]）")]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class DigestFormat(StrEnum):
    """How a digest is printed."""

    TEXT = "text"
    HTML = "html"


class HistoryFormat(StrEnum):
    """How answers are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(digest)
    app.command()(paper)
    app.command()(history)


def digest(
    on: Annotated[str | None, typer.Option(help="哪一天的简报，默认今天")] = None,
    form: Annotated[DigestFormat, typer.Option("--format")] = DigestFormat.TEXT,
    docx: DocxFile = None,
    pdf: PdfFile = None,
) -> None:
    """每日简报：截至当日固定时刻的 24 小时；--docx、--pdf 写成公文版式的日报。"""
    from alerts.digest.daily import daily_paper
    from alerts.digest.render import render_html, render_text
    from monitor.pipeline.digesting import digest_range, gather_digest
    from monitor.service import build_parts
    from monitor.settings import read_settings

    parts = build_parts(read_settings())
    now = SystemClock().now()
    day = _day(on) if on else as_local(now).date()
    since, until = digest_range(parts.files.office(), day)
    with parts.store.reading() as transaction:
        made = gather_digest(transaction, parts.files.office(), parts.files.sources(), since, until, now)
    if docx or pdf:
        _write_paper(daily_paper(made), docx, pdf)
        return
    typer.echo(render_html(made) if form is DigestFormat.HTML else render_text(made))


def paper(
    incident: Annotated[int, typer.Argument(min=1, help="事件编号")],
    kind: Annotated[IncidentPaper, typer.Option(help="flash 快报，special 专报")] = IncidentPaper.FLASH,
    docx: DocxFile = None,
    pdf: PdfFile = None,
) -> None:
    """一个事件的快报或专报，写成公文版式；不写文件时输出打印页（HTML）。"""
    from alerts.digest.print import render_page
    from monitor.pipeline.papers import gather_file
    from monitor.service import build_parts
    from monitor.settings import read_settings

    parts = build_parts(read_settings())
    with parts.store.reading() as transaction:
        file = gather_file(transaction, parts.files.office(), incident, SystemClock().now())
    made = kind.compose(file)
    if docx or pdf:
        _write_paper(made, docx, pdf)
        return
    typer.echo(render_page(made))


def _write_paper(made: "Paper", docx: Path | None, pdf: Path | None) -> None:
    from alerts.digest.docx import render_docx
    from alerts.digest.print import render_pdf

    if docx:
        docx.write_bytes(render_docx(made))
    if pdf:
        pdf.write_bytes(render_pdf(made))


def history(
    words: Annotated[list[str] | None, typer.Argument(help="关键词，须全部出现")] = None,
    since: Annotated[str | None, typer.Option(help="从这一天（含）")] = None,
    until: Annotated[str | None, typer.Option(help="到这一天（含）")] = None,
    severity: Annotated[list[int] | None, typer.Option(min=1, max=4, help="级别 1 至 4，可多次")] = None,
    status: Annotated[list[IncidentState] | None, typer.Option(help="事件状态，可多次")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    before: Annotated[int | None, typer.Option(help="下一页：上一页最后给出的编号")] = None,
    form: Annotated[HistoryFormat, typer.Option("--format")] = HistoryFormat.TABLE,
) -> None:
    """检索历史：新的在前，两个字的词也能找到。"""
    from monitor.ports import Question
    from monitor.service import open_database
    from monitor.settings import read_settings

    question = Question(
        words=tuple(words or ()),
        since=_midnight(_day(since)) if since else None,
        until=_midnight(_day(until)) + timedelta(days=1) if until else None,
        severities=tuple(severity or ()),
        states=tuple(status or ()),
        limit=limit,
        before_id=before,
    )
    if question.since and question.until and question.since >= question.until:
        raise ConfigurationError((f"--since {since} 晚于 --until {until}，没有这样的一天",))
    store = open_database(read_settings().database_url.get_secret_value())
    with store.reading() as transaction:
        page = transaction.search(question)
    typer.echo(_printed(page, form))
    if page.next_before_id is not None and form is not HistoryFormat.TABLE:
        typer.echo(f"还有更多：--before {page.next_before_id}", err=True)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError((f"日期应写作 2026-11-24（现为 {text!r}）",)) from error


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _printed(page: "Page", form: HistoryFormat) -> str:
    rows = [_row(hit) for hit in page.hits]
    if form is HistoryFormat.JSON:
        return json.dumps({"hits": rows, "next_before_id": page.next_before_id}, ensure_ascii=False, indent=2)
    if form is HistoryFormat.CSV:
        return _as_csv(rows)
    return _as_table(rows, page.next_before_id)


def _row(hit: "Hit") -> dict[str, object]:
    return {
        "id": hit.item.id,
        "at": as_local(hit.item.at).isoformat(),
        "source": hit.item.source_name,
        "title": hit.item.title or hit.item.text[:60],
        "incident": hit.incident_id,
        "status": hit.incident_state,
        "severity": hit.severity,
        "url": hit.item.url,
    }


def _as_csv(rows: list[dict[str, object]]) -> str:
    """Return CSV in which no cell of a hostile post is taken for a formula."""
    out = io.StringIO()
    writer = csv.DictWriter(out, ["id", "at", "source", "title", "incident", "status", "severity", "url"])
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return out.getvalue().rstrip("\r\n")


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _as_table(rows: list[dict[str, object]], following: int | None) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("编号", "时间", "信源", "标题", "事件", "状态", "级别")
    for row in rows:
        at = datetime.fromisoformat(str(row["at"]))
        cells = [row["id"], f"{at:%m-%d %H:%M}", row["source"], row["title"]]
        cells += [row["incident"] or "", row["status"] or "", row["severity"] or ""]
        table.add_row(*(Text(str(cell)) for cell in cells))
    out = io.StringIO()
    Console(file=out, width=120).print(table)
    more = f"还有更多：--before {following}" if following else f"共 {len(rows)} 条"
    return out.getvalue() + more
