"""The rota as the desk changes it: on record, refused for a reason, seen by every decision."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from alerts.rota import on_duty
from monitor.errors import NotFoundError, RefusedActError
from monitor.office.example import example_office
from monitor.office.model import Office, Person, Shift, Substitution
from monitor.office.registry import month_rota
from monitor.pipeline.rostering import import_month, rostered, substitute, withdraw_substitution
from monitor.ports import Store
from tests.support.builders import T0, after
from tests.support.setting import a_setting

OFFICE = replace(example_office(), people=(*example_office().people, Person(id="mute", name="吴声")))
WANTED = Substitution(
    person="duty", stand_in="admin", since=T0, until=after(hours=8), recorded_by="office_head"
)
MONTH = month_rota((Shift(level=1, person="leader", since=T0, until=after(days=1)),))


def journal(store: Store) -> list[tuple[str, str, dict[str, Any], str | None]]:
    with store.reading() as transaction:
        entries = transaction.journal()
    return [(e.change.event, e.change.actor, dict(e.change.facts), e.change.words) for e in entries]


def names(office: Office) -> list[str]:
    return [person.id for person in on_duty(office, 1, T0)]


def test_a_substitution_is_kept_on_record_and_every_decision_sees_it(lite: Store) -> None:
    number = substitute(lite, OFFICE, WANTED, now=T0, via="desk", words="下乡")
    facts = {
        "substitution": number,
        "person": "duty",
        "stand_in": "admin",
        "since": T0.isoformat(),
        "until": after(hours=8).isoformat(),
    }
    assert journal(lite) == [("substitution_recorded", "office_head", facts, "下乡")]
    with lite.reading() as transaction:
        assert names(a_setting(lite, OFFICE).circumstances(transaction, T0).office) == ["admin"]
    assert names(rostered(lite, OFFICE, T0)) == ["admin"]
    assert rostered(lite, OFFICE, after(hours=9)) is OFFICE


def test_a_decision_still_knows_who_was_on_duty_when_a_level_was_told(lite: Store) -> None:
    substitute(lite, OFFICE, WANTED, now=T0, via="desk")
    with lite.reading() as transaction:
        office = a_setting(lite, OFFICE).circumstances(transaction, after(hours=8, minutes=2)).office
    assert names(office) == ["admin"]


def test_what_has_passed_is_not_rewritten(lite: Store) -> None:
    number = substitute(lite, OFFICE, WANTED, now=after(hours=1), via="desk")
    with lite.reading() as transaction:
        assert transaction.substitution(number).since == after(hours=1)


AWAY = replace(WANTED, person="admin", stand_in=None)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        pytest.param(replace(WANTED, until=T0), "bad_time", id="no time at all"),
        pytest.param(replace(WANTED, since=after(hours=-9), until=after(hours=-1)), "bad_time", id="over"),
        pytest.param(replace(WANTED, person="nobody"), "unknown_person", id="a stranger away"),
        pytest.param(replace(WANTED, stand_in="duty"), "same_person", id="oneself"),
        pytest.param(replace(WANTED, stand_in="nobody"), "not_reachable", id="a stranger standing in"),
        pytest.param(replace(WANTED, stand_in="police"), "not_reachable", id="a department standing in"),
        pytest.param(replace(WANTED, stand_in="mute"), "not_reachable", id="somebody without a channel"),
        pytest.param(WANTED, "stand_in_away", id="somebody who is away then"),
        pytest.param(
            replace(WANTED, person="leader", stand_in="duty", recorded_by="duty"),
            "raises_oneself",
            id="oneself for somebody higher",
        ),
    ],
)
def test_a_substitution_that_helps_nobody_is_refused(lite: Store, wanted: Substitution, reason: str) -> None:
    substitute(lite, OFFICE, AWAY, now=T0, via="desk")
    with pytest.raises(RefusedActError) as refused:
        substitute(lite, OFFICE, wanted, now=T0, via="desk")
    assert refused.value.reason == reason
    assert len(journal(lite)) == 1


def test_somebody_away_before_or_after_may_stand_in(lite: Store) -> None:
    substitute(lite, OFFICE, replace(AWAY, since=after(hours=8), until=after(hours=9)), now=T0, via="desk")
    assert substitute(lite, OFFICE, WANTED, now=T0, via="desk")


@pytest.mark.parametrize(
    ("hours", "until"),
    [
        pytest.param(3, after(hours=3), id="under way, it ends now"),
        pytest.param(-3, T0, id="before it begins, it never begins"),
    ],
)
def test_a_substitution_is_withdrawn(lite: Store, hours: int, until: object) -> None:
    number = substitute(lite, OFFICE, WANTED, now=after(hours=-5), via="desk")
    withdraw_substitution(lite, number, by="duty", now=after(hours=hours), via="desk")
    with lite.reading() as transaction:
        assert transaction.substitution(number).until == until
    assert journal(lite)[-1][:2] == ("substitution_withdrawn", "duty")


def test_what_is_over_or_unknown_cannot_be_withdrawn(lite: Store) -> None:
    number = substitute(lite, OFFICE, WANTED, now=T0, via="desk")
    with pytest.raises(RefusedActError, match="already_over"):
        withdraw_substitution(lite, number, by="duty", now=after(hours=8), via="desk")
    with pytest.raises(NotFoundError):
        withdraw_substitution(lite, 99, by="duty", now=T0, via="desk")


def test_an_imported_month_is_on_record_and_says_whether_it_replaced_one(lite: Store) -> None:
    march = date(2026, 3, 1)
    assert not import_month(lite, march, [MONTH], by="duty", now=T0, via="desk")
    assert import_month(lite, march, [MONTH], by="duty", now=T0, via="desk")
    facts = {"month": "2026-03", "levels": [1], "shifts": 1, "replaced": True}
    assert journal(lite)[-1] == ("rota_imported", "duty", facts, None)
    assert names(rostered(lite, OFFICE, T0)) == ["leader"]
