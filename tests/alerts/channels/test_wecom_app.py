"""The WeCom application: one token for many messages, renewed once where the vendor calls it stale."""

from datetime import timedelta

import pytest

from alerts.model import OutcomeClass
from monitor.office.model import ChannelKind
from tests.support.clock import SimulatedClock
from tests.support.posting import QUICK, SECRET, TEXT, posting
from tests.support.vendors import Play, hangs, says, says_raw

APP = ChannelKind.WECOM_APP
GIVEN = {"errcode": 0, "msgid": "m-1"}


async def test_a_message_goes_to_its_member_with_the_applications_token(clock: SimulatedClock) -> None:
    async with posting(APP, clock) as (channel, server):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.receipt) == (OutcomeClass.OK, "m-1")
    assert (server.paths, server.queries) == (["/cgi-bin/message/send"], [{"access_token": "token-1"}])
    [sent] = server.seen
    assert (sent["touser"], sent["agentid"], sent["msgtype"]) == ("zhang", 1000002, "text")
    assert sent["text"] == {"content": TEXT.body}
    assert sent["enable_duplicate_check"] == 1


async def test_a_token_is_kept_until_shortly_before_it_expires(clock: SimulatedClock) -> None:
    async with posting(APP, clock) as (channel, server):
        await channel.send(TEXT, 7)
        clock.advance(timedelta(minutes=114))
        await channel.send(TEXT, 8)
        kept = server.tokens_given
        clock.advance(timedelta(minutes=1))
        await channel.send(TEXT, 9)
    assert (kept, server.tokens_given) == (1, 2)
    assert [query["access_token"] for query in server.queries] == ["token-1", "token-1", "token-2"]


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_stale_token_is_renewed_once(code: int, clock: SimulatedClock) -> None:
    async with posting(APP, clock, says({"errcode": code}), says(GIVEN)) as (channel, server):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, server.tokens_given, len(server.seen)) == (OutcomeClass.OK, 2, 2)


async def test_a_token_that_stays_stale_is_a_matter_of_identity(clock: SimulatedClock) -> None:
    async with posting(APP, clock, says({"errcode": 42001})) as (channel, server):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, server.tokens_given, len(server.seen)) == (OutcomeClass.AUTH, 2, 2)


@pytest.mark.parametrize(
    ("scene", "kind", "code"),
    [
        pytest.param(says({"errcode": 40001}), OutcomeClass.AUTH, "40001", id="wrong secret"),
        pytest.param(says({"errcode": 60020}), OutcomeClass.AUTH, "60020", id="address not listed"),
        pytest.param(says({"errcode": -1}), OutcomeClass.TRANSIENT, "-1", id="busy"),
        pytest.param(says({}, 503), OutcomeClass.TRANSIENT, "http_503", id="503"),
        pytest.param(hangs, OutcomeClass.TRANSIENT, "timeout", id="hang"),
        pytest.param(says({"errcode": 0}), OutcomeClass.UNKNOWN, "no_token", id="no token"),
        pytest.param(says_raw(b"<html>"), OutcomeClass.UNKNOWN, "unreadable", id="a page"),
    ],
)
async def test_without_a_token_nothing_is_sent_and_the_reason_is_the_vendors(
    scene: Play, kind: OutcomeClass, code: str, clock: SimulatedClock
) -> None:
    within = QUICK if scene is hangs else None
    async with posting(APP, clock, within=within) as (channel, server):
        server.tokens.append(scene)
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code, server.seen) == (kind, code, [])
    assert SECRET not in repr(outcome)


async def test_a_member_the_application_cannot_see_is_refused_though_the_code_is_zero(
    clock: SimulatedClock,
) -> None:
    async with posting(APP, clock, says({**GIVEN, "invaliduser": "zhang"})) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "invalid_user")
