import json

import pytest

from monitor.collectors.model import Reading, SourceKind
from monitor.collectors.readers.document import read_document
from tests.collectors.documents import TEXT, TITLE, entry, rss
from tests.support.builders import a_source

FEED = a_source(kind=SourceKind.FEED, address="http://paper.example/feed.xml")
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>县报</title><entry><id>tag:1</id><title>{TITLE}</title>
<link href="/a/1"/><updated>2026-03-02T07:30:00</updated>
<content type="html">&lt;p&gt;{TEXT}&lt;/p&gt;</content>
</entry></feed>"""
RDF = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="http://paper.example/"><title>县报</title></channel><item rdf:about="http://paper.example/a/1">
<title>{TITLE}</title><link>http://paper.example/a/1</link></item></rdf:RDF>"""
JSON_ENTRY = {"id": 7, "url": "http://paper.example/a/1", "title": TITLE, "date_published": "2026-03-02"}
JSON_FEED = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [JSON_ENTRY]})
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "塌方塌方塌方塌方">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)


def _read(text: str) -> Reading:
    return read_document(text.encode(), None, FEED)


@pytest.mark.parametrize(
    "text", [rss(entry()), ATOM, RDF, JSON_FEED], ids=["rss", "atom", "rdf", "json feed"]
)
def test_every_kind_of_feed_is_read(text: str) -> None:
    reading = _read(text)
    assert [item.title for item in reading.items] == [TITLE]
    assert reading.items[0].url == "http://paper.example/a/1"
    assert reading.problems == ()


def test_the_publishers_own_time_string_is_kept() -> None:
    reading = _read(rss(entry(date="2026年3月2日 07:30"), entry(date=None)))
    assert [item.published_raw for item in reading.items] == ["2026年3月2日 07:30", None]


def test_a_bare_ampersand_does_not_change_an_address() -> None:
    reading = _read(rss(entry(link="http://paper.example/a?id=1&page=2")))
    assert reading.items[0].url == "http://paper.example/a?id=1&page=2"
    assert reading.items[0].title == TITLE


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "empty_body", id="nothing"),
        pytest.param("  \n\0", "empty_body", id="blank"),
        pytest.param("<!DOCTYPE html><html><body>维护中</body></html>", "html_instead_of_feed", id="a page"),
        pytest.param("<html><script src='/captcha.js'></script></html>", "login_wall", id="a wall"),
        pytest.param("服务器维护中", "not_a_feed", id="plain words"),
        pytest.param("<note><to>x</to></note>", "not_a_feed", id="other xml"),
        pytest.param("<!-- never closed <a>", "not_a_feed", id="a remark without end"),
        pytest.param("{broken", "not_json", id="broken json"),
        pytest.param("{}", "not_a_feed", id="json that is no feed"),
        pytest.param("<rss " + "a='1' " * 5_001 + ">", "too_many_elements", id="attributes without end"),
        pytest.param("<rss>" + "&" * 1_000_001, "too_many_elements", id="references without end"),
        pytest.param("<a>" * 100_001, "too_many_elements", id="nesting without end"),
    ],
)
def test_what_is_no_feed_is_a_problem_with_a_name(text: str, problem: str) -> None:
    reading = _read(text)
    assert reading.items == ()
    assert reading.problems[0].split(":")[0] == problem


def test_an_empty_feed_is_no_problem() -> None:
    assert _read(rss()) == Reading(encoding="utf-8")


def test_broken_xml_is_read_as_far_as_it_goes() -> None:
    reading = _read(rss(entry(), entry("第二条")).replace("</item></channel>", "</channel>"))
    assert TITLE in [item.title for item in reading.items]
    assert reading.problems[0].startswith("ill_formed_xml")


def test_entities_of_an_xml_bomb_are_never_expanded() -> None:
    reading = _read(BOMB + rss(entry(text="&a9;"), encoding=None))
    assert "entities_ignored" in reading.problems
    assert sum(len(item.text) for item in reading.items) < 100


def test_what_the_parser_dies_of_is_a_problem() -> None:
    reading = _read(rss(entry("&#x110000;")).replace("</channel>", ""))
    assert reading.problems != ()
