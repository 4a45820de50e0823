from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.items.dates import Published, read_published

SHANGHAI = ZoneInfo("Asia/Shanghai")
SEEN_AT = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
AT_0730 = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
LAST_OF_1ST = datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)

MINUTES = [
    "Mon, 02 Mar 2026 07:30:00 +0800", "Sun, 01 Mar 2026 23:30:00 GMT", "Mon, 02 Mar 2026 07:30 +0800",
    "Mon, 02 Mar 2026 07:30:00 CST", "Mon Mar 02 07:30:00 CST 2026", "周一, 02 三月 2026 07:30:00 +0800",
    "星期一, 02 3月 2026 07:30:00 +0800", "2026-03-02T07:30:00+08:00", "2026-03-01T23:30:00.123Z",
    "2026-03-02 07:30:00 +0800", "2026-03-02 07:30", "2026-03-02T07:30", "2026/3/2 7:30:00",
    "2026.03.02 07:30", "2026年3月2日 07:30", "2026年3月2日7时30分",
    "2026年03月02日 星期一 早上7:30", "20260302073000", "3月2日 07:30", "03-02 07:30", "今天 07:30",
    "1772407800", "1772407800000", "２０２６－０３－０２\u3000０７：３０",
    "来源：县政府  发布时间：2026-03-02 07:30:00  浏览：58",
]  # fmt: skip
DAYS = ["2026-03-01", "2026年3月1日", "[03-01]", "20260301", "昨天", "Sun, 01 Mar 2026"]
IMPOSSIBLE = [
    None, "", "  ", "不详", "2026-02-30", "2026-13-01", "1970-01-01", "0", "1970-01-01T00:00:00Z",
    "1989-12-31",    "2099-01-01 08:00", "2026-03-02 12:06", "2026-03-03", "4070908800000", "9" * 13, "99:99",
    "Mon, 99 Foo 2026",    "30000000000000000000000分钟前",
]  # fmt: skip


@pytest.mark.parametrize("raw", MINUTES)
def test_a_time_is_read_to_the_minute_in_the_zone_of_its_source(raw: str) -> None:
    assert read_published(raw, zone=SHANGHAI, seen_at=SEEN_AT) == Published(at=AT_0730)


@pytest.mark.parametrize("raw", DAYS)
def test_a_day_counts_at_its_latest_instant(raw: str) -> None:
    assert read_published(raw, zone=SHANGHAI, seen_at=SEEN_AT) == Published(at=LAST_OF_1ST, day_only=True)


@pytest.mark.parametrize("raw", IMPOSSIBLE)
def test_a_missing_or_impossible_time_is_no_publication(raw: str | None) -> None:
    assert read_published(raw, zone=SHANGHAI, seen_at=SEEN_AT) is None


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("今天", SEEN_AT),
        ("刚刚", SEEN_AT),
        ("5分钟前", SEEN_AT - timedelta(minutes=5)),
        ("3小时前", SEEN_AT - timedelta(hours=3)),
        ("12-31 20:00", datetime(2025, 12, 31, 12, tzinfo=UTC)),
        ("2026-03-02 12:05", SEEN_AT + timedelta(minutes=5)),
        ("2026年3月1日下午3点05分", datetime(2026, 3, 1, 7, 5, tzinfo=UTC)),
        ("2026-03-01 24:00", datetime(2026, 3, 1, 16, tzinfo=UTC)),
    ],
)
def test_a_time_relative_to_its_sight_is_read(raw: str, at: datetime) -> None:
    found = read_published(raw, zone=SHANGHAI, seen_at=SEEN_AT)
    assert found is not None
    assert found.at == at


@given(st.text(max_size=60))
def test_no_string_makes_a_publication_of_the_future(raw: str) -> None:
    found = read_published(raw, zone=SHANGHAI, seen_at=SEEN_AT)
    assert found is None or found.at <= SEEN_AT + timedelta(minutes=5)


@given(st.datetimes(datetime(1990, 1, 2), datetime(2026, 3, 2)).map(lambda at: at.replace(microsecond=0)))  # noqa: DTZ001
def test_every_written_time_is_read_back(at: datetime) -> None:
    expected = at.replace(tzinfo=SHANGHAI)
    for form in ("%Y-%m-%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%Y%m%d%H%M%S", "%a, %d %b %Y %H:%M:%S +0800"):
        if form.endswith("+0800"):
            expected = datetime.strptime(at.strftime(form), form.replace("+0800", "%z"))  # noqa: DTZ007
        assert read_published(at.strftime(form), zone=SHANGHAI, seen_at=SEEN_AT) == Published(
            at=expected.astimezone(UTC)
        )
