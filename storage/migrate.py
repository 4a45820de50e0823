"""Bring a database up to this version of the program: forward only, one process at a time."""

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.errors import SchemaTooNewError

_MIGRATION_LOCK = 1_095_216_660


def migrate(connection: Connection) -> None:
    """Migrate to head inside the caller's transaction; raises SchemaTooNewError, see there.

    On SQLite the caller's transaction is the lock (BEGIN IMMEDIATE); on PostgreSQL an advisory lock is taken.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))  # another one may migrate for minutes
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    scripts = _scripts()
    present = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if present is not None and present not in known:
        raise SchemaTooNewError(present)
    if present != scripts.get_current_head():
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    return config


@cache
def _scripts() -> ScriptDirectory:
    """Return the packaged migrations; a process reads them once."""
    return ScriptDirectory.from_config(_config())
