"""Stores on both databases, and a quick one for what does not depend on which."""

from tests.support.databases import database_url, postgres_url, sqlite_url, store
from tests.support.lite import lite, template

__all__ = ["database_url", "lite", "postgres_url", "sqlite_url", "store", "template"]
