"""`backup` and `restore` as an administrator meets them, and a service on what was restored."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from monitor.service import Service, build_parts, serve
from monitor.settings import Settings
from storage.engine import open_store
from tests.cli.conftest import Run
from tests.support.databases import BOTH, fresh_database
from tests.support.writing import write_once
from tests.test_service import free_port


@pytest.fixture
def told(home: Path) -> Iterator[Path]:
    """A database with three incidents, and a word list of the office's own."""
    (home / "words").mkdir()
    (home / "words/watch.yaml").write_text("watch: {}\n", encoding="utf-8")
    with closing(open_store(f"sqlite:///{home / 'var/huiying.db'}")) as store:
        for number in (1, 2, 3):
            write_once(store, number)
        yield home


def test_a_backup_is_taken_checked_and_restored_with_a_comparison(told: Path, huiying: Run) -> None:
    taken = huiying("backup", "a.zip")
    assert (taken.code, "没有加密" in taken.out, "留痕链完整，共 8 条" in taken.out) == (0, True, True)
    checked = huiying("restore", "a.zip", "--check")
    assert (checked.code, "备份完好" in checked.out) == (0, True)
    ran = huiying("restore", "a.zip", "--to", "sqlite:///other/huiying.db", "--files", "files")
    assert ran.code == 0
    (incidents,) = [line.split() for line in ran.out.splitlines() if line.startswith("incidents ")]
    assert incidents == ["incidents", "3", "3", "="]
    assert "重新签发" in ran.out
    names = sorted(str(path.relative_to(told / "files")) for path in (told / "files").rglob("*.yaml"))
    assert names == ["office.yaml", "sources.yaml", "words/watch.yaml"]
    searched = huiying("history", "道路塌方", "--format", "json").out
    assert searched.count("柯街镇第") > 0


def test_the_database_in_use_is_not_touched_without_being_asked(told: Path, huiying: Run) -> None:
    assert huiying("backup", "a.zip").code == 0
    refused = huiying("restore", "a.zip")
    assert (refused.code, "--replace" in refused.err) == (1, True)
    assert (told / "var/huiying.db").exists()


def test_a_passphrase_comes_from_a_file_and_must_be_long(told: Path, huiying: Run) -> None:
    (told / "short").write_text("太短\n", encoding="utf-8")
    assert huiying("backup", "a.zip", "--passphrase-file", "short").code == 2
    (told / "long").write_text("山高路远坑深大军纵横驰奔\n谁敢\n", encoding="utf-8")
    assert "已加密" in huiying("backup", "a.zip", "--passphrase-file", "long").out
    refused = huiying("restore", "a.zip", "--check")
    assert (refused.code, refused.err) == (1, "a.zip：这份备份是加密的，请用 --passphrase-file 给出口令\n")
    assert huiying("restore", "a.zip", "--check", "--passphrase-file", "long").code == 0


@pytest.mark.parametrize("kind", BOTH)
async def test_a_service_on_a_restored_database_shows_the_same_board(
    told: Path, huiying: Run, kind: str, tmp_path: Path
) -> None:
    assert huiying("backup", "a.zip").code == 0
    folder = tmp_path / "restored"
    folder.mkdir()
    with fresh_database(kind, folder) as url:
        assert huiying("restore", "a.zip", "--to", url).code == 0
        boards = [await board_of(address, told) for address in (f"sqlite:///{told}/var/huiying.db", url)]
    assert boards[0] == boards[1]
    assert set(boards[1]) == {"柯街镇第2处道路塌方之前", "柯街镇第3处道路塌方之前", "柯街镇第3处道路塌方"}


async def board_of(database_url: str, home: Path) -> list[str]:
    """Return the titles on the board that a service on this database shows a duty officer."""
    settings = Settings(
        _env_file=None,
        database_url=SecretStr(database_url),
        sources=home / "sources.yaml",
        office=home / "office.yaml",
        var=home / "var",
        port=free_port(),
    )
    parts = build_parts(settings)
    ready: asyncio.Queue[FastAPI] = asyncio.Queue()
    service = Service(parts, ("desk",))
    with closing(parts.store):
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            running = group.create_task(serve(service, ready.put_nowait))
            access = (await ready.get()).state.desk.access
            token = await asyncio.to_thread(access.open_demo, "duty", "duty")
            jar = aiohttp.CookieJar(unsafe=True)
            async with aiohttp.ClientSession(f"http://127.0.0.1:{settings.port}", cookie_jar=jar) as session:
                await session.post(f"/enter/{token}")
                async with session.get("/") as answer:
                    board = await answer.text()
            service.stop()
            await running
    return re.findall("柯街镇第[0-9]处道路塌方(?:之前)?", board)


def test_what_would_be_forgotten_is_said_before_it_is_done(told: Path, huiying: Run) -> None:
    del told
    for arguments, said in (
        ((), "将清除（加 --yes 执行，不能恢复）：3 条条目的原文，0 条"),
        (("--yes",), "已清除：3 条条目的原文，0 条"),
        ((), "：0 条条目的原文，0 条"),
    ):
        ran = huiying("retention", "--days", "30", *arguments)
        assert (ran.code, said in ran.out) == (0, True)
