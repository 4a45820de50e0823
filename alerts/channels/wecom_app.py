"""WeCom (企业微信) application: a message to one member; the access token is kept, and renewed once."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta

from yarl import URL

from alerts.channels.base import (
    Answer,
    CodeTable,
    Request,
    Wire,
    judge_code,
    judge_silence,
    judge_status,
    read_address,
)
from alerts.channels.bot import NOTHING_LEFT, Pace
from alerts.channels.parts import harmless, split_text
from alerts.model import Outcome, OutcomeClass, Text
from monitor.clock import Clock
from monitor.office.model import ChannelSpec

LIMIT = 2048
EARLY = timedelta(minutes=5)
"""A token is renewed this long before it expires."""

CODES: CodeTable = {
    -1: (OutcomeClass.TRANSIENT, "系统繁忙"),
    45009: (OutcomeClass.RATE_LIMITED, "接口调用超过限制"),
    45033: (OutcomeClass.RATE_LIMITED, "并发超限"),
    40001: (OutcomeClass.AUTH, "应用密钥不对"),
    40013: (OutcomeClass.AUTH, "企业号 corp_id 不对"),
    40014: (OutcomeClass.AUTH, "凭证无效"),
    41001: (OutcomeClass.AUTH, "缺少凭证"),
    42001: (OutcomeClass.AUTH, "凭证过期"),
    40056: (OutcomeClass.AUTH, "应用 agent_id 不对"),
    48002: (OutcomeClass.AUTH, "应用没有此接口的权限"),
    60011: (OutcomeClass.AUTH, "应用没有权限"),
    60020: (OutcomeClass.AUTH, "本机地址不在白名单"),
    301002: (OutcomeClass.AUTH, "应用没有权限"),
    40003: (OutcomeClass.PERMANENT, "成员帐号不对"),
    60111: (OutcomeClass.PERMANENT, "成员帐号不存在"),
    81013: (OutcomeClass.PERMANENT, "成员不在应用可见范围"),
    40008: (OutcomeClass.PERMANENT, "消息类型不对"),
    44004: (OutcomeClass.PERMANENT, "内容为空"),
    45002: (OutcomeClass.PERMANENT, "内容超长"),
    47001: (OutcomeClass.PERMANENT, "请求格式不对"),
}
"""Return codes an application can meet. Source: developer.work.weixin.qq.com, 发送应用消息, 全局错误码."""

_STALE = frozenset({"40014", "42001"})


def judge(answer: Answer) -> Outcome:
    """Return the verdict of an answer, from `errcode` in its body; a member it does not know is refused."""
    found = answer.json()
    if found is None:
        return judge_status(answer)
    outcome = judge_code(answer, found.get("errcode"), CODES, receipt=str(found.get("msgid") or ""))
    if outcome.kind is OutcomeClass.OK and found.get("invaliduser"):
        return Outcome(kind=OutcomeClass.PERMANENT, code="invalid_user", detail="成员不在应用可见范围")
    return outcome


class WecomApp:
    """One member of the office, reached through its application."""

    def __init__(self, spec: ChannelSpec, wire: Wire, clock: Clock) -> None:
        self._spec = spec
        self._wire = wire
        self._clock = clock
        self._base = read_address(spec.address)
        self._pace = Pace(spec.per_minute)
        self._token = ""
        self._holds_until: datetime | None = None

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:
        """Send one part; a token that the vendor calls stale is fetched anew, once."""
        parts = split_text(harmless(text.body), LIMIT, message_no)
        if part > len(parts):
            return NOTHING_LEFT
        refused = self._pace.step(self._clock.now())
        if refused is not None:
            return refused
        try:
            async with asyncio.timeout(self._wire.timeout.total_seconds()):
                outcome = await self._tell(parts[part - 1])
                if outcome.code in _STALE:
                    self._holds_until = None
                    outcome = await self._tell(parts[part - 1])
        except TimeoutError as error:
            outcome = judge_silence(error)
        return replace(outcome, parts=len(parts))

    async def _tell(self, content: str) -> Outcome:
        refused = await self._fetch_token()
        if refused is not None:
            return refused
        body = {
            "touser": self._spec.to,
            "agentid": self._spec.agent_id,
            "msgtype": "text",
            "text": {"content": content},
            "enable_duplicate_check": 1,  # the vendor drops what arrives twice within half an hour
            "duplicate_check_interval": 1800,
        }
        url = self._path("message/send", access_token=self._token)
        answer = await self._wire.ask(Request(url=url, body=json.dumps(body, ensure_ascii=False).encode()))
        return answer if isinstance(answer, Outcome) else judge(answer)

    async def _fetch_token(self) -> Outcome | None:
        """Fetch a token unless one holds; return why there is none, or None."""
        now = self._clock.now()
        if self._holds_until is not None and now < self._holds_until:
            return None
        url = self._path("gettoken", corpid=self._spec.corp_id, corpsecret=self._spec.secret)
        answer = await self._wire.ask(Request(method="GET", url=url))
        outcome = answer if isinstance(answer, Outcome) else judge(answer)
        if isinstance(answer, Outcome) or outcome.kind is not OutcomeClass.OK:
            return outcome
        found = answer.json() or {}
        token, lasts = found.get("access_token"), found.get("expires_in")
        if not isinstance(token, str) or not isinstance(lasts, int):
            return Outcome(kind=OutcomeClass.UNKNOWN, code="no_token", detail="回答中没有凭证")
        self._token, self._holds_until = token, now + timedelta(seconds=lasts) - EARLY
        return None

    def _path(self, name: str, **query: str) -> URL:
        return (self._base / "cgi-bin" / name).with_query(query) if self._base.host else self._base
