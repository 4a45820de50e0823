"""`history`: what analysts ask, from the command line: a page, the counts, or everything into a file."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.asking.model import AskingError
from monitor.clock import as_local
from monitor.collectors.model import Role
from monitor.errors import ConfigurationError
from monitor.incidents.model import IncidentState
from monitor.ports.history import ClockOutcome, FacetCount, Facets, Order, Question

if TYPE_CHECKING:
    from monitor.incidents.model import Incident
    from monitor.pipeline.asking import Asked
    from monitor.pipeline.exporting import Row
    from monitor.ports import Store, Transaction

Many = list[str] | None
Printed = tuple[str, object]
"""What is printed, and how to ask for the next page, None at the end."""


class HistoryFormat(StrEnum):
    """How answers are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"


class What(StrEnum):
    """What is looked for."""

    ITEMS = "items"
    INCIDENTS = "incidents"
    FACETS = "facets"
    INCIDENT_FACETS = "incident-facets"


def history(
    words: Annotated[Many, typer.Argument(help="检索式：空格为与，或、非、“短语”、（括号）")] = None,
    since: Annotated[str, typer.Option(help="从这一天（含）")] = "",
    until: Annotated[str, typer.Option(help="到这一天（含）")] = "",
    severity: Annotated[list[int] | None, typer.Option(min=1, max=4, help="级别 1 至 4，可多次")] = None,
    status: Annotated[list[IncidentState] | None, typer.Option(help="事件状态，可多次")] = None,
    kind: Annotated[Many, typer.Option("--type", help="类型代码，可多次")] = None,
    place: Annotated[Many, typer.Option(help="地点（乡镇、村），可多次")] = None,
    source: Annotated[Many, typer.Option(help="信源代码，可多次")] = None,
    role: Annotated[list[Role] | None, typer.Option(help="信源类别，可多次")] = None,
    department: Annotated[Many, typer.Option(help="交办的部门代码，可多次")] = None,
    outcome: Annotated[list[ClockOutcome] | None, typer.Option(help="时限结果，可多次")] = None,
    figures: Annotated[Many, typer.Option(help="数据条件，如 死亡>=3，可多次")] = None,
    order: Annotated[Order, typer.Option(help="newest 新的在前，best 最相关的在前")] = Order.NEWEST,
    what: Annotated[What, typer.Option("--in", help="条目、事件，或按各项计数")] = What.ITEMS,
    saved: Annotated[int | None, typer.Option(help="再问一次保存过的检索（编号）")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    before: Annotated[str, typer.Option(help="下一页：上一页最后给出的编号")] = "",
    form: Annotated[HistoryFormat, typer.Option("--format")] = HistoryFormat.TABLE,
    out: Annotated[Path | None, typer.Option(help="全部结果写入文件（.csv .xlsx .jsonl）")] = None,
) -> None:
    """检索历史：新的在前，两个字的词也能找到。"""
    from monitor.pipeline.asking import Asked

    asked = Asked(
        q=" ".join(words or ()), since=since, until=until, order=order,
        severity=tuple(map(str, severity or ())), status=tuple(status or ()), kind=tuple(kind or ()),
        place=tuple(place or ()), source=tuple(source or ()), role=tuple(role or ()),
        department=tuple(department or ()), outcome=tuple(outcome or ()), figures=tuple(figures or ()),
    )  # fmt: skip
    with _as_faults():
        _ask(asked, saved, _Wanted(what=what, limit=limit, before=before, form=form, out=out))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What of the answers is wanted, and how it is printed."""

    what: What
    limit: int
    before: str
    form: HistoryFormat
    out: Path | None


def _ask(asked: "Asked", saved: int | None, wanted: _Wanted) -> None:
    from monitor.pipeline.asking import read_question
    from monitor.service import open_database
    from monitor.settings import read_settings

    read_question(asked)  # before anything is opened: a slip of the pen is told at once
    store = open_database(read_settings().database_url.get_secret_value())
    if saved is not None:
        asked = _kept(store, saved)
    question = read_question(asked, limit=wanted.limit)
    if wanted.out is not None:
        _write(store, question, wanted.out)
        return
    with store.reading() as transaction:
        text, following = _answered(transaction, question, asked.order, wanted)
    typer.echo(text)
    if following is not None and wanted.form is not HistoryFormat.TABLE:
        typer.echo(f"还有更多：--before {following}", err=True)


@contextmanager
def _as_faults() -> Iterator[None]:
    try:
        yield
    except AskingError as error:
        raise ConfigurationError((str(error),)) from error


def _kept(store: "Store", number: int) -> "Asked":
    from monitor.pipeline.saved_questions import asked_of

    with store.reading() as transaction:
        return asked_of(transaction.saved_question(number))


def _write(store: "Store", question: Question, out: Path) -> None:
    """Write every answer into a file, with a bar on the terminal: how many of how many."""
    from rich.console import Console
    from rich.progress import Progress

    from monitor.pipeline.asking import every_hit
    from monitor.pipeline.exporting import ExportForm, file_blocks, row_of

    suffix = out.suffix.removeprefix(".").lower()
    if suffix not in list(ExportForm):
        raise ConfigurationError((f"--out {out.name}：文件名应以 .csv、.xlsx 或 .jsonl 结尾",))
    with store.reading() as transaction:
        total = transaction.item_facets(question).total
    with Progress(console=Console(stderr=True)) as progress, out.open("wb") as file:
        bar = progress.add_task("写入", total=total)
        hits = every_hit(store, question, lambda count: progress.advance(bar, count))
        file.writelines(file_blocks(map(row_of, hits), ExportForm(suffix)))
    typer.echo(f"已写入 {out}：{total} 条", err=True)


def _answered(transaction: "Transaction", question: Question, order: str, wanted: _Wanted) -> Printed:
    from monitor.pipeline.asking import find, page_number
    from monitor.pipeline.exporting import row_of

    form, before = wanted.form, wanted.before
    match wanted.what:
        case What.ITEMS:
            found = find(transaction, question, order, before)
            return _printed([row_of(hit) for hit in found.hits], found.cursor, form)
        case What.INCIDENTS:
            incidents = transaction.search_incidents(replace(question, before_id=page_number(before)))
            rows = [_incident_row(incident) for incident in incidents.incidents]
            return _printed(rows, incidents.next_before_id, form)
        case What.FACETS:
            return _counted(transaction.item_facets(question), form), None
        case What.INCIDENT_FACETS:
            return _counted(transaction.incident_facets(question), form), None


def _printed(rows: Sequence["Row"], following: object, form: HistoryFormat) -> Printed:
    from monitor.pipeline.exporting import csv_lines, json_lines

    if form is HistoryFormat.XLSX:
        raise ConfigurationError(("xlsx 只能写入文件：--out 结果.xlsx",))
    if form is HistoryFormat.JSON:
        shown = [{name: value for name, value in row.items() if name != "text"} for row in rows]
        page = {"hits": shown, "next_before_id": following}
        return json.dumps(page, ensure_ascii=False, indent=2), following
    if form is HistoryFormat.TABLE:
        return _as_table(rows, following), following
    lines = csv_lines if form is HistoryFormat.CSV else json_lines
    return "".join(lines(rows)).rstrip("\r\n"), following


def _incident_row(incident: "Incident") -> Mapping[str, Any]:
    from monitor.pipeline.exporting import COLUMNS

    known = {
        "id": incident.id,
        "at": as_local(incident.detected_at).isoformat(),
        "title": incident.title,
        "incident": incident.id,
        "status": incident.state.value,
        "severity": incident.severity,
    }
    return {name: known.get(name) for name in COLUMNS}


def _as_table(rows: Sequence["Row"], following: object) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("编号", "时间", "信源", "标题", "事件", "状态", "级别")
    for row in rows:
        at = datetime.fromisoformat(str(row["at"]))
        cells = [row["id"], f"{at:%m-%d %H:%M}", row["source"] or "", row["title"]]
        cells += [row["incident"] or "", row["status"] or "", row["severity"] or ""]
        table.add_row(*(Text(str(cell)) for cell in cells))
    written = io.StringIO()
    Console(file=written, width=120).print(table)
    more = f"还有更多：--before {following}" if following else f"共 {len(rows)} 条"
    return written.getvalue() + more


def _counted(facets: Facets, form: HistoryFormat) -> str:
    if form is HistoryFormat.TABLE:
        lines = [f"共 {facets.total} 条"]
        lines += [f"{name}: " + "  ".join(map(_said, counts[:20])) for name, counts in facets.by.items()]
        return "\n".join(lines)
    by = {
        name: [{"value": count.value, "label": count.label, "count": count.count} for count in counts]
        for name, counts in facets.by.items()
    }
    return json.dumps({"total": facets.total, "by": by}, ensure_ascii=False, indent=2)


def _said(count: FacetCount) -> str:
    return f"{count.label or '—'} {count.count}"
