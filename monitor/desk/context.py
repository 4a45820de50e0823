"""What every route of the desk works with, and who is asking."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, lru_cache
from threading import Lock
from typing import Annotated, Any, cast

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from pydantic import SecretStr

from alerts.message.words import say_standard
from alerts.model import Outcome
from monitor.clock import Clock
from monitor.collectors.model import Source
from monitor.desk import words
from monitor.desk.access import Access, AccessError, Visitor
from monitor.desk.bodies import ActIn
from monitor.desk.exports import Exports
from monitor.desk.health import STORE_IS_DOWN, Surroundings, Trouble, troubles, unreached
from monitor.desk.heat_levels import HeatLevels
from monitor.desk.machine import Disk
from monitor.desk.order_bodies import OrderBody
from monitor.desk.reads import Shelf
from monitor.desk.rehearsing import RehearsalRoom
from monitor.desk.roles import (
    acts_of,
    may_read_papers,
    may_register,
    may_see,
    may_see_everything,
    may_see_order,
    may_try_rules,
)
from monitor.desk.trying import SourceTrials
from monitor.desk.views.board_view import name_of
from monitor.desk.views.incident_view import safe_link
from monitor.desk.views.journal_view import ChainState, chain_state
from monitor.desk.views.reach_view import say_heat
from monitor.desk.views.rota_view import year_fault
from monitor.desk.watch import Watch
from monitor.errors import NotFoundError, RefusedActError, StoreError
from monitor.incidents.opinion_level import LevelTable, packaged_levels
from monitor.office.model import Office
from monitor.pipeline.receiving import DeskActs
from monitor.pipeline.trial import Words
from monitor.ports import Store, Transaction
from monitor.ports.orders import FiledOrder

COOKIE = "huiying_session"
LARGEST_ID = 2**31 - 1
"""PostgreSQL compares numbers of incidents, items and entries as integers of four bytes."""

IncidentId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
MOST_LINES = 2_000
_NOBODY = {"engine": "系统", "ledger": "以往台账", "policy": "系统按本单位规定"}


@cache
def page_environment() -> Environment:
    """Return the templates, read once: everything escaped, a missing name is an error."""
    pages = Environment(
        loader=PackageLoader("monitor.desk"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals.update(
        word=words.word, full=words.full, severity_word=words.severity_word, reason_word=words.reason_word,
        cause_word=words.cause_word, say_standard=say_standard, length=words.length, safe_link=safe_link,
        say_heat=say_heat,
    )  # fmt: skip
    # Most lines of a board are those that the last one had, and that every other open desk has.
    pages.globals["board_line"] = lru_cache(MOST_LINES)(vars(pages.get_template("_card.html").module)["line"])
    return pages


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSettings:
    """What the service tells the desk; `secret` signs links and forms and must survive a restart.

    `clock_rate` is how many seconds of the injected clock pass in one real second (the demo runs faster).
    """

    secret: SecretStr
    version: str
    demo: bool = False
    clock_rate: float = 1.0
    session_lasts: timedelta = timedelta(hours=12)
    link_lasts: timedelta = timedelta(days=7)
    refresh_every: timedelta = timedelta(seconds=1)
    tick_expected_every: timedelta = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaching:
    """What the service lends the desk to show how people are reached: a test message, and sample words."""

    try_channel: Callable[[str], Awaitable[Outcome]]
    preview: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """What the service lends the desk to look at its sources and its machine."""

    trials: SourceTrials
    disk: Callable[[], Disk]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The desk's own surroundings; `faults` are lines about faulty edits of the files people keep.

    `failing` says how often each step of this process failed in a row.

    `trying` is held while words are tried: it keeps a core busy, so one at a time.
    """

    store: Store
    acts: DeskActs
    office: Callable[[], Office]
    sources: Callable[[], tuple[Source, ...]]
    faults: Callable[[], tuple[str, ...]]
    failing: Callable[[], Mapping[str, int]]
    clock: Clock
    settings: DeskSettings
    access: Access
    watch: Watch
    wording: Words | None = None
    reaching: Reaching | None = None
    rehearsing: RehearsalRoom | None = None
    lookout: Lookout | None = None
    levels: Callable[[], LevelTable] = packaged_levels
    pages: Environment = field(default_factory=page_environment)
    trying: Lock = field(default_factory=Lock)
    heat: HeatLevels = field(default_factory=HeatLevels)
    shelf: Shelf = field(default_factory=Shelf)
    exports: Exports = field(default_factory=Exports)

    def surroundings(self) -> Surroundings:
        """Return what the database does not know of the service."""
        return Surroundings(
            sources=self.sources(),
            channels=frozenset(channel.name for channel in self.office().channels),
            faults=self.faults(),
            failing=self.failing(),
            year_fault=year_fault(self.office(), self.clock.now()),
            disk_fault=self.lookout.disk().fault if self.lookout else None,
            tick_expected_every=self.settings.tick_expected_every,
            pace=self.settings.clock_rate,
        )

    def troubles(self) -> tuple[Trouble, ...]:
        """Return everything that is wrong with the service itself (A10)."""
        try:
            with self.store.reading() as transaction:
                return troubles(transaction, self.surroundings(), self.clock.now())
        except StoreError:
            return (STORE_IS_DOWN,)

    def chain(self) -> ChainState:
        """Return how the journal's chain stands."""
        with self.store.reading() as transaction:
            return chain_state(transaction)

    def unreached(self) -> int:
        """Return how many sources were never read; a quiet board then says little."""
        with self.store.reading() as transaction:
            return unreached(transaction, self.sources())

    def page(
        self, template: str, visitor: Visitor | None, *, status: int = 200, **facts: Any
    ) -> HTMLResponse:
        """Render one page."""
        office, now = self.office(), self.clock.now()
        text = self.pages.get_template(template).render(
            office=office,
            now=now,
            visitor=visitor,
            may=acts_of(visitor.account) if visitor else frozenset(),
            sees_everything=visitor is not None and may_see_everything(visitor.account),
            tries_rules=self.wording is not None and visitor is not None and may_try_rules(visitor.account),
            registers=visitor is not None and may_register(visitor.account),
            reads_papers=visitor is not None and may_read_papers(visitor.account),
            rehearses=self.rehearsing is not None,
            settings=self.settings,
            when=lambda at: words.when(at, now),
            time_tag=lambda at: words.time_tag(at, now),
            moment=lambda moment: words.moment_words(moment, now),
            name_of=lambda id_: _NOBODY.get(id_) or name_of(office, id_),
            **facts,
        )
        return HTMLResponse(text, status_code=status)


def desk_of(request: Request) -> Desk:
    """Return the desk that serves this request."""
    return cast("Desk", request.app.state.desk)


def known_visitor(request: Request) -> Visitor | None:
    """Return who is signed in in this browser, or None."""
    token = request.cookies.get(COOKIE)
    return desk_of(request).access.visitor(token, "session") if token else None


def _arriving_visitor(request: Request) -> Visitor:
    """Return who is signed in in this browser, also without a second factor; raises AccessError `sign_in`."""
    visitor = known_visitor(request)
    if visitor is None:
        raise AccessError("sign_in")
    return visitor


def _page_visitor(request: Request) -> Visitor:
    """Return who is signed in in this browser; raises AccessError `sign_in` or `second_factor_needed`."""
    visitor = _arriving_visitor(request)
    _require_second_factor(desk_of(request), visitor)
    return visitor


def _require_second_factor(desk: Desk, visitor: Visitor) -> None:
    """Refuse a session without a second factor where the office demands one of the role."""
    is_demanded = visitor.account.role in desk.office().policy.second_factor_for
    if is_demanded and not desk.access.has_second_factor(visitor.account.name):
        raise AccessError("second_factor_needed")


def api_visitor(request: Request) -> Visitor:
    """Return who calls the API, by bearer token or session; raises AccessError `unauthorized`.

    A session that changes something must also send its form token as `X-CSRF-Token`.
    """
    desk = desk_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        visitor = desk.access.visitor(token.strip(), "token")
        if visitor is None:
            raise AccessError("unauthorized")
        return visitor
    cookie = request.cookies.get(COOKIE)
    visitor = desk.access.visitor(cookie, "session") if cookie else None
    if visitor is None:
        raise AccessError("unauthorized")
    _require_second_factor(desk, visitor)
    if request.method not in {"GET", "HEAD"}:
        check_form_token(visitor, request.headers.get("x-csrf-token", ""))
    return visitor


def check_form_token(visitor: Visitor, given: str) -> None:
    """Refuse a form that this session's pages did not make; raises AccessError `csrf`."""
    if not hmac.compare_digest(visitor.csrf.encode(), given.encode()):
        raise AccessError("csrf")


def require_scope(visitor: Visitor, scope: str) -> None:
    """Refuse a token without this scope."""
    if not visitor.has_scope(scope):
        raise RefusedActError(scope, "forbidden")


def perform(desk: Desk, visitor: Visitor, incident_id: int, body: ActIn, *, via: str) -> str:
    """Do an act that this visitor may ask for, on an incident they may see; return the answer."""
    if body.act not in acts_of(visitor.account):
        raise RefusedActError(body.act, "forbidden")
    with desk.store.reading() as transaction:
        if isinstance(body, OrderBody):
            require_order(transaction, visitor, incident_id, body.order_id)
        elif not may_see(visitor.account, transaction.dossier(incident_id).incident):
            raise NotFoundError("incident", incident_id)
    return body.perform(desk.acts, incident_id, by=visitor.by, via=via)


def require_order(transaction: Transaction, visitor: Visitor, incident_id: int, order_id: str) -> FiledOrder:
    """Return a slip of this incident; raises NotFoundError, also for one this visitor may not see."""
    filed = transaction.order(order_id)
    if filed.order.incident_id != incident_id or not may_see_order(visitor.account, filed.order):
        raise NotFoundError("order", order_id)
    return filed


TheDesk = Annotated[Desk, Depends(desk_of)]
Signed = Annotated[Visitor, Depends(_page_visitor)]
Arriving = Annotated[Visitor, Depends(_arriving_visitor)]
Caller = Annotated[Visitor, Depends(api_visitor)]
