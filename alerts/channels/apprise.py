"""Apprise: the long tail of services through an optional package; what it accepts is not proven to arrive.

Its plugins read their services' answers each in their own way and say no more than yes or no. They do their
own requests, so neither the guard against private addresses nor the verdict by the body holds here.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Any

from alerts.channels.base import TIMEOUT, judge_silence
from alerts.channels.parts import plain
from alerts.model import Outcome, OutcomeClass, Text
from monitor.office.model import ChannelSpec

UNPROVEN = Outcome(kind=OutcomeClass.OK, code="unproven", detail="已接受，未证实")


class AppriseChannel:
    """One Apprise address."""

    def __init__(self, spec: ChannelSpec, timeout: timedelta = TIMEOUT) -> None:
        self._spec = spec
        self._timeout = timeout

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:  # noqa: ARG002 - one part
        """Hand one message over; without the package, or with an address it does not know, it is refused."""
        try:
            service = await asyncio.to_thread(_open, self._spec.address)
        except ImportError:
            return Outcome(kind=OutcomeClass.PERMANENT, code="no_apprise", detail="没有安装 apprise")
        if not service:
            return Outcome(kind=OutcomeClass.PERMANENT, code="bad_address", detail="地址无效")
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                accepted = await service.async_notify(
                    title=" ".join(plain(text.subject).split()), body=plain(text.body), body_format="text"
                )
        except TimeoutError as error:
            return judge_silence(error)
        return (
            UNPROVEN
            if accepted
            else Outcome(kind=OutcomeClass.TRANSIENT, code="refused", detail="未能送出，原因不详")
        )


def _open(address: str) -> Any:
    """Return the service of an address, false where there is none; the first time loads 130 plugins.

    What the package logs holds addresses, so it logs nothing.
    """
    import apprise

    logging.getLogger("apprise").disabled = True
    service = apprise.Apprise()
    service.add(address)
    return service
