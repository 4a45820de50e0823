"""Bytes of a workbook to the rows of its sheets, within bounds; nothing is evaluated."""

import io
import re
import warnings
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import column_index_from_string
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
_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]{0,99}?ref=[\"']([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})[\"']"
)
_OLD_BOOK = b"\xd0\xcf\x11\xe0"
"""How an old workbook begins, and a new one that asks for a password."""

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
    """A visible sheet: its rows by number, counted from 1, those with nothing in them left out.

    Cells merged downwards say the same in each of their rows; `continued` are those, by row and column
    counted from 0, that only go on with what stands above.
    """

    title: str
    rows: tuple[tuple[int, tuple[Any, ...]], ...]
    continued: frozenset[tuple[int, int]] = frozenset()


def read_sheets(body: bytes, name: str) -> tuple[Sheet, ...]:
    """Return the visible sheets; raises ConfigurationError for what is no workbook, or too large a one.

    A formula counts as what the office program last showed.
    """
    if len(body) > MOST_BYTES:
        raise ConfigurationError((f"{name}: 文件超过 {MOST_BYTES // 1024**2}MB，请按年份分开",))
    if body.startswith(_OLD_BOOK):
        raise ConfigurationError((f"{name}: 是旧的 .xls 工作簿，或设了打开密码；请去掉密码，另存为 .xlsx",))
    try:
        if fault := _fault_of(body):
            raise ConfigurationError((f"{name}: {fault}",))
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions, which say nothing here
            return tuple(_visible(body, name))
    except _UNREADABLE as error:
        raise ConfigurationError(
            (f"{name}: 打不开，须为 .xlsx 工作簿（{type(error).__name__}）；别的格式请另存为 .xlsx",)
        ) from error


def _visible(body: bytes, name: str) -> Iterator[Sheet]:
    reader = ExcelReader(io.BytesIO(body), read_only=True, data_only=True)
    reader.read()
    paths = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
    try:
        for sheet in reader.wb.worksheets:
            if sheet.sheet_state == "visible":
                yield _sheet(sheet, _merged_down(reader.archive.read(paths[sheet.title])), name)
    finally:
        reader.wb.close()


def _merged_down(sheet: bytes) -> Mapping[int, Sequence[tuple[int, int]]]:
    """Return, for each row, the columns from 0 where cells merged downwards begin, with their last row.

    The reader that keeps memory small does not tell of merged cells.
    """
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for letters, first, last in _MERGED.findall(sheet):
        column = column_index_from_string(letters.decode())
        if int(last) > int(first) and column <= MOST_COLUMNS:
            found[int(first)].append((column - 1, int(last)))
    return found


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


def _sheet(sheet: Any, merged: Mapping[int, Sequence[tuple[int, int]]], name: str) -> Sheet:
    rows: list[tuple[int, tuple[Any, ...]]] = []
    continued: set[tuple[int, int]] = set()
    above: dict[int, tuple[Any, int]] = {}
    sheet.reset_dimensions()  # what the file says of its size may be wrong, also by intent
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), start=1):
        going_on = {column: value for column, (value, last) in above.items() if number <= last}
        above.update((column, (row[column], last)) for column, last in merged.get(number, ()))
        if any(value not in (None, "") for value in row):
            rows.append((number, tuple(going_on.get(column, value) for column, value in enumerate(row))))
            continued.update((number, column) for column in going_on)
        if len(rows) > MOST_ROWS or number > 2 * MOST_ROWS:
            raise ConfigurationError((f"{name}!{sheet.title}: 超过 {MOST_ROWS} 行，请分开导入",))
    return Sheet(title=sheet.title, rows=tuple(rows), continued=frozenset(continued))
