"""The door: sign in and out, one-time links, and the page behind a message's link."""

from datetime import timedelta
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from alerts.model import Alert
from monitor.desk import words
from monitor.desk.access import CODE_LASTS, AccessError, Device
from monitor.desk.context import COOKIE, Arriving, Desk, Signed, TheDesk, check_form_token
from monitor.desk.links import is_signed
from monitor.desk.pages.desk_pages import Form
from monitor.desk.views.board_view import clock_view, name_of
from monitor.dossier.model import Dossier
from monitor.errors import NotFoundError
from monitor.office.model import Audience

HALF_COOKIE = "huiying_half"
LOOPBACK = frozenset({"127.0.0.1", "::1"})

entry = APIRouter(include_in_schema=False)


@entry.get("/login")
def login_page(desk: TheDesk, to: str = "/") -> HTMLResponse:
    """Show the sign-in form."""
    return desk.page("login.html", None, to=to, name="", fault="")


@entry.post("/login")
def login(request: Request, desk: TheDesk, form: Form) -> Response:
    """Sign in."""
    name, to = str(form.get("name", "")), str(form.get("to", "/"))
    try:
        admitted = desk.access.sign_in(name, str(form.get("password", "")), device_of(request))
    except AccessError as error:
        return desk.page("login.html", None, status=_status(error), to=to, name=name, fault=say_fault(error))
    if not admitted.needs_code:
        return _signed_in(desk, admitted.token, _own_path(to))
    response = RedirectResponse(f"/login/code?to={quote(_own_path(to))}", status_code=303)
    _set_cookie(response, HALF_COOKIE, admitted.token, CODE_LASTS)
    return response


@entry.get("/login/code")
def code_page(desk: TheDesk, to: str = "/") -> HTMLResponse:
    """Ask for the code of the second factor."""
    return desk.page("code.html", None, to=to, fault="")


@entry.post("/login/code")
def give_code(request: Request, desk: TheDesk, form: Form) -> Response:
    """Finish signing in by a code of the telephone or of the recovery sheet."""
    half, to = request.cookies.get(HALF_COOKIE, ""), str(form.get("to", "/"))
    try:
        token = desk.access.finish_sign_in(half, str(form.get("code", "")), device_of(request))
    except AccessError as error:
        page = "login.html" if error.reason == "too_late" else "code.html"
        return desk.page(page, None, status=_status(error), to=to, name="", fault=say_fault(error))
    response = _signed_in(desk, token, _own_path(to))
    response.delete_cookie(HALF_COOKIE)
    return response


def _status(error: AccessError) -> int:
    """Return 429 for who must wait, else 401."""
    return 429 if error.wait else 401


@entry.post("/logout")
def logout(desk: TheDesk, visitor: Arriving, form: Form) -> Response:
    """Sign out."""
    check_form_token(visitor, str(form.get("csrf", "")))
    desk.access.sign_out(visitor)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(COOKIE)
    return response


@entry.get("/password")
def password_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show the form that changes one's own password."""
    return desk.page("password.html", visitor, fault="", said="")


@entry.post("/password")
def change_password(request: Request, desk: TheDesk, visitor: Signed, form: Form) -> HTMLResponse:
    """Change one's own password."""
    check_form_token(visitor, str(form.get("csrf", "")))
    old, new = str(form.get("old", "")), str(form.get("new", ""))
    if new != str(form.get("again", "")):
        return desk.page("password.html", visitor, status=422, fault="两次填写的新密码不一致", said="")
    try:
        desk.access.change_password(visitor, old, new, device_of(request).address)
    except AccessError as error:
        return desk.page("password.html", visitor, status=422, fault=say_fault(error), said="")
    return desk.page("password.html", visitor, fault="", said="密码已修改，其他设备上的登录已退出")


def say_fault(error: AccessError) -> str:
    """Return why somebody may not in, and for how long."""
    wait = f"（{words.length(error.wait + timedelta(seconds=1))}后）" if error.wait else ""
    return words.word("access", error.reason) + wait


@entry.get("/setup/{token}")
def setup_page(request: Request, desk: TheDesk, token: str) -> HTMLResponse:
    """Show the form for the first administrator, on this machine only."""
    _require_loopback(request)
    if not desk.access.may_open(token, "first-admin"):
        raise AccessError("setup_over")
    return desk.page("setup.html", None, name="", fault="")


@entry.post("/setup/{token}")
def setup(request: Request, desk: TheDesk, token: str, form: Form) -> Response:
    """Create the first administrator."""
    _require_loopback(request)
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    try:
        session = desk.access.finish_setup(token, name, password, device_of(request))
    except AccessError as error:
        if error.reason == "setup_over":
            raise
        return desk.page("setup.html", None, status=422, name=name, fault=words.word("access", error.reason))
    return _signed_in(desk, session, "/accounts")


@entry.get("/enter/{token}")
def enter_page(desk: TheDesk, token: str) -> HTMLResponse:
    """Show the button of a one-time link: fetching alone must not use it up."""
    if not desk.access.may_open(token, "enter"):
        raise AccessError("link_used")
    return desk.page("enter.html", None)


@entry.post("/enter/{token}")
def enter(request: Request, desk: TheDesk, token: str) -> Response:
    """Sign in by a one-time link."""
    return _signed_in(desk, desk.access.enter(token, device_of(request)), "/")


@entry.get("/messages/{incident_id}/{message_no}/{signature}")
def message_page(desk: TheDesk, incident_id: int, message_no: int, signature: str) -> HTMLResponse:
    """Show what a message was about; fetching it acknowledges nothing (A12)."""
    dossier, addressed = _linked(desk, incident_id, message_no, signature)
    return _message_page(desk, dossier, addressed)


@entry.post("/messages/{incident_id}/{message_no}/{signature}")
def acknowledge_message(
    desk: TheDesk, incident_id: int, message_no: int, signature: str, form: Form
) -> HTMLResponse:
    """Acknowledge by link: a personal one knows who, a group's asks who of those addressed (A12)."""
    dossier, addressed = _linked(desk, incident_id, message_no, signature)
    by = addressed[0].to if _is_personal(desk, addressed) else str(form.get("by", ""))
    if by not in {a.to for a in addressed}:
        return _message_page(desk, dossier, addressed, fault="请选择您是哪一位", status=422)
    answer = desk.acts.acknowledge(incident_id, by=by, via="link")
    return _message_page(desk, dossier, addressed, answer=answer)


def _linked(
    desk: Desk, incident_id: int, message_no: int, signature: str
) -> tuple[Dossier, tuple[Alert, ...]]:
    """Return the incident and alerts of a signed link; raises NotFoundError or AccessError `link_used`."""
    if not is_signed(desk.settings.secret.get_secret_value().encode(), incident_id, message_no, signature):
        raise NotFoundError("message", message_no)
    with desk.store.reading() as transaction:
        dossier = transaction.dossier(incident_id)
        addressed = tuple(a for a in transaction.alerts_of(incident_id) if a.message_no == message_no)
    if not addressed:
        raise NotFoundError("message", message_no)
    if desk.clock.now() - max(a.created_at for a in addressed) > desk.settings.link_lasts:
        raise AccessError("link_used")
    return dossier, addressed


def _is_personal(desk: Desk, addressed: tuple[Alert, ...]) -> bool:
    """Return whether the message went to one person's own address."""
    channel = desk.office().channel(addressed[0].channel)
    is_group = channel is not None and channel.audience is Audience.GROUP
    return not is_group and len({a.to for a in addressed}) == 1


def _message_page(
    desk: Desk,
    dossier: Dossier,
    addressed: tuple[Alert, ...],
    *,
    answer: str = "",
    fault: str = "",
    status: int = 200,
) -> HTMLResponse:
    """Return the page behind a message's link."""
    office, now = desk.office(), desk.clock.now()
    running = sorted((o for o in dossier.obligations if o.is_running), key=lambda o: o.due_at)
    people = {a.to: name_of(office, a.to) for a in addressed if office.person(a.to)}
    return desk.page(
        "message.html",
        None,
        status=status,
        incident=dossier.incident,
        clocks=[clock_view(o, dossier.incident, now) for o in running],
        alert=addressed[0],
        people=people,
        is_personal=_is_personal(desk, addressed),
        answer=answer,
        fault=fault,
    )


def _signed_in(desk: Desk, token: str, to: str) -> Response:
    """Set the session cookie and go on."""
    response = RedirectResponse(to, status_code=303)
    _set_cookie(response, COOKIE, token, desk.settings.session_lasts)
    return response


def _set_cookie(response: Response, name: str, secret: str, lasts: timedelta) -> None:
    """Set a cookie that no script and no other site gets."""
    response.set_cookie(
        name,
        secret,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="lax",
    )


def _own_path(to: str) -> str:
    """Return a path of this site: never another host, never another scheme."""
    is_own = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return quote(to, safe="/?=&%+") if is_own else "/"


def device_of(request: Request) -> Device:
    """Return where the request came from, and in which browser."""
    address = request.client.host if request.client else ""
    return Device(address=address, agent=request.headers.get("user-agent", ""))


def _require_loopback(request: Request) -> None:
    """Refuse a set-up from elsewhere, by a proxy or a foreign name too; raises AccessError `loopback`."""
    if (
        device_of(request).address not in LOOPBACK
        or request.url.hostname not in LOOPBACK | {"localhost"}
        or "x-forwarded-for" in request.headers
        or "forwarded" in request.headers
    ):
        raise AccessError("loopback")
