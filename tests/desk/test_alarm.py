"""Which grave incidents are to be heard, and by whom."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.model import RoundState
from monitor.classifiers.model import Severity
from monitor.desk.views.alarm_view import Unheard, alarm_words, unacknowledged
from monitor.dossier.model import Change, Changes, Dossier
from monitor.incidents.model import IncidentState
from monitor.ports import Store
from tests.desk.conftest import ServedDesk
from tests.desk.story import NOW, save
from tests.support.builders import T0, a_round, after, an_incident, an_item

TITLE = "达丙镇发生重大事故<b>"
BY_ACKNOWLEDGING = "点“收到”后解除"
BY_TAKING_UP = "已逐级通知，确认级别或交办后解除"
ENDED: dict[str, Any] = {"state": RoundState.ENDED, "ended_at": after(minutes=30)}
SECOND: dict[str, Any] = {"serial": 2, "started_at": after(minutes=30)}


def arrive(store: Store) -> None:
    """Write incident 7, grave, told to level 1 just now."""
    incident = an_incident(id=7, title=TITLE, severity=Severity.SERIOUS)
    news = Change(at=NOW, event="incident_opened", incident=7)
    changes = Changes(
        incident=incident,
        expected_version=None,
        rounds=(a_round(id="7/round/1", incident_id=7, started_at=NOW, next_at=NOW + timedelta(minutes=15)),),
        journal=(news,),
    )
    save(store, [an_item(key="n1", title=TITLE)], changes)


@pytest.mark.parametrize(
    ("incident", "rounds", "until"),
    [
        pytest.param({}, [{}], BY_ACKNOWLEDGING, id="nobody has acknowledged"),
        pytest.param({}, [{"quieted": ("duty",)}], "", id="somebody below the highest level has"),
        pytest.param({}, [{"acknowledged": ("duty",)}], "", id="somebody has, of a level that must all"),
        pytest.param({}, [ENDED | {"end_reason": "acknowledged"}], "", id="somebody has"),
        pytest.param(
            {}, [ENDED | {"end_reason": "acknowledged"}, SECOND], BY_ACKNOWLEDGING, id="a new round"
        ),
        pytest.param({"confirmed_at": T0}, [SECOND], BY_ACKNOWLEDGING, id="a new round after a confirmation"),
        pytest.param({}, [ENDED | {"end_reason": "unanswered"}], BY_TAKING_UP, id="all levels told in vain"),
        pytest.param(
            {"assigned_to": ("police",)}, [ENDED | {"end_reason": "unanswered"}], "", id="assigned later"
        ),
        pytest.param({}, [ENDED | {"end_reason": "ended"}], "", id="a person's act ended the round"),
        pytest.param({}, [], "", id="nobody was told yet"),
        pytest.param({"severity": Severity.RELATIVELY_SERIOUS}, [{}], "", id="severity 3"),
        pytest.param({"severity": None}, [{}], "", id="no severity"),
        pytest.param({"state": IncidentState.CLOSED}, [{}], "", id="closed"),
    ],
)
def test_a_grave_incident_is_heard_until_somebody_acknowledges_or_takes_it_up(
    incident: dict[str, Any], rounds: list[dict[str, Any]], until: str
) -> None:
    dossier = Dossier(
        incident=an_incident(**{"severity": Severity.SERIOUS} | incident),
        rounds=tuple(a_round(**fields) for fields in rounds),
    )
    assert "".join(w.until for w in unacknowledged([dossier])) == until


@pytest.mark.parametrize(
    ("severities", "said"),
    [((2,), "1 起重大未确认收到"), ((1, 1), "2 起特别重大未确认收到"), ((2, 1), "2 起重大以上未确认收到")],
)
def test_what_is_heard_names_how_many_and_how_grave(severities: tuple[int, ...], said: str) -> None:
    waiting = [Unheard(incident=an_incident(severity=Severity(s)), until="") for s in severities]
    assert alarm_words(waiting) == said


@pytest.mark.parametrize(
    ("role", "is_told"),
    [
        ("duty", True),
        ("head", True),
        ("leader", True),
        ("analyst", False),
        ("admin", False),
        ("department", False),
    ],
)
async def test_only_who_can_acknowledge_is_alarmed(
    served: ServedDesk, told: Store, role: str, is_told: bool
) -> None:
    arrive(told)
    async with served.browser(role) as browser:
        alarm, page = await browser.get("/alarm"), await browser.get("/")
    assert ("【1 起重大未确认收到】" in alarm.text) is is_told
    assert ('id="alarm"' in page.text) is is_told
    assert "<b>" not in alarm.text
