import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor.collectors.model import Role
from monitor.drill.days import Board, DaysError, boards, read_days
from monitor.drill.replaying import role_of_board

DAY = "2026-03-02"


def at(clock: str) -> str:
    return f"{DAY}T{clock}:00+08:00"


WEIBO = [
    {
        "title": "早上的话题",
        "first_seen": at("08:00"),
        "heat": [[480, 100], [540, 900]],
        "in_first_snapshot": True,
    },
    {"title": "上午的话题", "first_seen": at("09:00"), "heat": [[540, 500]]},
    {"title": "晚上的话题", "first_seen": at("20:00"), "heat": [[1200, 50]]},
]
ZHIHU = [
    {
        "title": "某县客车侧翻",
        "url": "https://zhihu.example/q/1",
        "excerpt": "伤者已送医。",
        "first_seen": at("08:30"),
        "last_seen": at("08:30"),
        "best_rank": 2,
        "heat_max": 7,
    },
    {
        "title": "另一问题",
        "url": "https://zhihu.example/q/2",
        "first_seen": at("08:30"),
        "last_seen": at("21:00"),
        "best_rank": 1,
    },
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(
        tmp_path / "days.jsonl",
        [{"date": DAY, "kind": "incident", "block": "b", "platforms": {"weibo": {}, "zhihu": {}}}],
    )
    write(tmp_path / "days" / DAY / "weibo.jsonl", WEIBO)
    write(tmp_path / "days" / DAY / "zhihu.jsonl", ZHIHU)
    return tmp_path / "days"


def write(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def titles(board: Board) -> list[str]:
    return [line["title"] for line in json.loads(board.body)["items"]]


def test_lists_stand_as_they_stood_at_each_instant(folder: Path) -> None:
    (day,) = read_days(folder)
    shown = [(board.platform, f"{board.at:%H:%M}", titles(board)) for board in boards(folder, day)]
    assert shown == [
        ("weibo", "00:00", ["早上的话题"]),
        ("zhihu", "00:30", ["另一问题", "某县客车侧翻"]),
        ("weibo", "01:00", ["早上的话题", "上午的话题"]),
        ("weibo", "12:00", ["晚上的话题"]),
    ]


def test_a_line_carries_address_heat_and_excerpt(folder: Path) -> None:
    (day,) = read_days(folder)
    zhihu = next(board for board in boards(folder, day) if board.platform == "zhihu")
    line = json.loads(zhihu.body)["items"][1]
    assert line["url"] == "https://zhihu.example/q/1"
    assert line["extra"] == {"info": 7.0, "hover": "伤者已送医。"}


def test_the_folder_above_the_days_is_read_as_well(folder: Path) -> None:
    (day,) = read_days(folder.parent)
    assert len(list(boards(folder.parent, day))) == 4


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [(None, None, 1), (date(2026, 3, 2), date(2026, 3, 2), 1), (date(2026, 3, 3), None, 0)],
)
def test_only_days_of_the_range_are_read(
    folder: Path, since: date | None, until: date | None, count: int
) -> None:
    assert len(read_days(folder, since, until)) == count


def test_a_platform_without_a_file_is_an_outage(folder: Path) -> None:
    (folder / DAY / "weibo.jsonl").unlink()
    (day,) = read_days(folder)
    assert {board.platform for board in boards(folder, day)} == {"zhihu"}


def test_a_missing_folder_and_a_faulty_line_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DaysError, match="no days"):
        read_days(tmp_path / "nowhere" / "days")
    (folder / DAY / "weibo.jsonl").write_text('{"title": 1}\n{', encoding="utf-8")
    (day,) = read_days(folder)
    with pytest.raises(DaysError) as caught:
        list(boards(folder, day))
    assert caught.value.line == 1


@pytest.mark.parametrize(
    ("platform", "role"),
    [("thepaper", Role.MEDIA), ("cls-telegraph", Role.MEDIA), ("weibo", Role.SOCIAL), ("baidu", Role.SOCIAL)],
)
def test_a_board_that_a_newsroom_writes_is_media_and_what_people_talk_of_is_social(
    platform: str, role: Role
) -> None:
    assert role_of_board(platform) is role
