"""One file that holds a backup: a zip with a manifest and, on request, encryption by age around it.

Encrypted, the file is a zip of two members that the program `age` opens as well: `backup.zip.age`, encrypted
to a key made for this file, and `key.age`, that key under the passphrase (scrypt). Whatever is read back is
held against the manifest: names, sizes, SHA-256.
"""

import errno
import hashlib
import os
import shutil
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import pyrage
from pydantic import TypeAdapter, ValidationError

from monitor.errors import MonitorError

FORMAT = 1
DATABASE = "database.sqlite"
FILES = "files"
_MANIFEST = "manifest.json"
_SEALED = "backup.zip.age"
_KEY = "key.age"
_LARGEST_FILE = 64 * 1024**2
"""Bytes of any member but the database; what people edit is far smaller."""


class BackupError(MonitorError):
    """A backup cannot be made, read or restored; `place` is the file and what in it, `reason` Chinese."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}：{reason}")
        self.place = place
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of the backup: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself; `journal_seq` and `journal_hash` are the end of the journal."""

    made_at: datetime
    version: str
    revision: str
    kind: str
    journal_seq: int
    journal_hash: str
    tables: Mapping[str, int]
    members: Mapping[str, Member]
    format: int = FORMAT


_MANIFESTS = TypeAdapter(Manifest)


@contextmanager
def finished_as(file: Path) -> Iterator[Path]:
    """Lend a file of another name in the same folder; whole and on the disk, it gets its own."""
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}-", suffix=".part", delete=False) as made:
        part = Path(made.name)
    try:
        yield part
        _synchronize(part)
        part.replace(file)
        _synchronize(file.parent)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def told_when_full(*folders: Path) -> Iterator[None]:
    """Say which folders have no room where one of them turns out to be full."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise BackupError("、".join(map(str, folders)), "磁盘已满，没有写成") from error


def _synchronize(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def pack(
    part: Path, manifest: Manifest, members: Mapping[str, Path], folder: Path, passphrase: str | None
) -> Manifest:
    """Write members and manifest, sealed where there is a passphrase; return the written manifest."""
    plain = folder / "backup.zip" if passphrase else part
    with ZipFile(plain, "w", ZIP_DEFLATED) as bundle:
        for name, path in members.items():
            bundle.write(path, name)
        manifest = replace(manifest, members={name: _member(path) for name, path in members.items()})
        bundle.writestr(_MANIFEST, _MANIFESTS.dump_json(manifest, indent=1, fallback=dict))
    if passphrase:
        _seal(plain, part, passphrase)
        plain.unlink()
    return manifest


def _member(path: Path) -> Member:
    with path.open("rb") as stream:
        return Member(size=path.stat().st_size, sha256=hashlib.file_digest(stream, "sha256").hexdigest())


def _seal(plain: Path, part: Path, passphrase: str) -> None:
    key = pyrage.x25519.Identity.generate()
    with ZipFile(part, "w", ZIP_STORED) as bundle, plain.open("rb") as stream:
        bundle.writestr(_KEY, pyrage.passphrase.encrypt(str(key).encode(), passphrase))
        with bundle.open(_SEALED, "w", force_zip64=True) as sealed:
            pyrage.encrypt_io(stream, sealed, [key.to_public()])


def unpack(file: Path, folder: Path, passphrase: str | None) -> Manifest:
    """Read a backup into an empty folder and return its manifest.

    Raises BackupError where the passphrase is wrong or anything is missing, too large, altered or misplaced.
    """
    with _faults(file.name), ZipFile(file) as bundle:
        is_sealed = set(bundle.namelist()) == {_KEY, _SEALED}
        if is_sealed != bool(passphrase):
            asked = (
                "这份备份是加密的，请用 --passphrase-file 给出口令"
                if is_sealed
                else "这份备份没有加密，请去掉 --passphrase-file"
            )
            raise BackupError(file.name, asked)
        if not passphrase:
            return _extract(bundle, folder, file.name)
        plain = folder / "backup.zip"
        _check_room(bundle.getinfo(_SEALED).file_size, folder, file.name)
        _open_seal(bundle, plain, file.name, passphrase)
    with _faults(file.name), ZipFile(plain) as bundle:
        manifest = _extract(bundle, folder, file.name)
    plain.unlink()
    return manifest


@contextmanager
def _faults(name: str) -> Iterator[None]:
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # the last: locked or packed otherwise
        raise BackupError(name, "不是完整的备份文件：被截断、改动或损坏") from error


def _open_seal(bundle: ZipFile, plain: Path, name: str, passphrase: str) -> None:
    try:
        key = pyrage.passphrase.decrypt(_small(bundle, _KEY, name), passphrase)
        identity = pyrage.x25519.Identity.from_str(key.decode())
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError) as error:
        raise BackupError(f"{name} 中的 {_KEY}", "口令不对，或文件被改动") from error
    try:
        with bundle.open(_SEALED) as sealed, plain.open("xb") as stream:
            pyrage.decrypt_io(sealed, stream, [identity])
    except (pyrage.DecryptError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk, not the file
            raise
        raise BackupError(f"{name} 中的 {_SEALED}", "被截断、改动或损坏") from error


def _extract(bundle: ZipFile, folder: Path, name: str) -> Manifest:
    manifest = _read_manifest(bundle, name)
    if sorted(bundle.namelist()) != sorted([_MANIFEST, *manifest.members]):
        raise BackupError(f"{name} 中的 {_MANIFEST}", "清单与内容不符：有多出或缺少的文件")
    for inner, member in manifest.members.items():
        _check_member(bundle.getinfo(inner), member, name)
    _check_room(sum(member.size for member in manifest.members.values()), folder, name)
    for inner, member in manifest.members.items():
        target = folder / inner
        target.parent.mkdir(parents=True, exist_ok=True)
        with bundle.open(inner) as stream, target.open("xb") as written:
            shutil.copyfileobj(stream, written, 1024**2)
        if _member(target) != member:
            raise BackupError(f"{name} 中的 {inner}", "内容与清单上的校验值不符")
    return manifest


def _read_manifest(bundle: ZipFile, name: str) -> Manifest:
    if _MANIFEST not in bundle.namelist():
        raise BackupError(name, f"不是回应的备份：没有 {_MANIFEST}")
    try:
        manifest = _MANIFESTS.validate_json(_small(bundle, _MANIFEST, name))
    except ValidationError as error:
        raise BackupError(f"{name} 中的 {_MANIFEST}", "清单残缺") from error
    if manifest.format != FORMAT:
        raise BackupError(
            f"{name} 中的 {_MANIFEST}", f"格式为 {manifest.format}，本版本只认 {FORMAT}，请升级程序"
        )
    if DATABASE not in manifest.members:
        raise BackupError(f"{name} 中的 {_MANIFEST}", f"没有 {DATABASE}")
    return manifest


def _small(bundle: ZipFile, inner: str, name: str) -> bytes:
    _check_small(bundle.getinfo(inner), name)
    return bundle.read(inner)


def _check_small(info: ZipInfo, name: str) -> None:
    if info.file_size > _LARGEST_FILE:
        raise BackupError(f"{name} 中的 {info.filename}", "超出允许的大小")


def _check_member(info: ZipInfo, member: Member, name: str) -> None:
    """Refuse what would be written outside of the folder, or is not of the size that it says."""
    parts = PurePosixPath(info.filename).parts
    is_ours = info.filename == DATABASE or (len(parts) > 1 and parts[0] == FILES)
    is_plain = ".." not in parts and not any(sign in info.filename for sign in "\\:\0")
    if not (is_ours and is_plain and info.filename == "/".join(parts)):
        raise BackupError(f"{name} 中的 {info.filename!r}", "文件名不合规")
    if info.file_size != member.size:
        raise BackupError(f"{name} 中的 {info.filename}", "大小与清单不符")
    if info.filename != DATABASE:
        _check_small(info, name)


def _check_room(size: int, folder: Path, name: str) -> None:
    """Refuse what says it is larger than the disk has room for; never more than it says is written."""
    free = shutil.disk_usage(folder).free
    if size > free:
        raise BackupError(name, f"展开需要 {size // 1024**2} MB，{folder.parent} 只剩 {free // 1024**2} MB")
