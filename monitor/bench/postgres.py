"""A PostgreSQL server of one's own on a socket of its own, thrown away afterwards."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, run
from tempfile import TemporaryDirectory

_OPTIONS = (
    "-c listen_addresses='' -c shared_buffers=512MB -c work_mem=64MB -c maintenance_work_mem=512MB"
    " -c max_wal_size=4GB -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
)


@contextmanager
def own_postgres() -> Iterator[str | None]:
    """Lend the address of an empty database; None where PostgreSQL is not installed."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    user = "postgres" if os.geteuid() == 0 else None  # initdb refuses root
    with TemporaryDirectory(prefix="huiying-pg-", ignore_cleanup_errors=True) as folder:
        if user:
            shutil.chown(folder, user)

        def call(program: str, *arguments: str) -> None:
            command = [str(binaries / program), "-D", f"{folder}/data", *arguments]
            run(command, check=True, user=user, cwd=folder, stdout=DEVNULL)  # noqa: S603 - our own arguments

        call("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = f"{_OPTIONS} -c unix_socket_directories={folder}"
        call("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            call("pg_ctl", "-m", "immediate", "stop")


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    elsewhere = shutil.which("initdb")
    if not found and elsewhere is None:
        return None
    return (found[-1] if found else Path(str(elsewhere))).parent
