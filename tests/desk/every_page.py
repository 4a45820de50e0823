"""The one list of the desk's pages: whoever builds a page adds a line, and a browser looks at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages

from fastapi import APIRouter
from fastapi.routing import APIRoute

import monitor.desk
from monitor.desk.roles import ROLES

NOBODY = ("",)
"""Pages that are seen without signing in."""

STAFF = tuple(role for role in ROLES if role != "department")


@dataclass(frozen=True, slots=True)
class PageOf:
    """A page: the route as the desk declares it, who sees it, and an address with the names of `places`.

    The role that sees most of it comes first.
    """

    route: str
    roles: tuple[str, ...]
    address: str = ""

    def at(self, places: dict[str, str]) -> str:
        """Return the address, or the route itself where it has no parts to fill in."""
        return (self.address or self.route).format(**places)


EVERY_PAGE = (
    PageOf("/", ROLES),
    PageOf("/incidents/{incident_id}", ROLES, "/incidents/2"),
    PageOf("/incidents/{incident_id}", STAFF, "/incidents/1"),
    PageOf("/incidents/{incident_id}", ("leader", "duty"), "/incidents/5"),
    PageOf("/incidents/{incident_id}", ("duty",), "/incidents/6"),
    PageOf("/incidents/{incident_id}", ("duty", "department"), "/incidents/99"),  # the page of a refusal
    PageOf("/history", STAFF, "/history?q=柯街"),
    PageOf("/history", ("duty",), "/history?since=2026-13-99"),
    PageOf("/digests", ("head", "leader", "analyst", "admin")),
    PageOf("/papers/{paper_id}", ("head", "analyst"), "/papers/1"),
    PageOf("/orders", ROLES),
    PageOf("/incidents/{incident_id}/orders/{order_id}", ("head", "department", "analyst"), "{order}"),
    PageOf("/orders/{order_id}/{message_no}/{signature}", NOBODY, "{order_link}"),
    PageOf("/incidents/{incident_id}/draft", ("duty", "leader", "analyst"), "/incidents/1/draft"),
    PageOf("/incidents/{incident_id}/draft", ("duty", "head", "department"), "/incidents/2/draft"),
    PageOf("/analysis", ("analyst", "duty")),
    PageOf("/journal", ("admin", "duty")),
    PageOf("/settings", ROLES),
    PageOf("/settings/people", ("admin", "duty")),
    PageOf("/settings/health", ("admin", "duty")),
    PageOf("/sources", STAFF),
    PageOf("/sources/{source_id}", ("admin", "analyst"), "/sources/forum"),
    PageOf("/rota", ("duty", "head", "leader", "analyst", "admin")),
    PageOf("/rehearsals", ("head", "duty", "department")),
    PageOf("/rehearsals/{name}", ("head", "department"), "/rehearsals/channels"),
    PageOf("/intake", ("duty", "head", "admin")),
    PageOf("/intake/{item_id}", ("duty", "analyst"), "/intake/{tip}"),
    PageOf("/rules", ("analyst", "admin")),
    PageOf("/channels", ("admin",)),
    PageOf("/accounts", ("admin",)),
    PageOf("/subscribe", ROLES),
    PageOf("/password", ROLES),
    PageOf("/account", ROLES),
    PageOf("/account/second-factor", ROLES),
    PageOf("/login", NOBODY),
    PageOf("/login/code", NOBODY),
    PageOf("/setup/{token}", NOBODY, "/setup/{setup}"),
    PageOf("/setup/{token}", NOBODY, "/setup/unknown"),
    PageOf("/enter/{token}", NOBODY, "/enter/{enter}"),
    PageOf("/messages/{incident_id}/{message_no}/{signature}", NOBODY, "{message}"),
)

NO_PAGES = {
    "/board": "the changing part of the board",
    "/alarm": "the strip of every page",
    "/events": "a stream",
    "/health": "for programs",
    "/metrics": "for programs",
    "/api/openapi.json": "for programs",
    "/account/second-factor.svg": "a picture",
    "/feeds/deadlines.ics": "a calendar",
    "/feeds/incidents.atom": "a feed",
    "/intake/{item_id}/files/{number}": "a file",
    "/digests/{on}/{form}": "a paper with a style of its own",
    "/digests/{term}/{on}/{form}": "a paper with a style of its own",
    "/papers/{paper_id}/{form}": "a paper with a style of its own",
    "/papers/{paper_id}/figures/{number}": "a picture",
    "/incidents/{incident_id}/orders/{order_id}/{form}": "a paper with a style of its own",
    "/incidents/{incident_id}/draft/{number}/{form}": "a paper with a style of its own",
    "/history/export/{form}": "a table",
    "/history/exports/{name}": "for the page of history",
    "/analysis/assessment": "a table",
    "/analysis/{code}/{form}": "a table or a picture",
    "/incidents/{incident_id}/papers/{kind}/{form}": "a paper with a style of its own",
}
"""What is got but is no page of the desk, and why."""


def unlisted() -> set[str]:
    """Return the routes that are got and stand neither among the pages nor among what is none."""
    got = {route.path for route in _routes() if "GET" in (route.methods or ())}
    pages = {path for path in got if not path.startswith(("/api/v1", "/api/inbox"))}
    return pages - {page.route for page in EVERY_PAGE} - set(NO_PAGES)


def _routes() -> Iterator[APIRoute]:
    for module in walk_packages(monitor.desk.__path__, "monitor.desk."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, APIRouter):
                yield from (route for route in value.routes if isinstance(route, APIRoute))
