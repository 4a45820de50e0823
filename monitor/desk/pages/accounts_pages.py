"""The logins of everybody: an administrator adds them, locks them out, signs them out, ends their tokens."""

from collections import Counter

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from monitor.desk import words
from monitor.desk.access import AccessError, Visitor
from monitor.desk.context import Desk, Signed, TheDesk, check_form_token
from monitor.desk.pages.desk_pages import Fields, Form
from monitor.desk.roles import ROLES
from monitor.desk.views.account_view import token_lines
from monitor.errors import RefusedActError

accounts = APIRouter(include_in_schema=False)


@accounts.get("/accounts")
def accounts_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show all logins to an administrator."""
    return _accounts(desk, visitor)


@accounts.post("/accounts")
def change_accounts(desk: TheDesk, visitor: Signed, form: Form) -> Response:
    """Add a login, lock one out, sign it out, reset its password or second factor, or end a token."""
    check_form_token(visitor, str(form.get("csrf", "")))
    _require_admin(visitor)
    try:
        _change(desk, visitor, form)
    except AccessError as error:
        typed = form if form.get("act") == "add" else {}
        return _accounts(desk, visitor, words.word("access", error.reason), typed, 422)
    return RedirectResponse("/accounts", status_code=303)


def _change(desk: Desk, visitor: Visitor, form: Fields) -> None:
    """Do what the form asks; raises AccessError."""
    access, name, by, act = desk.access, str(form.get("name", "")), visitor.by, form.get("act", "add")
    if name == visitor.account.name and act != "add":
        raise AccessError("own_login")
    match act:
        case "disable" | "enable":
            access.disable_account(name, disabled=act == "disable", by=by)
        case "end_sessions":
            access.end_sessions(name, by=by)
        case "reset_second_factor":
            access.reset_second_factor(name, by=by)
        case "reset_password":
            access.reset_password(name, str(form.get("password", "")), by=by)
        case "revoke_token":
            access.revoke_token(str(form.get("id", "")), by=by)
        case _:
            access.save_account(
                name=name,
                password=str(form.get("password", "")),
                role=str(form.get("role", "")),
                person_id=str(form.get("person_id", "")) or None,
                by=by,
            )


def _accounts(
    desk: Desk, visitor: Visitor, fault: str = "", typed: Fields | None = None, status: int = 200
) -> HTMLResponse:
    """Return the page of logins; `typed` is what a login that was refused should have been."""
    _require_admin(visitor)
    with desk.store.reading() as transaction:
        logins, factors = transaction.accounts(), transaction.second_factors()
    return desk.page(
        "accounts.html",
        visitor,
        status=status,
        accounts=logins,
        factors=factors,
        signed_in=Counter(session.account for session in desk.access.sessions()),
        tokens=token_lines(desk.access.tokens()),
        required=desk.office().policy.second_factor_for,
        roles=ROLES,
        typed={name: (typed or {}).get(name, "") for name in ("name", "role", "person_id")},
        fault=fault,
    )


def _require_admin(visitor: Visitor) -> None:
    """Refuse everybody but administrators."""
    if visitor.account.role != "admin":
        raise RefusedActError("accounts", "forbidden")
