"""The handover of a shift: told once to whoever comes and whoever leaves, with what is open."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.model import Alert, AlertState
from monitor.office.example import example_office
from monitor.office.model import Office, Shift, Substitution
from monitor.pipeline.handover import FRESH, next_handover_at, queue_handovers
from monitor.pipeline.rendering import Rendering
from monitor.ports import Store
from tests.support.builders import after, an_incident, opening
from tests.support.setting import a_setting

NIGHT = after(hours=12)


def shift(person: str, hours: float, lasts: float = 12) -> Shift:
    return Shift(level=1, person=person, since=after(hours=hours), until=after(hours=hours + lasts))


def an_office(*shifts: Shift, tells: bool = True) -> Office:
    office = example_office()
    policy = replace(office.policy, tell_handover=tells)
    return replace(office, shifts=shifts, rostered_levels=(1,), policy=policy)


def handovers(store: Store) -> list[Alert]:
    with store.reading() as transaction:
        queued = transaction.alerts_in_states([str(state) for state in AlertState], 100)
    return [alert for alert in queued if alert.reason == "shift_handover"]


OTHER = (shift("duty", 0), shift("office_head", 12))
AWAY = Substitution(person="duty", stand_in="leader", since=NIGHT, until=after(hours=18))


@pytest.mark.parametrize(
    ("office", "minutes", "told"),
    [
        pytest.param(an_office(*OTHER), -1, [], id="not before the shift"),
        pytest.param(an_office(*OTHER), 0, ["duty", "office_head"], id="both are told"),
        pytest.param(an_office(*OTHER), 59, ["duty", "office_head"], id="soon after is soon enough"),
        pytest.param(an_office(*OTHER), 60, [], id="an hour later it is old"),
        pytest.param(an_office(*OTHER, tells=False), 0, [], id="the office does not want it"),
        pytest.param(an_office(shift("duty", 0), shift("duty", 12)), 0, [], id="the same person stays"),
        pytest.param(an_office(shift("duty", 12)), 0, ["duty"], id="nobody was there before"),
        pytest.param(
            replace(an_office(shift("duty", 0, lasts=24)), substitutions=(AWAY,)),
            0,
            ["duty", "leader"],
            id="a stand-in in the middle of a shift",
        ),
    ],
)
def test_a_change_of_shift_is_told_once(lite: Store, office: Office, minutes: int, told: list[str]) -> None:
    setting = a_setting(lite, office)
    now = NIGHT + timedelta(minutes=minutes)
    assert queue_handovers(setting, now) == len(told)
    assert queue_handovers(setting, now + timedelta(seconds=5)) == 0
    assert sorted(alert.to for alert in handovers(lite)) == told


def test_the_message_says_who_hands_over_and_what_is_open(lite: Store) -> None:
    office = an_office(*OTHER)
    setting = a_setting(lite, office)
    with lite.transaction() as transaction:
        transaction.save(opening(an_incident(title="柯街镇交通事故")))
    queue_handovers(setting, NIGHT)
    with lite.reading() as transaction:
        text = Rendering(setting, tuple, lambda _: None)(transaction, handovers(lite)[:1], {}, NIGHT)
    assert "交接班" in text.subject
    assert "值班员 → 办公室主任" in text.subject
    assert "柯街镇交通事故" in text.body


def test_the_next_handover_is_the_next_begin_of_a_shift() -> None:
    office = an_office(*OTHER)
    assert next_handover_at(office, after(hours=-1)) == after()
    assert next_handover_at(office, after()) == NIGHT
    assert next_handover_at(office, NIGHT + FRESH) is None
    assert next_handover_at(an_office(*OTHER, tells=False), after()) is None
