"""Answers of history as files: CSV, workbook, JSON Lines; people masked, for they leave the desk."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from alerts.message.privacy import mask_personal
from monitor.clock import as_local
from monitor.ports.history import Hit

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
COLUMNS: Mapping[str, str] = MappingProxyType({
    "id": "编号", "at": "时间", "source": "信源", "title": "标题", "incident": "事件", "status": "状态",
    "severity": "级别", "url": "链接", "role": "信源类别", "text": "正文",
})  # fmt: skip
_LONGEST_CELL = 32_000
Row = Mapping[str, object]


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


def row_of(hit: Hit) -> Row:
    """Return an answer as codes and plain words; unknown is None."""
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


def harmless(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of a CSV file, the heading first."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS))

    def taken() -> str:
        line = out.getvalue()
        out.seek(0)
        out.truncate()
        return line

    writer.writeheader()
    yield taken()
    for row in rows:
        writer.writerow({name: harmless(value) for name, value in row.items()})
        yield taken()


def json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield each row as a line of JSON."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def write_workbook(rows: Iterable[Row], out: BinaryIO) -> None:
    """Write a workbook, row by row; every word is a text, never a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("检索结果")
    sheet.append(list(COLUMNS.values()))
    for row in rows:
        sheet.append([_cell(row[name]) for name in COLUMNS])
    book.save(out)


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    return harmless(ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST_CELL])


def file_blocks(rows: Iterable[Row], form: ExportForm) -> Iterator[bytes]:
    """Yield the bytes of a file while its rows are read; a workbook is written whole before."""
    match form:
        case ExportForm.CSV:
            yield "\ufeff".encode()  # so that spreadsheets read it as UTF-8
            yield from (line.encode() for line in csv_lines(rows))
        case ExportForm.JSONL:
            yield from (line.encode() for line in json_lines(rows))
        case ExportForm.XLSX:
            with TemporaryFile(prefix="huiying-") as file:
                write_workbook(rows, file)
                file.seek(0)
                while block := file.read(2**16):
                    yield block
