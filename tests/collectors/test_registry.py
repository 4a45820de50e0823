"""sources.yaml: what it becomes, and every kind of fault with its place."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.collectors.model import Politeness, Role, Source, SourceKind
from monitor.collectors.registry import read_sources, write_sources
from monitor.errors import ConfigurationError

SHIPPED = Path(__file__).parents[2] / "sources.yaml"

HOTLIST = """\
newsnow_base: https://hot.example/
rsshub_base:
sources:
  - id: weibo
    name: 微博热搜
    kind: hotlist
    role: social
    address: "{newsnow}/api/s?id=weibo"
    reading: {shape: newsnow}
"""


def faults_of(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read_sources(text)
    return caught.value.faults


def test_the_shipped_file_is_a_real_one_for_the_county() -> None:
    sources = read_sources(SHIPPED.read_bytes())
    assert {source.kind for source in sources} == set(SourceKind)
    assert {source.role for source in sources} == set(Role)
    assert {"weibo", "zhihu", "baidu", "douyin", "toutiao", "liuyan", "hotline-12345"} <= {
        s.id for s in sources
    }
    assert all(source.comment for source in sources)
    assert all("{" not in source.address for source in sources if source.enabled)
    assert not any(source.verified for source in sources if source.address)


def test_a_source_becomes_a_value_with_its_base_filled_in() -> None:
    (source,) = read_sources(HOTLIST)
    assert source == Source(
        id="weibo",
        name="微博热搜",
        kind=SourceKind.HOTLIST,
        role=Role.SOCIAL,
        address="https://hot.example/api/s?id=weibo",
        reading={"shape": "newsnow"},
    )


def test_every_setting_of_a_source_is_kept() -> None:
    text = """\
sources:
  - {id: p, name: 页, kind: page, role: official, address: http://10.0.0.1/, allow_private: true, own: true,
     timeout: 5s, spacing: 10s, max_bytes: 2048, max_redirects: 0, zone: Asia/Urumqi, scope: county, rank: 9,
     every: 1h, verified: false, enabled: false, platform: 站, comment: 注,
     reading: {list: 'ul li', title: a, link: a, date: span, text: p, date_pattern: '\\d+'}}
  - {id: box, name: 箱, kind: inbox, role: hotline, secret: "${BOX}",
     reading: {folder: var/in, columns: {title: 标题}}}
  - {id: j, name: 榜, kind: hotlist, role: media, address: https://j.example/,
     reading: {shape: jmespath, mapping: {items: data.list, title: t}}}
"""
    page, box, board = read_sources(text, env={"BOX": "0123456789abcdef"})
    assert page.politeness == Politeness(
        timeout=timedelta(seconds=5),
        spacing=timedelta(seconds=10),
        max_bytes=2048,
        max_redirects=0,
        own=True,
        allow_private=True,
    )
    assert (page.zone, page.scope, page.rank, page.every) == (
        ZoneInfo("Asia/Urumqi"),
        "county",
        9,
        timedelta(hours=1),
    )
    assert (page.verified, page.enabled, page.platform, page.comment) == (False, False, "站", "注")
    assert dict(page.reading) == {
        "list": "ul li",
        "title": "a",
        "link": "a",
        "date": "span",
        "text": "p",
        "date_pattern": "\\d+",
    }
    assert (box.secret, dict(box.reading)) == (
        "0123456789abcdef",
        {"folder": "var/in", "columns": {"title": "标题"}},
    )
    assert dict(board.reading) == {"shape": "jmespath", "items": "data.list", "title": "t"}
    assert "0123456789abcdef" not in repr(box)


CASES = [
    ("id: weibo", "id: Weibo!", "4:5: sources[0].id: 格式不对"),
    ("kind: hotlist", "kind: rss", "6:5: sources[0].kind: 只能是 'feed', 'hotlist', 'page', 'inbox'"),
    ("kind: hotlist", "knd: hotlist", "4:5: sources[0].kind: 缺少这一项"),
    ("role: social", "role: friend", "7:5: sources[0].role: 只能是"),
    (
        "role: social",
        "role: social\n    every: 30s",
        '8:5: sources[0].every: 须在 1m 到 24h 之间（现为 "30s"）',
    ),
    ("role: social", "role: social\n    every: 25h", "8:5: sources[0].every: 须在 1m 到 24h 之间"),
    ("role: social", "role: social\n    rank: 0", "8:5: sources[0].rank: 不得小于 1"),
    ("role: social", "role: social\n    zone: Mars/One", "8:5: sources[0].zone: 没有这个时区"),
    ("role: social", "role: social\n    zone: ../etc", "8:5: sources[0].zone: 没有这个时区"),
    ("role: social", "role: social\n    scope: town", "8:5: sources[0].scope: 只能是"),
    ("role: social", "role: social\n    secret: x", "8:5: sources[0].secret: 不认识的键"),
    ("{newsnow}/", "{nosuch}/", "8:5: sources[0].address: 没有 {nosuch} 这个基址"),
    ("{newsnow}/", "{rsshub}/", "8:5: sources[0].address: 文件顶部没有设置 rsshub_base"),
    ("{newsnow}/", "ftp://x.example/", "8:5: sources[0].address: 应为 http:// 或 https:// 开头的网址"),
    ("{newsnow}/", "https://[x/", "8:5: sources[0].address: 应为 http://"),
    ("{newsnow}/", "http://127.0.0.1:1200/", "8:5: sources[0].address: 是内网地址"),
    ("{newsnow}/", "http://[::1]/", "8:5: sources[0].address: 是内网地址"),
    ("{newsnow}/", "http://localhost/", "8:5: sources[0].address: 是内网地址"),
    ("https://hot.example/", "hot.example", "1:1: newsnow_base: 应为 http://"),
    ("{shape: newsnow}", "{shape: rss}", "9:15: sources[0].reading.shape: 只能是"),
    (
        "{shape: newsnow}",
        "{shape: newsnow, mapping: {items: a, title: b}}",
        "9:31: sources[0].reading.mapping: ",
    ),
    ("{shape: newsnow}", "{shape: jmespath}", "9:5: sources[0].reading.mapping: "),
    (
        "{shape: newsnow}",
        "{shape: jmespath, mapping: {items: 'a[', title: b}}",
        "9:42: sources[0].reading.mapping.items: 不是有效的 JMESPath 表达式",
    ),
    ("    reading: {shape: newsnow}\n", "", "4:5: sources[0].reading: 缺少这一项"),
]


@pytest.mark.parametrize(("old", "new", "fault"), CASES)
def test_a_fault_names_its_place(old: str, new: str, fault: str) -> None:
    assert old in HOTLIST
    faults = faults_of(HOTLIST.replace(old, new))
    assert any(found.startswith(f"sources.yaml:{fault}") for found in faults), faults


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (
            "{id: weibo, name: A, kind: feed, role: media, address: https://a.example/}",
            "sources[1].id: 与前面的信源编号",
        ),
        (
            "{id: a, name: A, kind: page, role: media, address: https://a.example/, reading: {list: 'a ['}}",
            "sources[1].reading.list: 不是有效的 CSS 选择器",
        ),
        (
            "{id: a, name: A, kind: page, role: media, address: 'x', reading: {list: a, date_pattern: '('}}",
            "sources[1].reading.date_pattern: 不是有效的正则表达式",
        ),
        ("{id: a, name: A, kind: inbox, role: hotline}", "sources[1].reading: 信箱至少要有"),
        ("{id: a, name: A, kind: inbox, role: hotline, secret: kurz}", "sources[1].secret: 密钥至少 16 位"),
        (
            "{id: a, name: A, kind: inbox, role: hotline, reading: {folder: x, columns: {tittle: 标题}}}",
            "sources[1].reading.columns.tittle: 只能是",
        ),
        ("{id: a, name: A, kind: feed, role: media}", "sources[1].address: 缺少这一项"),
    ],
)
def test_a_faulty_entry_is_named(entry: str, fault: str) -> None:
    faults = faults_of(f"{HOTLIST}  - {entry}\n")
    assert any(fault in found for found in faults), faults
    assert not any("kurz" in found for found in faults)


def test_a_disabled_source_may_wait_for_its_base() -> None:
    (source,) = read_sources(
        HOTLIST.replace("{newsnow}/", "{rsshub}/").replace("role:", "enabled: false\n    role:")
    )
    assert source.address == "{rsshub}/api/s?id=weibo"


def test_an_inbox_that_is_off_needs_neither_folder_nor_secret() -> None:
    (source,) = read_sources("sources: [{id: a, name: A, kind: inbox, role: hotline, enabled: false}]")
    assert source.secret == ""


def test_written_feeds_are_read_back() -> None:
    feed = Source(
        id="a",
        name="甲: 乙",
        kind=SourceKind.FEED,
        role=Role.MEDIA,
        address="https://a.example/?x=1",
        scope="city",
        every=timedelta(seconds=90),
        verified=False,
        enabled=False,
        comment="# 注",
    )
    other = Source(id="b", name="丙", kind=SourceKind.FEED, role=Role.SOCIAL, address="https://b.example/")
    text = "sources:\n" + write_sources([feed, other])
    assert read_sources(text) == (feed, other)
