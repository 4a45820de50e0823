"""Backups while the service runs, and the way back from them into either kind of database."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ArgumentError

from storage.archive import (
    DATABASE,
    FILES,
    BackupError,
    Manifest,
    finished_as,
    pack,
    told_when_full,
    unpack,
)
from storage.copying import LEFT_OUT, copy_rows, count_rows, holds_something, revision_of
from storage.engine import SqlStore, connect, open_store
from storage.errors import SchemaTooNewError, StoreError

_BUSY_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was read back: rows as the manifest has them and as they are now, and the state of the journal.

    `journal_fault` is Chinese and None where the chain holds; `aside` is the file that was there before.
    """

    manifest: Manifest
    tables: Mapping[str, int]
    journal_fault: str | None
    aside: Path | None = None


def take_backup(
    database_url: str,
    file: Path,
    members: Mapping[str, Path],
    *,
    work: Path,
    now: datetime,
    passphrase: str | None = None,
) -> Restored:
    """Write one instant of the database and the files people edit to a new file, and read it back.

    Writers are not held up. `members` are the files by their names in the backup. Plain copies are kept in
    `work` only, and only meanwhile. Raises BackupError.
    """
    if file.exists():
        raise BackupError(str(file), "已有同名文件；备份从不覆盖")
    if not file.parent.is_dir():
        raise BackupError(str(file.parent), "没有这个文件夹")
    with told_when_full(file.parent, work), _folder_in(work) as folder, finished_as(file) as part:
        snapshot = folder / DATABASE
        kind = _take_snapshot(database_url, snapshot)
        manifest = _described(snapshot, kind, now)
        inside = {DATABASE: snapshot} | {f"{FILES}/{name}": path for name, path in members.items()}
        pack(part, manifest, inside, folder, passphrase)
        snapshot.unlink()
        return _read_back(part, folder, passphrase)


def check_backup(file: Path, *, work: Path, passphrase: str | None = None) -> Restored:
    """Read a backup and hold everything in it against its manifest; raises BackupError."""
    with told_when_full(work), _folder_in(work) as folder:
        return _read_back(file, folder, passphrase)


def restore_backup(
    file: Path,
    database_url: str,
    *,
    work: Path,
    now: datetime,
    passphrase: str | None = None,
    replace: bool = False,
    files_to: Path | None = None,
) -> Restored:
    """Fill an empty database from a backup, brought up to this version; return both sides of the comparison.

    With `replace` a SQLite file that holds something is kept under another name. `files_to` is a new folder
    for the files people edit. Raises BackupError, and then the database is as it was.
    """
    if files_to is not None and files_to.exists():
        raise BackupError(str(files_to), "已存在；配置文件只恢复到新文件夹")
    path, aside = _sqlite_path(database_url), None
    with told_when_full(work, *([path.parent] if path else [])), _folder_in(work) as folder:
        read = _read_back(file, folder, passphrase)
        snapshot = folder / DATABASE
        if path is None:
            _fill(snapshot, database_url, read.tables)
        else:
            aside = _put_in_place(snapshot, path, now, replace=replace)
        if files_to is not None:
            (folder / FILES).mkdir(exist_ok=True)
            shutil.copytree(folder / FILES, files_to)
    with closing(connect(database_url)) as store:
        tables, fault = _state(store, read.manifest)
    return Restored(manifest=read.manifest, tables=tables, journal_fault=fault, aside=aside)


@contextmanager
def _folder_in(work: Path) -> Iterator[Path]:
    work.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=work, prefix="backup-") as folder:
        yield Path(folder)


def _sqlite_path(database_url: str) -> Path | None:
    try:
        url = make_url(database_url)
    except ArgumentError as error:  # the address may hold a password: it is not repeated
        raise BackupError("数据库地址", "应以 sqlite:/// 或 postgresql:// 开头") from error
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def _take_snapshot(database_url: str, snapshot: Path) -> str:
    """Write one instant of a database as a SQLite file; return which kind of database it was."""
    path = _sqlite_path(database_url)
    if path is not None:
        _copy_sqlite(path, snapshot)
        return "sqlite"
    open_store(f"sqlite:///{snapshot}").close()
    with _both(database_url, f"sqlite:///{snapshot}") as (source, target):
        if revision_of(source) != revision_of(target):
            raise BackupError("数据库", "还不是本版本的结构；先用本版本启动一次服务，再备份")
        copy_rows(source, target)
    return "postgresql"


@contextmanager
def _both(source_url: str, target_url: str) -> Iterator[tuple[Connection, Connection]]:
    """Lend one instant of a database and a transaction on another."""
    with (
        closing(connect(source_url)) as taken,
        closing(connect(target_url)) as filled,
        taken.looking() as source,
        filled.connected() as target,
    ):
        yield source, target


def _copy_sqlite(path: Path, snapshot: Path) -> None:
    """Copy by SQLite's own means, all pages in one step: that is one instant, and no writer waits for it."""
    try:
        with closing(_opened(path, _BUSY_SECONDS)) as source, closing(sqlite3.connect(snapshot)) as copy:
            source.backup(copy)
            copy.execute(f"DELETE FROM {LEFT_OUT}")  # noqa: S608 - our own name
            copy.commit()
            copy.execute("VACUUM")  # what was deleted, now or before, is not left in free pages
    except sqlite3.Error as error:
        raise BackupError(str(path), f"读不出数据库，或 {snapshot.parent.parent} 写不下：{error}") from error


def _opened(path: Path, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=patience)


def _described(snapshot: Path, kind: str, now: datetime) -> Manifest:
    with closing(connect(f"sqlite:///{snapshot}")) as store:
        with store.looking() as connection:
            revision, tables = revision_of(connection), count_rows(connection)
        with store.reading() as transaction:
            seq, hash_ = transaction.journal_head()
    return Manifest(
        made_at=now,
        version=version("huiying"),
        revision=revision,
        kind=kind,
        journal_seq=seq,
        journal_hash=hash_,
        tables=tables,
        members={},
    )


def _read_back(file: Path, folder: Path, passphrase: str | None) -> Restored:
    """Unpack a backup into this folder, hold it against its manifest and bring it up to this version."""
    manifest = unpack(file, folder, passphrase)
    url = f"sqlite:///{folder / DATABASE}"
    try:
        _check_rows(url, manifest, file.name)
        with closing(open_store(url)):
            pass
        with closing(connect(url)) as store:
            tables, fault = _state(store, manifest)
    except SchemaTooNewError as error:
        raise BackupError(file.name, f"由更新的版本（{manifest.version}）生成，请先升级程序") from error
    except StoreError as error:
        raise BackupError(f"{file.name} 中的 {DATABASE}", f"数据库损坏：{error}") from error
    return Restored(manifest=manifest, tables=tables, journal_fault=fault)


def _check_rows(url: str, manifest: Manifest, name: str) -> None:
    with closing(connect(url)) as store, store.looking() as connection:
        said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if said != "ok":
            raise BackupError(f"{name} 中的 {DATABASE}", f"数据库损坏：{said}")
        found = {"结构版本": revision_of(connection), **count_rows(connection)}
    declared = {"结构版本": manifest.revision, **manifest.tables}
    if found != declared:
        wrong = next(what for what in found | declared if found.get(what) != declared.get(what))
        raise BackupError(f"{name} 中的 {DATABASE}", f"{wrong} 与清单不符")


def _state(store: SqlStore, manifest: Manifest) -> tuple[Mapping[str, int], str | None]:
    """Return the rows of each table, and what is wrong with the journal or None."""
    with store.looking() as connection:
        tables = count_rows(connection)
    with store.reading() as transaction:
        holds, said = transaction.verify_journal()
        is_same = transaction.journal_head() == (manifest.journal_seq, manifest.journal_hash)
    if not holds:
        return tables, said
    return tables, None if is_same else "末端与清单不符"


def _fill(snapshot: Path, database_url: str, expected: Mapping[str, int]) -> None:
    """Copy everything into an empty database in one transaction."""
    with closing(connect(database_url)) as store, store.looking() as connection:
        if holds_something(connection):
            raise BackupError("目标数据库", "不是空库；PostgreSQL 请新建一个空库恢复到那里，旧库原样保留")
    open_store(database_url).close()
    with _both(f"sqlite:///{snapshot}", database_url) as (source, target):
        copy_rows(source, target)
        if count_rows(target) != expected:
            raise BackupError("目标数据库", "恢复后的行数与备份不符，已撤回")


def _put_in_place(snapshot: Path, path: Path, now: datetime, *, replace: bool) -> Path | None:
    """Give the file its name; what was there gets another one. At no moment is there no database."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = None
    with finished_as(path) as part:
        shutil.copyfile(snapshot, part)
        if path.exists():
            _let_go(path, replace=replace)
        for left in (f"{path}-wal", f"{path}-journal"):
            if Path(left).exists():
                raise BackupError(left, "是另一个数据库未写完的部分，请先移走")
        if path.exists():
            _own_alike(path, part)
            aside = path.with_name(f"{path.name}.{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.old")
            aside.hardlink_to(path)
    return aside


def _own_alike(old: Path, new: Path) -> None:
    """Let the new file belong to whom the old one did, so that the service may open it."""
    shutil.copymode(old, new)
    owner = old.stat()
    os.chown(new, owner.st_uid, owner.st_gid)


def _let_go(path: Path, *, replace: bool) -> None:
    """See that nobody uses a database, and that all of it is in its one file."""
    try:
        with closing(connect(f"sqlite:///{path}")) as store, store.looking() as connection:
            if holds_something(connection) and not replace:
                raise BackupError(str(path), "不是空库；加 --replace 则旧库改名保留")
    except StoreError as error:
        raise BackupError(str(path), f"不是数据库，或打不开：{error}") from error
    try:
        with closing(_opened(path, 0)) as old:
            old.execute("PRAGMA journal_mode=DELETE")  # refused while anybody else has it open
    except sqlite3.Error as error:
        raise BackupError(str(path), "还有程序在用这个库，请先停止服务") from error
