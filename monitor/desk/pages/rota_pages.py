"""The page of the rota: who is on duty, the month, substitutions, and the month's duty sheet."""

import hmac
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import TypeAdapter
from starlette.datastructures import UploadFile

from monitor.clock import SHANGHAI, as_local, as_utc
from monitor.desk import words
from monitor.desk.access import Visitor
from monitor.desk.context import Desk, Signed, TheDesk, check_form_token
from monitor.desk.roles import may_change_rota, may_see_everything
from monitor.desk.views import rota_view
from monitor.errors import ConfigurationError, RefusedActError
from monitor.office.duty_sheet.grid import MOST_BYTES
from monitor.office.duty_sheet.reading import DutySheet, read_duty_sheet
from monitor.office.model import Office, Substitution
from monitor.pipeline.rostering import import_month, substitute, with_rota, withdraw_substitution

NEWEST_YEAR = 2100
NAMELESS = "值班表.xlsx"
FIELDS = ("person", "stand_in", "since", "until", "reason")
LONGEST = 400_000
"""Characters of a field: a month of shifts is under a tenth of it."""

_SHEET = TypeAdapter(DutySheet)

rota = APIRouter(include_in_schema=False)
Month = Annotated[str, Query(max_length=7)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file as a browser sent it, with the form's token."""

    csrf: str
    name: str = NAMELESS
    body: bytes = b""


async def _read_form(request: Request) -> Mapping[str, str]:
    async with request.form(max_files=0, max_fields=20) as form:
        return {name: str(form[name])[:LONGEST] for name in form}


async def _read_upload(request: Request) -> Upload:
    """Return what was sent; refused if it is longer than a duty sheet or does not say how long it is."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES + 10_000:
        raise HTTPException(413)
    async with request.form(max_files=1, max_fields=5) as form:
        file, csrf = form.get("file"), str(form.get("csrf", ""))
        if not isinstance(file, UploadFile):
            return Upload(csrf=csrf)
        return Upload(csrf=csrf, name=file.filename or NAMELESS, body=await file.read())


Form = Annotated[Mapping[str, str], Depends(_read_form)]


@rota.get("/rota")
def rota_page(desk: TheDesk, visitor: Signed, month: Month = "") -> HTMLResponse:
    """Show who is on duty now and on each day of a month."""
    return _page(desk, visitor, month=month)


@rota.post("/rota")
def change_rota(desk: TheDesk, visitor: Signed, typed: Form) -> Response:
    """Record or withdraw a substitution, or keep a sheet that was looked at."""
    _require_change(visitor, typed.get("csrf", ""))
    month = ""
    try:
        match typed.get("act"):
            case "withdraw":
                _withdraw(desk, visitor, typed)
            case "keep":
                month = _keep(desk, visitor, typed)
            case _:
                _substitute(desk, visitor, typed)
    except RefusedActError as error:
        fault = words.word("refusal", error.reason)
        return _page(desk, visitor, faults=(fault,), typed=typed, status=422)
    return RedirectResponse(f"/rota?month={month}" if month else "/rota", status_code=303)


@rota.post("/rota/import")
def preview_sheet(
    desk: TheDesk, visitor: Signed, sent: Annotated[Upload, Depends(_read_upload)]
) -> HTMLResponse:
    """Show what a duty sheet says, or every fault in it; nothing is kept yet."""
    _require_change(visitor, sent.csrf)
    try:
        sheet = read_duty_sheet(sent.body, sent.name, desk.office())
    except ConfigurationError as error:
        return _page(desk, visitor, faults=error.faults, status=422)
    return _page(desk, visitor, sheet=sheet)


def _require_change(visitor: Visitor, csrf: str) -> None:
    check_form_token(visitor, csrf)
    if not may_change_rota(visitor.account):
        raise RefusedActError("substitute", "forbidden")


def _substitute(desk: Desk, visitor: Visitor, typed: Mapping[str, str]) -> None:
    wanted = Substitution(
        person=typed.get("person", ""),
        stand_in=typed.get("stand_in") or None,
        since=_instant(typed.get("since", "")),
        until=_instant(typed.get("until", "")),
        recorded_by=visitor.by,
    )
    reason = typed.get("reason", "").strip() or None
    substitute(desk.store, desk.office(), wanted, now=desk.clock.now(), via="desk", words=reason)


def _instant(text: str) -> datetime:
    """Return an instant as the browser's form writes it, local time; raises RefusedActError."""
    try:
        return as_utc(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))
    except (ValueError, OverflowError):
        raise RefusedActError("substitute", "bad_time") from None


def _withdraw(desk: Desk, visitor: Visitor, typed: Mapping[str, str]) -> None:
    number = typed.get("number", "")
    if not (number.isdecimal() and len(number) < 10):
        raise RefusedActError("withdraw_substitution", "already_over")
    withdraw_substitution(desk.store, int(number), by=visitor.by, now=desk.clock.now(), via="desk")


def _keep(desk: Desk, visitor: Visitor, typed: Mapping[str, str]) -> str:
    """Keep the sheet that this desk read and showed; return its month."""
    written = typed.get("sheet", "")
    if not hmac.compare_digest(_seal(desk, written), typed.get("seal", "")):
        raise RefusedActError("import_rota", "signature")
    sheet = _SHEET.validate_json(written)
    import_month(desk.store, sheet.month, sheet.rotas, by=visitor.by, now=desk.clock.now(), via="desk")
    return f"{sheet.month:%Y-%m}"


def _seal(desk: Desk, written: str) -> str:
    """Return what proves that a preview's hidden field was written here."""
    secret = desk.settings.secret.get_secret_value().encode()
    return hmac.new(secret, b"duty-sheet." + written.encode(), sha256).hexdigest()


def _page(
    desk: Desk,
    visitor: Visitor,
    *,
    month: str = "",
    faults: tuple[str, ...] = (),
    typed: Mapping[str, str] | None = None,
    sheet: DutySheet | None = None,
    status: int = 200,
) -> HTMLResponse:
    if not may_see_everything(visitor.account):
        raise RefusedActError("rota", "forbidden")
    now = desk.clock.now()
    first = sheet.month if sheet else _first_of(month, now)
    before, after = rota_view.month_range(first)
    with desk.store.reading() as transaction:
        office = with_rota(desk.office(), transaction, min(before, now), max(after, now + rota_view.AHEAD))
        listed = transaction.substitutions(now, now + rota_view.LISTED)
    return desk.page(
        "rota.html",
        visitor,
        status=status,
        faults=faults,
        typed=dict.fromkeys(FIELDS, "") | dict(typed or {}),
        levels=rota_view.now_views(office, now),
        gaps=rota_view.gaps(office, now, now + rota_view.WARNED),
        year_fault=rota_view.year_fault(office, now),
        month=first,
        months=(f"{(first - rota_view.DAY):%Y-%m}", f"{rota_view.next_month(first):%Y-%m}"),
        days=rota_view.month_days(_previewed(office, sheet), first, now),
        substitutions=listed,
        may_change=may_change_rota(visitor.account),
        sheet=sheet,
        written=(written := _SHEET.dump_json(sheet).decode() if sheet else ""),
        seal=_seal(desk, written),
    )


def _previewed(office: Office, sheet: DutySheet | None) -> Office:
    """Return the office as a sheet would have it; without one as it is."""
    if sheet is None:
        return office
    levels = {rota.level for rota in sheet.rotas}
    shown = tuple(level for level in office.levels if level.number in levels)
    return replace(office, levels=shown, months=sheet.rotas, substitutions=())


def _first_of(month: str, now: datetime) -> date:
    """Return the first day of the month asked for, else of the present one."""
    with suppress(ValueError):
        first = date.fromisoformat(f"{month}-01")
        if first.year in range(2000, NEWEST_YEAR):
            return first
    return as_local(now).date().replace(day=1)
