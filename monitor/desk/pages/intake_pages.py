"""The pages of reports taken by hand (接报登记): the form, its verdict beforehand, and what came of it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from monitor.clock import as_local
from monitor.desk import words
from monitor.desk.access import Visitor
from monitor.desk.context import LARGEST_ID, Desk, Signed, TheDesk, check_form_token
from monitor.desk.pages.desk_pages import Form
from monitor.desk.roles import may_open_by_hand, may_read_contacts, may_register, may_see, may_see_everything
from monitor.desk.tip_bodies import OpenIn, TipIn, faults_of, read_tip
from monitor.desk.views.tip_view import Judged, Placed, TipFolder, judged, known_at, load_tip
from monitor.errors import ConflictError, NotFoundError, RefusedActError
from monitor.items.tips import MOST_BYTES, MOST_FILES, FileKind, TipChannel, tip_item
from monitor.pipeline.tips import source_of
from monitor.pipeline.trial import Words

LARGEST_FORM = 20 * 1024 * 1024
FIELDS = ("key", "channel", "title", "text", "place", "url", "called_at", "contact")
MEDIA = {FileKind.PNG: "image/png", FileKind.JPEG: "image/jpeg", FileKind.PDF: "application/pdf"}
SANDBOX = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of an attachment: even opened by a stubborn browser it may do nothing."""

intake = APIRouter(include_in_schema=False)
ItemId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form as a browser sent it; `named` says that files were chosen, whether they came along or not."""

    act: str
    csrf: str
    typed: Mapping[str, str]
    files: tuple[bytes, ...] = field(default=(), repr=False)
    named: bool = False


async def _read_sent(request: Request) -> Sent:
    """Return what was sent; refused unread if it is too long or does not say how long it is."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST_FORM:
        raise HTTPException(413)
    async with request.form(max_files=2 * MOST_FILES, max_fields=20) as form:
        typed = {name: str(form.get(name, "")).replace("\r\n", "\n") for name in FIELDS}
        chosen = [file for file in form.getlist("files") if _is_chosen(file)]
        files = [await file.read() for file in chosen if isinstance(file, UploadFile)]
        return Sent(
            act=str(form.get("act", "")),
            csrf=str(form.get("csrf", "")),
            typed=typed,
            files=tuple(files),
            named=bool(chosen),
        )


def _is_chosen(file: UploadFile | str) -> bool:
    """Return whether a field names a file: a browser sends an empty one where none was chosen."""
    return bool(file.filename if isinstance(file, UploadFile) else file)


@intake.get("/intake")
def intake_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show the form."""
    return _form(desk, visitor, {})


@intake.post("/intake")
def take_tip(desk: TheDesk, visitor: Signed, sent: Annotated[Sent, Depends(_read_sent)]) -> Response:
    """Show the verdict and keep nothing, or take the report in."""
    require_register(visitor)
    check_form_token(visitor, sent.csrf)
    try:
        body = read_tip(sent.typed, sent.files)
    except ValidationError as error:
        return _form(desk, visitor, sent.typed, faults=faults_of(error), status=422)
    typed = {**sent.typed, "text": body.text, "url": body.url}
    known = known_at(desk.store, body.to_tip(desk.clock.now()).url)
    if not body.says_something:
        faults = () if known else ("请填写标题或正文；只有链接不能研判，系统不会替人打开网页",)
        return _form(desk, visitor, typed, faults=faults, known=known, status=200 if known else 422)
    try:
        if sent.act == "judge":
            found = judge_tip(desk, visitor, body)
            return _form(desk, visitor, typed, found=found, known=known, files_left=sent.named)
        item_id, _ = desk.acts.register(body.to_tip(desk.clock.now()), by=visitor.by, via="desk")
    except RefusedActError as error:
        # What was typed shall not be lost to a form that was used: it stands in a fresh one.
        again = {**typed, "key": ""} if error.reason == "key_used" else typed
        return _form(desk, visitor, again, faults=(words.word("refusal", error.reason),), status=422)
    return RedirectResponse(f"/intake/{item_id}", status_code=303)


@intake.get("/intake/{item_id}")
def tip_page(desk: TheDesk, visitor: Signed, item_id: ItemId) -> HTMLResponse:
    """Show what came of a report: the incident it opened or joined, or why it is no matter."""
    return _tip(desk, visitor, _load(desk, visitor, item_id))


@intake.post("/intake/{item_id}")
def open_by_hand(desk: TheDesk, visitor: Signed, item_id: ItemId, form: Form) -> Response:
    """Open an incident all the same, on a person's word."""
    check_form_token(visitor, str(form.get("csrf", "")))
    if not may_open_by_hand(visitor.account):
        raise RefusedActError("open_by_hand", "forbidden")
    typed = {name: str(form[name]) for name in ("severity", "reason") if form.get(name)}
    folder = _load(desk, visitor, item_id)
    try:
        act = OpenIn.model_validate(typed).to_act()
        number = desk.acts.open_with_tip(item_id, act, by=visitor.by, via="desk")
    except ValidationError as error:
        return _tip(desk, visitor, folder, typed=typed, faults=faults_of(error), status=422)
    except RefusedActError as error:
        fault = words.word("refusal", error.reason)
        return _tip(desk, visitor, folder, typed=typed, faults=(fault,), status=403)
    except ConflictError:
        fault = "您填写期间，这条已经归入事件，没有重复立案。请核对下面的事件，再决定如何办理。"
        folder = _load(desk, visitor, item_id)
        return _tip(desk, visitor, folder, typed=typed, faults=(fault,), status=409)
    return RedirectResponse(f"/incidents/{number}", status_code=303)


@intake.get("/intake/{item_id}/files/{number}")
def attachment(
    desk: TheDesk, visitor: Signed, item_id: ItemId, number: Annotated[int, Path(ge=1, le=MOST_FILES)]
) -> Response:
    """Hand out an attached file for keeping; it is never shown within a page."""
    _load(desk, visitor, item_id)
    with desk.store.reading() as transaction:
        file = transaction.attachment(item_id, number)
    headers = {
        "content-disposition": f'attachment; filename="jiebao-{item_id}-{number}.{file.kind.value}"',
        "content-security-policy": SANDBOX,
        "cross-origin-resource-policy": "same-origin",
    }
    return Response(file.body, media_type=MEDIA[file.kind], headers=headers)


def require_register(visitor: Visitor) -> None:
    """Refuse those who take no reports."""
    if not may_register(visitor.account):
        raise RefusedActError("register", "forbidden")


def judge_tip(desk: Desk, visitor: Visitor, body: TipIn) -> Judged:
    """Return the verdict that a report would get now.

    Raises RefusedActError where nothing is left of its words but markup.
    """
    now = desk.clock.now()
    source = source_of(TipChannel(body.channel), desk.office())
    item = tip_item(body.to_tip(now), source, visitor.by, now)
    if item is None:
        raise RefusedActError("register", "nothing_said")
    judge = _words(desk).judge
    return judged(item, judge.judge_item(item, now), judge.table)


def judged_folder(desk: Desk, folder: TipFolder) -> Judged:
    """Return the verdict that a report got."""
    return judged(folder.placed.item, folder.verdict, _words(desk).judge.table)


def _words(desk: Desk) -> Words:
    if desk.wording is None:
        raise NotFoundError("page", "intake")
    return desk.wording


def _load(desk: Desk, visitor: Visitor, item_id: int) -> TipFolder:
    """Return a report; raises NotFoundError, also for one this visitor may not see."""
    folder = load_tip(desk.store, item_id)
    incident = folder.placed.incident
    is_seen = may_see_everything(visitor.account) or (
        incident is not None and may_see(visitor.account, incident)
    )
    if not is_seen:
        raise NotFoundError("tip", item_id)
    return folder


def _form(
    desk: Desk,
    visitor: Visitor,
    typed: Mapping[str, str],
    *,
    faults: tuple[str, ...] = (),
    found: Judged | None = None,
    known: Placed | None = None,
    files_left: bool = False,
    status: int = 200,
) -> HTMLResponse:
    require_register(visitor)
    fresh = {
        "key": secrets.token_urlsafe(16),
        "called_at": f"{as_local(desk.clock.now()):%Y-%m-%dT%H:%M}",
        "channel": TipChannel.PHONE.value,
    }
    return desk.page(
        "intake.html",
        visitor,
        status=status,
        typed={**dict.fromkeys(FIELDS, ""), **fresh, **{n: v for n, v in typed.items() if v}},
        channels=list(TipChannel),
        faults=faults,
        found=found,
        known=known,
        files_left=files_left,
        most_files=MOST_FILES,
        most_megabytes=MOST_BYTES // 1024 // 1024,
    )


def _tip(
    desk: Desk,
    visitor: Visitor,
    folder: TipFolder,
    *,
    typed: Mapping[str, str] | None = None,
    faults: tuple[str, ...] = (),
    status: int = 200,
) -> HTMLResponse:
    return desk.page(
        "tip.html",
        visitor,
        status=status,
        tip=folder.tip,
        placed=folder.placed,
        known=folder.known,
        found=judged_folder(desk, folder),
        typed={"severity": "", "reason": "", **dict(typed or {})},
        faults=faults,
        opens=may_open_by_hand(visitor.account),
        reads_contacts=may_read_contacts(visitor.account),
    )
