"""One's own account: password, second factor, browsers that are signed in, API tokens."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from monitor.desk.access import SCOPES, AccessError, Visitor, one_time
from monitor.desk.context import COOKIE, Arriving, Desk, Signed, TheDesk, check_form_token
from monitor.desk.pages.desk_pages import Form
from monitor.desk.pages.entry import device_of, say_fault
from monitor.desk.views.account_view import session_lines, token_lines
from monitor.errors import NotFoundError

TOKEN_DAYS = (1, 30, 90, 365)
"""How many days a token made on the desk may last."""

account = APIRouter(include_in_schema=False)


@account.get("/account")
def account_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show one's own account."""
    return _account(desk, visitor)


@account.post("/account/sessions")
def end_sessions(desk: TheDesk, visitor: Signed, form: Form) -> Response:
    """Sign one of one's own browsers out, or all of them, this one too."""
    check_form_token(visitor, str(form.get("csrf", "")))
    if form.get("id") == "all":
        desk.access.end_sessions(visitor.account.name, by=visitor.by)
        return _left()
    try:
        desk.access.end_session(visitor, str(form.get("id", "")))
    except AccessError as error:
        return _account(desk, visitor, fault=say_fault(error), status=422)
    return RedirectResponse("/account", status_code=303)


@account.post("/account/tokens")
def change_tokens(desk: TheDesk, visitor: Signed, form: Form) -> Response:
    """Make an API token for oneself, shown this once, or revoke one."""
    check_form_token(visitor, str(form.get("csrf", "")))
    name = visitor.account.name
    try:
        if "revoke" in form:
            desk.access.revoke_token(str(form["revoke"]), by=visitor.by, of=name)
            return RedirectResponse("/account", status_code=303)
        scopes, lasts = _several(form.get("scope", [])), _days(str(form.get("days", "")))
        secret = desk.access.issue_token(name, scopes, lasts * desk.settings.clock_rate, by=visitor.by)
    except AccessError as error:
        return _account(desk, visitor, fault=say_fault(error), status=422)
    return _account(desk, visitor, secret=secret)


@account.get("/account/second-factor")
def second_factor_page(desk: TheDesk, visitor: Arriving) -> HTMLResponse:
    """Show how the second factor stands, and what makes it."""
    return _second_factor(desk, visitor)


@account.post("/account/second-factor")
def change_second_factor(request: Request, desk: TheDesk, visitor: Arriving, form: Form) -> Response:
    """Make a second factor, switch it on by its first code, renew its recovery codes, or switch it off."""
    check_form_token(visitor, str(form.get("csrf", "")))
    access, address = desk.access, device_of(request).address
    act, code = form.get("act"), str(form.get("code", ""))
    codes: tuple[str, ...] = ()
    try:
        if act == "begin":
            access.begin_second_factor(visitor)
        elif act == "confirm":
            codes = access.confirm_second_factor(visitor, code, address)
        elif act == "renew":
            codes = access.renew_recovery_codes(visitor, code, address)
        elif act == "end":
            access.end_second_factor(visitor, code, address)
    except AccessError as error:
        return _second_factor(desk, visitor, fault=say_fault(error), status=429 if error.wait else 422)
    if not codes:
        return RedirectResponse("/account/second-factor", status_code=303)
    return _second_factor(desk, visitor, codes=codes)


@account.get("/account/second-factor.svg")
def second_factor_picture(desk: TheDesk, visitor: Arriving) -> Response:
    """Return the QR code of a second factor that is not switched on yet; raises NotFoundError otherwise."""
    factor = desk.access.second_factor(visitor.account.name)
    if factor is None or factor.is_on:
        raise NotFoundError("second factor", visitor.account.name)
    secret = desk.access.shared_secret(factor)
    address = one_time.enrolment_address(secret, factor.account, f"回应 {desk.office().name}")
    return Response(one_time.picture(address), media_type="image/svg+xml")


def _second_factor(
    desk: Desk, visitor: Visitor, *, fault: str = "", codes: tuple[str, ...] = (), status: int = 200
) -> HTMLResponse:
    factor = desk.access.second_factor(visitor.account.name)
    is_pending = factor is not None and not factor.is_on
    return desk.page(
        "second_factor.html",
        visitor,
        status=status,
        factor=factor,
        secret=_in_groups(desk.access.shared_secret(factor)) if factor and is_pending else "",
        codes=codes,
        is_required=visitor.account.role in desk.office().policy.second_factor_for,
        fault=fault,
    )


def _account(desk: Desk, visitor: Visitor, *, status: int = 200, **facts: Any) -> HTMLResponse:
    name = visitor.account.name
    return desk.page(
        "account.html",
        visitor,
        status=status,
        factor=desk.access.second_factor(name),
        is_required=visitor.account.role in desk.office().policy.second_factor_for,
        sessions=session_lines((s for s in desk.access.sessions() if s.account == name), visitor.session),
        tokens=token_lines(t for t in desk.access.tokens() if t.account == name),
        scopes=sorted(SCOPES),
        days=TOKEN_DAYS,
        **{"fault": "", "secret": "", **facts},
    )


def _left() -> Response:
    """Lead to the sign-in page and forget the session."""
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE)
    return response


def _several(value: Any) -> tuple[str, ...]:
    """Return the values of a field that may have been sent once or several times."""
    return tuple(value) if isinstance(value, list) else (str(value),)


def _days(text: str) -> timedelta:
    """Return how long a token shall last; raises AccessError `bad_days`."""
    if not text.isdecimal() or int(text) not in TOKEN_DAYS:
        raise AccessError("bad_days")
    return timedelta(days=int(text))


def _in_groups(secret: str) -> str:
    """Return a secret in groups of four, for who types it."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
