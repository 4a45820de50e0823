"""One document of any kind -> raw items: the only door into the readers."""

import re

from monitor.collectors.model import Reading, Source, SourceKind
from monitor.collectors.readers.encoding import decode
from monitor.collectors.readers.feed import read_feed
from monitor.collectors.readers.hotlist import read_hotlist
from monitor.collectors.readers.inbox import read_inbox
from monitor.collectors.readers.page import read_page

_TEXT_READERS = {SourceKind.FEED: read_feed, SourceKind.HOTLIST: read_hotlist, SourceKind.PAGE: read_page}
_WALLS = re.compile(
    r"Sina Visitor System|passport\.weibo\.com|captcha|"
    r"验证码|请先登录|登录后(?:查看|继续)|访问(?:过于)?频繁|安全验证",
    re.IGNORECASE,
)
_WORDS = {
    "empty_body": "对方返回空内容",
    "damaged_text": "部分字节无法按任何编码解读",
    "html_instead_of_feed": "返回的是网页而不是订阅源（可能改版或被拦截）",
    "html_instead_of_json": "返回的是网页而不是JSON（可能需要登录或被拦截）",
    "login_wall": "返回的是登录或验证页面",
    "not_a_feed": "内容不是可识别的订阅源",
    "ill_formed_xml": "XML不规范，已尽量读取",
    "entities_ignored": "文档自定义了XML实体，已忽略",
    "too_many_elements": "文档元素过多，拒绝解析",
    "not_json": "JSON不规范",
    "unexpected_shape": "JSON结构与约定不符",
    "api_error": "接口返回错误",
    "empty_board": "榜单没有条目",
    "bad_mapping": "字段映射表达式有误",
    "bad_selector": "选择器有误",
    "nothing_selected": "选择器未选中任何条目（页面可能改版）",
    "bad_line": "有行无法读取",
    "bad_table": "表格文件无法读取",
    "too_large": "文件过大",
}


def read_document(body: bytes, content_type: str | None, source: Source) -> Reading:
    """Read one document by the kind of its source; never raises for what the other side sent.

    `problems` are codes, each `code` or `code: place`; a reading without items but with problems has failed.
    """
    if not body.strip(b"\0\t\r\n "):
        return Reading(problems=("empty_body",))
    if source.kind is SourceKind.INBOX:
        return read_inbox(body, content_type, source)
    decoded = decode(body, content_type)
    reading = _TEXT_READERS[source.kind](decoded.text, source)
    problems = list(reading.problems)
    if not reading.items and problems and _WALLS.search(decoded.text[:20_000]):
        problems.insert(0, "login_wall")
    if decoded.damaged:
        problems.append("damaged_text")
    return Reading(items=reading.items, encoding=decoded.encoding, problems=tuple(problems))


def explain(problem: str) -> str:
    """Return a problem code in Chinese, its place kept."""
    code, _, place = problem.partition(": ")
    return _WORDS.get(code, code) + (f"（{place}）" if place else "")
