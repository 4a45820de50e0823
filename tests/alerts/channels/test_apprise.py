"""Apprise: what it accepts is marked as not proven, and an office without the package is not stopped."""

import sys

import pytest

from alerts.model import OutcomeClass
from monitor.office.model import ChannelKind
from tests.support.clock import SimulatedClock
from tests.support.posting import TEXT, posting
from tests.support.vendors import says


async def test_what_is_accepted_is_marked_as_unproven(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.APPRISE, clock) as (channel, server):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code, outcome.detail) == (OutcomeClass.OK, "unproven", "已接受，未证实")
    assert server.seen[0]["message"] == TEXT.body


async def test_what_it_refuses_is_tried_again(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.APPRISE, clock, says({}, 500)) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code) == (OutcomeClass.TRANSIENT, "refused")


async def test_an_address_it_does_not_know_passes_the_message_on(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.APPRISE, clock, address="nothing://x") as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "bad_address")


async def test_without_the_package_the_message_is_passed_on(
    clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    async with posting(ChannelKind.APPRISE, clock) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "no_apprise")
