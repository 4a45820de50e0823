"""Workbooks as counties make them: rows, merged cells, titles of sheets."""

import io
from collections.abc import Mapping, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

Rows = Sequence[Sequence[Any]]


def a_workbook(
    rows: Rows = (), merged: Sequence[str] = (), title: str = "Sheet1", more: Mapping[str, Rows] | None = None
) -> bytes:
    """Return a workbook with these rows on its first sheet, and `more` sheets by title."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = title
    for name, filling in {title: rows, **(more or {})}.items():
        sheet = first if name == title else book.create_sheet(name)
        for row in filling:
            sheet.append(list(row))
    for area in merged:
        first.merge_cells(area)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def tampered(workbook: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Return the workbook with other bytes in one of its parts, as no office program would write it."""
    written = io.BytesIO()
    with ZipFile(io.BytesIO(workbook)) as source, ZipFile(written, "w", ZIP_DEFLATED) as target:
        for member in source.infolist():
            body = source.read(member)
            target.writestr(member.filename, body.replace(old, new) if part in member.filename else body)
    return written.getvalue()
