"""OPML: feeds come in safely and go out so that they come in again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collectors.model import Role, Source, SourceKind
from monitor.collectors.opml import MAX_BYTES, read_opml, write_opml
from monitor.errors import ConfigurationError

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@st.composite
def feeds(draw: st.DrawFn) -> tuple[Source, ...]:
    ids = draw(st.lists(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True), unique=True, max_size=5))
    return tuple(
        Source(
            id=id_,
            name=draw(TEXT),
            kind=SourceKind.FEED,
            role=draw(st.sampled_from(Role)),
            address=f"https://{id_.replace('_', '-').strip('-') or 'x'}.example/{index}?a=1&b=<2>",
            rank=draw(st.integers(1, 10)),
            scope=draw(st.sampled_from([None, "county", "nation"])),
            every=timedelta(minutes=draw(st.integers(1, 1440))),
            verified=False,
        )
        for index, id_ in enumerate(ids)
    )


@given(feeds())
def test_what_goes_out_comes_in_again(sources: tuple[Source, ...]) -> None:
    assert read_opml(write_opml(sources).encode()) == sources


def test_only_feeds_go_out() -> None:
    page = Source(id="p", name="页", kind=SourceKind.PAGE, role=Role.MEDIA, address="https://p.example/")
    assert "p.example" not in write_opml([page])


def test_a_list_of_a_feed_reader_is_read_with_its_folders() -> None:
    data = """<?xml version="1.0" encoding="gb2312"?>
<opml version="1.0"><head><title>订阅</title></head><body>
  <outline text="时政"><outline text="央媒">
    <outline type="rss" text="甲网" xmlUrl="https://a.example/rss" htmlUrl="https://a.example/"/>
    <outline type="rss" title="乙网" xmlUrl=" https://b.example/rss "/>
  </outline></outline>
  <outline type="rss" text="又是甲" xmlUrl="https://a.example/rss"/>
  <outline type="rss" xmlUrl="https://c.example/rss"/>
</body></opml>""".encode("gb18030")
    found = [(s.name, s.address, s.comment, s.role, s.verified) for s in read_opml(data)]
    assert found == [
        ("甲网", "https://a.example/rss", "时政 / 央媒", Role.MEDIA, False),
        ("乙网", "https://b.example/rss", "时政 / 央媒", Role.MEDIA, False),
        ("https://c.example/rss", "https://c.example/rss", "", Role.MEDIA, False),
    ]


def test_foreign_attributes_out_of_range_fall_back() -> None:
    own = 'huiying:id="A B" huiying:role="king" huiying:rank="99" huiying:every="-5" huiying:scope="moon"'
    head = '<opml xmlns:huiying="urn:x"><body>'
    (source,) = read_opml(
        f'{head}<outline text="甲" xmlUrl="https://a.example/" {own}/></body></opml>'.encode()
    )
    assert source.id.startswith("feed-")
    assert (source.role, source.rank, source.every, source.scope) == (
        Role.MEDIA,
        10,
        timedelta(minutes=30),
        None,
    )


BOMB = """<?xml version="1.0"?>
<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<opml><body><outline text="&b;" xmlUrl="https://a.example/"/></body></opml>"""


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (BOMB.encode(), "list.opml:2:16: 不接受带 DOCTYPE 的文件"),
        (BOMB.encode("utf-16"), "不接受带 DOCTYPE 的文件"),
        (b"", "list.opml:1:1: 不是有效的 OPML"),
        (b"<html/>", "list.opml:1:1: 不是 OPML 文件"),
        (b"<opml><body>\n <outline", "list.opml:2:2: 不是有效的 OPML"),
        (b"<opml>\n<outline xmlUrl='ftp://a'/></opml>", "list.opml:2:1: 'ftp://a' 不是 http 网址"),
        (b"<opml><outline xmlUrl='http://[a'/></opml>", "list.opml:1:7: 'http://[a' 不是 http 网址"),
        (b"<opml>" + b" " * MAX_BYTES + b"</opml>", "list.opml:1:1: 文件太大"),
    ],
)
def test_a_faulty_list_is_refused_with_its_place(data: bytes, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_opml(data, "list.opml")
    assert fault in caught.value.faults[0]
