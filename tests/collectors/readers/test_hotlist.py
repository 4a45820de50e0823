import json
from typing import Any

import pytest

from monitor.collectors.model import Reading, SourceKind
from monitor.collectors.readers.document import read_document
from monitor.collectors.readers.numbers import read_heat
from tests.support.builders import a_source

NEWSNOW = {"status": "success", "id": "weibo", "items": [
    {"id": "a1", "title": "县城停水", "url": "http://b.example/1",
     "extra": {"info": "123万", "date": 1772409600000}},
    {"id": "a2", "title": "道路抢通", "mobileUrl": "http://b.example/2"}]}  # fmt: skip
DAILYHOT = {"code": 200, "data": [
    {"id": 9, "title": "县城停水", "desc": "多个小区", "hot": 51000, "timestamp": 1772409600000,
     "url": "http://b.example/1"}]}  # fmt: skip
OTHER = {"body": {"rows": [{"w": {"t": "县城停水"}, "n": "热度 3.5万", "pos": 4}, None]}}
MAPPING = {"shape": "jmespath", "items": "body.rows", "title": "w.t", "heat": "n", "rank": "pos"}


def _read(document: Any, reading: dict[str, str]) -> Reading:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_document(body, "application/json", a_source(kind=SourceKind.HOTLIST, reading=reading))


@pytest.mark.parametrize(
    ("document", "reading", "first"),
    [
        pytest.param(NEWSNOW, {"shape": "newsnow"}, ("县城停水", 1_230_000.0, 1), id="newsnow"),
        pytest.param(DAILYHOT, {"shape": "dailyhot"}, ("县城停水", 51_000.0, 1), id="dailyhot"),
        pytest.param(OTHER, MAPPING, ("县城停水", 35_000.0, 4), id="mapped"),
    ],
)
def test_a_board_is_read_with_heat_and_rank(
    document: Any, reading: dict[str, str], first: tuple[str, float, int]
) -> None:
    found = _read(document, reading)
    assert (found.items[0].title, found.items[0].heat, found.items[0].rank) == first
    assert found.problems == ()


def test_times_and_mobile_addresses_of_a_board_are_kept() -> None:
    items = _read(NEWSNOW, {}).items
    assert [item.published_raw for item in items] == ["1772409600000", None]
    assert items[1].url == "http://b.example/2"


@pytest.mark.parametrize(
    ("document", "reading", "problem"),
    [
        pytest.param("<html>请先登录</html>".encode("gbk"), {}, "login_wall", id="a login wall in gbk"),
        pytest.param(b"<html></html>", {}, "html_instead_of_json", id="html"),
        pytest.param(b"[[[" * 100_000, {}, "not_json", id="nesting without end"),
        pytest.param(b"{'a': 1}", {}, "not_json", id="not quite json"),
        pytest.param({"code": 500, "message": "请求过快"}, {}, "api_error: 请求过快", id="an error in words"),
        pytest.param({"items": {}}, {}, "unexpected_shape", id="another shape"),
        pytest.param({"items": []}, {}, "empty_board", id="an empty board"),
        pytest.param({"items": [0] * 10_001}, {}, "too_many_elements", id="a board without end"),
        pytest.param(
            {"items": [1]},
            {"shape": "jmespath", "items": "items", "title": "a["},
            "bad_mapping",
            id="mapping",
        ),
    ],
)
def test_what_is_no_board_is_a_problem_with_a_name(
    document: Any, reading: dict[str, str], problem: str
) -> None:
    found = _read(document, reading)
    assert found.items == ()
    assert found.problems[0].startswith(problem)


@pytest.mark.parametrize(
    ("written", "heat"),
    [("1197 万热度", 11_970_000.0), ("3.2亿", 320_000_000.0), ("1,234", 1234.0), (7, 7.0), ("12k", 12_000.0),
     ("新", None), (None, None), (True, None)],
)  # fmt: skip
def test_heat_is_read_as_people_write_it(written: Any, heat: float | None) -> None:
    assert read_heat(written) == heat
