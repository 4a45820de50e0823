"""Webhook: a signed JSON post to any system of the office."""

import hashlib
import hmac
import json

from alerts.channels.base import Answer, Request, Wire, judge_status, read_address
from alerts.model import Outcome, OutcomeClass, Text
from monitor.clock import Clock
from monitor.office.model import ChannelSpec


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """Return the signature: HMAC-SHA256 in hex over `timestamp + "." + body`, as for the inbox."""
    return "sha256=" + hmac.digest(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hex()


def judge(answer: Answer) -> Outcome:
    """Return the verdict: a 2xx is accepted unless its body has `"ok": false` or an `errcode`."""
    if not 200 <= answer.status < 300:
        return judge_status(answer)
    found = answer.json() or {}
    if found.get("ok") is False or found.get("errcode", 0) != 0:
        return Outcome(kind=OutcomeClass.UNKNOWN, code="refused_in_body", detail="对方在回答中拒绝")
    return Outcome(kind=OutcomeClass.OK, code=f"http_{answer.status}")


class Webhook:
    """One webhook address; `message_no` lets the receiver recognise a repeated post."""

    def __init__(self, spec: ChannelSpec, wire: Wire, clock: Clock) -> None:
        self._spec = spec
        self._wire = wire
        self._clock = clock

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:  # noqa: ARG002 - one part
        """Post the message and judge the answer."""
        body = json.dumps(
            {"message_no": message_no, "subject": text.subject, "body": text.body}, ensure_ascii=False
        ).encode(errors="replace")
        timestamp = int(self._clock.now().timestamp())
        headers = {"X-Huiying-Timestamp": str(timestamp), "Idempotency-Key": str(message_no)}
        if self._spec.secret:
            headers["X-Huiying-Signature"] = sign(self._spec.secret, timestamp, body)
        answer = await self._wire.ask(
            Request(url=read_address(self._spec.address), body=body, headers=headers)
        )
        return answer if isinstance(answer, Outcome) else judge(answer)
