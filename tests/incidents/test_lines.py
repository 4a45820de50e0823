import json
from typing import Any

from monitor.incidents.lines import group_lines
from tests.incidents.words import judge, segmenter

CRASH = {
    "id": "a",
    "title": "柯街镇发生客车侧翻事故 致3人死亡",
    "text": "3月2日，昌宁县柯街镇一辆客车侧翻，造成3人死亡、8人受伤。",
    "published_at": "2026-03-02T08:00:00+08:00",
    "source": "县报",
    "role": "media",
    "heat": None,
}
CONCERT = CRASH | {"id": "c", "title": "歌手演唱会门票开售", "text": "演唱会门票将于周末开售，歌迷期待。"}


def grouped(*rows: Any, all_items: bool = True) -> list[dict[str, Any]]:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    return [json.loads(line) for line in group_lines(lines, judge(), segmenter(), all_items=all_items)]


def test_every_line_gets_a_group_and_a_reason() -> None:
    later = CRASH | {"id": "b", "title": "柯街客车侧翻事故进展", "text": "柯街镇客车侧翻事故致3人死亡。"}
    first, second, third = grouped(CRASH, later, CONCERT)
    assert (first["group"], second["group"], third["group"]) == ("g1", "g1", "g2")
    assert second["duplicate_of"] is None
    assert 0 < second["similarity"] <= 1
    assert second["reason"].startswith("similar")


def test_a_repost_names_the_item_it_repeats() -> None:
    assert grouped(CRASH, CRASH | {"id": "b", "source": "论坛"})[1]["duplicate_of"] == "a"


def test_without_all_only_what_concerns_us_is_grouped() -> None:
    rows = grouped(CRASH, CONCERT, all_items=False)
    assert [row["group"] for row in rows] == ["g1", None]


def test_a_faulty_line_is_named_and_the_rest_goes_on() -> None:
    rows = grouped(
        "{", "[]", CRASH | {"title": "", "text": ""}, CRASH | {"published_at": "2026-03-02"}, CRASH
    )
    assert [row.get("line") for row in rows] == [1, 2, 3, 4, None]
    assert all("error" in row for row in rows[:4])
    assert rows[4]["group"] == "g1"
