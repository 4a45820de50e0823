"""Feishu (飞书) custom bot: plain text, signed where a secret is set; the verdict is `code`."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from alerts.channels.base import Answer, CodeTable, Request, judge_code, judge_status, read_address
from alerts.channels.bot import Vendor
from alerts.model import Mention, Outcome, OutcomeClass
from monitor.office.model import ChannelSpec

CODES: CodeTable = {
    11232: (OutcomeClass.RATE_LIMITED, "超过每分钟 100 条或每秒 5 条"),
    99991400: (OutcomeClass.RATE_LIMITED, "请求过于频繁"),
    19001: (OutcomeClass.AUTH, "机器人地址无效"),
    19021: (OutcomeClass.AUTH, "签名不符或时间相差超过 1 小时"),
    19022: (OutcomeClass.AUTH, "本机地址不在白名单"),
    19024: (OutcomeClass.AUTH, "没有包含机器人的关键词"),
    9499: (OutcomeClass.PERMANENT, "请求格式不对"),
    19002: (OutcomeClass.PERMANENT, "参数不对"),
    19007: (OutcomeClass.PERMANENT, "机器人未启用"),
    11246: (OutcomeClass.PERMANENT, "内容不合规格"),
    1500: (OutcomeClass.TRANSIENT, "系统内部错误"),
}
"""Codes of the vendor's custom bot and its global table. Source: open.feishu.cn, 自定义机器人使用指南."""


def sign(secret: str, timestamp: int) -> str:
    """Return base64 of HMAC-SHA256 over nothing, keyed with `timestamp + newline + secret`."""
    return base64.b64encode(hmac.digest(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256)).decode()


def build_request(spec: ChannelSpec, content: str, mentions: Sequence[Mention], now: datetime) -> Request:
    """Return a text message; timestamp (seconds) and signature travel in the body."""
    called = "".join(f'\n<at user_id="{m.feishu_id}"></at>' for m in mentions if m.feishu_id)
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": content + called}}
    if spec.secret:
        timestamp = int(now.timestamp())
        body |= {"timestamp": str(timestamp), "sign": sign(spec.secret, timestamp)}
    return Request(url=read_address(spec.address), body=json.dumps(body, ensure_ascii=False).encode())


def judge(answer: Answer) -> Outcome:
    """Return the verdict of an answer, from `code` in its body, or `StatusCode` of the older interface."""
    found = answer.json()
    if found is None:
        return judge_status(answer)
    return judge_code(answer, found.get("code", found.get("StatusCode")), CODES)


VENDOR = Vendor(limit=15_000, request=build_request, judge=judge)
"""The vendor refuses bodies over 20 KB; line breaks and quotes grow when they become JSON."""
