"""The vendor matrix: what each vendor may do, which class it is, and what follows.

`pytest -s` prints it; `docs/vendor-matrix.md` keeps it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.channels import dingtalk, feishu, wecom, wecom_app
from alerts.channels.base import CodeTable
from alerts.delivery import Attempt, settle_attempt
from alerts.model import AlertState, Message, Outcome, OutcomeClass
from monitor.office.example import example_office
from monitor.office.model import ChannelKind
from tests.support.builders import T0, an_alert
from tests.support.clock import SimulatedClock
from tests.support.posting import OK_BODIES, TEXT, posting
from tests.support.vendors import Play, breaks_off, hangs, resets, says, says_raw

OK, TRANSIENT, LIMITED, AUTH, PERMANENT, UNKNOWN = OutcomeClass

PAGE = Path(__file__).parents[3] / "docs" / "vendor-matrix.md"
HEAD = ("| 对方 | class | 较大、一般及未定级 | 特别重大、重大，或超时 |", "|---|---|---|---|")

NEXT_ACT: Mapping[tuple[OutcomeClass, bool], tuple[str, str]] = {
    (OK, False): ("送达", "送达"),
    (TRANSIENT, False): ("5 秒后再试", "5 秒后再试，并立即改走下一渠道"),
    (LIMITED, True): ("30 秒后再试", "30 秒后再试，并立即改走下一渠道"),
    (LIMITED, False): ("立即改走下一渠道", "立即改走下一渠道"),
    (AUTH, False): ("立即改走下一渠道", "立即改走下一渠道"),
    (PERMANENT, False): ("立即改走下一渠道", "立即改走下一渠道"),
    (UNKNOWN, False): ("立即改走下一渠道", "立即改走下一渠道"),
}
"""What C15 wants after each class, without and with a Retry-After, minor and urgent."""

WHOEVER: tuple[tuple[str, Play, OutcomeClass, bool], ...] = (
    ("HTTP 429", says({}, 429), LIMITED, False),
    ("HTTP 429, Retry-After 30", says({}, 429, **{"Retry-After": "30"}), LIMITED, True),
    ("HTTP 500", says({}, 500), TRANSIENT, False),
    ("HTTP 503 带网页", says_raw(b"<html>", 503), TRANSIENT, False),
    ("不回答（超时）", hangs, TRANSIENT, False),
    ("连接被重置", resets, TRANSIENT, False),
    ("回答到一半断开", breaks_off, TRANSIENT, False),
    ("200，不是 JSON", says_raw(b"{not json"), UNKNOWN, False),
    ("200，没有收录的错误码", says({"errcode": 987654, "code": 987654}), UNKNOWN, False),
)

TABLES: Mapping[ChannelKind, tuple[str, CodeTable]] = {
    ChannelKind.DINGTALK: ("errcode", dingtalk.CODES),
    ChannelKind.WECOM: ("errcode", wecom.CODES),
    ChannelKind.FEISHU: ("code", feishu.CODES),
    ChannelKind.WECOM_APP: ("errcode", wecom_app.CODES),
}
BY_CONDITION = (
    ("200，code 401（auth_when）", says({"code": 401}), AUTH, False),
    ("200，code 429（limited_when）", says({"code": 429}), LIMITED, False),
    ("200，code -1（retry_when）", says({"code": -1}), TRANSIENT, False),
    ("200，code 7（不合 ok_when）", says({"code": 7}), UNKNOWN, False),
)

DOCUMENTED: Mapping[ChannelKind, Mapping[OutcomeClass, tuple[int, ...]]] = {
    ChannelKind.DINGTALK: {
        TRANSIENT: (-1,),
        LIMITED: (130101, 410100, 302033),
        AUTH: (310000, 300001, 300005, 400101, 40035, 88),
        PERMANENT: (400013, 400102, 400105, 400106, 430101, 430102, 430103, 430104, 43004, 43002, 34016),
    },
    ChannelKind.WECOM: {
        TRANSIENT: (-1,),
        LIMITED: (45009, 45033),
        AUTH: (40001, 40014, 42001, 60020, 93000),
        PERMANENT: (93004, 93008, 40008, 40033, 40058, 43002, 44004, 45002, 47001),
    },
    ChannelKind.FEISHU: {
        TRANSIENT: (1500,),
        LIMITED: (11232, 99991400),
        AUTH: (19001, 19021, 19022, 19024),
        PERMANENT: (9499, 19002, 19007, 11246),
    },
    ChannelKind.WECOM_APP: {
        TRANSIENT: (-1,),
        LIMITED: (45009, 45033),
        AUTH: (40001, 40013, 40014, 41001, 42001, 40056, 48002, 60011, 60020, 301002),
        PERMANENT: (40003, 60111, 81013, 40008, 44004, 45002, 47001),
    },
}
"""The codes that each vendor documents for this kind of sender, by the class they must end in."""

KINDS = (*TABLES, ChannelKind.HTTP)


def scenes(kind: ChannelKind) -> Iterator[tuple[str, Play, OutcomeClass, bool]]:
    """Yield all that this vendor may do: its name, the scene, the class, whether it says when to return."""
    yield "200，成功", says(OK_BODIES[kind]), OK, False
    if kind is ChannelKind.HTTP:
        yield from BY_CONDITION
    else:
        key, codes = TABLES[kind]
        for class_, numbers in DOCUMENTED[kind].items():
            for number in numbers:
                detail = codes[number][1]
                yield f"200，{number} {detail}", says({key: number, "msg": "x"}), class_, False
    if kind is ChannelKind.DINGTALK:
        flood = {"status": 1111, "wait": 30, "punish": "deny"}
        yield "200，1111 发送过快被限流", says(flood), LIMITED, True
    yield from WHOEVER


def follows(outcome: Outcome, *, urgent: bool) -> str:
    """Return in words what the outbox does after the first attempt came to this."""
    alert = an_alert(id="1|v1|detected||duty|duty-wecom", channel="duty-wecom", urgent=urgent)
    message = Message(no=1, channel="duty-wecom", to="duty", urgent=urgent, send_at=T0, attempts=1)
    attempt = Attempt(
        message=replace(message, first_attempt_at=T0),
        alerts=(alert,),
        siblings=(alert,),
        outcome=outcome,
        began_at=T0,
        now=T0,
    )
    settled = settle_attempt(attempt, example_office(), {})
    if all(a.state is AlertState.SENT for a in settled.alerts):
        return "送达"
    again = ""
    if settled.message is not None:
        wait = settled.message.send_at - T0
        again = f"{round(wait / timedelta(seconds=5)) * 5} 秒后再试"
    turns = [f.channel for f in settled.fallbacks] == ["duty-email"]
    turn = ("并" if again else "") + "立即改走下一渠道" if turns else ""
    return "，".join(part for part in (again, turn) if part) or "放弃"


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_a_vendor_does_ends_in_the_right_class_and_the_right_next_act(
    kind: ChannelKind, clock: SimulatedClock
) -> None:
    rows = []
    for name, scene, expected, names_a_time in scenes(kind):
        async with posting(kind, clock, scene) as (channel, _):
            outcome = await channel.send(TEXT, 7)
        acts = follows(outcome, urgent=False), follows(outcome, urgent=True)
        rows.append(f"| {name} | `{outcome.kind}` | {acts[0]} | {acts[1]} |")
        assert (name, outcome.kind, acts) == (name, expected, NEXT_ACT[expected, names_a_time])
    table = "\n".join([f"## `{kind}`", "", *HEAD, *rows, ""])
    print(f"\n{table}")  # noqa: T201 - the table is for people
    assert table in PAGE.read_text(encoding="utf-8"), f"{PAGE.name} is not what is printed here"


@pytest.mark.parametrize("kind", TABLES)
def test_the_matrix_has_every_code_that_a_channel_knows(kind: ChannelKind) -> None:
    classes = {number: class_ for class_, numbers in DOCUMENTED[kind].items() for number in numbers}
    assert {number: class_ for number, (class_, _) in TABLES[kind][1].items()} == classes
