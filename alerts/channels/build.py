"""From a line of `office.yaml` to a channel that sends."""

import sys
from datetime import timedelta
from typing import TextIO

import aiohttp

from alerts.channels import dingtalk, feishu, wecom
from alerts.channels.apprise import AppriseChannel
from alerts.channels.base import TIMEOUT, Wire
from alerts.channels.bot import Bot
from alerts.channels.console import ConsoleChannel
from alerts.channels.email import Email, SmtpSettings
from alerts.channels.gateway import GatewayChannel
from alerts.channels.simulated import SimulatedChannel
from alerts.channels.webhook import Webhook
from alerts.channels.wecom_app import WecomApp
from monitor.clock import Clock
from monitor.office.model import ChannelKind, ChannelSpec, Gateway
from monitor.ports import Channel

_VENDORS = {
    ChannelKind.WECOM: wecom.VENDOR,
    ChannelKind.DINGTALK: dingtalk.VENDOR,
    ChannelKind.FEISHU: feishu.VENDOR,
}


def build_channel(
    spec: ChannelSpec,
    smtp: SmtpSettings | None,
    session: aiohttp.ClientSession,
    clock: Clock,
    *,
    allow_private: bool = False,
    stream: TextIO | None = None,
    timeout: timedelta = TIMEOUT,
) -> Channel:
    """Return the channel of one address; the shared session (from `open_session`) stays the caller's.

    `stream` is where a console channel prints, standard output by default. Without SMTP settings every
    mail is `permanent`: the next channel takes over.
    """
    wire = Wire(session=session, allow_private=allow_private, timeout=timeout)
    match spec.kind:
        case ChannelKind.CONSOLE:
            return ConsoleChannel(spec.name, stream or sys.stdout)
        case ChannelKind.WEBHOOK:
            return Webhook(spec, wire, clock)
        case ChannelKind.EMAIL:
            return Email(spec, smtp, clock, timeout)
        case ChannelKind.SIMULATED:
            return SimulatedChannel(clock)
        case ChannelKind.WECOM_APP:
            return WecomApp(spec, wire, clock)
        case ChannelKind.HTTP:
            return GatewayChannel(spec, spec.gateway or Gateway(ok_when="`false`"), wire, clock)
        case ChannelKind.APPRISE:
            return AppriseChannel(spec, timeout)
    return Bot(_VENDORS[spec.kind], spec, wire, clock)
