"""Every rehearsal of this folder, on SQLite; a dozen also with three workers, and on PostgreSQL.

`make chaos` plays all of them everywhere.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from monitor.drill.play import play_drill
from monitor.drill.scenario import read_scenario
from monitor.drill.shipped import outline_of, told
from monitor.ports import Store
from storage.engine import open_store
from tests.support.databases import fresh_database

CODE = re.compile(r"[a-z]{3}|None|True|False")
FOLDER = Path(__file__).parent
DRILLS = sorted(path.stem for path in FOLDER.glob("*.yaml"))
PLAYED_EVERYWHERE = [
    "a_message_on_the_wire_survives_a_crash",
    "a_merge_moves_the_evidence_along",
    "a_round_climbs_every_15_minutes",
    "a_serious_alert_uses_the_next_channel_after_one_failure",
    "a_short_rate_limit_is_waited_for",
    "an_acknowledgement_followed_by_nothing_expires",
    "away_for_six_hours",
    "minor_messages_share_one_message",
    "nobody_reachable_means_the_next_level_at_once",
    "quiet_hours_hold_back_what_is_not_urgent",
    "reminders_at_50_75_90_percent_then_every_two_hours",
    "serious_accident_nobody_acts",
]


def play(name: str, store: Store, workers: int = 1) -> tuple[list[str], list[dict[str, Any]]]:
    path = FOLDER / f"{name}.yaml"
    events: list[dict[str, Any]] = []
    scenario = read_scenario(path.read_text(encoding="utf-8"), path.name)
    return play_drill(scenario, store, workers=workers, emit=events.append), events


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    with closing(open_store(sqlite_url)) as opened:
        yield opened


@pytest.mark.parametrize("name", DRILLS)
def test_a_rehearsal_shows_what_the_rules_ask_for_and_tells_it_in_words(
    name: str, sqlite_store: Store
) -> None:
    misses, events = play(name, sqlite_store)
    assert misses == []
    path = FOLDER / f"{name}.yaml"
    scenario = read_scenario(path.read_text(encoding="utf-8"), path.name)
    story = told(outline_of(name, scenario), scenario, events, sqlite_store)
    channels = "|".join(channel.name for channel in scenario.office.channels)
    assert [line.text for line in story.lines if CODE.search(re.sub(channels, "", line.text))] == []


def play_everywhere(name: str, folder: Path) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """Return the timelines by database and number of workers, the usual one first; none may miss anything."""
    timelines = {}
    for kind, workers in product(("sqlite", "postgresql"), (1, 3)):
        place = folder / f"{workers}"
        place.mkdir(exist_ok=True)
        with fresh_database(kind, place) as url, closing(open_store(url)) as store:
            misses, timelines[kind, workers] = play(name, store, workers)
        assert misses == [], (kind, workers)
    return timelines


@pytest.mark.postgres
@pytest.mark.parametrize("name", PLAYED_EVERYWHERE)
def test_databases_and_numbers_of_workers_tell_one_story(name: str, tmp_path: Path) -> None:
    usual, *others = play_everywhere(name, tmp_path).values()
    assert others == [usual] * 3


@pytest.mark.chaos
@pytest.mark.parametrize("name", DRILLS)
def test_every_rehearsal_is_one_story_on_all_databases_with_one_and_three_workers(
    name: str, tmp_path: Path
) -> None:
    usual, *others = play_everywhere(name, tmp_path).values()
    assert others == [usual] * 3


@pytest.mark.parametrize("name", DRILLS)
def test_a_rehearsal_names_its_rules_and_expects_something(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert re.match(r"# (?:[TAC]\d+, )*[TAC]\d+: ", text)
    assert read_scenario(text, name).expect


def test_a_rehearsal_played_twice_is_the_same_to_the_letter(tmp_path: Path) -> None:
    lines = []
    for number in (1, 2):
        with closing(open_store(f"sqlite:///{tmp_path / f'{number}.db'}")) as store:
            lines.append(play("late_evidence_of_an_early_release_corrects_the_breach", store)[1])
    assert lines[0] == lines[1]


def test_an_expectation_that_is_missed_is_said_with_its_line(sqlite_store: Store) -> None:
    text = (FOLDER / "a_round_climbs_every_15_minutes.yaml").read_text(encoding="utf-8")
    wrong = text.replace("to: leader", "to: police")
    events: list[dict[str, Any]] = []
    misses = play_drill(read_scenario(wrong, "wrong.yaml"), sqlite_store, emit=events.append)
    line = next(n for n, words in enumerate(wrong.splitlines(), start=1) if "to: police" in words)
    assert len(misses) == 2
    assert misses[0].startswith(f"第 {line} 行没有出现")
    assert misses[1].startswith("多出的事件")
