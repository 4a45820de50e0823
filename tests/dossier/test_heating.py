"""A rise of reach is told to level 1 once, for information, while the incident is open and ours."""

from typing import Any

import pytest

from monitor.classifiers.model import Severity
from monitor.dossier.heating import looks_since_told, may_rise, tell_rise
from monitor.dossier.model import Changes
from monitor.incidents.model import IncidentState, ToldRise
from monitor.incidents.rising import Rise
from tests.dossier.standing import circumstances
from tests.support.builders import T0, a_dossier, after, an_incident

NOW = after(hours=5)


def a_rise(*, is_rising: bool = True) -> Rise:
    return Rise(
        is_rising=is_rising,
        begins_at=after(hours=4),
        recent=7,
        before_per_hour=0.25,
        chance=0.0001234,
        spent=0.0002,
    )


def told(rise: Rise | None = None, **fields: Any) -> Changes:
    incident = an_incident(**{"severity": None, "item_count": 10} | fields)
    return tell_rise(a_dossier(incident), rise or a_rise(), circumstances(NOW))


def test_level_1_is_told_what_came_since_when_and_the_incident_remembers_it() -> None:
    changes = told()
    assert [(a.to, a.reason, a.level, a.urgent, a.alert_round) for a in changes.alerts] == [
        ("duty", "heat_rising", 1, False, "")
    ]
    assert changes.incident.rise_told == ToldRise(begins_at=after(hours=4), item_count=10)
    [change] = changes.journal
    assert change.event == "heat_rising"
    assert change.facts == {
        "since": after(hours=4).isoformat(),
        "recent": 8,
        "before_per_hour": 0.25,
        "chance": 0.00012,
    }


def test_a_rise_of_a_serious_incident_waits_for_nothing() -> None:
    assert [a.urgent for a in told(severity=Severity.SERIOUS).alerts] == [True]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"state": IncidentState.DISMISSED}, id="dismissed"),
        pytest.param({"state": IncidentState.CLOSED}, id="closed"),
        pytest.param({"local": None}, id="nobody knows whose"),
        pytest.param({"local": False}, id="another county's"),
        pytest.param({"item_count": 3}, id="too few items"),
        pytest.param({"rise_told": ToldRise(begins_at=T0, item_count=8)}, id="told two items ago"),
    ],
)
def test_nobody_is_told_of(fields: dict[str, Any]) -> None:
    assert told(**fields).alerts == ()
    assert told(**fields).journal == ()


def test_without_a_rise_nothing_changes() -> None:
    assert told(a_rise(is_rising=False)).journal == ()


def test_looks_are_counted_anew_from_the_rise_that_was_told() -> None:
    incident = an_incident(item_count=30, rise_told=ToldRise(begins_at=T0, item_count=10))
    assert (looks_since_told(incident), may_rise(incident)) == (20, True)
