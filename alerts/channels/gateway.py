"""SMS and voice gateways as templated HTTP: the office writes the request and what an answer means."""

from typing import Any

import jmespath
from jinja2 import TemplateError
from jmespath.exceptions import JMESPathError

from alerts.channels.base import Answer, Request, Wire, judge_status, read_address
from alerts.channels.bot import Pace
from alerts.channels.parts import plain
from alerts.model import Outcome, OutcomeClass, Text
from monitor.clock import Clock, as_local
from monitor.office.gateway import gateway_templates
from monitor.office.model import ChannelSpec, Gateway

_UNFILLED = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError)
"""What the expressions of a template may raise."""


def judge(answer: Answer, gateway: Gateway) -> Outcome:
    """Return the verdict of an answer, by the office's conditions over its JSON.

    What is refused for a named cause is so whatever the HTTP status; an answer that meets no condition is
    `unknown`, never success. An answer that is no JSON object is looked at as `{"text": …}`.
    """
    found = answer.json()
    if found is None:
        found = {"text": answer.body.decode(errors="replace").strip()}
    for condition, kind, detail in (
        (gateway.auth_when, OutcomeClass.AUTH, "网关拒绝身份"),
        (gateway.limited_when, OutcomeClass.RATE_LIMITED, "发送过于频繁"),
        (gateway.retry_when, OutcomeClass.TRANSIENT, "网关暂时不能发送"),
    ):
        if condition and _holds(condition, found):
            return Outcome(kind=kind, code="by_condition", detail=detail, retry_after=answer.retry_after)
    if not 200 <= answer.status < 300:
        return judge_status(answer)
    if not _holds(gateway.ok_when, found):
        return Outcome(kind=OutcomeClass.UNKNOWN, code="not_ok", detail="网关的回答不是成功")
    receipt = _look_up(gateway.receipt, found) if gateway.receipt else None
    return Outcome(
        kind=OutcomeClass.OK,
        code=f"http_{answer.status}",
        receipt="" if receipt is None else f"{receipt}"[:80],
    )


def _holds(condition: str, found: object) -> bool:
    return _look_up(condition, found) is True


def _look_up(expression: str, found: object) -> Any:
    """Return what an expression finds; nothing where the answer has not the types that it expects."""
    try:
        return jmespath.search(expression, found)
    except JMESPathError:
        return None


class GatewayChannel:
    """One telephone number behind a gateway."""

    def __init__(self, spec: ChannelSpec, gateway: Gateway, wire: Wire, clock: Clock) -> None:
        self._spec = spec
        self._gateway = gateway
        self._wire = wire
        self._clock = clock
        self._pace = Pace(spec.per_minute)

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:  # noqa: ARG002 - one part
        """Fill the templates, ask the gateway, judge its answer."""
        refused = self._pace.step(self._clock.now())
        if refused is not None:
            return refused
        try:
            request = self._build_request(text, message_no)
        except _UNFILLED:
            return Outcome(kind=OutcomeClass.PERMANENT, code="template", detail="模板无法填写")
        answer = await self._wire.ask(request)
        return answer if isinstance(answer, Outcome) else judge(answer, self._gateway)

    def _build_request(self, text: Text, message_no: int) -> Request:
        now = self._clock.now()
        values = {
            "number": self._spec.to,
            "subject": " ".join(plain(text.subject).split()),
            "body": plain(text.body),
            "message_no": message_no,
            "secret": self._spec.secret,
            "unix": int(now.timestamp()),
            "stamp": f"{as_local(now):%Y%m%d%H%M%S}",
        }

        def fill(template: str) -> str:
            return gateway_templates().from_string(template).render(**values)

        headers = {name: " ".join(fill(value).split()) for name, value in self._gateway.headers.items()}
        return Request(
            method=self._gateway.method,
            url=read_address(fill(self._spec.address)),
            body=fill(self._gateway.body).encode(errors="replace"),
            headers=headers,
        )
