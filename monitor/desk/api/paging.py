"""Lists in pages: a cursor is a number of the list itself, so that no page skips or repeats what stays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query, Request, Response

from monitor.desk.access import Visitor
from monitor.desk.choice import Choice
from monitor.desk.context import LARGEST_ID, Desk
from monitor.desk.roles import may_see
from monitor.incidents.model import Incident, IncidentState

CHUNK = 200
MOST_CHUNKS = 10
"""How much one question looks through: behind it the caller asks on, whatever was found so far."""

Cursor = Annotated[
    int | None,
    Query(ge=1, le=LARGEST_ID, description="上一页响应头 Link（rel=next）给出的游标；首页不填"),
]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Generic[T]):
    """A page of a list; `next` asks for the one behind it, None at the end."""

    rows: Sequence[T]
    next: int | None


def choose_incidents(
    desk: Desk,
    visitor: Visitor,
    choice: Choice,
    states: Sequence[IncidentState],
    *,
    before_id: int | None,
    limit: int,
) -> Slice[Incident]:
    """Return the chosen incidents that this visitor may see, newest first.

    A page may be shorter than `limit`, even empty, and yet not the last one: a rare choice is looked for
    in bounded steps.
    """
    found: list[Incident] = []
    cursor = before_id
    for _ in range(MOST_CHUNKS):
        with desk.store.reading() as transaction:
            chunk = transaction.incidents(states, limit=CHUNK, before_id=cursor)
        found += _fitting(desk, visitor, choice, chunk)
        cursor = chunk[-1].id if len(chunk) == CHUNK else None
        if cursor is None or len(found) > limit:
            break
    if len(found) > limit:
        return Slice(rows=found[:limit], next=found[limit - 1].id)
    return Slice(rows=found, next=cursor)


def _fitting(desk: Desk, visitor: Visitor, choice: Choice, chunk: Sequence[Incident]) -> list[Incident]:
    fitting = [i for i in chunk if may_see(visitor.account, i) and choice.fits(i)]
    if not choice.heat:
        return fitting
    levels = desk.heat.measure(desk.store, fitting, desk.levels(), desk.clock.now())
    return [i for i in fitting if levels[i.id] in choice.heat]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Which page of a list is asked for: at most `limit` rows behind the number `after`."""

    request: Request
    response: Response
    after: int
    limit: int

    def page(self, rows: Sequence[T], number: Callable[[T], int]) -> Sequence[T]:
        """Return the page of rows of which one more than `limit` was read; `number` is a row's cursor."""
        shown = rows[: self.limit]
        found = Slice(rows=shown, next=number(shown[-1]) if len(rows) > self.limit else None)
        return page_of(found, self.request, self.response)


def turns(usual: int, most: int) -> Callable[..., Turn]:
    """Return the dependency that reads which page is asked for, of `usual` rows and of `most` at the most."""

    def turn(
        request: Request,
        response: Response,
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=most)] = usual,
    ) -> Turn:
        return Turn(request=request, response=response, after=cursor or 0, limit=limit)

    return turn


JournalTurn = Annotated[Turn, Depends(turns(200, 500))]


def page_of(found: Slice[T], request: Request, response: Response) -> Sequence[T]:
    """Return the rows of a page and say in the header `Link` where the next one is (RFC 8288)."""
    if found.next is not None:
        following = request.url.include_query_params(cursor=found.next)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return found.rows
