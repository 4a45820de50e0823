"""A channel of each kind that asks something over HTTP, on a vendor of this machine."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from alerts.channels.base import TIMEOUT, open_session
from alerts.channels.build import build_channel
from monitor.office.model import ChannelKind, ChannelSpec, Gateway
from monitor.ports import Channel, Text
from tests.support.clock import SimulatedClock
from tests.support.vendors import Play, VendorServer, drips, hangs, says, vendor_server

SECRET = "SECvery-secret"  # noqa: S105 - made up
QUICK = timedelta(seconds=0.2)
TEXT = Text(subject="【重大】柯街镇一煤矿透水", body="【重大】柯街镇一煤矿透水\n编号 7", html="<p>透水</p>")

SMS = Gateway(
    headers={"Authorization": "Bearer {{ secret }}"},
    body='{"mobile": {{ number|tojson }}, "content": {{ body[:300]|tojson }}, "id": {{ message_no }}}',
    ok_when="code == `0`",
    retry_when="code == `-1`",
    limited_when="code == `429`",
    auth_when="code == `401`",
    receipt="data.id",
)

OK_BODIES: Mapping[ChannelKind, Any] = MappingProxyType(
    {
        ChannelKind.WEBHOOK: {"ok": True},
        ChannelKind.WECOM: {"errcode": 0, "errmsg": "ok"},
        ChannelKind.DINGTALK: {"errcode": 0, "errmsg": "ok"},
        ChannelKind.FEISHU: {
            "StatusCode": 0,
            "StatusMessage": "success",
            "code": 0,
            "data": {},
            "msg": "success",
        },
        ChannelKind.WECOM_APP: {"errcode": 0, "errmsg": "ok", "msgid": "m-1"},
        ChannelKind.HTTP: {"code": 0, "data": {"id": "s-1"}},
        ChannelKind.APPRISE: {},
    }
)


def a_spec(kind: ChannelKind, server: VendorServer) -> dict[str, Any]:
    """Return the fields of a channel of this kind at this vendor."""
    address = {
        ChannelKind.WECOM_APP: server.base,
        ChannelKind.APPRISE: server.base.replace("http", "json") + "/robot/send",
    }.get(kind, server.address)
    more: dict[ChannelKind, dict[str, Any]] = {
        ChannelKind.WECOM_APP: {"to": "zhang", "corp_id": "ww1", "agent_id": 1000002},
        ChannelKind.HTTP: {"to": "13800000000", "gateway": SMS},
    }
    fields = {"name": "c", "kind": kind, "address": address, "secret": SECRET}
    return fields | more.get(kind, {})


@asynccontextmanager
async def posting(
    kind: ChannelKind,
    clock: SimulatedClock,
    *script: Play,
    query: str = "",
    tls: ssl.SSLContext | None = None,
    within: timedelta | None = None,
    **spec: Any,
) -> AsyncIterator[tuple[Channel, VendorServer]]:
    """Open a channel of this kind and the server it posts to; that one accepts unless a script is given.

    `query` is a path and query of the server instead of the usual address; `tls` lets it speak TLS. Only a
    script that never answers has a short time-out: a busy machine may be slow.
    """
    scenes = script or (says(OK_BODIES[kind]),)
    length = within or (QUICK if {hangs, drips}.intersection(scenes) else TIMEOUT)
    async with vendor_server(*scenes, tls=tls) as server, open_session(allow_private=True) as session:
        fields = a_spec(kind, server) | ({"address": server.base + query} if query else {}) | spec
        channel = build_channel(
            ChannelSpec(**fields), None, session, clock, allow_private=True, timeout=length
        )
        yield channel, server
