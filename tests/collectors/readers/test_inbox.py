import io
import json
import zipfile
from datetime import datetime

import pytest

from monitor.collectors.model import Reading, SourceKind
from monitor.collectors.readers.document import read_document
from monitor.collectors.readers.tables import Table, TableError, read_xlsx
from tests.collectors.documents import workbook
from tests.support.builders import a_source

COLUMNS = {"id": "单号", "title": "主题", "text": "诉求", "time": "来电"}
ROW = {"单号": "T1", "主题": "多户停水", "诉求": "小区停水两天", "来电": "2026-03-02 07:30"}


def _csv(encoding: str) -> bytes:
    return ("单号,主题,诉求,来电\r\nT1,多户停水,小区停水两天,2026-03-02 07:30\r\n").encode(encoding)


def _read(body: bytes, columns: dict[str, str] | None = None) -> Reading:
    source = a_source(kind=SourceKind.INBOX, reading={"columns": columns} if columns else {})
    return read_document(body, None, source)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(json.dumps(ROW).encode(), id="one object"),
        pytest.param(json.dumps({"items": [ROW]}).encode(), id="a post of items"),
        pytest.param(json.dumps([ROW], ensure_ascii=False).encode("gbk"), id="a list in gbk"),
        pytest.param((json.dumps(ROW) + "\n\n" + json.dumps(ROW)).encode(), id="json lines"),
        pytest.param(_csv("utf-8-sig"), id="csv in utf-8"),
        pytest.param(_csv("gb18030"), id="csv in gb18030"),
        pytest.param(workbook([list(ROW), list(ROW.values())]), id="xlsx"),
    ],
)
def test_every_form_of_delivery_is_read_through_the_mapping(body: bytes) -> None:
    reading = _read(body, COLUMNS)
    first = reading.items[0]
    assert (first.native_id, first.title, first.text, first.published_raw) == tuple(ROW.values())
    assert reading.problems == ()


def test_a_date_cell_becomes_a_time_without_a_zone() -> None:
    body = workbook([["标题", "来电时间", "热度"], ["多户停水", datetime(2026, 3, 2, 7, 30), 12]])  # noqa: DTZ001
    item = _read(body).items[0]
    assert (item.published_raw, item.heat) == ("2026-03-02T07:30:00", 12.0)


def test_a_line_that_cannot_be_read_is_counted_and_named() -> None:
    reading = _read('{"title": "多户停水"}\n{broken\n{"title": "第三\u2028行"}'.encode())
    assert [item.title for item in reading.items] == ["多户停水", "", "第三\u2028行"]
    assert reading.problems == ("bad_line: 第2行",)


def _zip(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def test_a_sheet_with_too_many_rows_is_refused_whole() -> None:
    book = workbook([["标题"], ["一"], ["二"], ["三"]])
    assert isinstance(read_xlsx(book, 3), Table)
    assert read_xlsx(book, 2) == TableError(code="too_large", place="超过2行")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(_zip("a.bin", b"\0" * 70_000_000), "too_large", id="a zip bomb"),
        pytest.param(
            _zip("xl/workbook.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'), "bad_table", id="entities"
        ),
        pytest.param(_zip("a.txt", b"x"), "bad_table", id="no workbook"),
        pytest.param(b"PK\x03\x04broken", "bad_table", id="a broken archive"),
        pytest.param("姓名,电话\n甲,1\n".encode(), "bad_table: 缺少标题或内容列", id="no column we know"),
        pytest.param(b"title\n" + b"x\n" * 100_001, "too_large", id="too many rows"),
        pytest.param(b'{"items": [' + b"{}," * 100_000 + b"{}]}", "too_large", id="too many items"),
        pytest.param(b'title\n"' + b"x" * 200_000, "bad_table", id="a cell without end"),
        pytest.param(b'{"items": 3}', "unexpected_shape", id="items that are none"),
        pytest.param(b"{broken", "not_json", id="broken json"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_a_name(body: bytes, problem: str) -> None:
    reading = _read(body)
    assert reading.items == ()
    assert reading.problems[0].startswith(problem)
