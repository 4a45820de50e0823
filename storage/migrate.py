"""Bring a database up to this version of the program: forward only, one process at a time."""

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
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    scripts = ScriptDirectory.from_config(config)
    present = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in scripts.walk_revisions()}
    if present is not None and present not in known:
        raise SchemaTooNewError(present)
    if present != scripts.get_current_head():
        command.upgrade(config, "head")
