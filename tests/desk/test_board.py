"""What a line of the board says: the next step, and who has acknowledged."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.desk.views.board_view import Wait, card
from monitor.dossier.model import Dossier
from monitor.incidents.model import PublicationState
from tests.desk.conftest import ServedDesk
from tests.desk.story import an_office
from tests.support.builders import (
    T0,
    a_publication,
    a_round,
    after,
    an_acknowledgement,
    an_incident,
    an_obligation,
)

CLOCK = (an_obligation(),)
NEAR = (an_obligation(window=timedelta(hours=2)),)
OVER = (an_obligation(window=timedelta(minutes=30)),)
OFFERED = (a_publication(state=PublicationState.OFFERED),)
CONFIRMED: dict[str, Any] = {"confirmed_at": T0, "confirmed_by": "duty"}
QUIETED = a_round(quieted=("duty",), told_level=2)


def dossier(parts: dict[str, Any] | None = None, **incident: Any) -> Dossier:
    """Return a grave incident with these traits and parts."""
    return Dossier(incident=an_incident(**incident), **parts or {})


@pytest.mark.parametrize(
    ("found", "step"),
    [
        pytest.param(dossier({"rounds": (a_round(),), "obligations": CLOCK}), "等待确认收到", id="unheard"),
        pytest.param(
            dossier({"rounds": (QUIETED,), "obligations": CLOCK}),
            "等待第2层级确认收到",
            id="heard from below",
        ),
        pytest.param(dossier({"obligations": CLOCK}), "请核实并确认级别", id="not confirmed"),
        pytest.param(dossier(local=None), "请认定是否属于本县", id="not placed"),
        pytest.param(dossier({"obligations": NEAR}), "即将到期：新闻发布会", id="nearly due"),
        pytest.param(
            dossier({"obligations": OVER}), "已逾期：新闻发布会尚未登记，请尽快发布并登记", id="late"
        ),
        pytest.param(
            dossier({"obligations": OVER, "publications": OFFERED}),
            "已逾期：新闻发布会；有疑似官方回应，请先认定",
            id="late, but an answer lies there",
        ),
        pytest.param(dossier({"obligations": CLOCK}, **CONFIRMED), "请交办责任单位", id="nobody's"),
        pytest.param(
            dossier({"obligations": CLOCK}, **CONFIRMED, assigned_to=("education",)),
            "等待新闻发布会",
            id="somebody's",
        ),
        pytest.param(
            dossier({"publications": (a_publication(),)}, severity=None, category=None),
            "时限义务已完成，可办结",
            id="answered",
        ),
        pytest.param(dossier(severity=None, assigned_to=("education",)), "请研判", id="nothing"),
    ],
)
def test_a_card_says_what_needs_a_person_next(found: Dossier, step: str) -> None:
    assert card(found, None, an_office(), after(hours=1)).step == step


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param(
            dossier({"rounds": (QUIETED,)}), "王小满已收到（仍逐级上报）", id="from below, the round runs"
        ),
        pytest.param(
            dossier({"rounds": (QUIETED,), "acknowledgements": (an_acknowledgement(),)}),
            "王小满已收到（仍逐级上报）",
            id="an older one besides",
        ),
        pytest.param(dossier({"rounds": (a_round(),)}), "", id="nobody"),
    ],
)
def test_whoever_acknowledged_from_below_is_named(found: Dossier, said: str) -> None:
    assert card(found, None, an_office(), after(hours=1)).acknowledged == said


def test_an_incident_may_wait_for_several_things_at_once() -> None:
    found = dossier({"rounds": (a_round(),), "obligations": OVER, "publications": OFFERED}, local=None)
    waits = card(found, None, an_office(), after(hours=1)).waits
    assert set(waits) == set(Wait) - {Wait.SOON}


async def test_acknowledging_is_offered_only_while_somebody_waits_for_it(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        assert 'id="acknowledge"' in (await browser.get("/incidents/1")).text
        await browser.act(1, act="assign", department="education")
        assert 'id="acknowledge"' in (await browser.get("/incidents/1")).text
    async with served.browser("head") as browser:
        await browser.act(1, act="acknowledge")
        assert 'id="acknowledge"' not in (await browser.get("/incidents/1")).text
