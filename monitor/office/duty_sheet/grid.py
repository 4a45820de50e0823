"""Bytes of a workbook to grids of text and dates, within bounds; merged cells all say what the first says.

A formula counts as what the office program last showed; nothing is evaluated.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import normalize

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from monitor.errors import ConfigurationError

MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 8 * 1024 * 1024
MOST_TAGS = 60_000
"""Far above any duty sheet; a million styles take the reader a minute."""

MOST_MERGED = 200_000
"""Cells within merged areas, of all sheets together."""

MOST_ROWS = 1_000
MOST_COLUMNS = 60
MOST_SHEETS = 40

Place = tuple[int, int]
"""Row and column, counted from 1."""

_AREAS = re.compile(rb"<(?:[\w.-]+:)?(?:mergeCell|hyperlink)\s([^>]*)>")
_PLAIN_REF = re.compile(rb"\bref\s*=\s*[\"']([A-Z]{1,3}[0-9]{1,7}(?::[A-Z]{1,3}[0-9]{1,7})?)[\"']")
_UNREADABLE = (
    InvalidFileException,
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    SyntaxError,
    RuntimeError,
    zlib.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One sheet: what stands in cells that are not empty; `anchors` lead from merged ones to their first."""

    title: str
    cells: Mapping[Place, str | date]
    anchors: Mapping[Place, Place]
    rows: int
    columns: int

    def text(self, place: Place) -> str:
        """Return the text of a cell, wide letters and digits as plain ones; an empty one has none."""
        return normalize("NFKC", str(self.cells.get(place, "")))

    def anchor(self, place: Place) -> Place:
        """Return the cell itself, or the first of those it is merged with."""
        return self.anchors.get(place, place)


def place_name(place: Place) -> str:
    """Return `C7` for row 7, column 3."""
    return f"{get_column_letter(place[1])}{place[0]}"


def read_grids(body: bytes, name: str) -> tuple[Grid, ...]:
    """Return the visible sheets; raises ConfigurationError for what is no workbook, or too large a one."""
    try:
        if fault := _fault_of(body):
            raise ConfigurationError((f"{name}: {fault}",))
        with warnings.catch_warnings(action="ignore"):  # of styles and extensions, which say nothing here
            book = load_workbook(io.BytesIO(body), data_only=True, keep_links=False)
    except _UNREADABLE as error:
        raise ConfigurationError(
            (f"{name}: 打不开，须为 .xlsx 工作簿（{type(error).__name__}）；旧的 .xls 请另存为 .xlsx",)
        ) from error
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    long = [f"{name}!{s.title}: 超过 {MOST_ROWS} 行" for s in sheets if s.max_row > MOST_ROWS]
    if long:
        raise ConfigurationError(tuple(f"{fault}，请删去表格以下的空行或内容" for fault in long))
    return tuple(_grid(sheet) for sheet in sheets)


def _fault_of(body: bytes) -> str | None:
    """Return why the workbook must not be opened, or None: what only a bomb needs, or is too large."""
    if len(body) > MOST_BYTES:
        return f"文件超过 {MOST_BYTES // 1024 // 1024}MB"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MOST_UNPACKED:
            return f"解压后超过 {MOST_UNPACKED // 1024 // 1024}MB"
        if sum("worksheets/sheet" in member.filename for member in members) > MOST_SHEETS:
            return f"超过 {MOST_SHEETS} 张工作表"
        parts = [archive.read(member) for member in members]
    if any(part[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<") or b"<!DOCTYPE" in part for part in parts):
        return "含有值班表不会有的内容"
    if sum(part.count(b"<") for part in parts) > MOST_TAGS:
        return "内容过多，不像一张值班表"
    areas = [_area(found[1]) for part in parts for found in _AREAS.finditer(part)]
    return "合并单元格或超链接的范围过大" if sum(areas) > MOST_MERGED else None


def _area(attributes: bytes) -> int:
    """Return how many cells a merged or linked area has; one that hides its size has too many."""
    ref = _PLAIN_REF.search(attributes)
    if ref is None:
        return MOST_MERGED + 1
    left, top, right, bottom = (int(bound or 0) for bound in range_boundaries(ref[1].decode()))
    return (right - left + 1) * (bottom - top + 1)


def _grid(sheet: Any) -> Grid:
    columns = min(sheet.max_column, MOST_COLUMNS)
    cells = dict(_filled(sheet, columns))
    anchors = {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, min(area.max_col, MOST_COLUMNS) + 1)
    }
    cells |= {place: cells[first] for place, first in anchors.items() if first in cells}
    return Grid(title=sheet.title, cells=cells, anchors=anchors, rows=sheet.max_row, columns=columns)


def _filled(sheet: Any, columns: int) -> Iterator[tuple[Place, str | date]]:
    for number, row in enumerate(sheet.iter_rows(max_col=columns, values_only=True), 1):
        for column, value in enumerate(row, 1):
            shown = _shown(value)
            if shown != "":
                yield (number, column), shown


def _shown(value: Any) -> str | date:
    """Return a cell as text, but a date as a date and a whole number without its point."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
