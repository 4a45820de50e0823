import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collectors.model import RawItem
from monitor.items.normalize import canonical_url, clean_text, normalize_item
from tests.support.builders import T0, a_source

SOURCE = a_source(address="http://gov.example/news/list.html", platform="gov", rank=8)
words = st.text(max_size=300)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>一处<b>3</b>人受伤</p><p>已送医</p>", "一处3人受伤\n已送医"),
        ("第一行<br/>第二行<BR>第三行", "第一行\n第二行\n第三行"),
        ("前<script>var a = '<p>x</p>';</script>后", "前后"),
        ("前<style>p{}</style>后<!-- 注释 <b> -->完", "前后完"),
        ("<script>没有结束", ""),
        ("&lt;p&gt;两次&amp;lt;转义&lt;/p&gt;", "两次<转义"),
        ("温度&nbsp;&lt;5&deg;C，A &amp; B", "温度 <5°C，A & B"),
        ("3 < 5 且 7 > 2", "3 < 5 且 7 > 2"),
        ("柯\u200b街\ufeff镇\u3000\u3000塌方\r\n\r\n通报", "柯街镇 塌方\n通报"),
        ("全角１２３＃", "全角１２３＃"),
        ("断\x00字\ud800", "断 字\ufffd"),
        ("<![CDATA[正文]]>", "正文"),
    ],
)
def test_markup_becomes_the_words_a_reader_sees(markup: str, text: str) -> None:
    assert clean_text(markup) == text


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 200_000, "<script" * 140_000, "<!--" * 250_000, "&lt;" * 250_000, "</script " * 100_000],
)
def test_hostile_markup_is_read_in_linear_time(markup: str) -> None:
    assert len(clean_text(markup)) <= len(markup)


@given(words)
def test_clean_text_can_be_stored_and_stays_clean(markup: str) -> None:
    text = clean_text(markup)
    text.encode("utf-8")
    assert "\x00" not in text
    assert text == "\n".join(line.strip() for line in text.splitlines())


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://Paper.Example:80/A?b=2&a=1#top", "http://paper.example/A?a=1&b=2"),
        ("https://paper.example:443", "https://paper.example/"),
        ("https://paper.example:8443/", "https://paper.example:8443/"),
        ("http://user:secret@paper.example/a", "http://paper.example/a"),
        ("http://p.example/a?utm_source=x&id=3&spm=1.2&share_token=z", "http://p.example/a?id=3"),
        ("http://p.example/a?id=2&id=1", "http://p.example/a?id=2&id=1"),
        ("http://p.example/a?art/7", "http://p.example/a?art/7"),
        ("http://p.example/#/art/7", "http://p.example/#/art/7"),
        ("https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=1&sn=b&chksm=c&scene=27", "https://mp.weixin.qq.com/s?__biz=A&idx=1&mid=1&sn=b"),
        ("http://p.example/新闻?q=县 城", "http://p.example/%E6%96%B0%E9%97%BB?q=%E5%8E%BF+%E5%9F%8E"),
        ("http://p.example/%E6%96%B0", "http://p.example/%E6%96%B0"),
        ("javascript:void(0)", None), ("http://", None), ("http://[::1", None), ("http://p:x/", None),
        ("", None), (None, None),
        ("http://p.example/" + "a" * 3000, None),
    ],
)  # fmt: skip
def test_an_address_has_one_spelling(url: str | None, canonical: str | None) -> None:
    assert canonical_url(url) == canonical


@given(words, st.dictionaries(words, words, max_size=3))
def test_a_canonical_address_is_its_own_canonical_address(path: str, query: dict[str, str]) -> None:
    url = canonical_url(f"http://p.example/{path}?" + "&".join(f"{k}={v}" for k, v in query.items()))
    assert canonical_url(url) == url


def test_a_raw_item_becomes_an_item() -> None:
    raw = RawItem(native_id="7", url="../a?utm_x=1", title="<b>塌方</b>\n通报", text="<p>正文</p>", heat=3.0,
                  rank=2, published_raw="2026-03-02 07:30")  # fmt: skip
    item = normalize_item(raw, SOURCE, T0)
    assert item is not None
    assert (item.title, item.text, item.url) == ("塌方 通报", "正文", "http://gov.example/a")
    assert (item.heat, item.board_rank, item.rank, item.platform) == (3.0, 2, 8, "gov")
    assert (item.published_raw, item.published_at is None) == ("2026-03-02 07:30", False)


def test_an_impossible_time_is_dropped_and_its_string_kept() -> None:
    item = normalize_item(RawItem(title="塌方", published_raw="2099-01-01"), SOURCE, T0)
    assert item is not None
    assert (item.published_at, item.published_raw, item.at) == (None, "2099-01-01", T0)


def test_an_entry_without_words_is_no_item() -> None:
    assert normalize_item(RawItem(title="<img src=x>", text=" \n", url="http://p/"), SOURCE, T0) is None


def test_long_titles_and_texts_are_cut() -> None:
    item = normalize_item(RawItem(title="长" * 400, text="文" * 300_000), SOURCE, T0)
    assert item is not None
    assert (len(item.title), len(item.text)) == (300, 200_000)


def test_the_key_is_the_native_id_else_the_address_else_the_words() -> None:
    def key(**fields: str) -> str:
        item = normalize_item(RawItem(**{"title": "塌方", **fields}), SOURCE, T0)  # type: ignore[arg-type]
        assert item is not None
        return item.key

    assert key(native_id="7", url="http://p.example/1") == key(native_id="7", title="改过的标题")
    assert key(url="http://p.example/1") == key(url="http://p.example/1?utm_source=x", title="改过的标题")
    assert key() == key()
    assert len({key(), key(title="另一条"), key(native_id="7"), key(url="http://p.example/1")}) == 4
