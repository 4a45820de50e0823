"""Days of JSON Lines, and the DuckDB recipes of the documentation over them."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from monitor.analysis.period import Period
from monitor.deadlines.model import ObligationState
from monitor.pipeline import partitioning
from monitor.pipeline.partitioning import write_days
from monitor.ports import Store
from tests.support.builders import (
    a_joining,
    a_publication,
    a_verdict,
    after,
    an_incident,
    an_item,
    an_obligation,
    opening,
)

RECIPES = re.findall(
    r"```sql\n(.*?)```",
    (Path(__file__).parents[2] / "docs/analysis.md").read_text(encoding="utf-8"),
    re.DOTALL,
)
MARCH = Period(first=date(2026, 3, 1), last=date(2026, 3, 31))


@pytest.fixture
def filled(store: Store) -> Store:
    """Three items of two days in one incident, answered late, and one of another month."""
    with store.transaction() as transaction:
        stored = transaction.add_items(
            [
                an_item(key="a", title="求助，电话13912345678", published_at=after(hours=1)),
                an_item(key="b", published_at=after(hours=15.99)),
                an_item(key="c", published_at=after(hours=16)),
                an_item(key="d", published_at=after(days=40)),
            ],
            [a_verdict(), a_verdict(matter=False), None, None],
        )
        duty = an_obligation(state=ObligationState.MET, met_late=True, met_effective_at=after(hours=30))
        incident = an_incident(id=transaction.next_incident_id(), assigned_to=("water",))
        answer = a_publication(effective_at=after(hours=30))
        joinings = tuple(a_joining(item_id=item.id) for item in stored[:3])
        transaction.save(opening(incident, obligations=(duty,), publications=(answer,), joinings=joinings))
    return store


def files(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every file by its path."""
    return {
        str(path.relative_to(folder)): [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in sorted(folder.rglob("*.*"))
        if path.is_file()
    }


def test_each_local_day_has_a_file_of_its_own_and_posters_are_masked(filled: Store, tmp_path: Path) -> None:
    assert sum(write_days(filled, tmp_path / "out", MARCH)) == 4
    found = files(tmp_path / "out")
    assert {name: [row["id"] for row in rows] for name, rows in found.items()} == {
        "incidents/day=2026-03-02/incidents.jsonl": [1],
        "items/day=2026-03-02/items.jsonl": [1, 2],
        "items/day=2026-03-03/items.jsonl": [3],
    }
    first, second = found["items/day=2026-03-02/items.jsonl"]
    assert first["title"] == "求助，电话139****5678"
    assert (first["at"], first["severity"], first["incident"]) == ("2026-03-02T09:00:00+08:00", 2, 1)
    assert (second["matter"], found["items/day=2026-03-03/items.jsonl"][0]["matter"]) == (False, None)
    (incident,) = found["incidents/day=2026-03-02/incidents.jsonl"]
    assert (incident["first_word_at"], incident["departments"]) == ("2026-03-03T14:00:00+08:00", ["water"])


def test_writing_again_replaces_a_day_also_in_small_steps(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(write_days(filled, tmp_path / "once", MARCH))
    monkeypatch.setattr(partitioning, "AT_ONCE", 1)
    (tmp_path / "twice/items/day=2026-03-02").mkdir(parents=True)
    (tmp_path / "twice/items/day=2026-03-02/items.jsonl.part").write_text("left by a kill\n", "utf-8")
    for _ in range(2):
        list(write_days(filled, tmp_path / "twice", MARCH))
    assert files(tmp_path / "twice") == files(tmp_path / "once")


def test_the_recipes_of_the_documentation_work(filled: Store, tmp_path: Path) -> None:
    list(write_days(filled, tmp_path, MARCH))
    with duckdb.connect() as connection:
        answers = [
            connection.execute(recipe.replace("FOLDER", str(tmp_path))).fetchall() for recipe in RECIPES
        ]
    assert answers[0] == [(date(2026, 3, 2), "县报", 2), (date(2026, 3, 3), "县报", 1)]
    assert answers[1] == [("2026-03", 1, 30.0)]
    assert [row[:3] for row in answers[2]] == [(1, "柯街镇一处道路塌方", "新闻发布会")]
