"""The page of the channels: whom each reaches, a test message through it, and what messages look like."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from alerts.model import ChannelHealth, Outcome
from monitor.desk.access import Visitor
from monitor.desk.context import Desk, Signed, TheDesk, check_form_token
from monitor.errors import NotFoundError, RefusedActError
from monitor.office.model import ChannelSpec, Department, Office, Person

channels = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """A channel as administrators see it: whom it reaches and how it fares, never its address."""

    spec: ChannelSpec
    readers: tuple[str, ...]
    health: ChannelHealth


@channels.get("/channels")
def channels_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show every channel and a sample of what is sent."""
    require_admin(visitor)
    return _page(desk, visitor)


@channels.post("/channels")
async def try_channel(
    desk: TheDesk, visitor: Signed, name: Annotated[str, Form()] = "", csrf: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Send a test message through one channel and say what came of it."""
    check_form_token(visitor, csrf)
    require_admin(visitor)
    return _page(desk, visitor, tried=(name, await send_test(desk, name)))


async def send_test(desk: Desk, name: str) -> Outcome:
    """Send a test message through one channel; raises NotFoundError."""
    if desk.reaching is None or desk.office().channel(name) is None:
        raise NotFoundError("channel", name)
    return await desk.reaching.try_channel(name)


def require_admin(visitor: Visitor) -> None:
    """Refuse everybody but administrators."""
    if visitor.account.role != "admin":
        raise RefusedActError("channels", "forbidden")


def channel_views(desk: Desk) -> list[ChannelView]:
    """Return every channel of the office with its readers and how it fares."""
    office = desk.office()
    with desk.store.reading() as transaction:
        health = transaction.channel_health()
    return [
        ChannelView(
            spec=spec,
            readers=_readers(office, spec.name),
            health=health.get(spec.name, ChannelHealth(channel=spec.name)),
        )
        for spec in office.channels
    ]


def _page(desk: Desk, visitor: Visitor, tried: tuple[str, Outcome] | None = None) -> HTMLResponse:
    sample = desk.reaching.preview() if desk.reaching else None
    return desk.page("channels.html", visitor, views=channel_views(desk), tried=tried, sample=sample)


def _readers(office: Office, channel: str) -> tuple[str, ...]:
    everybody: tuple[Person | Department, ...] = (*office.people, *office.departments)
    return tuple(somebody.name for somebody in everybody if channel in somebody.channels)
