"""Answers of history as files: CSV, workbook, JSON Lines; people masked, for they leave the desk."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter

from alerts.message.privacy import mask_personal
from alerts.message.words import say_severity
from monitor.analysis.writing import harmless
from monitor.classifiers.model import Severity
from monitor.clock import as_local
from monitor.incidents.model import Incident
from monitor.pipeline.asking import Told, every_hit, every_incident
from monitor.ports import Store
from monitor.ports.history import Hit, Question

ITEM_COLUMNS: Mapping[str, str] = MappingProxyType({
    "id": "编号", "at": "时间", "source": "信源", "title": "标题", "incident": "事件", "status": "状态",
    "severity": "级别", "url": "链接", "role": "信源类别", "text": "正文",
})  # fmt: skip
INCIDENT_COLUMNS: Mapping[str, str] = MappingProxyType({
    "id": "编号", "at": "发现时间", "title": "标题", "status": "状态", "severity": "级别", "kind": "类型",
    "places": "地点", "departments": "交办部门", "item_count": "条目数", "first_published_at": "首发时间",
    "ended_at": "办结时间",
})  # fmt: skip
_WIDTHS: Mapping[str, int] = MappingProxyType({
    "at": 20, "source": 16, "title": 48, "url": 24, "text": 60, "places": 20, "departments": 20,
    "first_published_at": 20, "ended_at": 20,
})  # fmt: skip
_INSTANTS = frozenset({"at", "first_published_at", "ended_at"})
_LONGEST_CELL = 32_000
_MOST_ROWS = 1_000_000
"""How many rows a sheet is given; a spreadsheet program opens 1,048,576."""
_BLOCK = 2**16
Row = Mapping[str, Any]
Books = Mapping[str, Mapping[str, str]]
"""The words for the codes of columns, by the name of the column."""


class ExportForm(StrEnum):
    """As which kind of file answers leave."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"

    @property
    def media_type(self) -> str:
        """Return what browsers are told."""
        return {
            "csv": "text/csv; charset=utf-8",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "jsonl": "application/x-ndjson",
        }[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers as codes and plain words, unknown is None; `columns` name them for programs and people."""

    columns: Mapping[str, str]
    rows: Iterable[Row]


def of_items(hits: Iterable[Hit]) -> Answers:
    """Return items that answer."""
    return Answers(columns=ITEM_COLUMNS, rows=map(_item_row, hits))


def of_incidents(incidents: Iterable[Incident]) -> Answers:
    """Return incidents that answer."""
    return Answers(columns=INCIDENT_COLUMNS, rows=map(_incident_row, incidents))


def every_answer(store: Store, question: Question, told: Told, *, incidents: bool) -> Answers:
    """Return all answers, items or incidents, read while they are written."""
    if incidents:
        return of_incidents(every_incident(store, question, told))
    return of_items(every_hit(store, question, told))


def _item_row(hit: Hit) -> Row:
    return {
        "id": hit.item.id,
        "at": as_local(hit.item.at).isoformat(),
        "source": hit.item.source_name,
        "title": mask_personal(hit.item.title or hit.item.text[:60]),
        "incident": hit.incident_id,
        "status": hit.incident_state,
        "severity": hit.severity,
        "url": hit.item.url,
        "role": hit.item.role.value,
        "text": mask_personal(hit.item.text),
    }


def _incident_row(incident: Incident) -> Row:
    return {
        "id": incident.id,
        "at": as_local(incident.detected_at).isoformat(),
        "title": mask_personal(incident.title),
        "status": incident.state.value,
        "severity": incident.severity and int(incident.severity),
        "kind": incident.event_type or incident.opinion or incident.category,
        "places": tuple(place.name for place in incident.places),
        "departments": incident.assigned_to,
        "item_count": incident.item_count,
        "first_published_at": _local(incident.first_published_at),
        "ended_at": _local(incident.ended_at),
    }


def _local(at: datetime | None) -> str | None:
    return None if at is None else as_local(at).isoformat()


def csv_lines(answers: Answers) -> Iterator[str]:
    """Yield the lines of a CSV file, the heading first."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(answers.columns))

    def taken() -> str:
        line = out.getvalue()
        out.seek(0)
        out.truncate()
        return line

    writer.writeheader()
    yield taken()
    for row in answers.rows:
        writer.writerow({name: _plain(value) for name, value in row.items()})
        yield taken()


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        value = "、".join(value)
    return harmless(value) if isinstance(value, str) else value


def json_lines(answers: Answers) -> Iterator[str]:
    """Yield each row as a line of JSON."""
    for row in answers.rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def write_workbook(answers: Answers, books: Books, out: BinaryIO) -> None:
    """Write a workbook for people, row by row, in Chinese; every word is a text, never a formula."""
    book = Workbook(write_only=True)
    sheet, number = _new_sheet(book, answers.columns), 0
    for row in answers.rows:
        if number == _MOST_ROWS:
            sheet, number = _new_sheet(book, answers.columns), 0
        sheet.append([_cell(spoken(name, row[name], books)) for name in answers.columns])
        number += 1
    book.save(out)


def _new_sheet(book: Workbook, columns: Mapping[str, str]) -> Any:
    sheet = book.create_sheet("检索结果")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS.get(name, 12)
    sheet.append(list(columns.values()))
    return sheet


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = harmless(ILLEGAL_CHARACTERS_RE.sub("", value))
    return text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]}…（全文见 CSV 或 JSON Lines）"


def spoken(name: str, value: Any, books: Books) -> object:
    """Return a value of a column as people read it: codes as words, instants local without their zone."""
    if name == "severity":
        return say_severity(value and Severity(value))
    if name in _INSTANTS and value is not None:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    book = books.get(name, {})
    if isinstance(value, tuple):
        return "、".join(book.get(code, code) for code in value)
    return book.get(value, value)


def file_blocks(answers: Answers, form: ExportForm, books: Books) -> Iterator[bytes]:
    """Yield the bytes of a file while its rows are read; a workbook is written whole before."""
    match form:
        case ExportForm.CSV:
            yield "\ufeff".encode()  # so that spreadsheets read it as UTF-8
            yield from _blocks(csv_lines(answers))
        case ExportForm.JSONL:
            yield from _blocks(json_lines(answers))
        case ExportForm.XLSX:
            with TemporaryFile(prefix="huiying-") as file:
                write_workbook(answers, books, file)
                file.seek(0)
                while block := file.read(_BLOCK):
                    yield block


def _blocks(lines: Iterable[str]) -> Iterator[bytes]:
    """Join lines: each block that is sent costs as much as a hundred lines."""
    gathered, size = [], 0
    for line in lines:
        gathered.append(line)
        size += len(line)
        if size >= _BLOCK:
            yield "".join(gathered).encode()
            gathered, size = [], 0
    yield "".join(gathered).encode()
