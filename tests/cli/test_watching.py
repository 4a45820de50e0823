"""`sources`, `collect`, `serve`, `doctor` and `users`: what is watched, and by whom."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from tests.cli.conftest import Ran, Run
from tests.journey.sources import feed_source, rss, sources_file
from tests.support.web import ScriptedSite

FAULTY = """\
sources:
  - {id: paper, name: 县报, kind: feed, role: media, address: "ftp://news.example/feed", every: 0s}
  - {id: paper, name: 县报, kind: radio, role: media}
  - {id: board, name: 热榜, kind: hotlist, role: king, address: "http://board.example", colour: red,
     reading: {shape: newsnow}}
"""


def test_a_good_pair_of_files_is_said_to_be_good(huiying: Run) -> None:
    ran = huiying("sources", "check")
    assert (ran.code, ran.err) == (0, "")
    assert "sources.yaml 正确：0 个信源" in ran.out
    assert "office.yaml 正确：昌宁县人民政府办公室" in ran.out


def test_every_fault_of_both_files_is_listed_with_its_place_and_the_exit_code_is_2(
    huiying: Run, home: Path
) -> None:
    (home / "sources.yaml").write_text(FAULTY, encoding="utf-8")
    office = (home / "office.yaml").read_text(encoding="utf-8")
    (home / "office.yaml").write_text(office.replace("level: 3", "level: 9"), encoding="utf-8")
    ran = huiying("sources", "check")
    assert ran.code == 2
    lines = {fault.split(":")[1] for fault in ran.err.splitlines() if fault.startswith("sources.yaml:")}
    assert lines >= {"2", "3", "4"}
    assert "every" in ran.err
    assert "colour" in ran.err
    assert "office.yaml:" in ran.err


@pytest.mark.parametrize("name", ["sources.yaml", "office.yaml"])
def test_a_missing_file_is_a_fault_that_names_it(huiying: Run, home: Path, name: str) -> None:
    (home / name).unlink()
    ran = huiying("sources", "check")
    assert ran.code == 2
    assert name in ran.err


async def test_sources_are_tried_and_collected_and_a_dead_one_stops_no_other(
    huiying: Run, home: Path
) -> None:
    async with ScriptedSite() as site:
        feed = site.says("/feed", rss(("柯街镇厂房坍塌", "十人遇难", datetime(2026, 3, 2, tzinfo=UTC))))
        text = sources_file(
            feed_source("gone", site.url + "/gone"), feed_source("paper", feed, id="paper", name="县报")
        )
        (home / "sources.yaml").write_text(text, encoding="utf-8")
        probed: Ran = await asyncio.to_thread(huiying, "sources", "probe")
        collected: Ran = await asyncio.to_thread(huiying, "collect")
        named: Ran = await asyncio.to_thread(huiying, "collect", "paper")
    assert "✗ 昌宁gone（gone）：地址不存在（404）" in probed.out
    assert "✓ 县报（paper）：1 条，1 条有时间" in probed.out
    assert "昌宁gone：failed" in collected.out
    assert "县报：baseline，共 1 条，新增 1" in collected.out
    assert named.out.startswith("县报：not_modified")


def test_feeds_go_out_as_opml_and_come_back(huiying: Run, home: Path) -> None:
    (home / "sources.yaml").write_text(
        sources_file(feed_source("paper", "https://news.example/feed")), encoding="utf-8"
    )
    exported = huiying("sources", "export")
    (home / "feeds.opml").write_text(exported.out, encoding="utf-8")
    imported = huiying("sources", "import", "feeds.opml")
    assert (exported.code, imported.code) == (0, 0)
    assert "address: https://news.example/feed" in imported.out


def test_a_role_that_does_not_exist_is_refused(huiying: Run) -> None:
    ran = huiying("serve", "--role", "collect,cook")
    assert ran.code == 2
    assert "cook" in ran.err


def test_the_doctor_names_what_is_missing(huiying: Run) -> None:
    ran = huiying("doctor")
    assert ran.code == 0
    assert "! " in ran.out
    assert "需要留意" in ran.out


def test_the_doctor_names_a_year_that_a_rotation_needs_and_nobody_knows(huiying: Run, home: Path) -> None:
    office = home / "office.yaml"
    rotation = "rotations:\n  1:\n    - {people: [duty], from: 2001-01-01, on: workdays}\n"
    office.write_text(office.read_text(encoding="utf-8") + rotation, encoding="utf-8")
    assert "! 还没有 2001 年的节假日和调休安排" in huiying("doctor").out


def test_a_login_is_made_once_with_a_password_that_is_never_shown(home: Path, huiying: Run) -> None:
    del home, huiying
    password = "a long password of a test"  # noqa: S105 - of this test only
    runner = CliRunner()
    typed = f"{password}\n{password}\n"
    made = runner.invoke(app, ["users", "create", "zhang", "--person", "duty"], input=typed)
    assert made.exit_code == 0, made.output
    assert "已新建账号 zhang" in made.output
    assert password not in made.output
    again = runner.invoke(app, ["users", "create", "zhang"], input=typed)
    assert again.exit_code != 0
