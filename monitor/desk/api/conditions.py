"""Conditional requests (RFC 9110): every read has an ETag; an act may name the version it was decided on."""

import re
from hashlib import blake2b
from typing import Annotated

from fastapi import Header, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from monitor.errors import MonitorError

_VERSION = re.compile(r'(?:W/)?"v(\d{1,9})(?:-[0-9a-f]+)?"')
_TAGS = re.compile(r'(?:W/)?("[^"]*")')
_KEPT = ("etag", "link", "cache-control")

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="事件详情的 ETag，可代替 expected_version；已被他人办理则答 412",
    ),
]


class StaleError(MonitorError):
    """`If-Match` names something else than the incident as it is now."""


def wanted_version(if_match: str | None, expected: int | None) -> int | None:
    """Return the version an act was decided on, by header or body; raises StaleError where they differ."""
    if if_match is None or if_match.strip() == "*":
        return expected
    found = _VERSION.fullmatch(if_match.strip())
    if found is None or expected not in (None, int(found[1])):
        raise StaleError(if_match)
    return int(found[1])


class ConditionalAnswer(JSONResponse):
    """An answer that has an ETag if it is read, and is 304 for whoever holds it already.

    A route that knows a version sets it as `ETag: "v7"`; the rest of the tag is of the body.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or say that nothing changed."""
        if scope["method"] != "GET" or self.status_code != 200:
            await super().__call__(scope, receive, send)
            return
        tag = _tag(self)
        self.headers["etag"] = tag
        self.headers["cache-control"] = "private, no-cache"
        if _holds(Headers(scope=scope).get("if-none-match", ""), tag):
            kept = {name: value for name, value in self.headers.items() if name in _KEPT}
            await Response(status_code=304, headers=kept)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _tag(response: Response) -> str:
    digest = blake2b(bytes(response.body), digest_size=12).hexdigest()
    version = response.headers.get("etag", "").strip('"')
    return f'"{version}-{digest}"' if version else f'"{digest}"'


def _holds(if_none_match: str, tag: str) -> bool:
    """Return whether the caller holds this answer: the weak comparison, as for every GET."""
    return if_none_match.strip() == "*" or tag in _TAGS.findall(if_none_match)
