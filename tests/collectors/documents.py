"""Small documents of every kind, written for these tests."""

import io
from collections.abc import Sequence

from openpyxl import Workbook

TITLE = "柯街镇一处边坡塌方，暂无人员伤亡"
TEXT = "昨日夜间，镇里一处边坡发生塌方，抢修人员已到场，道路预计今晚恢复通行。"


def rss(*entries: str, encoding: str | None = "utf-8", head: str = "") -> str:
    """Return an RSS document around entries made by `entry`."""
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>' if encoding else ""
    inside = "".join(entries)
    return f"{declaration}{head}<rss version='2.0'><channel><title>News</title>{inside}</channel></rss>"


def entry(
    title: str = TITLE,
    *,
    text: str = TEXT,
    link: str | None = "http://paper.example/a/1",
    guid: str | None = None,
    date: str | None = "Mon, 02 Mar 2026 07:30:00 +0800",
) -> str:
    """Return one RSS entry."""
    parts = {"title": title, "link": link, "guid": guid, "pubDate": date, "description": text}
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items() if value is not None)
    return f"<item>{inside}</item>"


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """Return an XLSX file with one sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
