"""Rehearsals run on real databases."""

from tests.support.databases import postgres_url, sqlite_url

__all__ = ["postgres_url", "sqlite_url"]
