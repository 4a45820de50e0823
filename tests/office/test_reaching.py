"""Channels of `office.yaml` that need more than an address."""

import pytest

from monitor.errors import ConfigurationError
from monitor.office.model import ChannelKind
from monitor.office.reaching import WECOM_ADDRESS
from monitor.office.registry import read_office

BASE = """\
name: 昌宁县政府办
territory: {name: 昌宁县, code: "530524"}
people: {duty: {name: 甲, level: 1, channels: [one], mobile: 13800000000, feishu_id: ou_1}}
channels:
  one: {kind: console}
  two: CHANNEL
"""
SMS = 'kind: http, address: "https://sms.example/{{ number }}", to: 13800000000'
GATEWAY = "gateway: {ok_when: code == `0`}"
APP = "kind: wecom_app, to: zhang, corp_id: ww1, agent_id: 1000002"
ENV = {"SMS_KEY": "geheim"}


def test_a_gateway_is_read_with_its_secrets_and_may_be_written_once_for_many() -> None:
    gateway = "{headers: {Key: '${SMS_KEY}'}, body: '{{ body }}', ok_when: code}"
    channels = f"{{{SMS}, gateway: &sms {gateway}}}\n  three: {{{SMS}, gateway: *sms}}"
    text = BASE.replace("CHANNEL", channels)
    office = read_office(text, env=ENV)
    two, three = office.channel("two"), office.channel("three")
    assert two is not None
    assert two.gateway is not None
    assert (two.to, two.gateway.headers, two.gateway.body) == ("13800000000", {"Key": "geheim"}, "{{ body }}")
    assert (two.gateway.method, two.gateway.retry_when) == ("POST", "")
    assert three is not None
    assert three.gateway == two.gateway
    assert "geheim" not in repr(office)
    assert "13800000000" not in repr(office)


def test_an_application_talks_to_the_vendors_cloud_unless_it_has_an_address() -> None:
    for given, address in (("", WECOM_ADDRESS), (", address: http://10.0.0.1", "http://10.0.0.1")):
        channel = read_office(BASE.replace("CHANNEL", f"{{{APP}{given}}}")).channel("two")
        assert channel is not None
        assert (channel.kind, channel.address) == (ChannelKind.WECOM_APP, address)
        assert (channel.corp_id, channel.agent_id, channel.to) == ("ww1", 1000002, "zhang")


def test_how_somebody_is_called_is_read() -> None:
    person = read_office(BASE.replace("CHANNEL", "{kind: console}")).person("duty")
    assert person is not None
    assert (person.mobile, person.feishu_id) == ("13800000000", "ou_1")


FAULTS = [
    (f"{{{SMS}}}", "channels.two.gateway: 缺少这一项"),
    (f"{{{SMS}, {GATEWAY}}}".replace(", to: 13800000000", ""), "channels.two.to: 缺少这一项"),
    (f"{{{SMS}, gateway: {{}}}}", "channels.two.gateway.ok_when: 缺少这一项"),
    (f"{{{SMS}, gateway: {{ok_when: 'code =='}}}}", "channels.two.gateway.ok_when: JMESPath 写法不对"),
    (
        f"{{{SMS}, gateway: {{ok_when: code, body: '{{{{ mobile }}}}'}}}}",
        "gateway.body: 没有这个占位符",
    ),
    (f"{{{SMS}, gateway: {{ok_when: code, body: '{{{{ body'}}}}", "gateway.body: 模板写法不对"),
    (f"{{{SMS}, gateway: {{ok_when: code, method: BREW}}}}", "gateway.method: 只能是"),
    (f"{{{SMS}, gateway: {{ok_when: code, headers: {{'a b': x}}}}}}", "格式不对"),
    (f"{{{SMS}, {GATEWAY}}}".replace("https", "ftp"), "channels.two.address: 应为 http://"),
    (f"{{{APP}}}".replace(", corp_id: ww1", ""), "channels.two.corp_id: 缺少这一项"),
    (f"{{{APP}}}".replace(", agent_id: 1000002", ""), "channels.two.agent_id: 缺少这一项"),
    ("{kind: apprise, address: nothing}", "channels.two.address: 应为 Apprise 地址"),
]


@pytest.mark.parametrize(("channel", "words"), FAULTS)
def test_what_a_channel_lacks_is_named(channel: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_office(BASE.replace("CHANNEL", channel))
    assert any(words in fault for fault in raised.value.faults), raised.value.faults


@pytest.mark.parametrize("mobile", ["12345", "138-0000-0000", "+8613800000000"])
def test_a_mobile_is_eleven_digits(mobile: str) -> None:
    with pytest.raises(ConfigurationError, match=r"people\.duty\.mobile"):
        read_office(BASE.replace("CHANNEL", "{kind: console}").replace("13800000000", f'"{mobile}"'))
