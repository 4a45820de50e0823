"""`channels`: what a test message comes to, and what the templates in force make of a message."""

from pathlib import Path

import pytest

from monitor.office.registry import read_office
from monitor.service.trying import try_channels
from tests.cli.conftest import Run
from tests.support.vendors import says, vendor_server

OFFICE = """\
name: 昌宁县政府办
territory: {name: 昌宁县, code: "530524"}
people: {duty: {name: 甲, level: 1, channels: [screen]}}
allow_private_channels: true
channels:
  screen: {kind: console}
  bot: {kind: wecom, address: "BOT"}
"""


def test_a_channel_that_works_says_so(huiying: Run, home: Path) -> None:
    (home / "office.yaml").write_text(OFFICE.replace("BOT", "http://127.0.0.1:1/x"), encoding="utf-8")
    ran = huiying("channels", "test", "screen")
    assert (ran.code, ran.err) == (0, "")
    assert "【测试】昌宁县政府办：消息渠道 screen" in ran.out
    assert "screen：对方已接收" in ran.out
    assert "bot" not in ran.out


def test_one_that_does_not_is_named_with_the_reason_and_the_others_are_tried_all_the_same(
    huiying: Run, home: Path
) -> None:
    (home / "office.yaml").write_text(OFFICE.replace("BOT", "http://127.0.0.1:1/x"), encoding="utf-8")
    ran = huiying("channels", "test")
    assert ran.code == 1
    assert "screen：对方已接收" in ran.out
    assert "bot：不通，连接不上或被断开（unreachable）" in ran.out


def test_a_name_that_is_none_is_said(huiying: Run) -> None:
    ran = huiying("channels", "test", "pager")
    assert (ran.code, ran.err) == (1, "pager：office.yaml 里没有这个渠道\n")


async def test_the_vendors_own_answer_is_what_is_said() -> None:
    async with vendor_server(says({"errcode": 93000})) as server:
        office = read_office(OFFICE.replace("BOT", server.address))
        found = [(name, outcome.code) async for name, outcome in try_channels(office, None, ["bot"])]
    assert found == [("bot", "93000")]
    assert server.seen[0]["text"]["content"].startswith("【测试】昌宁县政府办：消息渠道 bot")


def test_a_preview_shows_the_offices_own_template(
    huiying: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert huiying("channels", "preview").out.startswith("【重大·已超时】柯街镇")
    (home / "templates").mkdir()
    (home / "templates" / "message.txt.jinja").write_text("我们的 {{ message_no }}", encoding="utf-8")
    monkeypatch.setenv("HUIYING_TEMPLATES", "templates")
    assert huiying("channels", "preview").out == "我们的 1024\n"


def test_a_faulty_template_stops_with_its_place(
    huiying: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "templates").mkdir()
    (home / "templates" / "message.txt.jinja").write_text("\n{{ titel }}", encoding="utf-8")
    monkeypatch.setenv("HUIYING_TEMPLATES", "templates")
    ran = huiying("channels", "preview")
    assert (ran.code, ran.err) == (2, "templates/message.txt.jinja:2: 没有这个占位符：titel\n")
