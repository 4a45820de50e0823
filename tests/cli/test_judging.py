"""`assess` and `group`: one line out for one line in, whatever stands on it."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.cli.conftest import Run

SLIDE = {
    "id": "a",
    "title": "柯街镇发生山体滑坡已致12人遇难",
    "text": "3月2日7时许，柯街镇发生山体滑坡，致12人遇难。",
}
NOTICE = {"id": "b", "title": "漭水镇举办农民趣味运动会", "text": ""}
FAULTY: list[tuple[str, bytes]] = [
    ("no JSON", b"{"),
    ("an empty line", b""),
    ("no object", b"[1]"),
    ("no id", b'{"title": "x"}'),
    ("an id that is a number", b'{"id": 1, "title": "x"}'),
    ("no words", b'{"id": "x", "title": " ", "text": null}'),
    ("words that are none", b'{"id": "x", "title": 5}'),
    ("an unknown role", b'{"id": "x", "title": "x", "role": "king"}'),
    ("no time", b'{"id": "x", "title": "x", "published_at": "yesterday"}'),
    ("a heat that is none", b'{"id": "x", "title": "x", "heat": "hot"}'),
    ("half a character", b'{"id": "x", "title": "\\ud800"}'),
    ("another encoding", '{"id": "x", "title": "山体滑坡"}'.encode("gb18030")),
]


def lines(*rows: dict[str, Any] | bytes) -> bytes:
    return (
        b"\n".join(r if isinstance(r, bytes) else json.dumps(r, ensure_ascii=False).encode() for r in rows)
        + b"\n"
    )


def test_assess_answers_every_line_in_order_and_ends_with_1_if_one_was_faulty(huiying: Run) -> None:
    ran = huiying(
        "assess",
        "--now",
        "2026-03-02T08:00:00+08:00",
        stdin=lines(SLIDE, *(line for _, line in FAULTY), NOTICE),
    )
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 1
    assert [answer.get("id") for answer in answers] == ["a", *[None] * len(FAULTY), "b"]
    assert [answer.get("line") for answer in answers[1:-1]] == list(range(2, 2 + len(FAULTY)))
    assert [
        name for (name, _), answer in zip(FAULTY, answers[1:-1], strict=True) if not answer.get("error")
    ] == []


def test_assess_of_good_lines_ends_with_0_and_unknown_is_null(huiying: Run) -> None:
    bom = b"\xef\xbb\xbf"
    ran = huiying(
        "assess",
        "--now",
        "2026-03-02T08:00:00+08:00",
        stdin=bom + lines(SLIDE, NOTICE).replace(b"\n", b"\r\n"),
    )
    slide, notice = (json.loads(line) for line in ran.out.splitlines())
    assert ran.code == 0
    assert (slide["matter"], slide["live"], slide["local"]) == (True, True, True)
    assert (slide["severity_precautionary"], slide["window_hours"]) == (2, 24)
    assert (slide["figures"]["deaths"], slide["figures"]["missing"]) == (12, None)
    assert slide["occurred_at"] == "2026-03-02T07:00:00+08:00"
    assert (notice["matter"], notice["severity"], notice["window_hours"]) == (False, None, None)
    shown = slide["evidence"][0]
    assert SLIDE[shown["in"]][shown["start"] : shown["end"]] == shown["text"]


def test_group_puts_reports_of_one_incident_together_and_goes_on_after_a_faulty_line(huiying: Run) -> None:
    second = SLIDE | {"id": "c", "title": "柯街镇山体滑坡搜救仍在进行", "source": "晚报"}
    ran = huiying("group", stdin=lines(SLIDE, b"{", SLIDE | {"id": "d"}, second))
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [answer.get("group") for answer in answers] == ["g1", None, "g1", "g1"]
    assert (answers[1]["line"], answers[2]["duplicate_of"]) == (2, "a")


@pytest.mark.parametrize("command", ["assess", "group"])
def test_a_faulty_office_ends_with_2_and_every_place(huiying: Run, home: Any, command: str) -> None:
    (home / "bad.yaml").write_text("name: 5\nterritory: {level: town}\n", encoding="utf-8")
    ran = huiying(command, "--office", "bad.yaml", stdin=lines(SLIDE))
    assert (ran.code, ran.out) == (2, "")
    assert len([fault for fault in ran.err.splitlines() if fault.startswith("bad.yaml:")]) >= 2


def test_the_command_works_as_a_program_of_its_own() -> None:
    command = [sys.executable, "-m", "monitor", "assess"]
    ran = subprocess.run(command, input=lines(NOTICE, b"{"), capture_output=True, check=False)  # noqa: S603 - ours
    assert ran.returncode == 1
    assert [json.loads(line).get("id") for line in ran.stdout.decode().splitlines()] == ["b", None]


def test_explain_gives_the_reasons_in_chinese_and_ends_with_1_if_a_line_was_faulty(huiying: Run) -> None:
    ran = huiying("assess", "--explain", "--now", "2026-03-02 08:00", stdin=lines(SLIDE, b"{"))
    assert ran.code == 1
    assert "已核实级别：重大；依据 地质灾害灾情等级：死亡人数 10 以上〔地质灾害防治条例" in ran.out
    assert "第 2 行有误" in ran.out
    assert "按内置示例（昌宁县）的辖区研判" in ran.err
    assert huiying("assess", "--explain", "--office", "office.yaml", stdin=lines(SLIDE)).err == ""


def test_a_now_that_is_no_instant_is_refused_with_an_example(huiying: Run) -> None:
    ran = huiying("assess", "--now", "昨天", stdin=lines(SLIDE))
    assert (ran.code, ran.out, "2026-03-02T08:00:00+08:00" in ran.err) == (2, "", True)
