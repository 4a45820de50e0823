"""The whole verdict on sentences of our own, each with its full answer."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.classifiers.assess import METRICS, verdict_out
from monitor.classifiers.grade import GradingTable
from monitor.classifiers.judge import Judge
from monitor.classifiers.pairing import RANK
from monitor.collectors.model import Role

NOW = datetime.fromisoformat("2026-11-24T12:00:00+08:00")
SHORT = {"serious": "serious_injuries", "ill": "ill_persons", "loss": "direct_loss_wan"}
FILES = sorted(Path(__file__).parent.glob("sentences*.yaml"))
TABLES: list[dict[str, list[dict[str, Any]]]] = [
    yaml.safe_load(file.read_text(encoding="utf-8")) for file in FILES
]
TRAPS: list[dict[str, Any]] = [trap for table in TABLES for trap in table.get("traps", ())]
SENTENCES = [row for trap in TRAPS for row in trap["rows"]]
ASKED = frozenset({"title", "text", "source", "published_at"})
NOT_FIGURES = ASKED | {
    "type", "severity", "precautionary", "by", "window", "local", "at", "precision", "opinion", "matter",
    "reason",
}  # fmt: skip
NEVER_LEFT = {"hospital", "swept"}


def rows(group: str) -> list[Any]:
    found = [row for table in TABLES for row in table.get(group, ())]
    return [pytest.param(row, id=(row.get("title") or row["text"])[:24]) for row in found]


def read(judge: Judge, row: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(row["published_at"]) if "published_at" in row else NOW
    verdict = judge.judge(
        title=row.get("title", ""),
        text=row["text"],
        published_at=at,
        source_name=row.get("source"),
        role=Role(row["role"]) if "role" in row else None,
        scope=None,
        now=at,
    )
    return verdict_out(verdict)


def agrees(found: object, wanted: object) -> bool:
    if isinstance(wanted, list):
        return isinstance(found, int | float) and wanted[0] <= found <= wanted[1]
    return found == wanted


def full_answer(row: dict[str, Any], table: GradingTable) -> dict[str, Any]:
    """Return what a row says of every checked field; the head of the file names the defaults."""
    is_live = "reason" not in row
    is_matter = row.get("matter", is_live)
    figures = {SHORT.get(name, name): value for name, value in row.items() if name not in NOT_FIGURES}
    return {
        "matter": is_matter,
        "live": is_live,
        "not_live_reason": row.get("reason"),
        "local": row.get("local", True),
        "category": table.category(row.get("type")),
        "event_type": row.get("type"),
        "figures": {**dict.fromkeys(METRICS), **figures},
        "occurred_at": row.get("at"),
        "occurred_precision": row.get("precision"),
        "severity": row.get("severity"),
        "severity_precautionary": row.get("precautionary", row.get("severity")),
        "standard": row.get("by"),
        "opinion": row.get("opinion"),
        "window_hours": row.get("window", 48) if is_matter else None,
    }


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{number}") for number, row in enumerate(SENTENCES, 1)]
)
def test_every_field_of_a_sentence_is_right(judge: Judge, table: GradingTable, row: dict[str, Any]) -> None:
    wanted = full_answer(row, table)
    out = read(judge, row)
    # The table's row without its legal source: FIRE2007 deaths >= 10.
    out["standard"] = out["standard"] and out["standard"].rpartition(" (")[0].replace(": ", " ", 1)
    assert {name: out[name] for name in wanted} == wanted, row.get("title", "") + row["text"]


def test_the_sentences_are_many_and_say_nothing_unknown(table: GradingTable) -> None:
    figures = {*METRICS, *RANK, *table.metrics, *SHORT, "forest_burnt_ha"} - NEVER_LEFT
    assert len(SENTENCES) >= 200
    assert {name for row in SENTENCES for name in row} <= figures | NOT_FIGURES
    assert {len(trap) for trap in TRAPS} == {3}
    assert [trap["trap"] for trap in TRAPS if len(trap["rows"]) < 3] == []


@pytest.mark.parametrize("row", rows("figures"))
def test_figures_and_severity_are_read_as_written(judge: Judge, row: dict[str, Any]) -> None:
    out = read(judge, row)
    assert (out["matter"], out["live"], out["event_type"]) == (True, True, row["type"])
    wanted = {SHORT.get(name, name): value for name, value in row.items()}
    wrong = {
        metric: (out["figures"][metric], wanted.get(metric))
        for metric in METRICS
        if not agrees(out["figures"][metric], wanted.get(metric))
    }
    assert wrong == {}
    names = {"severity": "severity", "precautionary": "severity_precautionary", "window": "window_hours"}
    names |= {"local": "local", "opinion": "opinion"}
    assert {key: out[name] for key, name in names.items() if key in row} == {
        key: row[key] for key in names if key in row
    }


@pytest.mark.parametrize("row", rows("not_live"))
def test_what_does_not_happen_now_is_told_apart(judge: Judge, row: dict[str, Any]) -> None:
    out = read(judge, row)
    assert (out["live"], out["not_live_reason"]) == (False, row["reason"])
    assert (out["matter"], out["opinion"]) == ("opinion" in row, row.get("opinion"))
    assert out["window_hours"] == row.get("window")
    empty = ("category", "event_type", "severity", "severity_precautionary", "standard", "occurred_at")
    assert {name: out[name] for name in empty} == dict.fromkeys(empty)
    assert set(out["figures"].values()) == {None}


@pytest.mark.parametrize("row", rows("nothing"))
def test_what_is_no_matter_is_left_alone(judge: Judge, row: dict[str, Any]) -> None:
    out = read(judge, row)
    assert (out["matter"], out["live"], out["window_hours"]) == (False, False, None)


@pytest.mark.parametrize("row", rows("places"))
def test_ours_is_told_from_elsewhere_and_from_unknown(judge: Judge, row: dict[str, Any]) -> None:
    out = read(judge, row)
    assert (out["live"], out["local"]) == (True, row["local"])


@pytest.mark.parametrize("row", rows("opinions"))
def test_opinions_are_known_by_their_words(judge: Judge, row: dict[str, Any]) -> None:
    out = read(judge, row)
    names = {"opinion": "opinion", "for_many": "for_many", "local": "local", "window": "window_hours"}
    names |= {"basis_61": "basis_61", "type": "event_type"}
    assert (out["matter"], out["live"]) == (True, True)
    assert {key: out[name] for key, name in names.items() if key in row} == {
        key: row[key] for key in names if key in row
    }
