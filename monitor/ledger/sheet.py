"""Bytes of a workbook to the rows of its sheets, within bounds; nothing is evaluated."""

import io
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from monitor.collectors.readers.tables import fault_of_archive
from monitor.errors import ConfigurationError

MOST_BYTES = 16 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_SHEETS = 40
_MOST_STYLES = 4 * 1024 * 1024
"""Above any ledger: a million styles take the reader a minute."""

_ROWS = ("xl/worksheets/", "xl/sharedStrings.xml")
_UNREADABLE = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    SyntaxError,
    RuntimeError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A visible sheet: its rows by number, counted from 1, those with nothing in them left out."""

    title: str
    rows: tuple[tuple[int, tuple[Any, ...]], ...]


def read_sheets(body: bytes, name: str) -> tuple[Sheet, ...]:
    """Return the visible sheets; raises ConfigurationError for what is no workbook, or too large a one.

    A formula counts as what the office program last showed. Merged cells say what they say in the first only.
    """
    if len(body) > MOST_BYTES:
        raise ConfigurationError((f"{name}: 文件超过 {MOST_BYTES // 1024**2}MB，请按年份分开",))
    try:
        if fault := _fault_of(body):
            raise ConfigurationError((f"{name}: {fault}",))
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions, which say nothing here
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
            try:
                visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
                return tuple(_sheet(sheet, name) for sheet in visible)
            finally:
                book.close()
    except _UNREADABLE as error:
        raise ConfigurationError(
            (f"{name}: 打不开，须为 .xlsx 工作簿（{type(error).__name__}）；旧的 .xls 请另存为 .xlsx",)
        ) from error


def _fault_of(body: bytes) -> str | None:
    """Return why the workbook must not be opened, or None."""
    if fault := fault_of_archive(body):
        return fault.place if fault.code == "too_large" else "含有台账不会有的内容"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = archive.infolist()
    if sum(member.filename.startswith("xl/worksheets/sheet") for member in members) > MOST_SHEETS:
        return f"超过 {MOST_SHEETS} 张工作表"
    others = (m.file_size for m in members if not m.filename.startswith((*_ROWS, "xl/media/")))
    return "样式过多，请另存为新的工作簿" if max(others, default=0) > _MOST_STYLES else None


def _sheet(sheet: Any, name: str) -> Sheet:
    rows = []
    sheet.reset_dimensions()  # what the file says of its size may be wrong, also by intent
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
        if any(value not in (None, "") for value in row):
            rows.append((number, tuple(row)))
        if len(rows) > MOST_ROWS or number > 2 * MOST_ROWS:
            raise ConfigurationError((f"{name}!{sheet.title}: 超过 {MOST_ROWS} 行，请分开导入",))
    return Sheet(title=sheet.title, rows=tuple(rows))
