"""WeCom (企业微信) group bot: plain text, at most 2,048 bytes; the verdict is `errcode`."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from alerts.channels.base import Answer, CodeTable, Request, judge_code, judge_status, read_address
from alerts.channels.bot import Vendor
from alerts.model import Mention, Outcome, OutcomeClass
from monitor.office.model import ChannelSpec

CODES: CodeTable = {
    -1: (OutcomeClass.TRANSIENT, "系统繁忙"),
    45009: (OutcomeClass.RATE_LIMITED, "超过每分钟 20 条"),
    45033: (OutcomeClass.RATE_LIMITED, "并发超限"),
    40001: (OutcomeClass.AUTH, "密钥不对"),
    40014: (OutcomeClass.AUTH, "凭证无效"),
    42001: (OutcomeClass.AUTH, "凭证过期"),
    60020: (OutcomeClass.AUTH, "本机地址不在白名单"),
    93000: (OutcomeClass.AUTH, "机器人地址无效"),
    93004: (OutcomeClass.PERMANENT, "机器人已停用"),
    93008: (OutcomeClass.PERMANENT, "机器人不在群里"),
    40008: (OutcomeClass.PERMANENT, "消息类型不对"),
    40033: (OutcomeClass.PERMANENT, "含有不合法字符"),
    40058: (OutcomeClass.PERMANENT, "内容超长或参数不对"),
    43002: (OutcomeClass.PERMANENT, "请求方式不对"),
    44004: (OutcomeClass.PERMANENT, "内容为空"),
    45002: (OutcomeClass.PERMANENT, "内容超长"),
    47001: (OutcomeClass.PERMANENT, "请求格式不对"),
}
"""Return codes a group bot can meet. Source: developer.work.weixin.qq.com, 全局错误码."""


def build_request(spec: ChannelSpec, content: str, mentions: Sequence[Mention], _: datetime) -> Request:
    """Return a text message: Markdown is not rendered in it, and nobody is mentioned but by the list."""
    text: dict[str, Any] = {"content": content}
    if mobiles := [mention.mobile for mention in mentions if mention.mobile]:
        text["mentioned_mobile_list"] = mobiles
    body = {"msgtype": "text", "text": text}
    return Request(url=read_address(spec.address), body=json.dumps(body, ensure_ascii=False).encode())


def judge(answer: Answer) -> Outcome:
    """Return the verdict of an answer, from `errcode` in its body."""
    found = answer.json()
    return judge_status(answer) if found is None else judge_code(answer, found.get("errcode"), CODES)


VENDOR = Vendor(limit=2048, request=build_request, judge=judge)
