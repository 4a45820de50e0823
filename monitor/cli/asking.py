"""`digest` and `history`: what leaders read and analysts ask, from the command line."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alerts.digest.incident_papers import IncidentPaper
from monitor.cli.searching import history
from monitor.clock import SystemClock, as_local
from monitor.errors import ConfigurationError

if TYPE_CHECKING:
    from alerts.digest.paper import Paper

DocxFile = Annotated[Path | None, typer.Option(help="写成 Word 文件（公文版式）")]
PdfFile = Annotated[Path | None, typer.Option(help="写成 PDF（须装 huiying[pdf]）")]


class DigestFormat(StrEnum):
    """How a digest is printed."""

    TEXT = "text"
    HTML = "html"


class PeriodicKind(StrEnum):
    """Over how long a digest looks back."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(digest)
    app.command()(paper)
    app.command()(history)


def digest(
    on: Annotated[str | None, typer.Option(help="哪一天的简报，默认今天")] = None,
    kind: Annotated[
        PeriodicKind, typer.Option(help="daily 日报，weekly 上一个整周的周报，monthly 上一个整月的月报")
    ] = PeriodicKind.DAILY,
    form: Annotated[DigestFormat, typer.Option("--format")] = DigestFormat.TEXT,
    docx: DocxFile = None,
    pdf: PdfFile = None,
) -> None:
    """每日简报：截至当日固定时刻的 24 小时，或周报、月报；--docx、--pdf 写成公文版式。"""
    from alerts.digest.daily import daily_paper
    from alerts.digest.render import render_html, render_text
    from monitor.pipeline.digesting import digest_range, gather_digest
    from monitor.pipeline.papers import write_review
    from monitor.service import build_parts
    from monitor.settings import read_settings

    parts = build_parts(read_settings())
    now = SystemClock().now()
    day = _day(on) if on else as_local(now).date()
    since, until = digest_range(parts.files.office(), day)
    office, sources = parts.files.office(), parts.files.sources()
    with parts.store.reading() as transaction:
        if kind is not PeriodicKind.DAILY:
            _hand_out(write_review(transaction, office, sources, kind, day, now), form, docx, pdf)
            return
        made = gather_digest(transaction, office, sources, since, until, min(until, now))
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


def _hand_out(made: "Paper", form: DigestFormat, docx: Path | None, pdf: Path | None) -> None:
    from alerts.digest.mail import render_mail
    from alerts.digest.print import render_page

    if docx or pdf:
        _write_paper(made, docx, pdf)
        return
    typer.echo(render_page(made) if form is DigestFormat.HTML else render_mail(made, None).body)


def _write_paper(made: "Paper", docx: Path | None, pdf: Path | None) -> None:
    from alerts.digest.docx import render_docx
    from alerts.digest.print import render_pdf

    if docx:
        docx.write_bytes(render_docx(made))
    if pdf:
        pdf.write_bytes(render_pdf(made))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError((f"日期应写作 2026-11-24（现为 {text!r}）",)) from error
