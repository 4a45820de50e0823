"""A backup is one instant of a running service, is proved when it is read, and goes into either database."""

import asyncio
import json
import os
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from sqlmodel import SQLModel

from monitor.ports import Account, Question, Session
from storage.archive import BackupError, told_when_full
from storage.backup import check_backup, restore_backup, take_backup
from storage.copying import revision_of
from storage.engine import SqlStore, connect, open_store
from tests.support.builders import T0, a_change, after, an_incident, opening
from tests.support.child import child
from tests.support.databases import BOTH, fresh_database, postgres_cluster
from tests.support.writing import write_once

SPOKEN = "山高路远坑深大军纵横"
Contents = dict[str, bytes]


def everything(url: str) -> Mapping[str, list[tuple[Any, ...]]]:
    """Return every row of every table but the sessions, in the order of the keys."""
    with closing(connect(url)) as store, store.looking() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in SQLModel.metadata.sorted_tables
            if table.name != "sessions"
        }


def answers(url: str) -> list[tuple[int, int | None]]:
    """Return what history answers, from the index of words."""
    with closing(open_store(url)) as store, store.reading() as unit:
        found = [unit.search(Question(words=words, limit=1000)) for words in (("道路塌方",), ("货车",))]
    return [(hit.item.id, hit.incident_id) for page in found for hit in page.hits]


@pytest.fixture
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Lend a fresh database of the kind that the test names."""
    folder = tmp_path / "target"
    folder.mkdir()
    with fresh_database(request.param, folder) as url:
        yield url


# -- under load


@pytest.mark.kill
@pytest.mark.parametrize("target_url", BOTH, indirect=True, ids=["to sqlite", "to postgresql"])
async def test_a_backup_under_load_is_one_instant_in_whatever_database_it_is_restored(
    database_url: str, target_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    async with child("write", database_url) as writer:
        while int(await writer.hears()) < 5:
            pass
        await asyncio.to_thread(take_backup, database_url, file, {}, work=tmp_path / "var", now=T0)
        await writer.hears()
        await writer.kill()
    read = restore_backup(file, target_url, work=tmp_path / "var", now=T0)
    assert read.tables == read.manifest.tables
    assert read.journal_fault is None
    count = read.tables["incidents"]
    assert count >= 5

    again = f"sqlite:///{tmp_path / 'again.db'}"
    with closing(open_store(again)) as store:
        for number in range(1, count + 1):
            write_once(store, number)
    assert everything(target_url) == everything(again)
    assert answers(target_url) == answers(again)


@pytest.mark.parametrize("target_url", BOTH, indirect=True, ids=["to sqlite", "to postgresql"])
def test_a_service_goes_on_where_the_backup_was_taken(
    database_url: str, target_url: str, tmp_path: Path
) -> None:
    with closing(open_store(database_url)) as store:
        write_once(store, 1)
    take_backup(database_url, tmp_path / "a.backup", {}, work=tmp_path, now=T0)
    restore_backup(tmp_path / "a.backup", target_url, work=tmp_path, now=T0)
    for url in (database_url, target_url):
        with closing(open_store(url)) as store:
            write_once(store, 2)
    assert everything(target_url) == everything(database_url)
    assert answers(target_url) == answers(database_url)
    with closing(open_store(target_url)) as store, store.reading() as unit:
        assert unit.verify_journal()[0]


@pytest.mark.kill
async def test_a_kill_in_the_middle_leaves_nothing_under_the_name(database_url: str, tmp_path: Path) -> None:
    with closing(open_store(database_url)) as store:
        write_once(store, 1)
    file, pipe = tmp_path / "a.backup", tmp_path / "pipe"
    os.mkfifo(pipe)
    async with child("back_up", database_url, str(file), str(pipe)) as saving:
        opened = await asyncio.to_thread(os.open, pipe, os.O_WRONLY)  # it now waits for the member's bytes
        await saving.kill()
        os.close(opened)
    assert not file.exists()
    take_backup(database_url, file, {}, work=tmp_path, now=T0)
    assert check_backup(file, work=tmp_path).journal_fault is None


# -- what is in it


def test_sessions_and_tokens_stay_behind_and_logins_come_along(database_url: str, tmp_path: Path) -> None:
    secret = "5e" * 32
    session = Session(
        token_hash=secret, account="wang", created_at=T0, expires_at=after(days=1), kind="token", scope="read"
    )
    with closing(open_store(database_url)) as store, store.transaction() as unit:
        unit.save_account(Account(name="wang", person_id="duty", role="duty", password_hash=""))
        unit.save_session(session)
    office = tmp_path / "office.yaml"
    office.write_text("channels: ${WECOM}\n", encoding="utf-8")
    take_backup(database_url, tmp_path / "a.zip", {"office.yaml": office}, work=tmp_path, now=T0)
    with zipfile.ZipFile(tmp_path / "a.zip") as bundle:
        assert secret.encode() not in bundle.read("database.sqlite")
        assert bundle.read("files/office.yaml") == office.read_bytes()
    url = f"sqlite:///{tmp_path / 'new.db'}"
    restore_backup(tmp_path / "a.zip", url, work=tmp_path, now=T0, files_to=tmp_path / "files")
    assert (tmp_path / "files/office.yaml").read_bytes() == office.read_bytes()
    with closing(open_store(url)) as store, store.reading() as unit:
        assert [account.name for account in unit.accounts()] == ["wang"]
        assert unit.session(secret) is None


def test_a_backup_never_takes_the_place_of_another_and_is_for_its_owner_alone(saved: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    with pytest.raises(BackupError, match="从不覆盖"):
        take_backup(f"sqlite:///{saved.parent / 'huiying.db'}", saved, {}, work=saved.parent, now=T0)


def test_a_folder_that_is_not_there_is_named(saved: Path) -> None:
    away = saved.parent / "usb"
    with pytest.raises(BackupError, match="没有这个文件夹") as raised:
        take_backup(f"sqlite:///{saved.parent / 'huiying.db'}", away / "b.zip", {}, work=saved.parent, now=T0)
    assert raised.value.place == str(away)


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="磁盘已满") as raised, told_when_full(tmp_path):
        Path("/dev/full").write_bytes(b"0")
    assert raised.value.place == str(tmp_path)


def test_nothing_is_left_beside_the_backup(saved: Path) -> None:
    assert sorted(path.name for path in saved.parent.iterdir()) == ["a.zip", "huiying.db", "office.yaml"]


# -- encrypted


def test_an_encrypted_backup_is_opened_by_its_passphrase_alone(saved: Path, tmp_path: Path) -> None:
    del saved
    url, file = f"sqlite:///{tmp_path / 'huiying.db'}", tmp_path / "sealed"
    take_backup(url, file, {}, work=tmp_path, now=T0, passphrase=SPOKEN)
    assert "道路塌方".encode() not in file.read_bytes()
    restored = f"sqlite:///{tmp_path / 'new.db'}"
    restore_backup(file, restored, work=tmp_path, now=T0, passphrase=SPOKEN)
    assert everything(restored) == everything(url)
    for wrong, said in ((SPOKEN[:-1], "口令不对"), (None, "是加密的")):
        with pytest.raises(BackupError, match=said):
            check_backup(file, work=tmp_path, passphrase=wrong)
    whole = file.read_bytes()
    middle = len(whole) // 2
    for altered in (whole[:middle], whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]):
        file.write_bytes(altered)
        with pytest.raises(BackupError, match="截断、改动或损坏"):
            check_backup(file, work=tmp_path, passphrase=SPOKEN)


def test_a_plain_file_in_the_place_of_an_encrypted_one_is_noticed(saved: Path) -> None:
    with pytest.raises(BackupError, match="没有加密"):
        check_backup(saved, work=saved.parent, passphrase=SPOKEN)


# -- altered


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A backup of a database with two incidents."""
    url = f"sqlite:///{tmp_path / 'huiying.db'}"
    with closing(open_store(url)) as store:
        write_once(store, 1)
        write_once(store, 2)
    office = tmp_path / "office.yaml"
    office.write_text("name: 昌宁县\n", encoding="utf-8")
    take_backup(url, tmp_path / "a.zip", {"office.yaml": office}, work=tmp_path, now=T0)
    return tmp_path / "a.zip"


def rewrite(file: Path, alter: Callable[[Contents], object]) -> None:
    """Write a backup anew with other contents."""
    with zipfile.ZipFile(file) as bundle:
        contents = {name: bundle.read(name) for name in bundle.namelist()}
    alter(contents)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, body in contents.items():
            bundle.writestr(name, body)


def _in_manifest(**changes: Any) -> Callable[[Contents], None]:
    def alter(contents: Contents) -> None:
        manifest = json.loads(contents["manifest.json"]) | changes
        contents["manifest.json"] = json.dumps(manifest).encode()

    return alter


def _with_member(name: str, body: bytes) -> Callable[[Contents], None]:
    def alter(contents: Contents) -> None:
        manifest = json.loads(contents["manifest.json"])
        manifest["members"][name] = {"size": len(body), "sha256": ""}
        contents["manifest.json"] = json.dumps(manifest).encode()
        contents[name] = body

    return alter


def _with(name: str, body: bytes) -> Callable[[Contents], None]:
    return lambda contents: contents.update({name: body})


ALTERED = [
    pytest.param(
        _with("files/office.yaml", b"name: \xe5\xae\x81\xe5\xae\x81\xe5\x8e\xbf\n"), "校验值", id="content"
    ),
    pytest.param(_with("files/office.yaml", b""), "大小与清单不符", id="size"),
    pytest.param(_with("files/more.yaml", b""), "多出或缺少", id="one too many"),
    pytest.param(lambda contents: contents.pop("files/office.yaml"), "多出或缺少", id="one missing"),
    pytest.param(lambda contents: contents.pop("manifest.json"), "不是回应的备份", id="no manifest"),
    pytest.param(_with("manifest.json", b"{}"), "清单残缺", id="empty manifest"),
    pytest.param(_in_manifest(format=2), "请升级程序", id="newer format"),
    pytest.param(_in_manifest(members={}), "没有 database.sqlite", id="no members"),
    pytest.param(_in_manifest(tables={}), "与清单不符", id="rows"),
    pytest.param(_in_manifest(revision="0001"), "结构版本 与清单不符", id="revision"),
    pytest.param(_with_member("../out.yaml", b"x"), "文件名不合规", id="above the folder"),
    pytest.param(_with_member("files/../../out.yaml", b"x"), "文件名不合规", id="above, later"),
    pytest.param(_with_member("/tmp/out.yaml", b"x"), "文件名不合规", id="from the root"),  # noqa: S108
    pytest.param(_with_member("files//out.yaml", b"x"), "文件名不合规", id="unusual"),
    pytest.param(_with_member("other.yaml", b"x"), "文件名不合规", id="beside"),
    pytest.param(_with_member("files/zeros", bytes(65 * 1024**2)), "超出允许的大小", id="bomb"),
]


@pytest.mark.parametrize(("alter", "said"), ALTERED)
def test_an_altered_backup_is_refused_and_nothing_is_written(
    saved: Path, alter: Callable[[Contents], object], said: str, tmp_path: Path
) -> None:
    rewrite(saved, alter)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BackupError, match=said):
        restore_backup(saved, f"sqlite:///{tmp_path / 'new.db'}", work=tmp_path, now=T0)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_member_that_says_it_is_larger_than_it_is_is_refused(saved: Path) -> None:
    huge = 0xFFFFFFF0  # as much as a plain zip can say
    with zipfile.ZipFile(saved) as bundle:
        manifest = json.loads(bundle.read("manifest.json"))
    manifest["members"]["database.sqlite"]["size"] = huge
    rewrite(saved, _in_manifest(members=manifest["members"]))
    raw = bytearray(saved.read_bytes())
    entry = raw.index(b"database.sqlite", raw.index(b"PK\x01\x02")) - 46
    raw[entry + 24 : entry + 28] = struct.pack("<L", huge)
    saved.write_bytes(raw)
    with pytest.raises(BackupError, match=r"展开需要|截断、改动或损坏|校验值"):
        check_backup(saved, work=saved.parent)


@pytest.mark.parametrize("size", [0, 10, 3000])
def test_a_truncated_backup_is_refused(saved: Path, size: int) -> None:
    saved.write_bytes(saved.read_bytes()[:size])
    with pytest.raises(BackupError, match="不是完整的备份文件"):
        check_backup(saved, work=saved.parent)


# -- into a database


def at_revision(url: str, revision: str) -> None:
    """Make the tables as an older version of the program had them, with an account."""
    with closing(connect(url)) as store, store.connected() as connection:
        config = Config()
        config.set_main_option("script_location", "storage:migrations")
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(text("INSERT INTO accounts VALUES ('wang', NULL, 'duty', '', FALSE)"))


@pytest.mark.parametrize("target_url", BOTH, indirect=True, ids=["to sqlite", "to postgresql"])
def test_a_backup_of_an_older_program_is_brought_up_to_this_one(target_url: str, tmp_path: Path) -> None:
    old = f"sqlite:///{tmp_path / 'old.db'}"
    at_revision(old, "0003")
    made = take_backup(old, tmp_path / "a.zip", {}, work=tmp_path, now=T0)
    assert made.manifest.revision == "0003"
    with closing(connect(old)) as store, store.looking() as connection:
        assert revision_of(connection) == "0003"
    read = restore_backup(tmp_path / "a.zip", target_url, work=tmp_path, now=T0)
    assert (read.tables["accounts"], "tips" in read.manifest.tables, read.tables["tips"]) == (1, False, 0)
    with closing(open_store(target_url)) as restored:
        write_once(restored, 1)


@pytest.mark.postgres
def test_an_older_postgresql_is_left_alone_and_the_way_out_is_named(tmp_path: Path) -> None:
    url = postgres_cluster().empty_database()
    at_revision(url, "0003")
    with pytest.raises(BackupError, match="先用本版本启动"):
        take_backup(url, tmp_path / "a.zip", {}, work=tmp_path, now=T0)


def test_a_backup_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'huiying.db'}"
    open_store(url).close()
    with closing(sqlite3.connect(tmp_path / "huiying.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    with pytest.raises(BackupError, match="请先升级程序"):
        take_backup(url, tmp_path / "a.zip", {}, work=tmp_path, now=T0)


@pytest.mark.parametrize("target_url", BOTH, indirect=True, ids=["to sqlite", "to postgresql"])
def test_a_database_that_holds_something_is_refused_and_stays(saved: Path, target_url: str) -> None:
    with closing(open_store(target_url)) as store, store.transaction() as unit:
        unit.save(opening(an_incident(id=unit.next_incident_id())))
    before = everything(target_url)
    with pytest.raises(BackupError, match="不是空库"):
        restore_backup(saved, target_url, work=saved.parent, now=T0)
    assert everything(target_url) == before


def test_a_file_that_is_replaced_is_kept_whole_under_another_name(saved: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    with closing(open_store(url)) as store, store.transaction() as unit:
        unit.save(opening(an_incident(id=unit.next_incident_id())))
    before = everything(url)
    read = restore_backup(saved, url, work=tmp_path, now=T0, replace=True)
    assert read.aside == tmp_path / "old.db.20260302T000000Z.old"
    assert everything(f"sqlite:///{read.aside}") == before
    assert len(everything(url)["incidents"]) == 2


def test_a_file_that_is_no_database_is_not_replaced(saved: Path) -> None:
    office = saved.parent / "office.yaml"
    with pytest.raises(BackupError, match=r"office\.yaml：不是数据库"):
        restore_backup(saved, f"sqlite:///{office}", work=saved.parent, now=T0, replace=True)
    assert office.read_text(encoding="utf-8") == "name: 昌宁县\n"


def test_a_file_that_a_service_has_open_is_not_replaced(saved: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    with closing(open_store(url)) as store:
        write_once(store, 1)
        with pytest.raises(BackupError, match="请先停止服务"):
            restore_backup(saved, url, work=tmp_path, now=T0, replace=True)
        write_once(store, 2)
    assert len(everything(url)["incidents"]) == 2


def test_a_broken_journal_is_saved_as_it_is_and_told_of(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'huiying.db'}"
    with closing(open_store(url)) as store:
        with store.transaction() as unit:
            unit.record([a_change(), a_change(event="incident_closed")])
        assert isinstance(store, SqlStore)
        with store.connected() as connection:
            connection.execute(text("DROP TRIGGER journal_keeps_words"))
            connection.execute(text("UPDATE journal SET actor = 'somebody' WHERE seq = 1"))
    made = take_backup(url, tmp_path / "a.zip", {}, work=tmp_path, now=T0)
    assert made.journal_fault == "第 1 条：内容被改动"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("sqlite:///{}/missing.db", "读不出数据库", id="no file"),
        pytest.param("sqlite:///{}/office.yaml", "读不出数据库", id="no database"),
        pytest.param("mysql//u:secret@host", "应以", id="no address"),
    ],
)
def test_what_cannot_be_saved_is_named(saved: Path, url: str, said: str) -> None:
    with pytest.raises(BackupError, match=said) as raised:
        take_backup(url.format(saved.parent), saved.parent / "b.zip", {}, work=saved.parent, now=T0)
    assert "secret" not in str(raised.value)
    assert not (saved.parent / "b.zip").exists()
