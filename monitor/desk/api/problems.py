"""Refusals: status, code and words of everything that can go wrong, Chinese for people, English beside it."""

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

import yaml
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from monitor.asking.model import AskingError
from monitor.desk import words
from monitor.desk.access import AccessError
from monitor.desk.api.answers import FaultOut, ProblemOut
from monitor.desk.api.conditions import StaleError
from monitor.desk.api.description import MEDIA_TYPE
from monitor.desk.api.once import RepeatedError
from monitor.desk.reads import QuestionError
from monitor.errors import ConflictError, NotFoundError, RefusedActError, StoreError

REFUSALS = (
    AccessError,
    RefusedActError,
    ConflictError,
    StaleError,
    RepeatedError,
    NotFoundError,
    StoreError,
    QuestionError,
    AskingError,
    RequestValidationError,
    HTTPException,
)
"""What is answered as a refusal; anything else is a fault of ours."""

_HTTP_CODES = {404: "no_page", 405: "no_page", 413: "too_large"}
_UNPROVEN = frozenset({"timestamp", "signature"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A refusal; `code` is for programs, `detail` is Chinese."""

    status: int
    code: str
    detail: str
    detail_en: str


@cache
def book() -> dict[str, dict[str, Any]]:
    """Return `problems.yaml`: the packaged words of the API's refusals."""
    text = files("monitor.desk.api").joinpath("problems.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return found


def judge(error: Exception) -> Problem:
    """Return what a refusal is answered with."""
    match error:
        case AccessError(reason=reason):
            return _worded(401 if reason in {"sign_in", "unauthorized"} else 403, "access", reason)
        case RefusedActError(reason=reason):
            return _worded(401 if reason in _UNPROVEN else 403, "refusal", reason)
        case HTTPException(status_code=status):
            return _other(status, _HTTP_CODES.get(status, "refused"))
        case RepeatedError(reason=reason):
            return _other(409, reason)
        case _:
            known = (said for kind, *said in _OTHERS if isinstance(error, kind))
            return _other(*next(known, (422, "invalid")))


_OTHERS = (
    (ConflictError, 409, "conflict"),
    (StaleError, 412, "stale"),
    (NotFoundError, 404, "not_found"),
    (StoreError, 503, "store"),
)


def _worded(status: int, name: str, reason: str) -> Problem:
    english = str(book()[name].get(reason, reason))
    return Problem(status=status, code=reason, detail=words.word(name, reason), detail_en=english)


def _other(status: int, code: str) -> Problem:
    said = book()["other"][code]
    return Problem(status=status, code=code, detail=said["zh"], detail_en=said["en"])


def answer(error: Exception) -> JSONResponse:
    """Return a refusal for a program (RFC 9457)."""
    problem = judge(error)
    body = ProblemOut(
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        code=problem.code,
        detail=problem.detail,
        detail_en=problem.detail_en,
        faults=_faults(error),
    )
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(body.model_dump(), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def _faults(error: Exception) -> list[FaultOut] | None:
    """Return where a body or a parameter is faulty; what was sent is not repeated."""
    if isinstance(error, AskingError):
        return [FaultOut(at="query", fault="asking", message=str(error))]
    if not isinstance(error, RequestValidationError):
        return None
    return [
        FaultOut(at=".".join(str(part) for part in fault["loc"]), fault=fault["type"], message=fault["msg"])
        for fault in error.errors()
    ]
