"""Builds the desk: routes, refusals in Chinese, headers; and the server that never logs an address line."""

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from urllib.parse import quote

import uvicorn
from argon2 import PasswordHasher
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from monitor.clock import Clock, SystemClock
from monitor.collectors.model import Source
from monitor.desk.access import CODE_LASTS, SETUP_LASTS, Access
from monitor.desk.api import problems
from monitor.desk.api.analysis_api import analysis_api
from monitor.desk.api.desk_api import desk_api
from monitor.desk.api.draft_api import draft_api
from monitor.desk.api.history_api import history_api
from monitor.desk.api.incident_api import api, service
from monitor.desk.api.order_api import order_api
from monitor.desk.api.rota_api import rota_api
from monitor.desk.api.tip_api import tips_api
from monitor.desk.context import Desk, DeskSettings, Lookout, Reaching, desk_of, known_visitor
from monitor.desk.guard import Guard
from monitor.desk.pages.account_pages import account
from monitor.desk.pages.accounts_pages import accounts
from monitor.desk.pages.alarm_pages import alarms
from monitor.desk.pages.analysis_pages import analyses
from monitor.desk.pages.channel_pages import channels
from monitor.desk.pages.desk_pages import pages, read_form
from monitor.desk.pages.digest_pages import digests
from monitor.desk.pages.draft_pages import drafts
from monitor.desk.pages.entry import entry
from monitor.desk.pages.feeds import feeds
from monitor.desk.pages.history_pages import history
from monitor.desk.pages.intake_pages import intake
from monitor.desk.pages.journal_pages import journal
from monitor.desk.pages.order_pages import orders
from monitor.desk.pages.paper_pages import papers
from monitor.desk.pages.rehearsal_pages import rehearsals
from monitor.desk.pages.rota_pages import rota
from monitor.desk.pages.rules_pages import rules
from monitor.desk.pages.settings_pages import settings as settings_pages
from monitor.desk.pages.source_pages import sources as source_pages
from monitor.desk.rehearsing import RehearsalRoom, Rehearsals
from monitor.desk.watch import Watch
from monitor.errors import StoreError
from monitor.incidents.opinion_level import LevelTable, packaged_levels
from monitor.office.model import Office
from monitor.pipeline.receiving import DeskActs
from monitor.pipeline.trial import Words
from monitor.ports import Store

_WRITTEN = frozenset({"title", "text", "reason", "note", "demands", "trial", "url"})
"""Fields that cost somebody thought, none of them a secret."""

_OVER = "登录已到期，内容没有提交"
_COPY = ("请先复制下面的内容，重新登录后再办理一次。",)

_ROUTERS = (
    entry,
    account,
    accounts,
    pages,
    alarms,
    analyses,
    channels,
    digests,
    papers,
    drafts,
    history,
    intake,
    journal,
    settings_pages,
    source_pages,
    rota,
    orders,
    rules,
    rehearsals,
    api,
    analysis_api,
    tips_api,
    desk_api,
    history_api,
    draft_api,
    rota_api,
    order_api,
    feeds,
    service,
)


def build_desk(
    *,
    store: Store,
    acts: DeskActs,
    office: Callable[[], Office],
    sources: Callable[[], tuple[Source, ...]],
    clock: Clock,
    settings: DeskSettings,
    faults: Callable[[], tuple[str, ...]] = tuple,
    failing: Callable[[], Mapping[str, int]] = dict,
    wording: Words | None = None,
    reaching: Reaching | None = None,
    rehearsing: Rehearsals | None = None,
    lookout: Lookout | None = None,
    levels: Callable[[], LevelTable] = packaged_levels,
    hasher: PasswordHasher | None = None,
) -> FastAPI:
    """Return the desk as an application; its door is `app.state.desk.access`.

    `office`, `sources`, `faults` and `levels` are asked anew at every request: their files may change.
    What is None is not there: a page, or the button that tries a channel or a source.
    """
    desk = Desk(
        store=store,
        acts=acts,
        office=office,
        sources=sources,
        faults=faults,
        failing=failing,
        wording=wording,
        reaching=reaching,
        rehearsing=RehearsalRoom(rehearsing) if rehearsing else None,
        lookout=lookout,
        levels=levels,
        clock=clock,
        settings=settings,
        access=_door(store, clock, office, settings, hasher or PasswordHasher()),
        watch=Watch(store=store, clock=clock, every=settings.refresh_every),
    )
    return _app_of(desk)


def _door(
    store: Store, clock: Clock, office: Callable[[], Office], settings: DeskSettings, hasher: PasswordHasher
) -> Access:
    """Return the door; lengths that people live through are real ones, however fast a demo's clock runs."""
    return Access(
        store=store,
        clock=clock,
        office=office,
        secret=settings.secret.get_secret_value().encode(),
        session_lasts=settings.session_lasts * settings.clock_rate,
        link_lasts=SETUP_LASTS * settings.clock_rate,
        code_lasts=CODE_LASTS * settings.clock_rate,
        code_clock=SystemClock() if settings.demo else clock,
        hasher=hasher,
    )


def _app_of(desk: Desk) -> FastAPI:
    """Return the application that serves this desk."""
    version = desk.settings.version
    app = FastAPI(title="回应 Huiying", version=version, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.desk = desk
    app.router.routes.extend(_routes())
    app.mount("/static", StaticFiles(packages=[("monitor.desk", "static")]), name="static")
    app.add_middleware(Guard, office=desk.office)
    for error in problems.REFUSALS:
        app.add_exception_handler(error, _refuse)
    return app


@cache
def _routes() -> list[BaseRoute]:
    """Return the routes of every desk of this process: the first request readies them, and that is slow."""
    whole = APIRouter()
    for router in _ROUTERS:
        whole.include_router(router)
    return whole.routes


def desk_server(app: FastAPI, *, host: str, port: int, proxies: str = "") -> uvicorn.Server:
    """Return a server for the desk: no access log, for addresses hold one-time tokens.

    `proxies` are addresses or networks, parted by commas, that are believed whom they speak for.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies,
            server_header=False,
            timeout_graceful_shutdown=2,
            lifespan="off",
        )
    )


async def _refuse(request: Request, error: Exception) -> Response:
    """Answer a refusal: a problem for programs, a page or the sign-in form for people."""
    if request.url.path.startswith(("/api/", "/metrics", "/health", "/feeds/", "/events")):
        return problems.answer(error)
    problem = problems.judge(error)
    if problem.code == "sign_in":
        return await _to_sign_in(request)
    if problem.code == "second_factor_needed":
        return RedirectResponse("/account/second-factor", status_code=303)
    return await asyncio.to_thread(_refusal, request, error, problem)


def _refusal(request: Request, error: Exception, problem: problems.Problem) -> Response:
    visitor = None if isinstance(error, StoreError) else known_visitor(request)
    return desk_of(request).page(
        "error.html", visitor, status=problem.status, title=problem.detail, lines=(), typed={}, back="/"
    )


async def _to_sign_in(request: Request) -> Response:
    """Lead to the sign-in form and back; what was typed while the session ran out is shown, not lost."""
    query = f"?{request.url.query}" if request.url.query else ""
    if request.method == "GET":
        return RedirectResponse(f"/login?to={quote(request.url.path + query)}", status_code=303)
    try:
        sent = await read_form(request)
    except HTTPException:  # a file, which the browser still has
        sent = {}
    typed = {name: value for name, value in sent.items() if name in _WRITTEN and value}
    if not typed:
        return RedirectResponse("/login?to=/", status_code=303)
    return desk_of(request).page(
        "error.html",
        None,
        status=401,
        title=_OVER,
        lines=_COPY,
        typed=typed,
        back="/login",
    )
