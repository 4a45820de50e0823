"""A digest as text and as HTML that mail programs show and printers print."""

from datetime import datetime

from alerts.digest.build import Digest, Totals
from alerts.message.layout import lay_out
from alerts.model import Text
from monitor.classifiers.model import Severity
from monitor.clock import as_local

NUMERALS = ("一", "二", "三", "四", "五", "六")


def render_text(digest: Digest) -> str:
    """Return the digest as plain text, about 500 characters on an ordinary day."""
    return lay_out("digest.txt.jinja", **_values(digest))


def render_html(digest: Digest) -> str:
    """Return the digest as one HTML page without outside parts: readable in a mail, A4 on paper."""
    return lay_out("digest.html.jinja", **_values(digest))


def render_digest(digest: Digest) -> Text:
    """Return the digest as a message for any channel."""
    return Text(subject=say_title(digest), body=render_text(digest), html=render_html(digest))


def say_title(digest: Digest) -> str:
    """Return the heading, for a daily digest with the day it belongs to, the local day of its end."""
    if digest.heading is not None:
        return digest.heading
    day = as_local(digest.until)
    return f"{digest.office_name}每日简报（{day.year}年{day.month}月{day.day}日）"


def _say_full(at: datetime) -> str:
    local = as_local(at)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _say_totals(totals: Totals) -> str:
    names = (*(severity.zh for severity in Severity), "未定级")
    graded = "、".join(
        f"{name} {count} 件" for name, count in zip(names, totals.open_by_severity, strict=True) if count
    )
    late = f"（其中 {totals.met_late} 项迟于时限）" if totals.met_late else ""
    return (
        f"新发现 {totals.opened} 件，办结或排除 {totals.ended} 件；"
        f"未结 {totals.open_now} 件{f'，其中{graded}' if graded else ''}。"
        f"完成法定回应 {totals.met} 项{late}，新增超时 {totals.breached} 项。"
    )


def _values(digest: Digest) -> dict[str, object]:
    return {
        "digest": digest,
        "title": say_title(digest),
        "period": f"{as_local(digest.since).year}年{_say_full(digest.since)} 至 {_say_full(digest.until)}",
        "made_at": _say_full(digest.now),
        "totals": _say_totals(digest.totals),
        "is_quiet": not digest.totals.opened,
        "numerals": NUMERALS,
    }
