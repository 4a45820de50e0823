"""Backup, restore and retention of what the settings name: the database and the files people edit."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from monitor.clock import as_local
from monitor.office.model import Office
from monitor.settings import Settings
from storage.backup import Restored, check_backup, restore_backup, take_backup
from storage.retention import Forgotten, count_old, forget_old

__all__ = ["check_backup", "edited_files", "forget", "forget_by_policy", "restore", "save"]

_AT_NIGHT = range(3, 5)
"""The local hours in which old items are forgotten: nobody waits for the desk then."""


def save(settings: Settings, file: Path, now: datetime, passphrase: str | None) -> Restored:
    """Back up the database and the files; the environment, `.env` and the folder `var` are left out."""
    return take_backup(
        settings.database_url.get_secret_value(),
        file,
        dict(edited_files(settings)),
        work=settings.var,
        now=now,
        passphrase=passphrase,
    )


def restore(
    settings: Settings,
    file: Path,
    now: datetime,
    passphrase: str | None,
    *,
    to: str | None,
    replace: bool,
    files_to: Path | None,
) -> Restored:
    """Restore into the database of this address, or that of the settings; see `restore_backup`."""
    return restore_backup(
        file,
        to or settings.database_url.get_secret_value(),
        work=settings.var,
        now=now,
        passphrase=passphrase,
        replace=replace,
        files_to=files_to,
    )


def edited_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Yield each file that people edit, under the name of its setting, whatever it is called here."""
    for name in ("office", "sources", "rules", "grading", "opinion_levels"):
        path: Path | None = getattr(settings, name)
        if path is not None and path.is_file():
            yield f"{name}.yaml", path
    for name in ("words", "templates"):
        folder: Path | None = getattr(settings, name)
        if folder is None or not folder.is_dir():
            continue
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield f"{name}/{path.relative_to(folder).as_posix()}", path


def forget(settings: Settings, before: datetime, now: datetime, *, only_count: bool) -> Forgotten:
    """Forget what led to nothing before then, or count it; see `forget_old`."""
    address = settings.database_url.get_secret_value()
    return count_old(address, before) if only_count else forget_old(address, before, now, "console")


def forget_by_policy(settings: Settings, office: Office, now: datetime) -> Forgotten | None:
    """Forget what the office keeps no longer (`keep_items`), at night only; None where it is not time.

    Running twice a night changes nothing: what is forgotten is forgotten.
    """
    keep = office.policy.keep_items
    if keep is None or as_local(now).hour not in _AT_NIGHT:
        return None
    return forget_old(settings.database_url.get_secret_value(), now - keep, now, "policy")
