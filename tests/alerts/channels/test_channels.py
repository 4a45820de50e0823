"""The contract of the port `Channel`, the same for every kind, against real servers on 127.0.0.1."""

import io
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest

from alerts.channels.base import open_session
from alerts.channels.build import build_channel
from alerts.channels.email import SmtpSecurity, SmtpSettings
from alerts.channels.simulated import SimulatedChannel
from alerts.channels.webhook import sign
from alerts.model import Mention, Outcome, OutcomeClass
from monitor.office.model import ChannelKind, ChannelSpec
from monitor.ports import Text
from tests.support.clock import SimulatedClock
from tests.support.mail import mail_server
from tests.support.posting import OK_BODIES, QUICK, SECRET, TEXT, posting
from tests.support.vendors import Play, breaks_off, drips, floods, hangs, resets, says, says_raw

POSTED = tuple(kind for kind in OK_BODIES if kind is not ChannelKind.APPRISE)
BOTS = (ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU)
CODED = (*BOTS, ChannelKind.WECOM_APP, ChannelKind.HTTP)
"""Those whose answer must say success in its body."""


async def try_posted(kind: ChannelKind, state: str, clock: SimulatedClock) -> Outcome:
    scene = hangs if state == "hang" else says(OK_BODIES[kind])
    scheme = "json" if kind is ChannelKind.APPRISE else "http"
    elsewhere: dict[str, Any] = (
        {"address": f"{scheme}://127.0.0.1:1/nothing-listens-here"} if state == "down" else {}
    )
    async with posting(kind, clock, scene, **elsewhere) as (channel, _):
        return await channel.send(TEXT, 7)


async def try_mail(state: str, clock: SimulatedClock) -> Outcome:
    async with mail_server() as server, open_session() as session:
        server.hangs = state == "hang"
        smtp = SmtpSettings(
            host=server.host, port=1 if state == "down" else server.port, security=SmtpSecurity.NONE
        )
        spec = ChannelSpec(name="c", kind=ChannelKind.EMAIL, address="duty@example.cn")
        return await build_channel(spec, smtp, session, clock, timeout=QUICK).send(TEXT, 7)


async def try_console(state: str, clock: SimulatedClock) -> Outcome:
    stream = io.StringIO()
    if state == "down":
        stream.close()
    async with open_session() as session:
        spec = ChannelSpec(name="c", kind=ChannelKind.CONSOLE)
        return await build_channel(spec, None, session, clock, stream=stream).send(TEXT, 7)


async def try_simulated(state: str, clock: SimulatedClock) -> Outcome:
    class Patient(SimulatedClock):
        async def sleep(self, length: timedelta) -> None:
            self.advance(length)

    return await SimulatedChannel(Patient(clock.now()), state).send(TEXT, 7)


def attempt(kind: ChannelKind, state: str, clock: SimulatedClock) -> Awaitable[Outcome]:
    match kind:
        case ChannelKind.EMAIL:
            return try_mail(state, clock)
        case ChannelKind.CONSOLE:
            return try_console(state, clock)
        case ChannelKind.SIMULATED:
            return try_simulated(state, clock)
    return try_posted(kind, state, clock)


CONTRACT = [
    pytest.param(kind, state, expected, id=f"{kind}-{state}")
    for kind in ChannelKind
    for state, expected in (
        ("ok", OutcomeClass.OK),
        ("down", OutcomeClass.TRANSIENT),
        ("hang", OutcomeClass.TRANSIENT),
    )
    if (kind, state) != (ChannelKind.CONSOLE, "hang")  # a stream does not hang up on us
]


@pytest.mark.parametrize(("kind", "state", "expected"), CONTRACT)
async def test_every_channel_tells_ok_from_down_and_from_hanging_without_raising(
    kind: ChannelKind, state: str, expected: OutcomeClass, clock: SimulatedClock
) -> None:
    outcome = await attempt(kind, state, clock)
    assert outcome.kind is expected


TROUBLE = [
    pytest.param(says({}, 429, **{"Retry-After": "30"}), OutcomeClass.RATE_LIMITED, "http_429", id="429"),
    pytest.param(says({}, 503), OutcomeClass.TRANSIENT, "http_503", id="503"),
    pytest.param(says_raw(b"<html>", 500), OutcomeClass.TRANSIENT, "http_500", id="500 with a page"),
    pytest.param(says({}, 401), OutcomeClass.AUTH, "http_401", id="401"),
    pytest.param(says({}, 404), OutcomeClass.PERMANENT, "http_404", id="404"),
    pytest.param(says({}, 302, Location="/elsewhere"), OutcomeClass.PERMANENT, "http_302", id="redirect"),
    pytest.param(resets, OutcomeClass.TRANSIENT, "unreachable", id="reset"),
    pytest.param(breaks_off, OutcomeClass.TRANSIENT, "unreachable", id="reset in the body"),
    pytest.param(drips, OutcomeClass.TRANSIENT, "timeout", id="drip"),
]


@pytest.mark.parametrize("kind", POSTED)
@pytest.mark.parametrize(("scene", "expected", "code"), TROUBLE)
async def test_what_the_other_side_does_becomes_an_outcome(
    kind: ChannelKind, scene: Play, expected: OutcomeClass, code: str, clock: SimulatedClock
) -> None:
    async with posting(kind, clock, scene) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code) == (expected, code)


@pytest.mark.parametrize("kind", POSTED)
async def test_retry_after_reaches_the_outbox(kind: ChannelKind, clock: SimulatedClock) -> None:
    async with posting(kind, clock, says({}, 429, **{"Retry-After": "30"})) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert outcome.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize("kind", CODED)
@pytest.mark.parametrize(
    "scene",
    [
        pytest.param(says_raw(b"{not json"), id="invalid json"),
        pytest.param(says_raw(b""), id="empty"),
        pytest.param(says([0]), id="a list"),
        pytest.param(says({"errmsg": "ok"}), id="no code"),
        pytest.param(says({"errcode": "0", "code": "0"}), id="the code as text"),
        pytest.param(says({"errcode": False, "code": False}), id="false is not zero"),
        pytest.param(says({"errcode": 987654, "code": 987654}), id="a code nobody documented"),
        pytest.param(floods, id="10 MB"),
    ],
)
async def test_a_200_that_does_not_say_success_is_never_success(
    kind: ChannelKind, scene: Play, clock: SimulatedClock
) -> None:
    async with posting(kind, clock, scene) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert outcome.kind is OutcomeClass.UNKNOWN


REFUSALS = [
    pytest.param(ChannelKind.WECOM, {"errcode": 45009}, OutcomeClass.RATE_LIMITED, id="wecom too fast"),
    pytest.param(ChannelKind.WECOM, {"errcode": 93000}, OutcomeClass.AUTH, id="wecom wrong key"),
    pytest.param(ChannelKind.WECOM, {"errcode": 40008}, OutcomeClass.PERMANENT, id="wecom message type"),
    pytest.param(ChannelKind.WECOM, {"errcode": 40058}, OutcomeClass.PERMANENT, id="wecom too long"),
    pytest.param(ChannelKind.WECOM, {"errcode": -1}, OutcomeClass.TRANSIENT, id="wecom busy"),
    pytest.param(ChannelKind.DINGTALK, {"errcode": 310000}, OutcomeClass.AUTH, id="dingtalk security"),
    pytest.param(
        ChannelKind.DINGTALK, {"errcode": 130101}, OutcomeClass.RATE_LIMITED, id="dingtalk too fast"
    ),
    pytest.param(ChannelKind.DINGTALK, {"errcode": 400102}, OutcomeClass.PERMANENT, id="dingtalk stopped"),
    pytest.param(ChannelKind.DINGTALK, {"errcode": 43004}, OutcomeClass.PERMANENT, id="dingtalk type"),
    pytest.param(ChannelKind.DINGTALK, {"errcode": -1}, OutcomeClass.TRANSIENT, id="dingtalk busy"),
    pytest.param(
        ChannelKind.DINGTALK,
        {"status": 1111, "wait": 5, "punish": "deny"},
        OutcomeClass.RATE_LIMITED,
        id="dingtalk flood guard",
    ),
    pytest.param(ChannelKind.FEISHU, {"code": 19021}, OutcomeClass.AUTH, id="feishu signature"),
    pytest.param(ChannelKind.FEISHU, {"code": 19022}, OutcomeClass.AUTH, id="feishu address"),
    pytest.param(ChannelKind.FEISHU, {"code": 19024}, OutcomeClass.AUTH, id="feishu keyword"),
    pytest.param(ChannelKind.FEISHU, {"code": 11232}, OutcomeClass.RATE_LIMITED, id="feishu too fast"),
    pytest.param(ChannelKind.FEISHU, {"code": 9499}, OutcomeClass.PERMANENT, id="feishu bad request"),
    pytest.param(ChannelKind.FEISHU, {"StatusCode": 9499}, OutcomeClass.PERMANENT, id="feishu older"),
    pytest.param(ChannelKind.WEBHOOK, {"ok": False}, OutcomeClass.UNKNOWN, id="webhook says no"),
    pytest.param(ChannelKind.WEBHOOK, {"errcode": 5}, OutcomeClass.UNKNOWN, id="webhook errcode"),
]


@pytest.mark.parametrize(("kind", "body", "expected"), REFUSALS)
@pytest.mark.parametrize("status", [200, 400])
async def test_the_body_decides_not_the_status(
    kind: ChannelKind, body: object, expected: OutcomeClass, status: int, clock: SimulatedClock
) -> None:
    if kind is ChannelKind.WEBHOOK and status == 400:
        expected = OutcomeClass.PERMANENT  # a webhook's own body only refuses, it never excuses a 400
    async with posting(kind, clock, says(body, status)) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert outcome.kind is expected


@pytest.mark.parametrize("kind", POSTED)
@pytest.mark.parametrize("scene", [says({"errcode": 1, "code": 1}, 500), resets, hangs])
async def test_an_outcome_names_neither_address_nor_secret(
    kind: ChannelKind, scene: Play, clock: SimulatedClock
) -> None:
    async with posting(kind, clock, scene) as (channel, _):
        shown = repr(await channel.send(TEXT, 7))
    assert "very-secret" not in shown
    assert "127.0.0.1" not in shown


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x",
        "http://[::1]:9/x",
        "http://[::ffff:10.0.0.1]/x",
        "http://169.254.169.254/latest",
        "http://localhost:9/x",
        "http://127.1:9/x",
        "http://2130706433:9/x",
        "ftp://example.cn/x",
        "http://[broken",
        "",
    ],
)
@pytest.mark.parametrize("kind", POSTED)
async def test_addresses_that_are_private_or_none_are_refused(
    kind: ChannelKind, address: str, clock: SimulatedClock
) -> None:
    async with open_session() as session:
        channel = build_channel(ChannelSpec(name="c", kind=kind, address=address), None, session, clock)
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "bad_address")


@pytest.mark.parametrize("kind", BOTS)
async def test_a_bot_gets_plain_text_that_calls_nobody(kind: ChannelKind, clock: SimulatedClock) -> None:
    text = Text(subject="", body='@all @所有人 <@u1> <at user_id="all">全体</at> \x1b[31m\u202e')
    async with posting(kind, clock) as (channel, server):
        await channel.send(text, 7)
    sent = server.raw[0].decode()
    assert "＠all ＠所有人 ＜＠u1＞" in sent
    assert not any(mark in sent for mark in ("@", "<", "\\u001b", "\u202e", "markdown"))


HOSTILE = [
    "@all",
    "@所有人",
    "＠all",
    "<@all>",
    "<@13800000000>",
    "@13800000000",
    '<at user_id="all">所有人</at>',
    "<at id=all></at>",
    "<font color='warning'>急</font>",
    "[点我](https://evil.example/x)",
    "![](https://evil.example/pixel.png)",
    "# 标题\n> 引用\n**粗**",
    '"},"at":{"isAtAll":true},"x":{"',
    "\u202e了翻\u200b@\u200ball",
]


@pytest.mark.parametrize("kind", BOTS)
@pytest.mark.parametrize("hostile", HOSTILE)
async def test_a_hostile_title_calls_nobody_and_stays_text(
    kind: ChannelKind, hostile: str, clock: SimulatedClock
) -> None:
    async with posting(kind, clock) as (channel, server):
        outcome = await channel.send(Text(subject=hostile, body=hostile), 7)
    [sent] = server.seen
    assert outcome.kind is OutcomeClass.OK
    assert sent.get("msgtype", sent.get("msg_type")) == "text"
    assert sent.get("at", {"atMobiles": [], "isAtAll": False}) == {"atMobiles": [], "isAtAll": False}
    assert "mentioned_list" not in sent.get("text", {})
    assert not set("@<>\u200b\u202e") & set(words_of(sent))


def words_of(sent: dict[str, Any]) -> str:
    """Return the words of a bot's message."""
    content = sent.get("text") or sent.get("content") or {}
    return str(content.get("content") or content.get("text"))


CALLS = [
    pytest.param(
        ChannelKind.DINGTALK,
        {"atMobiles": ["13800000001", "13800000002"], "isAtAll": False},
        "\n@13800000001\n@13800000002",
        id="dingtalk: in the list and in the text",
    ),
    pytest.param(ChannelKind.WECOM, ["13800000001", "13800000002"], "", id="wecom: in the list"),
    pytest.param(ChannelKind.FEISHU, None, '\n<at user_id="ou_1"></at>', id="feishu: in the text"),
]


@pytest.mark.parametrize(("kind", "listed", "said"), CALLS)
async def test_a_bot_calls_those_it_is_told_to_and_only_in_the_first_part(
    kind: ChannelKind, listed: object, said: str, clock: SimulatedClock
) -> None:
    people = (Mention(mobile="13800000001", feishu_id="ou_1"), Mention(mobile="13800000002"))
    text = Text(subject="", body="水" * 7000, mentions=people)
    async with posting(kind, clock) as (channel, server):
        await channel.send(text, 7)
        await channel.send(text, 7, 2)
    first, second = server.seen
    assert first.get("at", first.get("text", {}).get("mentioned_mobile_list")) == listed
    assert words_of(first).endswith("水" + said)
    assert words_of(second).endswith("水")
    assert not second.get("at", {}).get("atMobiles")
    assert "mentioned_mobile_list" not in second.get("text", {})


@pytest.mark.parametrize("kind", BOTS)
async def test_a_long_text_arrives_whole_in_numbered_parts(kind: ChannelKind, clock: SimulatedClock) -> None:
    body = "\n".join(f"第{n}行：翁堵镇群众反映自来水浑浊" for n in range(1200))
    async with posting(kind, clock, per_minute=100) as (channel, server):
        outcome = await channel.send(Text(subject="", body=body), 7)
        for part in range(2, outcome.parts + 1):
            outcome = await channel.send(Text(subject="", body=body), 7, part)
    words = [words_of(sent) for sent in server.seen]
    assert outcome.kind is OutcomeClass.OK
    assert words[0].startswith(f"编号 7（1/{len(words)}）\n")
    assert "".join(w.split("\n", 1)[1] for w in words) == body


async def test_each_part_is_judged_by_itself(clock: SimulatedClock) -> None:
    script = (says({"errcode": 0}), says({"errcode": 45009}), says({"errcode": 0}))
    text = Text(subject="", body="水" * 1000)
    async with posting(ChannelKind.WECOM, clock, *script) as (channel, server):
        outcomes = [await channel.send(text, 7, part) for part in (1, 2, 2)]
    assert [o.kind for o in outcomes] == [OutcomeClass.OK, OutcomeClass.RATE_LIMITED, OutcomeClass.OK]
    assert [o.parts for o in outcomes] == [2, 2, 2]
    heads = [seen["text"]["content"].split("\n")[0] for seen in server.seen]
    assert heads == ["编号 7（1/2）", "编号 7（2/2）", "编号 7（2/2）"]


async def test_a_part_beyond_the_last_is_nothing_left_to_send(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.WECOM, clock) as (channel, server):
        outcome = await channel.send(TEXT, 7, 2)
    assert (outcome.kind, server.seen) == (OutcomeClass.OK, [])


async def test_a_bot_keeps_to_its_messages_a_minute_by_itself(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.WECOM, clock, per_minute=2) as (channel, server):
        kinds = [(await channel.send(TEXT, 7)).kind for _ in range(2)]
        clock.advance(timedelta(seconds=20))
        refused = await channel.send(TEXT, 8)
        clock.advance(timedelta(seconds=40))
        kinds.append((await channel.send(TEXT, 8)).kind)
    assert kinds == [OutcomeClass.OK] * 3
    assert (refused.kind, refused.retry_after) == (OutcomeClass.RATE_LIMITED, timedelta(seconds=40))
    assert len(server.seen) == 3


async def test_a_webhook_is_signed_like_the_inbox(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.WEBHOOK, clock) as (channel, server):
        await channel.send(TEXT, 7)
    head, body = server.headers[0], server.raw[0]
    assert head["X-Huiying-Signature"] == sign(SECRET, int(head["X-Huiying-Timestamp"]), body)
    assert server.seen[0] == {"message_no": 7, "subject": TEXT.subject, "body": TEXT.body}


async def test_dingtalk_carries_its_signature_in_the_query(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.DINGTALK, clock) as (channel, server):
        await channel.send(TEXT, 7)
    assert server.queries[0]["timestamp"] == "1772409600000"
    assert server.queries[0]["sign"] == "fbfAmhCZIp0ZhVOPIr6lx5X/4zn/NFg07WhiLlShLHk="


async def test_feishu_carries_its_signature_in_the_body(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.FEISHU, clock) as (channel, server):
        await channel.send(TEXT, 7)
    assert server.seen[0]["timestamp"] == "1772409600"
    assert server.seen[0]["sign"] == "bMQDV/G/VBmjXwUjriCJkUhM1ANA9//OrKDotPYkoNM="


async def test_a_bot_without_a_secret_does_not_sign(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.DINGTALK, clock, secret="") as (channel, server):
        await channel.send(TEXT, 7)
    assert "sign" not in server.queries[0]


async def test_the_console_shows_an_open_box_and_no_escape_sequence(clock: SimulatedClock) -> None:
    stream = io.StringIO()
    async with open_session() as session:
        spec = ChannelSpec(name="值班台", kind=ChannelKind.CONSOLE)
        channel = build_channel(spec, None, session, clock, stream=stream)
        await channel.send(Text(subject="", body="一\x1b[2J二\n三"), 7)
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("┌─ 值班台 · 编号 7 ─")
    assert lines[1:3] == ["│ 一[2J二", "│ 三"]
