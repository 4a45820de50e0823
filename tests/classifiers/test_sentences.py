"""The whole verdict on sentences of our own, each with its full answer."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.classifiers.assess import METRICS, verdict_out
from monitor.classifiers.judge import Judge
from monitor.collectors.model import Role

NOW = datetime.fromisoformat("2026-11-24T12:00:00+08:00")
SHORT = {"serious": "serious_injuries", "ill": "ill_persons", "loss": "direct_loss_wan"}
TABLE: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    Path(__file__).with_name("sentences.yaml").read_text(encoding="utf-8")
)


def rows(group: str) -> list[Any]:
    return [pytest.param(row, id=(row.get("title") or row["text"])[:24]) for row in TABLE[group]]


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
    assert (out["category"], out["event_type"], out["severity"]) == (None, None, None)
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


@pytest.mark.parametrize("row", rows("times"))
def test_the_time_of_the_event_is_read_against_the_publication(judge: Judge, row: dict[str, Any]) -> None:
    out = read(judge, row)
    assert (out["occurred_at"], out["occurred_precision"]) == (row["at"], row.get("precision"))
