"""Builds the desk: routes, refusals in Chinese, headers; and the server that never logs an address line."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.clock import Clock, SystemClock
from monitor.collectors.model import Source
from monitor.desk.access import CODE_LASTS, SETUP_LASTS, Access
from monitor.desk.acts import Acts
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
from monitor.desk.pages.account_pages import account
from monitor.desk.pages.accounts_pages import accounts
from monitor.desk.pages.alarm_pages import alarms
from monitor.desk.pages.analysis_pages import analyses
from monitor.desk.pages.channel_pages import channels
from monitor.desk.pages.desk_pages import pages
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
from monitor.pipeline.trial import Words
from monitor.ports import Store

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


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
    acts: Acts,
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
        access=_door(store, clock, settings, hasher or PasswordHasher()),
        watch=Watch(store=store, clock=clock, every=settings.refresh_every),
    )
    return _app_of(desk)


def _door(store: Store, clock: Clock, settings: DeskSettings, hasher: PasswordHasher) -> Access:
    """Return the door; lengths that people live through are real ones, however fast a demo's clock runs."""
    return Access(
        store=store,
        clock=clock,
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
    for router in _ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(packages=[("monitor.desk", "static")]), name="static")
    app.add_middleware(Guard)
    for error in problems.REFUSALS:
        app.add_exception_handler(error, _refuse)
    return app


def desk_server(app: FastAPI, *, host: str, port: int) -> uvicorn.Server:
    """Return a server for the desk: no access log (addresses hold one-time tokens), no trust in proxies."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            lifespan="off",
        )
    )


class Guard:
    """Refuses posts from other sites and sets the headers every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if scope["method"] == "POST" and headers.get(b"sec-fetch-site") in {b"cross-site", b"same-site"}:
            await Response("cross-site post refused", status_code=403)(scope, receive, send)
            return
        is_static = scope["path"].startswith("/static/")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    answer.setdefault(name, value)
                answer.setdefault("cache-control", "max-age=3600" if is_static else "no-store")
            await send(message)

        await self._app(scope, receive, send_guarded)


def _refuse(request: Request, error: Exception) -> Response:
    """Answer a refusal: a problem for programs, a page or the sign-in form for people."""
    if request.url.path.startswith(("/api/", "/metrics", "/health", "/feeds/")):
        return problems.answer(error)
    problem = problems.judge(error)
    if problem.code == "sign_in":
        to = request.url.path if request.method == "GET" else "/"
        return RedirectResponse(f"/login?to={quote(to)}", status_code=303)
    if problem.code == "second_factor_needed":
        return RedirectResponse("/account/second-factor", status_code=303)
    visitor = None if isinstance(error, StoreError) else known_visitor(request)
    return desk_of(request).page(
        "error.html", visitor, status=problem.status, title=problem.detail, lines=(), typed={}, back="/"
    )
