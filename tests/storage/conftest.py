"""Every test of this folder that asks for `store` runs on SQLite and on PostgreSQL."""

from tests.support.databases import database_url, postgres_url, sqlite_url, store

__all__ = ["database_url", "postgres_url", "sqlite_url", "store"]
