"""CSV and XLSX -> rows by column name, within bounds."""

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

_MAX_UNPACKED = 64 * 1024 * 1024
_MAX_COLUMNS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TableError:
    """Why a table could not be read: a problem code and its place."""

    code: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Column names and the rows under them."""

    names: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]


def read_csv(text: str, max_rows: int) -> Table | TableError:
    """Read CSV or TSV whose first row names the columns and shows the delimiter."""
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        names = tuple(cell.strip() for cell in next(rows, []))
        return _bounded(names, filter(None, rows), max_rows)
    except csv.Error as error:
        return TableError(code="bad_table", place=str(error)[:100])


def read_xlsx(body: bytes, max_rows: int) -> Table | TableError:
    """Read the first sheet of a workbook whose first row names the columns.

    Refused before parsing: more than 64 MB unpacked, and any document type declaration, which only a bomb
    needs.
    """
    try:
        if fault := fault_of_archive(body):
            return fault
        with warnings.catch_warnings(
            action="ignore"
        ):  # workbooks without a default style are warned of, and fine
            book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
            try:
                rows = book.worksheets[0].iter_rows(
                    max_row=max_rows + 2, max_col=_MAX_COLUMNS, values_only=True
                )
                names = tuple("" if cell is None else str(cell).strip() for cell in next(rows, ()))
                filled = (row for row in rows if any(cell is not None for cell in row))
                return _bounded(names, filled, max_rows)
            finally:
                book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        IndexError,
        OSError,
        SyntaxError,
    ) as error:
        return TableError(code="bad_table", place=type(error).__name__)


def _bounded(names: tuple[str, ...], rows: Iterable[Sequence[Any]], max_rows: int) -> Table | TableError:
    """Return the rows by column name, cells without one left out; an error if there are too many rows."""
    taken = list(islice(rows, max_rows + 1))
    if len(taken) > max_rows:
        return TableError(code="too_large", place=f"超过{max_rows}行")
    named = ({name: cell for name, cell in zip(names, row, strict=False) if name} for row in taken)
    return Table(names=names, rows=tuple(named))


def fault_of_archive(body: bytes) -> TableError | None:
    """Return why the archive must not be opened, or None."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > _MAX_UNPACKED:
            return TableError(code="too_large", place="解压后超过64MB")
        for member in members:
            if member.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(member):
                return TableError(code="bad_table", place=member.filename[:80])
    return None
