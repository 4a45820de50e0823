"""A county with its bot, its mail server and its sources, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from tests.support.databases import database_url, postgres_url, sqlite_url, store
from tests.support.mail import MailServer, mail_server
from tests.support.vendors import VendorServer, says, vendor_server
from tests.support.web import ScriptedSite

__all__ = ["database_url", "postgres_url", "sqlite_url", "store"]


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
async def bot() -> AsyncIterator[VendorServer]:
    """A WeCom bot that takes everything."""
    async with vendor_server(says({"errcode": 0})) as server:
        yield server


@pytest.fixture
async def site() -> AsyncIterator[ScriptedSite]:
    async with ScriptedSite() as served:
        yield served
