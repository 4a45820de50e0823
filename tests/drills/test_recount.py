"""A replay's story: items, versions of the severity, figures over time, clocks, messages, and no repeats."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from alerts.model import AlertState
from monitor.drill.recount import count_repeats, load_stories, tell_story
from monitor.drill.replaying import play_days, say_summary
from monitor.office.example import example_office
from storage.engine import open_store
from tests.support.builders import an_alert

DAY = "2026-03-02"
ROWS = [
    {"title": "昌宁县柯街镇山体滑坡致3人遇难", "first_seen": f"{DAY}T08:00:00+08:00"},
    {"title": "昌宁柯街镇山体滑坡已致11人遇难", "first_seen": f"{DAY}T09:00:00+08:00"},
    {"title": "昌宁柯街镇山体滑坡遇难人数升至12人", "first_seen": f"{DAY}T11:00:00+08:00"},
]


@pytest.fixture
def days(tmp_path: Path) -> Path:
    row = {"date": DAY, "kind": "incident", "block": "b", "platforms": {"weibo": {}}}
    write(tmp_path / "days.jsonl", [row])
    write(tmp_path / "days" / DAY / "weibo.jsonl", ROWS)
    return tmp_path / "days"


def write(path: Path, rows: Sequence[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def test_a_replayed_incident_is_told_as_one_story(days: Path, tmp_path: Path) -> None:
    store, office = open_store(f"sqlite:///{tmp_path / 'replay.db'}"), example_office()
    summary = play_days(days, None, None, office, store, lambda _: None)
    [story] = load_stories(store)
    store.close()
    told = tell_story(story, office).splitlines()
    assert told[:3] == [
        "事件 1：昌宁县柯街镇山体滑坡致3人遇难",
        "  地质灾害，属于本辖区，现行级别：重大",
        "  条目：3 条（其中转载 0 条；weibo 3），03-02 08:00 至 03-02 11:00",
    ]
    severities = [line for line in told if line.startswith("  级别")]
    assert [line[5:19] for line in severities] == ["03-02 08:00 较大", "03-02 09:00 重大"]
    assert (
        "  数据：03-02 08:00 死亡3人（weibo 热榜） → 03-02 09:00 死亡11人（weibo 热榜） → "
        "03-02 11:00 死亡12人（weibo 热榜）；现行 死亡12人" in told
    )
    assert sum(line.startswith("  时限：首次权威信息") for line in told) == 1
    assert any(line.startswith("  消息：值班员") and "级别上调 1" in line for line in told)
    assert told[-1] == "  重复的消息：0"
    assert (summary.items, summary.incidents, summary.repeats) == (3, 1, 0)
    assert "（重复 0）" in say_summary(summary)


SENT = an_alert(state=AlertState.SENT, alert_round="1")


@pytest.mark.parametrize(
    ("fields", "repeats"),
    [
        pytest.param({}, 1, id="the very same"),
        pytest.param({"state": AlertState.CANCELLED}, 0, id="not sent"),
        pytest.param({"alert_round": "2"}, 0, id="another round"),
        pytest.param({"channel": "duty-email"}, 0, id="another address"),
        pytest.param({"to": "leader"}, 0, id="another person"),
        pytest.param({"reason": "due"}, 0, id="another reason"),
        pytest.param({"obligation_id": "1:response:1"}, 0, id="another clock"),
        pytest.param({"incident_id": 2}, 0, id="another incident"),
    ],
)
def test_a_repeat_says_the_same_to_the_same_person_at_the_same_address(
    fields: dict[str, Any], repeats: int
) -> None:
    again = an_alert(**{"state": AlertState.SENT, "alert_round": "1"} | fields)
    assert count_repeats([SENT, again]) == repeats
