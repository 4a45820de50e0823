"""A near miss never stops a clock, not even where the office takes every offer without a person's word."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.collectors.model import Role
from monitor.deadlines.model import ObligationState
from monitor.drill.play import build_stage
from monitor.drill.rehearsal import DrillClock
from monitor.office.example import example_office
from storage.engine import open_store
from tests.support.builders import a_source
from tests.support.telling import a_raw, an_arrival

BOOKS = Path(__file__).parent.parent / "incidents"


def rows_of(name: str) -> list[dict[str, Any]]:
    """Return the reports of every incident of a book and its near misses, in order of time."""
    book = yaml.safe_load((BOOKS / name).read_text(encoding="utf-8"))
    reports = [row for rows in book["incidents"].values() for row in rows]
    misses = [{**pair, "role": "official"} for pair in book["pairs"] if "form" not in pair]
    return sorted([*reports, *misses], key=lambda row: datetime.fromisoformat(row["at"]))


@pytest.mark.parametrize("name", ["answers.yaml", "answers_held_out.yaml", "answers_third.yaml"])
def test_no_near_miss_is_taken_as_an_answer_to_what_others_reported(name: str, tmp_path: Path) -> None:
    office = example_office()
    office = replace(office, policy=replace(office.policy, accept_official_answers=True))
    store = open_store(f"sqlite:///{tmp_path / 'near.db'}")
    rows = rows_of(name)
    clock = DrillClock(datetime.fromisoformat(rows[0]["at"]))
    intake = build_stage(office, store, clock).intake
    for number, row in enumerate(rows):
        clock.true = datetime.fromisoformat(row["at"]) + timedelta(minutes=1)
        source = a_source(id=f"{row['role']}-{number}", role=Role(row["role"]), scope="530524")
        raw = a_raw(row["title"], row["text"], datetime.fromisoformat(row["at"]))
        intake.take_in(an_arrival(raw, source=source, now=clock.true), clock.true)
    with store.reading() as transaction:
        dossiers = transaction.dossiers_of(transaction.incidents())
        reported = [
            d for d in dossiers if transaction.item(d.incident.first_item_id)[0].role is not Role.OFFICIAL
        ]
    store.close()
    assert len(reported) > len(rows) / 10
    assert [(d.incident.title, p.title) for d in reported for p in d.publications] == []
    assert not [o.id for d in reported for o in d.obligations if o.state is ObligationState.MET]
