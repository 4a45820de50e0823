"""DingTalk (钉钉) custom bot: plain text, signed where a secret is set; the verdict is `errcode`."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.channels.base import Answer, CodeTable, Request, judge_code, judge_status, read_address
from alerts.channels.bot import Vendor
from alerts.model import Mention, Outcome, OutcomeClass
from monitor.office.model import ChannelSpec

CODES: CodeTable = {
    -1: (OutcomeClass.TRANSIENT, "系统繁忙"),
    130101: (OutcomeClass.RATE_LIMITED, "超过每分钟 20 条"),
    410100: (OutcomeClass.RATE_LIMITED, "发送过快被限流"),
    302033: (OutcomeClass.RATE_LIMITED, "发送过快被限流"),
    310000: (OutcomeClass.AUTH, "安全设置不通过：关键词、加签或白名单"),
    300001: (OutcomeClass.AUTH, "机器人地址无效"),
    300005: (OutcomeClass.AUTH, "机器人地址无效"),
    400101: (OutcomeClass.AUTH, "机器人地址无效"),
    40035: (OutcomeClass.AUTH, "缺少访问凭证"),
    88: (OutcomeClass.AUTH, "鉴权异常"),
    400013: (OutcomeClass.PERMANENT, "群已解散"),
    400102: (OutcomeClass.PERMANENT, "机器人已停用"),
    400105: (OutcomeClass.PERMANENT, "消息类型不支持"),
    400106: (OutcomeClass.PERMANENT, "机器人不在群里"),
    430101: (OutcomeClass.PERMANENT, "含有不安全的外链"),
    430102: (OutcomeClass.PERMANENT, "含有不合适的文本"),
    430103: (OutcomeClass.PERMANENT, "含有不合适的图片"),
    430104: (OutcomeClass.PERMANENT, "含有不合适的内容"),
    43002: (OutcomeClass.PERMANENT, "请求方式不对"),
    43004: (OutcomeClass.PERMANENT, "请求类型不对"),
    34016: (OutcomeClass.PERMANENT, "内容超长"),
}
"""Codes of the vendor's custom bot and its global table. Source: open.dingtalk.com, 自定义机器人, 错误码."""

_FLOOD = 1111
"""`{"status": 1111, "wait": 5, "punish": "deny"}` is the flood guard's answer, without `errcode`."""


def sign(secret: str, timestamp_ms: int) -> str:
    """Return base64 of HMAC-SHA256, keyed with the secret, over `timestamp + newline + secret`."""
    digest = hmac.digest(secret.encode(), f"{timestamp_ms}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(digest).decode()


def build_request(spec: ChannelSpec, content: str, mentions: Sequence[Mention], now: datetime) -> Request:
    """Return a text message; the signature travels in the query. A mention must stand in the text as well."""
    url = read_address(spec.address)
    if spec.secret:
        timestamp = int(now.timestamp() * 1000)
        url = url.update_query({"timestamp": str(timestamp), "sign": sign(spec.secret, timestamp)})
    mobiles = [mention.mobile for mention in mentions if mention.mobile]
    called = "".join(f"\n@{mobile}" for mobile in mobiles)
    body = {
        "msgtype": "text",
        "text": {"content": content + called},
        "at": {"atMobiles": mobiles, "isAtAll": False},
    }
    return Request(url=url, body=json.dumps(body, ensure_ascii=False).encode())


def judge(answer: Answer) -> Outcome:
    """Return the verdict of an answer, from `errcode` in its body."""
    found = answer.json()
    if found is None:
        return judge_status(answer)
    wait = found.get("wait")
    if found.get("status") == _FLOOD and isinstance(wait, int):
        return Outcome(
            kind=OutcomeClass.RATE_LIMITED,
            code=str(_FLOOD),
            detail="发送过快被限流",
            retry_after=timedelta(seconds=max(0, min(wait, 86_400))),
        )
    return judge_code(answer, found.get("errcode"), CODES)


VENDOR = Vendor(limit=18_000, request=build_request, judge=judge)
"""The vendor refuses 20,000 bytes; the rest is room for the JSON around the text."""
