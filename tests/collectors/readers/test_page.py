import pytest

from monitor.collectors.model import RawItem, SourceKind
from monitor.collectors.readers.document import read_document
from tests.support.builders import a_source

PAGE = """<html><head><meta charset="utf-8"></head><body><ul class="news">
<li><h3>要闻</h3></li>
<li><a href="/art/1.html" title="关于柯街镇道路抢通情况的通报">关于柯街镇道路抢通…</a>
<span>2026-11-24</span></li>
<li><a href="art/2.html">停水通知</a><span>[11-23]</span></li>
<li><a href="javascript:void(0)">展开</a></li>
<li><a href="http://other.example/3">11月22日会议召开</a> 发布：2026年11月22日 08:00</li>
</ul></body></html>"""


def _read(reading: dict[str, str], page: str = PAGE) -> tuple[tuple[RawItem, ...], tuple[str, ...]]:
    source = a_source(kind=SourceKind.PAGE, address="http://gov.example/list/", reading=reading)
    found = read_document(page.encode(), "text/html", source)
    return found.items, found.problems


def test_a_list_page_is_read_by_its_selectors() -> None:
    items, problems = _read({"list": "ul.news li", "title": "a", "link": "a", "date": "span"})
    assert [(item.title, item.url, item.published_raw) for item in items] == [
        ("关于柯街镇道路抢通情况的通报", "http://gov.example/art/1.html", "2026-11-24"),
        ("停水通知", "http://gov.example/list/art/2.html", "[11-23]"),
        ("11月22日会议召开", "http://other.example/3", None),
    ]
    assert problems == ()


def test_without_a_date_selector_the_entry_is_searched_outside_its_title() -> None:
    items, _ = _read({"list": "ul.news li"})
    assert [item.published_raw for item in items] == ["2026-11-24", "[11-23]", "2026年11月22日 08:00"]


def test_a_date_pattern_picks_its_group() -> None:
    items, _ = _read({"list": "ul.news li", "date_pattern": r"发布：(\S+)"})
    assert items[2].published_raw == "2026年11月22日"


def test_the_entry_itself_may_be_the_link() -> None:
    items, _ = _read({"list": "ul.news a"})
    assert len(items) == 3


@pytest.mark.parametrize(
    ("reading", "page", "problem"),
    [
        pytest.param({"list": "div.gone"}, PAGE, "nothing_selected: div.gone", id="rebuilt page"),
        pytest.param({"list": "li["}, PAGE, "bad_selector", id="faulty selector"),
        pytest.param({"list": "li", "date_pattern": "("}, PAGE, "bad_selector", id="faulty pattern"),
        pytest.param({"list": "li"}, "<b>" * 30_001, "too_many_elements", id="nesting without end"),
        pytest.param({"list": "li"}, "<p>请输入验证码</p>", "login_wall", id="a wall"),
    ],
)
def test_a_page_that_yields_nothing_is_a_problem(reading: dict[str, str], page: str, problem: str) -> None:
    items, problems = _read(reading, page)
    assert items == ()
    assert problems[0].startswith(problem)


def test_addresses_that_cannot_be_read_are_left_out() -> None:
    items, _ = _read({"list": "a"}, '<base href="http://[x"><a href="http://[::1">坏</a><a href="/1">好</a>')
    assert [item.url for item in items] == ["http://gov.example/1"]
