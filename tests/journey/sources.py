"""What a county watches in these tests, and what its sources say: our own words."""

import json
from datetime import datetime, timedelta
from email.utils import format_datetime

from monitor.clock import as_local

COLLAPSE = "昌宁县柯街镇一在建厂房坍塌致10人死亡"
"""Ten deaths: severity 2 by the grading table, so 5 h and 24 h clocks run at once."""

COLLAPSE_TEXT = (
    "记者从昌宁县应急管理局获悉，3月2日7时30分许，柯街镇一处在建厂房发生坍塌，造成10人死亡、4人受伤。"
)
QUIET = "昌宁县柯街镇开展春季植树活动"


def feed_source(id_: str, address: str, **more: str) -> str:
    """Return an entry of sources.yaml, `key: value` in flow style."""
    given = {
        "id": id_,
        "name": f"昌宁{id_}",
        "kind": "feed",
        "role": "media",
        "address": address,
        "every": "1m",
        "spacing": "0s",
        "allow_private": "true",
        "own": "true",
    }
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in (given | more).items()) + "}"


def sources_file(*entries: str) -> str:
    return "\n".join(["sources:", *entries]) + "\n"


def rss(*posts: tuple[str, str, datetime]) -> bytes:
    """Return an RSS document of (title, text, published)."""
    entries = "".join(
        f"<item><title>{title}</title><link>http://news.example/{n}</link><guid>{n}-{title}</guid>"
        f"<description>{text}</description><pubDate>{format_datetime(as_local(at))}</pubDate></item>"
        for n, (title, text, at) in enumerate(posts)
    )
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
    return f"{head}{entries}</channel></rss>".encode()


def board(*titles: str) -> bytes:
    """Return a hot list in the newsnow shape."""
    items = [{"id": f"top-{title}", "title": title, "url": "http://board.example"} for title in titles]
    return json.dumps({"status": "success", "items": items}, ensure_ascii=False).encode()


def before(now: datetime, *, minutes: int) -> datetime:
    return now - timedelta(minutes=minutes)
