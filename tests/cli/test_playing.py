"""`drill` and `replay`: exit codes, readable misses, places of faults."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

STORY = """\
title: 滑坡
starts_at: 2026-03-02T08:00:00+08:00
steps:
  - at: 0m
    item:
      source: 县报
      role: media
      title: 柯街镇发生山体滑坡已致12人遇难
      text: 3月2日7时许，柯街镇发生山体滑坡，致12人遇难。
      published_at: 2026-03-02T07:50:00+08:00
  - {at: 5m, ack: {incident: 1, by: office_head}}
runs_until: 1h
expect:
  - {at: 0m, event: alert_sent, to: duty, reason: detected}
"""


def play(huiying: Run, home: Path, text: str, *more: str) -> tuple[int, str, str]:
    (home / "story.yaml").write_text(text, encoding="utf-8")
    ran = huiying("drill", "story.yaml", *more)
    return ran.code, ran.out, ran.err


def test_a_drill_that_goes_as_expected_ends_with_0_and_writes_its_timeline(huiying: Run, home: Path) -> None:
    code, out, err = play(huiying, home, STORY, "--timeline", "out.jsonl", "--workers", "2")
    assert (code, err) == (0, "")
    assert "立案：事件1，地质灾害，重大" in out
    assert "告知 值班员（duty-wecom）、办公室主任（office_head-wecom）：发现新事件" in out
    assert "08:05（开始后 5分钟）\n  办公室主任 确认收到，不再逐级上报" in out
    assert "incident_opened" not in out
    events = [json.loads(line) for line in (home / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert events == sorted(events, key=lambda event: event["at"])
    last = events[-1]
    assert (last["event"], last["journal_ok"], last["auditor_clean"], last["unsent"]) == (
        "drill_ended",
        True,
        True,
        0,
    )


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        pytest.param(
            "  - {at: 30m, event: alert_sent, to: leader}\n",
            ["第 15 行没有出现", "3月2日 08:30（开始后 30分钟）", "to=leader", "但 to=duty"],
            id="what did not come, and what came instead",
        ),
        pytest.param(
            "  - {at: 0m, event: obligation_waived}\n",
            ["批准免除", "没有这类事件"],
            id="nothing of the kind came",
        ),
        pytest.param(
            "expect_only: [alert_sent]\n", ["多出的事件", "office_head"], id="what came and was not expected"
        ),
    ],
)
def test_a_missed_expectation_ends_with_1_and_says_what_differs(
    huiying: Run, home: Path, expected: str, said: list[str]
) -> None:
    code, _, err = play(huiying, home, STORY + expected)
    assert code == 1
    assert [word for word in said if word not in err] == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param(STORY.replace("ack:", "nod:"), ["story.yaml:11:"], id="an unknown step"),
        pytest.param(
            STORY.replace("by: office_head", "by: nobody"), ["story.yaml:11:"], id="an unknown person"
        ),
        pytest.param(
            STORY.replace("runs_until: 1h", "runs_until: soon").replace("role: media", "role: king"),
            ["story.yaml:7:", "story.yaml:12:"],
            id="every fault at once",
        ),
        pytest.param(STORY.replace("title: 滑坡", "title: [滑坡"), ["story.yaml:"], id="no YAML"),
        pytest.param("", ["story.yaml"], id="an empty file"),
    ],
)
def test_a_faulty_file_ends_with_2_and_names_line_and_column(
    huiying: Run, home: Path, text: str, places: list[str]
) -> None:
    code, out, err = play(huiying, home, text)
    assert (code, out) == (2, "")
    assert [place for place in places if place not in err] == []


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["drill", "nothing.yaml"], id="no such drill"),
        pytest.param(["replay", "--days", "nowhere"], id="no such days"),
        pytest.param(["drill", "office-gone.yaml"], id="a drill whose office is gone"),
    ],
)
def test_a_missing_file_is_a_message_and_no_traceback(huiying: Run, home: Path, arguments: list[str]) -> None:
    (home / "office-gone.yaml").write_text(f"office: gone.yaml\n{STORY}", encoding="utf-8")
    ran = huiying(*arguments)
    assert ran.code in (1, 2)
    assert ran.err.strip()


def test_the_shipped_rehearsals_are_listed_and_played_by_name(huiying: Run) -> None:
    listed = huiying("drill", "--list")
    assert (listed.code, "night  夜间无人确认" in listed.out) == (0, True)
    assert huiying("drill").out == listed.out
    played = huiying("drill", "night")
    assert (played.code, played.err) == (0, "")
    assert "无人确认，上报分管领导" in played.out
    assert played.out.endswith("演练达到预期。\n")


def test_a_shipped_rehearsal_is_played_by_the_people_of_an_office_file(huiying: Run) -> None:
    ran = huiying("drill", "channels", "--office", "office.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert "告知 分管领导（leader-email）：发现新事件" in ran.out
    assert "预期" not in ran.out


def test_an_office_file_is_not_for_a_drill_of_one_s_own(huiying: Run, home: Path) -> None:
    code, _, err = play(huiying, home, STORY, "--office", "office.yaml")
    assert (code, "office:" in err) == (2, True)
