"""SMS and voice gateways: the office's template becomes a request, its conditions the verdict."""

import hashlib

import pytest

from alerts.model import OutcomeClass
from monitor.office.gateway import check_condition, check_template, gateway_templates
from monitor.office.model import ChannelKind, Gateway
from monitor.ports import Text
from tests.support.clock import SimulatedClock
from tests.support.posting import SECRET, SMS, TEXT, posting
from tests.support.vendors import Play, says, says_raw

HOSTILE = Text(subject="a\r\nX-Evil: 1", body='"}, {{ 7*7 }} \\ \n第二行\x1b[2J')


async def test_the_template_is_filled_and_stays_json_whatever_the_text(clock: SimulatedClock) -> None:
    async with posting(ChannelKind.HTTP, clock) as (channel, server):
        outcome = await channel.send(HOSTILE, 7)
    assert (outcome.kind, outcome.receipt) == (OutcomeClass.OK, "s-1")
    expected = {"mobile": "13800000000", "content": '"}, {{ 7*7 }} \\ \n第二行[2J', "id": 7}
    assert server.seen == [expected]
    assert server.headers[0]["Authorization"] == f"Bearer {SECRET}"


async def test_a_header_never_becomes_two(clock: SimulatedClock) -> None:
    gateway = Gateway(headers={"X-Title": "{{ subject }}"}, ok_when="code == `0`")
    async with posting(ChannelKind.HTTP, clock, gateway=gateway) as (channel, server):
        await channel.send(HOSTILE, 7)
    assert server.headers[0]["X-Title"] == "a X-Evil: 1"
    assert "X-Evil" not in server.headers[0]


async def test_everything_may_stand_in_the_address(clock: SimulatedClock) -> None:
    gateway = Gateway(method="GET", ok_when="code == `0`")
    query = "/sms?m={{ number }}&t={{ body|urlencode }}&at={{ stamp }}&s={{ (number ~ secret ~ unix)|md5 }}"
    async with posting(ChannelKind.HTTP, clock, gateway=gateway, query=query) as (channel, server):
        outcome = await channel.send(Text(subject="", body="水 & 电"), 7)
    assert outcome.kind is OutcomeClass.OK
    signature = hashlib.md5(f"13800000000{SECRET}1772409600".encode(), usedforsecurity=False).hexdigest()
    expected = {"m": "13800000000", "t": "水 & 电", "at": "20260302080000", "s": signature}
    assert server.queries == [expected]
    assert server.raw == [b""]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(says({"code": 0}), OutcomeClass.OK, id="as the office wrote it"),
        pytest.param(says({"code": "0"}), OutcomeClass.UNKNOWN, id="another type is another value"),
        pytest.param(says({"code": 0}, 500), OutcomeClass.TRANSIENT, id="a fault whatever the body"),
        pytest.param(says({"code": 401}, 500), OutcomeClass.AUTH, id="a named cause whatever the status"),
        pytest.param(says({}), OutcomeClass.UNKNOWN, id="nothing"),
        pytest.param(says([0]), OutcomeClass.UNKNOWN, id="a list"),
        pytest.param(says_raw(b"0,12345"), OutcomeClass.UNKNOWN, id="plain text nobody asked for"),
    ],
)
async def test_only_what_meets_the_condition_is_accepted(
    answer: Play, expected: OutcomeClass, clock: SimulatedClock
) -> None:
    async with posting(ChannelKind.HTTP, clock, answer) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert outcome.kind is expected


async def test_an_answer_in_plain_text_can_be_asked_as_well(clock: SimulatedClock) -> None:
    gateway = Gateway(ok_when="starts_with(text, '0,')")
    async with posting(ChannelKind.HTTP, clock, says_raw(b"0,12345"), gateway=gateway) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert outcome.kind is OutcomeClass.OK


@pytest.mark.parametrize("condition", ["starts_with(code, '0')", "code", "length(`1`)"])
async def test_a_condition_that_does_not_fit_the_answer_is_no_success(
    condition: str, clock: SimulatedClock
) -> None:
    gateway = Gateway(ok_when=condition)
    async with posting(ChannelKind.HTTP, clock, says({"code": 1}), gateway=gateway) as (channel, _):
        outcome = await channel.send(TEXT, 7)
    assert outcome.kind is OutcomeClass.UNKNOWN


@pytest.mark.parametrize("body", ["{{ 1 // 0 }}", "{{ number.__class__.__mro__ }}", "{{ body.nothing.x }}"])
async def test_a_template_that_cannot_be_filled_passes_the_message_on(
    body: str, clock: SimulatedClock
) -> None:
    gateway = Gateway(body=body, ok_when="code == `0`")
    async with posting(ChannelKind.HTTP, clock, gateway=gateway) as (channel, server):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code, server.seen) == (OutcomeClass.PERMANENT, "template", [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ mobile }}", "没有这个占位符：mobile"),
        ("{{ body", "模板写法不对"),
        ("{{ body|shout }}", "模板写法不对"),
    ],
)
def test_a_template_that_could_not_be_filled_is_refused_when_it_is_read(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_template(text)


def test_a_condition_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="JMESPath"):
        check_condition("code ==")
    assert check_condition(SMS.ok_when) == SMS.ok_when


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{{ 'abc'|md5 }}", "900150983cd24fb0d6963f7d28e17f72"),
        ("{{ 'abc'|sha256 }}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "{{ 'what do ya want for nothing?'|hmac_sha256('Jefe') }}",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        ("{{ 'abc'|base64 }}", "YWJj"),
    ],
)
def test_signatures_are_those_of_the_standards(template: str, filled: str) -> None:
    assert gateway_templates().from_string(template).render() == filled
