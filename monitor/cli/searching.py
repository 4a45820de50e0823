"""`history`: what analysts ask, from the command line: a page, the counts, or everything into a file."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.asking.model import AskingError
from monitor.asking.passages import pointed
from monitor.collectors.model import Role
from monitor.errors import ConfigurationError
from monitor.incidents.model import IncidentState
from monitor.ports.history import ClockOutcome, FacetCount, Facets, Order, Question

if TYPE_CHECKING:
    from monitor.pipeline.asking import Asked
    from monitor.pipeline.exporting import Answers, Books
    from monitor.ports import Store, Transaction

Many = list[str] | None
_TABULATED = frozenset({
    "id", "at", "source", "title", "incident", "status", "severity", "kind", "places", "item_count",
})  # fmt: skip
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
    out: Annotated[Path | None, typer.Option(help="全部结果写入文件（.csv .xlsx .jsonl），新的在前")] = None,
) -> None:
    """检索历史：新的在前，两个字的词也能找到。"""
    from monitor.pipeline.asking import Asked

    asked = Asked(
        q=" ".join(words or ()), since=since, until=until, order=order,
        severity=tuple(map(str, severity or ())), status=tuple(status or ()), kind=tuple(kind or ()),
        place=tuple(place or ()), source=tuple(source or ()), role=tuple(role or ()),
        department=tuple(department or ()), outcome=tuple(outcome or ()), figures=tuple(figures or ()),
    )  # fmt: skip
    with _as_faults(asked.q):
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
        _write(store, question, wanted.what, wanted.out)
        return
    with store.reading() as transaction:
        text, following = _answered(transaction, question, asked.order, wanted)
    typer.echo(text)
    if following is not None and wanted.form is not HistoryFormat.TABLE:
        typer.echo(f"还有更多：--before {following}", err=True)


@contextmanager
def _as_faults(q: str) -> Iterator[None]:
    try:
        yield
    except AskingError as error:
        pieces = pointed(q, error.column) if error.column and q else ()
        place = "".join(f"【{piece.text}】" if piece.is_marked else piece.text for piece in pieces)
        raise ConfigurationError((f"{error}　{place}".rstrip(),)) from error


def _kept(store: "Store", number: int) -> "Asked":
    from monitor.pipeline.saved_questions import asked_of

    with store.reading() as transaction:
        return asked_of(transaction.saved_question(number))


def _write(store: "Store", question: Question, what: What, out: Path) -> None:
    """Write every answer into a file, with a bar on the terminal; the file appears when it is whole."""
    from rich.console import Console
    from rich.progress import Progress

    from monitor.pipeline.exporting import ExportForm, every_answer, file_blocks

    suffix = out.suffix.removeprefix(".").lower()
    if suffix not in list(ExportForm):
        raise ConfigurationError((f"--out {out.name}：文件名应以 .csv、.xlsx 或 .jsonl 结尾",))
    if what not in (What.ITEMS, What.INCIDENTS):
        raise ConfigurationError(("--out 只写条目或事件；计数请用 --format json 输出",))
    incidents = what is What.INCIDENTS
    with store.reading() as transaction:
        counting = transaction.incident_facets if incidents else transaction.item_facets
        total = counting(question).total
    part = out.with_name(f"{out.name}.part")
    try:
        with Progress(console=Console(stderr=True)) as progress, part.open("wb") as file:
            told = partial(progress.advance, progress.add_task("写入", total=total))
            answers = every_answer(store, question, told, incidents=incidents)
            file.writelines(file_blocks(answers, ExportForm(suffix), _books()))
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    typer.echo(f"已写入 {out}：{progress.tasks[0].completed:.0f} 条", err=True)


def _answered(transaction: "Transaction", question: Question, order: str, wanted: _Wanted) -> Printed:
    from monitor.pipeline.asking import find, page_number
    from monitor.pipeline.exporting import of_incidents, of_items

    form, before = wanted.form, wanted.before
    match wanted.what:
        case What.ITEMS:
            found = find(transaction, question, order, before)
            return _printed(of_items(found.hits), found.cursor, form)
        case What.INCIDENTS:
            if order == Order.BEST:
                raise ConfigurationError(("--order best 只用于条目；事件总是新的在前",))
            page = transaction.search_incidents(replace(question, before_id=page_number(before)))
            return _printed(of_incidents(page.incidents), page.next_before_id, form)
        case What.FACETS:
            return _counted(transaction.item_facets(question), form), None
        case What.INCIDENT_FACETS:
            return _counted(transaction.incident_facets(question), form), None


def _printed(answers: "Answers", following: object, form: HistoryFormat) -> Printed:
    from monitor.pipeline.exporting import csv_lines, json_lines

    match form:
        case HistoryFormat.XLSX:
            raise ConfigurationError(("xlsx 只能写入文件：--out 结果.xlsx",))
        case HistoryFormat.JSON:
            shown = [{n: value for n, value in row.items() if n != "text"} for row in answers.rows]
            page = {"hits": shown, "next_before_id": following}
            return json.dumps(page, ensure_ascii=False, indent=2), following
        case HistoryFormat.TABLE:
            return _as_table(answers, following), following
        case HistoryFormat.CSV:
            return "".join(csv_lines(answers)).rstrip("\r\n"), following
        case HistoryFormat.JSONL:
            return "".join(json_lines(answers)).rstrip("\n"), following


def _as_table(answers: "Answers", following: object) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from monitor.pipeline.exporting import spoken

    names = [name for name in answers.columns if name in _TABULATED]
    table, books = Table(*(answers.columns[name] for name in names)), _books()
    for row in answers.rows:
        table.add_row(*(Text(_short(spoken(name, row[name], books))) for name in names))
    written = io.StringIO()
    Console(file=written, width=120).print(table)
    more = f"还有更多：--before {following}" if following else f"共 {table.row_count} 条"
    return written.getvalue() + more


def _short(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


def _books() -> "Books":
    """Return the words for codes; departments have their names where this office is at hand."""
    from monitor.desk.views.history_view import export_books
    from monitor.office.registry import read_office
    from monitor.settings import environment_values, read_settings

    path = read_settings().office
    office = read_office(path.read_bytes(), path.name, environment_values()) if path.exists() else None
    return export_books(office.departments if office else ())


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
