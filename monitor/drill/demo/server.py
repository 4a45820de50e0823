"""The demo's feeds on loopback: RSS, a hot list and an HTML list page, as they stand right now."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from types import MappingProxyType
from typing import Any, Final

from aiohttp import web
from jinja2 import Environment, PackageLoader

from monitor.clock import Clock, as_local, as_utc
from monitor.collectors.model import Politeness, Source, SourceKind
from monitor.drill.demo.story import StandingPost, Story, StorySource, read_story

HOST: Final = "127.0.0.1"
# In the demo's time: at the shipped pace every source is asked about once a second.
EVERY: Final = timedelta(minutes=4)
PATH: Final[Mapping[SourceKind, str]] = MappingProxyType(
    {SourceKind.FEED: "/feeds", SourceKind.HOTLIST: "/api/s?id=", SourceKind.PAGE: "/pages"}
)
READING: Final[Mapping[SourceKind, Mapping[str, Any]]] = MappingProxyType(
    {
        SourceKind.HOTLIST: {"shape": "newsnow"},
        SourceKind.PAGE: {"list": "ul.news > li", "title": "a", "link": "a", "date": "time", "text": "p"},
    }
)


@asynccontextmanager
async def serve_demo(clock: Clock, story: Story | None = None) -> AsyncIterator[str]:
    """Serve the story on a free port and yield the base address; it begins with the first request."""
    runner = web.AppRunner(demo_site(story or read_story(), clock), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        yield f"http://{HOST}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def demo_sources(base_url: str, story: Story | None = None) -> tuple[Source, ...]:
    """Return the sources of the story as they are served at `base_url`."""
    return tuple(_source(base_url, source) for source in (story or read_story()).sources)


def demo_site(story: Story, clock: Clock) -> web.Application:
    """Return the web application that tells the story on this clock."""
    site = _Site(story, clock)
    application = web.Application()
    application.add_routes(
        [
            web.get("/feeds/{source}", site.feed),
            web.get("/api/s", site.hotlist),
            web.get("/pages/{source}", site.page),
            web.get("/posts/{post}", site.post),
        ]
    )
    return application


def _source(base_url: str, source: StorySource) -> Source:
    path = PATH[source.kind]
    return Source(
        id=source.id,
        name=source.name,
        kind=source.kind,
        role=source.role,
        address=f"{base_url}{path}{'' if path.endswith('=') else '/'}{source.id}",
        rank=source.rank,
        scope="county" if source.kind is not SourceKind.HOTLIST else "nation",
        every=EVERY,
        politeness=Politeness(spacing=timedelta(0), own=True, allow_private=True),
        reading=READING.get(source.kind, MappingProxyType({})),
        comment="演示数据，全部虚构",
    )


class _Site:
    """Answers requests from the story."""

    def __init__(self, story: Story, clock: Clock) -> None:
        self._story = story
        self._clock = clock
        # Set by the first request: what a slow start of the service takes is no part of the story.
        self._started_at: datetime | None = None
        self._templates = Environment(loader=PackageLoader(__package__, "."), autoescape=True)
        filters: dict[str, Callable[[datetime], str]] = {"rfc822": _rfc822, "minute": _minute}
        self._templates.filters.update(filters)

    async def feed(self, request: web.Request) -> web.Response:
        source = self._source(request.match_info["source"], SourceKind.FEED)
        return self._rendered(
            "feed.xml", "application/rss+xml", source=source, base=str(request.url.origin())
        )

    async def page(self, request: web.Request) -> web.Response:
        source = self._source(request.match_info["source"], SourceKind.PAGE)
        return self._rendered("list.html", "text/html", source=source)

    async def hotlist(self, request: web.Request) -> web.Response:
        source = self._source(request.query.get("id", ""), SourceKind.HOTLIST)
        posts = sorted(self._standing(source), key=lambda post: post.heat or 0.0, reverse=True)
        base = request.url.origin()
        return web.json_response(
            {
                "status": "success",
                "id": source.id,
                "updatedTime": max((round(post.at.timestamp() * 1000) for post in posts), default=0),
                "items": [_line(post, f"{base}/posts/{post.id}") for post in posts],
            }
        )

    async def post(self, request: web.Request) -> web.Response:
        for source in self._story.sources:
            for post in self._standing(source):
                if post.id == request.match_info["post"]:
                    return self._rendered("post.html", "text/html", source=source, post=post)
        raise web.HTTPNotFound

    def _source(self, id_: str, kind: SourceKind) -> StorySource:
        for source in self._story.sources:
            if source.id == id_ and source.kind is kind:
                return source
        raise web.HTTPNotFound

    def _standing(self, source: StorySource) -> tuple[StandingPost, ...]:
        now = self._clock.now()
        if self._started_at is None:
            self._started_at = now
        return self._story.standing(source.id, self._started_at, now)

    def _rendered(self, template: str, content_type: str, source: StorySource, **facts: Any) -> web.Response:
        text = self._templates.get_template(template).render(
            source=source, posts=self._standing(source), **facts
        )
        return web.Response(text=text, content_type=content_type, charset="utf-8")


def _line(post: StandingPost, url: str) -> dict[str, Any]:
    """Return one line of a newsnow answer."""
    return {
        "id": post.id,
        "title": post.title,
        "url": url,
        "extra": {"info": f"{(post.heat or 0.0) / 10_000:.0f}万热度", "hover": post.text},
    }


def _rfc822(at: datetime) -> str:
    return format_datetime(as_utc(at), usegmt=True)


def _minute(at: datetime) -> str:
    return f"{as_local(at):%Y-%m-%d %H:%M}"
