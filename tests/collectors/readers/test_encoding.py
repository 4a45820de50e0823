import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collectors.readers.encoding import decode
from tests.collectors.documents import TITLE, entry, rss

BIG5 = "縣府說明道路坍方搶修進度"


def _document(encoding: str | None, written_in: str, title: str = TITLE) -> bytes:
    return rss(entry(title, text="")).replace("utf-8", encoding or "utf-8").encode(written_in)


CASES = [
    pytest.param(_document("utf-8", "utf-8"), "application/xml; charset=utf-8", TITLE, id="all agree"),
    pytest.param(_document("gb2312", "gbk"), None, TITLE, id="gb2312 declared"),
    pytest.param(_document("GBK", "gbk"), "text/xml", TITLE, id="gbk declared, header silent"),
    pytest.param(_document(None, "gbk"), "text/xml; charset=gb2312", TITLE, id="only the header is right"),
    pytest.param(_document("gb2312", "gbk"), "text/xml; charset=utf-8", TITLE, id="the header lies"),
    pytest.param(_document("gb2312", "utf-8"), None, TITLE, id="the declaration lies"),
    pytest.param(_document("gb2312", "utf-8"), "text/xml; charset=gbk", TITLE, id="both lie"),
    pytest.param(_document("gb2312", "gbk"), "text/xml; charset=ISO-8859-1", TITLE, id="a server's default"),
    pytest.param(rss(entry(), encoding=None).encode("gbk"), None, TITLE, id="nothing declared, gbk"),
    pytest.param(
        rss(entry(), encoding=None).encode("gbk"), "text/xml; charset=latin-1", TITLE, id="latin-1 on gbk"
    ),
    pytest.param(_document("big5", "big5", BIG5), None, BIG5, id="big5"),
    pytest.param(codecs.BOM_UTF8 + _document("gbk", "utf-8"), None, TITLE, id="utf-8 with BOM"),
    pytest.param(_document("utf-16", "utf-16"), None, TITLE, id="utf-16 with BOM"),
    pytest.param(_document("utf-16", "utf-16-be"), None, TITLE, id="utf-16 without BOM"),
    pytest.param(_document("utf-32", "utf-32-le"), None, TITLE, id="utf-32 without BOM"),
    pytest.param(_document("no-such-name", "gbk"), None, TITLE, id="unknown name"),
    pytest.param(_document("base64", "gbk"), "text/xml; charset=rot13", TITLE, id="no text encodings"),
    pytest.param(_document("iso-8859-1", "latin-1", "Café £5"), None, "Café £5", id="honest latin-1"),
    pytest.param(
        f'<html><head><meta charset="gb2312"><title>{TITLE}</title>'.encode("gbk"),
        "text/html",
        TITLE,
        id="meta",
    ),
]


@pytest.mark.parametrize(("body", "content_type", "title"), CASES)
def test_a_text_is_read_in_the_encoding_it_is_really_in(
    body: bytes, content_type: str | None, title: str
) -> None:
    decoded = decode(body, content_type)
    assert title in decoded.text
    assert not decoded.damaged


def test_one_bad_byte_does_not_spoil_a_page() -> None:
    body = (TITLE * 50).encode("gbk") + b"\xff" + TITLE.encode("gbk")
    decoded = decode(body, "text/html; charset=gb2312")
    assert decoded.encoding == "gb18030"
    assert decoded.damaged
    assert decoded.text.count(TITLE) == 51


@given(st.binary(max_size=400), st.one_of(st.none(), st.text(max_size=60)))
def test_any_bytes_become_text_that_can_be_stored(body: bytes, content_type: str | None) -> None:
    decode(body, content_type).text.encode("utf-8")
