"""Tables to files that spreadsheet programs open: no cell of anybody's words is taken for a formula."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from monitor.analysis.table import Cell, Column, Kind, Table, table, text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMATS = {Kind.RATE: "0.0%", Kind.HOURS: "0.0", Kind.NUMBER: "0.0"}
_LONGEST_CELL = 32_767
_A4 = 9  # as office programs number it
_BOLD, _WRAPPED = Font(bold=True), Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table as one sheet of a workbook: `note` stands below it."""

    title: str
    table: Table
    note: str = ""


def harmless(words: str) -> str:
    """Return words that no spreadsheet program takes for a formula: those that begin like one, quoted."""
    return f"'{words}" if words.startswith(_FORMULA_STARTS) else words


def as_csv(table: Table) -> str:
    """Return a table as CSV with Chinese headings; what has no figure is empty, a rate is a share of 1."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return out.getvalue()


def _plain(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return harmless(cell)
    return round(cell, 4)


def as_xlsx(sheets: Iterable[Sheet], made_at: datetime) -> bytes:
    """Return a workbook; words are stored as words, whatever they begin with, and are never formulas."""
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    book.properties.creator = "回应"
    for sheet in sheets:
        _add_sheet(book, sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _add_sheet(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.title)
    page.freeze_panes = "A2"
    _lay_out(page)
    for number, column in enumerate(sheet.table.columns, start=1):
        widest = max([_width(column.name), *(_width(cell) for cell in sheet.table.column(column.key))])
        page.column_dimensions[get_column_letter(number)].width = min(widest + 2, 60)
    page.append([_cell(page, column.name, Kind.TEXT, is_bold=True) for column in sheet.table.columns])
    for row in sheet.table.rows:
        page.append(_cell(page, cell, c.kind) for cell, c in zip(row, sheet.table.columns, strict=True))
    if sheet.note:
        page.append([])
        page.append([_cell(page, sheet.note, Kind.TEXT)])


def _lay_out(page: Any) -> None:
    """Let it print on A4 lying down, all columns on a page, the headings on each."""
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = _A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"


def _cell(page: Any, value: Cell, kind: Kind, *, is_bold: bool = False) -> Any:
    cell = WriteOnlyCell(page)
    if isinstance(value, str):
        # Stored as words or not, one that begins like a formula would be one once somebody edits the cell.
        if words := ILLEGAL_CHARACTERS_RE.sub("", value):
            cell.value, cell.data_type = harmless(words)[:_LONGEST_CELL], "s"
        cell.alignment = _WRAPPED
    elif value is not None:
        cell.value = value
        cell.number_format = _FORMATS.get(kind, "General")
    if is_bold:
        cell.font = _BOLD
    return cell


def _width(cell: Cell) -> int:
    """Return how wide a cell is, a Chinese character counting two."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in str(cell)) if isinstance(cell, str) else 8


def documented(columns: Iterable[tuple[Column, str]]) -> Table:
    """Return a sheet that says of each column what it counts."""
    return table((text("column", "栏目"), text("means", "口径")), ((c.name, means) for c, means in columns))
