"""Builds the desk: routes, refusals in Chinese, headers; and the server that never logs an address line."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from urllib.parse import quote

import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.clock import Clock
from monitor.collectors.model import Source
from monitor.desk import words
from monitor.desk.access import SETUP_LASTS, Access, AccessError
from monitor.desk.acts import Acts
from monitor.desk.answers import ProblemOut
from monitor.desk.api import api, service
from monitor.desk.channel_pages import channels
from monitor.desk.context import Desk, DeskSettings, Reaching, desk_of, known_visitor
from monitor.desk.entry import entry
from monitor.desk.feeds import feeds
from monitor.desk.pages import pages
from monitor.desk.reads import QuestionError
from monitor.desk.rota_pages import rota
from monitor.desk.rules_pages import rules
from monitor.desk.watch import Watch
from monitor.errors import ConflictError, NotFoundError, RefusedActError, StoreError
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
_HTTP_WORDS = {404: "没有这个页面", 405: "没有这个页面", 413: "请求内容过大"}


_REFUSALS = (
    AccessError,
    RefusedActError,
    ConflictError,
    NotFoundError,
    StoreError,
    QuestionError,
    RequestValidationError,
    HTTPException,
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
    levels: Callable[[], LevelTable] = packaged_levels,
    hasher: PasswordHasher | None = None,
) -> FastAPI:
    """Return the desk as an application; its door is `app.state.desk.access`.

    `office`, `sources`, `faults` and `levels` are asked anew at every request: their files may change.
    Without `wording` there is no page of words and rules; without `reaching` no channel can be tried.
    """
    app = FastAPI(
        title="回应 Huiying", version=settings.version, openapi_url=None, docs_url=None, redoc_url=None
    )
    app.state.desk = Desk(
        store=store,
        acts=acts,
        office=office,
        sources=sources,
        faults=faults,
        failing=failing,
        wording=wording,
        reaching=reaching,
        levels=levels,
        clock=clock,
        settings=settings,
        access=_door(store, clock, settings, hasher or PasswordHasher()),
        watch=Watch(store=store, clock=clock, every=settings.refresh_every),
    )
    _add_routes(app)
    return app


def _door(store: Store, clock: Clock, settings: DeskSettings, hasher: PasswordHasher) -> Access:
    """Return the door; lengths that people live through are real ones, however fast a demo's clock runs."""
    return Access(
        store=store,
        clock=clock,
        secret=settings.secret.get_secret_value().encode(),
        session_lasts=settings.session_lasts * settings.clock_rate,
        link_lasts=SETUP_LASTS * settings.clock_rate,
        hasher=hasher,
    )


def _add_routes(app: FastAPI) -> None:
    for router in (entry, pages, channels, rota, rules, api, feeds, service):
        app.include_router(router)
    app.mount("/static", StaticFiles(packages=[("monitor.desk", "static")]), name="static")
    app.add_middleware(Guard)
    for error in _REFUSALS:
        app.add_exception_handler(error, _refuse)


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
                answer.update(_HEADERS)
                answer.setdefault("cache-control", "max-age=3600" if is_static else "no-store")
            await send(message)

        await self._app(scope, receive, send_guarded)


def _refuse(request: Request, error: Exception) -> Response:
    """Answer a refusal: a problem for programs, a page or the sign-in form for people."""
    status, code, detail = _judge(error)
    if request.url.path.startswith(("/api/", "/metrics", "/health", "/feeds/")):
        problem = ProblemOut(title=HTTPStatus(status).phrase, status=status, code=code, detail=detail)
        return JSONResponse(problem.model_dump(), status_code=status, media_type="application/problem+json")
    if code == "sign_in":
        to = request.url.path if request.method == "GET" else "/"
        return RedirectResponse(f"/login?to={quote(to)}", status_code=303)
    visitor = None if isinstance(error, StoreError) else known_visitor(request)
    return desk_of(request).page(
        "error.html", visitor, status=status, title=detail, lines=(), typed={}, back="/"
    )


def _judge(error: Exception) -> tuple[int, str, str]:
    """Return status, code and Chinese words of a refusal."""
    match error:
        case AccessError(reason=("sign_in" | "unauthorized") as reason):
            return 401, reason, words.word("access", reason)
        case AccessError(reason=reason):
            return 403, reason, words.word("access", reason)
        case RefusedActError(reason=reason):
            is_unproven = reason in {"timestamp", "signature"}
            return 401 if is_unproven else 403, reason, words.word("refusal", reason)
        case ConflictError():
            return 409, "conflict", "其他人已经办理过本事件，请核对最新情况后再提交"
        case StoreError():
            return 503, "store", "数据库暂时无法读写，没有保存任何改动，请稍后重试"
        case NotFoundError():
            return 404, "not_found", "没有找到，或您无权查看"
        case HTTPException(status_code=status):
            return status, "refused", _HTTP_WORDS.get(status, "请求不能处理")
        case _:
            return 422, "invalid", "填写的内容不符合要求"
