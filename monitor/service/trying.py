"""Trying channels by a message that says it is a test, and sources by a poll that stores nothing."""

from collections.abc import AsyncIterator, Collection

from alerts.channels.base import open_session
from alerts.channels.build import build_channel
from alerts.channels.email import SmtpSettings
from alerts.message.trial import trial_message
from alerts.model import Outcome, OutcomeClass
from monitor.clock import SystemClock
from monitor.collectors.fetch import Fetcher
from monitor.collectors.model import Source, SourceState
from monitor.collectors.poll import Polled, poll
from monitor.office.model import Office
from monitor.service.building import Parts, smtp_settings


async def try_channels(
    office: Office, smtp: SmtpSettings | None, names: Collection[str] = ()
) -> AsyncIterator[tuple[str, Outcome]]:
    """Send a test message through these channels, or all; yield what came of each.

    Nothing is queued or remembered: a channel that fails here is no fault of the service.
    """
    clock, private = SystemClock(), office.allow_private_channels
    async with open_session(allow_private=private) as session:
        for spec in office.channels:
            if names and spec.name not in names:
                continue
            channel = build_channel(spec, smtp, session, clock, allow_private=private)
            yield spec.name, await channel.send(trial_message(office, spec.name, clock.now()), 0)


async def try_channel(parts: Parts, name: str) -> Outcome:
    """Send a test message through one channel of the running service."""
    office, smtp = parts.files.office(), smtp_settings(parts.settings)
    outcomes = [outcome async for _, outcome in try_channels(office, smtp, [name])]
    return outcomes[0] if outcomes else Outcome(kind=OutcomeClass.PERMANENT, code="no_such_channel")


async def try_source(parts: Parts, source: Source) -> Polled:
    """Fetch a source as the collector would, but whole, whatever was seen before; nothing is stored."""
    async with Fetcher(clock=parts.clock) as fetcher:
        return await poll(source, SourceState(source_id=source.id), fetcher, parts.clock.now())
