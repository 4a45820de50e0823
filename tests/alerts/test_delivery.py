"""What an attempt leads to, and which messages are no longer true (A3, A4, A8, C15, C25)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from alerts.delivery import Attempt, Settlement, obsolete_reason, settle_attempt
from alerts.model import (
    OWN_LIMIT,
    Alert,
    AlertState,
    ChannelHealth,
    Message,
    MessageState,
    Outcome,
    OutcomeClass,
    RoundState,
)
from monitor.deadlines.model import ObligationState
from monitor.dossier.model import Dossier
from monitor.incidents.model import IncidentState, PublicationState
from monitor.office.example import example_office
from tests.support.builders import (
    T0,
    a_dossier,
    a_publication,
    a_round,
    after,
    an_alert,
    an_incident,
    an_obligation,
)

OFFICE = example_office()
OK = Outcome(kind=OutcomeClass.OK)
DOWN = Outcome(kind=OutcomeClass.TRANSIENT, code="unreachable")


def alert(channel: str = "duty-wecom", **fields: Any) -> Alert:
    return an_alert(id=f"incident:1|v1|detected|1-r1|duty|{channel}", channel=channel, **fields)


def message(channel: str = "duty-wecom", **fields: Any) -> Message:
    defaults: dict[str, Any] = {"attempts": 1, "first_attempt_at": T0, "urgent": False}
    defaults |= {"no": 7, "to": "duty", "send_at": T0, "state": MessageState.SENDING}
    return Message(channel=channel, **defaults | fields)


def settle(
    outcome: Outcome,
    *,
    alerts: Sequence[Alert] | None = None,
    siblings: Sequence[Alert] | None = None,
    sent: Message | None = None,
    now: datetime = T0,
    health: ChannelHealth | None = None,
) -> Settlement:
    own = (alert(),) if alerts is None else tuple(alerts)
    attempt = Attempt(
        message=sent or message(),
        alerts=own,
        siblings=own if siblings is None else tuple(siblings),
        outcome=outcome,
        began_at=T0,
        now=now,
    )
    return settle_attempt(attempt, OFFICE, {health.channel: health} if health else {})


def test_an_acceptance_sends_the_alerts_clears_the_mark_and_ends_the_same_ones_elsewhere() -> None:
    by_mail = alert("duty-email")
    other = an_alert(id="incident:2|v1|detected|2-r1|duty|duty-email", channel="duty-email")
    marked = ChannelHealth(channel="duty-wecom", failures=5, last_failure_at=T0)
    settled = settle(OK, siblings=[alert(), by_mail, other], health=marked, now=after(seconds=3))
    assert [(a.state, a.closed_at) for a in settled.alerts] == [(AlertState.SENT, after(seconds=3))]
    assert [(a.id, a.state, a.cause) for a in settled.delivered] == [
        (by_mail.id, AlertState.CANCELLED, "delivered")
    ]
    assert settled.health == ChannelHealth(channel="duty-wecom")
    assert (settled.message, settled.fallbacks, settled.unreachable) == (None, (), ())


@pytest.mark.parametrize("kind", [OutcomeClass.AUTH, OutcomeClass.PERMANENT, OutcomeClass.UNKNOWN])
def test_a_refusal_for_good_means_the_next_channel_at_once(kind: OutcomeClass) -> None:
    settled = settle(Outcome(kind=kind, code="93000"))
    assert [(a.state, a.cause) for a in settled.alerts] == [(AlertState.DEAD, str(kind))]
    (by_mail,) = settled.fallbacks
    assert (by_mail.channel, by_mail.state, by_mail.send_at) == ("duty-email", AlertState.QUEUED, T0)
    assert (by_mail.id, by_mail.fallback_of) == (alert("duty-email").id, alert().id)
    assert (settled.message, settled.unreachable) == (None, ())


@pytest.mark.parametrize(
    ("attempts", "urgent", "again", "falls_back"),
    [
        pytest.param(1, False, True, False, id="first failure: the same again"),
        pytest.param(2, False, True, False, id="second failure: the same again"),
        pytest.param(3, False, False, True, id="third failure: the next channel"),
        pytest.param(1, True, True, True, id="urgent: both from the first failure on"),
        pytest.param(3, True, False, True, id="urgent and exhausted"),
    ],
)
def test_an_unreachable_channel_has_three_attempts(
    attempts: int, urgent: bool, again: bool, falls_back: bool
) -> None:
    settled = settle(
        DOWN, alerts=[alert(urgent=urgent)], sent=message(attempts=attempts, urgent=urgent), now=T0
    )
    assert (settled.message is not None, bool(settled.fallbacks)) == (again, falls_back)
    if settled.message is not None:
        assert T0 < settled.message.send_at <= after(seconds=60)
        assert settled.alerts[0].state is AlertState.QUEUED


@pytest.mark.parametrize(
    ("retry_after", "again"),
    [
        pytest.param(timedelta(minutes=2), True, id="within two minutes: waited for"),
        pytest.param(timedelta(minutes=2, seconds=1), False, id="longer: the next channel"),
        pytest.param(None, False, id="not said: the next channel"),
    ],
)
def test_a_rate_limit_is_waited_for_if_it_is_short(retry_after: timedelta | None, again: bool) -> None:
    settled = settle(Outcome(kind=OutcomeClass.RATE_LIMITED, retry_after=retry_after))
    assert (settled.message is not None) is again
    assert bool(settled.fallbacks) is not again


def test_a_channel_already_tried_is_not_tried_again_and_nobody_left_is_unreachable() -> None:
    dead = alert("duty-email", state=AlertState.DEAD)
    settled = settle(DOWN, siblings=[alert(), dead], sent=message(attempts=3))
    assert settled.fallbacks == ()
    assert [a.id for a in settled.unreachable] == [alert().id]


def test_a_sibling_still_under_way_or_accepted_keeps_the_recipient_reachable() -> None:
    for state in (AlertState.QUEUED, AlertState.SENT):
        settled = settle(DOWN, siblings=[alert(), alert("duty-email", state=state)], sent=message(attempts=3))
        assert (settled.fallbacks, settled.unreachable) == ((), ())


def test_after_two_minutes_the_person_is_given_up() -> None:
    late = after(minutes=2)
    third = message("duty-email", first_attempt_at=late, attempts=1)
    mail = alert("duty-email")
    siblings = [mail, alert(state=AlertState.DEAD)]
    settled = settle(DOWN, alerts=[mail], siblings=siblings, sent=third, now=late)
    assert [(a.state, a.cause) for a in settled.alerts] == [(AlertState.DEAD, "person_exhausted")]
    assert (settled.message, settled.fallbacks) == (None, ())
    assert [a.id for a in settled.unreachable] == [mail.id]


def test_a_failure_after_another_channel_told_it_brings_nothing_back() -> None:
    settled = settle(DOWN, alerts=[], siblings=[alert(state=AlertState.CANCELLED)])
    assert (settled.message, settled.alerts, settled.fallbacks, settled.unreachable) == (None, (), (), ())
    assert settled.health is not None
    assert settled.health.failures == 1


@pytest.mark.parametrize(
    ("before", "became"),
    [pytest.param(n, n == 2, id=f"failure {n + 1}") for n in range(4)],
)
def test_a_channel_becomes_unhealthy_with_the_third_failure_in_a_row(before: int, became: bool) -> None:
    settled = settle(DOWN, health=ChannelHealth(channel="duty-wecom", failures=before), now=after(seconds=9))
    assert settled.became_unhealthy is became
    assert settled.health == ChannelHealth(
        channel="duty-wecom", failures=before + 1, last_failure_at=after(seconds=9)
    )


def test_our_own_limit_says_nothing_against_the_channel() -> None:
    full = Outcome(
        kind=OutcomeClass.RATE_LIMITED, code=OWN_LIMIT, retry_after=timedelta(seconds=20), detail="满"
    )
    before = ChannelHealth(channel="duty-wecom", failures=2)
    settled = settle(full, health=before, now=after(seconds=9))
    assert (settled.health, settled.became_unhealthy) == (before, False)
    assert settled.message is not None
    assert settled.message.send_at == after(seconds=29)


ROUND = a_round(id="1-r1")
OPEN = a_dossier(rounds=(ROUND,), obligations=(an_obligation(),))
MET = a_dossier(obligations=(an_obligation(state=ObligationState.MET),))


def ended(reason: str, **fields: Any) -> Dossier:
    closed = replace(ROUND, state=RoundState.ENDED, end_reason=reason, next_at=None, **fields)
    return a_dossier(rounds=(closed,))


@pytest.mark.parametrize(
    ("told", "dossier", "reason"),
    [
        pytest.param({}, OPEN, None, id="still true"),
        pytest.param({}, None, None, id="about no incident"),
        pytest.param({"state": AlertState.SENT}, OPEN, "already_sent", id="told already"),
        pytest.param({}, a_dossier(an_incident(state=IncidentState.DISMISSED)), "incident_dismissed"),
        pytest.param({"obligation_id": an_obligation().id}, MET, "obligation_met", id="met meanwhile"),
        pytest.param(
            {"obligation_id": an_obligation().id, "reason": "corrected"}, MET, None, id="news of an end"
        ),
        pytest.param({}, ended("acknowledged", acknowledged=("duty",)), "acknowledged", id="acknowledged"),
        pytest.param({}, ended("ended", quieted=("duty",)), "acknowledged", id="acknowledged from below"),
        pytest.param({}, ended("acknowledged", acknowledged=("office_head",)), None, id="by somebody else"),
        pytest.param({"reason": "unacknowledged"}, ended("acknowledged"), "acknowledged", id="no more need"),
        pytest.param({"reason": "unacknowledged"}, ended("unanswered"), None, id="nobody answered"),
        pytest.param({"reason": "unacknowledged"}, ended("absorbed"), None, id="the round goes on"),
        pytest.param(
            {"publication_id": "p"},
            a_dossier(publications=(a_publication(id="p", state=PublicationState.OFFERED),)),
            None,
            id="an offer that waits",
        ),
        pytest.param(
            {"publication_id": "p"},
            a_dossier(publications=(a_publication(id="p", state=PublicationState.DECLINED),)),
            "evidence_declined",
            id="an offer that was declined",
        ),
        pytest.param(
            {"publication_id": "p"},
            a_dossier(publications=(a_publication(id="p", recorded_by="policy"),)),
            None,
            id="accepted by policy, told for information",
        ),
    ],
)
def test_why_a_message_is_not_sent_any_more(
    told: dict[str, Any], dossier: Dossier | None, reason: str | None
) -> None:
    assert obsolete_reason(alert(**{"alert_round": "1-r1"} | told), dossier) == reason
