"""The draft of an answer: written, compared, reviewed and printed; people publish it, elsewhere."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from alerts.digest.sentences import accepted
from monitor.desk import words
from monitor.desk.access import Visitor
from monitor.desk.context import LARGEST_ID, Desk, IncidentId, Signed, TheDesk, check_form_token
from monitor.desk.draft_bodies import LONGEST_TEXT, DraftIn, LinkIn, SignatureIn
from monitor.desk.pages.desk_pages import SAID, said_before, shown_once
from monitor.desk.pages.handing_out import PaperForm, handed_out
from monitor.desk.reads import require_seen
from monitor.desk.roles import may_draft
from monitor.desk.tip_bodies import faults_of
from monitor.desk.views.draft_view import DraftFolder, load_drafts, step_lines, version_of
from monitor.drafting.compare import compare
from monitor.drafting.model import AnswerDraft, DraftConflictError, DraftKind, Wording
from monitor.drafting.propose import check_wording, kind_for, propose
from monitor.drafting.review import gaps, is_ready, state_of
from monitor.drafting.slip import slip
from monitor.errors import RefusedActError
from monitor.incidents.model import Publication
from monitor.pipeline.drafting import numbered

LARGEST_FORM = 20 * LONGEST_TEXT
"""Bytes of a form: a Chinese character takes nine in it."""

FIELDS = ("kind", "title", "text", "channel")
SIGNED = ("version", "step", "opinion", "reason")

drafts = APIRouter(include_in_schema=False)
DraftNumber = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Chosen = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]
Fields = Mapping[str, str]


async def _read_sent(request: Request) -> Fields:
    """Return the fields of a form; refused unread if it is too long or does not say how long it is."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST_FORM:
        raise HTTPException(413)
    async with request.form(max_files=0, max_fields=20) as form:
        return {name: str(form[name]).replace("\r\n", "\n") for name in form}


Sent = Annotated[Fields, Depends(_read_sent)]


@drafts.get("/incidents/{incident_id}/draft")
def draft_page(
    request: Request,
    desk: TheDesk,
    visitor: Signed,
    incident_id: IncidentId,
    number: Chosen = None,
    kind: DraftKind | None = None,
    old: Chosen = None,
    new: Chosen = None,
) -> HTMLResponse:
    """Show a draft with its versions and steps; where none is begun, or for a new `kind`, a first text."""
    folder = _load(desk, visitor, incident_id, number)
    page = _shown(desk, visitor, folder, kind=kind, compared=(old, new), said=said_before(request))
    return shown_once(request, page)


@drafts.post("/incidents/{incident_id}/draft")
def change_draft(desk: TheDesk, visitor: Signed, incident_id: IncidentId, sent: Sent) -> Response:
    """Keep a version or sign a step; nothing that was typed is lost where that cannot be done."""
    check_form_token(visitor, sent.get("csrf", ""))
    require_draft(desk, visitor, incident_id)
    number = _number(sent, "number")
    do = {"sign": _sign, "link": _link}.get(sent.get("act", ""), _write)
    faults: tuple[str, ...]
    try:
        draft, said = do(desk, visitor, incident_id, number, sent)
    except DraftConflictError as error:
        return _conflict(desk, visitor, error.draft, sent)
    except RefusedActError as error:
        faults, status = (words.word("refusal", error.reason),), 403
    except ValidationError as error:
        faults, status = faults_of(error), 422
    else:
        return _gone_on(draft, said)
    folder = _load(desk, visitor, incident_id, number)
    # A form without a number began a draft: it is shown as that again, also behind a published one.
    kind = next((k for k in DraftKind if k == sent.get("kind")), DraftKind.NOTICE) if number is None else None
    return _shown(desk, visitor, folder, kind=kind, typed=sent, faults=faults, status=status)


@drafts.get("/incidents/{incident_id}/draft/{number}/{form}")
def draft_slip(
    desk: TheDesk, visitor: Signed, incident_id: IncidentId, number: DraftNumber, form: PaperForm
) -> Response:
    """Hand out the slip that goes from desk to desk with a draft (送审单)."""
    folder = _load(desk, visitor, incident_id, number)
    draft = numbered(folder.drafts, incident_id, number)
    name = f"draft-{incident_id}-{number}-{draft.newest.number}"
    return handed_out(slip(draft, folder.file), form, name)


def require_draft(desk: Desk, visitor: Visitor, incident_id: int) -> None:
    """Refuse those who may not write or sign drafts, or not see this incident."""
    if not may_draft(visitor.account):
        raise RefusedActError("write_draft", "forbidden")
    with desk.store.reading() as transaction:
        require_seen(transaction, visitor, incident_id)


def _gone_on(draft: AnswerDraft, said: str) -> Response:
    """Lead on to the draft, with what was done."""
    address = f"/incidents/{draft.incident_id}/draft?number={draft.number}"
    response = RedirectResponse(address, status_code=303)
    response.set_cookie(SAID, quote(said), max_age=60, httponly=True, samesite="lax")
    return response


def _number(sent: Fields, name: str) -> int | None:
    """Return a number that a form of ours holds, or None."""
    text = sent.get(name, "")
    return int(text) if text.isdecimal() and len(text) < len(str(LARGEST_ID)) else None


def _write(
    desk: Desk, visitor: Visitor, incident_id: int, number: int | None, sent: Fields
) -> tuple[AnswerDraft, str]:
    wording = DraftIn.model_validate({name: sent[name] for name in FIELDS if name in sent}).to_wording()
    base = _number(sent, "base") or 0
    draft = desk.acts.write_draft(incident_id, wording, number=number, base=base, by=visitor.by, via="desk")
    return draft, f"已存为第{draft.number}稿第{draft.newest.number}版"


def _sign(
    desk: Desk, visitor: Visitor, incident_id: int, number: int | None, sent: Fields
) -> tuple[AnswerDraft, str]:
    wanted = SignatureIn.model_validate({name: sent[name] for name in SIGNED if name in sent})
    draft = desk.acts.sign_draft(incident_id, number or 0, by=visitor.by, via="desk", **wanted.model_dump())
    return draft, f"已签署：{wanted.step.zh}，{wanted.opinion.zh}"


def _link(
    desk: Desk, visitor: Visitor, incident_id: int, number: int | None, sent: Fields
) -> tuple[AnswerDraft, str]:
    wanted = LinkIn.model_validate({"publication_id": sent.get("publication_id")})
    named = wanted.publication_id
    draft = desk.acts.link_draft(incident_id, number or 0, named, by=visitor.by, via="desk")
    return draft, f"已登记：第{draft.number}稿已发布"


def _load(desk: Desk, visitor: Visitor, incident_id: int, number: int | None) -> DraftFolder:
    return load_drafts(desk.store, visitor, incident_id, desk.office(), desk.clock.now(), number)


def _shown(
    desk: Desk,
    visitor: Visitor,
    folder: DraftFolder,
    *,
    kind: DraftKind | None = None,
    compared: tuple[int | None, int | None] = (None, None),
    typed: Fields | None = None,
    faults: tuple[str, ...] = (),
    said: str = "",
    status: int = 200,
) -> HTMLResponse:
    draft, file = folder.draft, folder.file
    is_begun = draft is not None and not (kind is not None and draft.publication_id is not None)
    wording: Wording = draft.newest if draft and is_begun else propose(file, kind or kind_for(file))
    return desk.page(
        "draft.html",
        visitor,
        status=status,
        seq=desk.watch.head(),
        incident=file.dossier.incident,
        drafts=folder.drafts,
        draft=draft if is_begun else None,
        state=state_of(draft) if draft else None,
        is_ready=draft is not None and is_ready(draft),
        wording=wording,
        typed=_fields(wording, typed or {}),
        faults=faults,
        said=said,
        writes=may_draft(visitor.account) and file.dossier.incident.is_open,
        kinds=list(DraftKind),
        longest=LONGEST_TEXT,
        steps=step_lines(draft, file, visitor.by) if draft and is_begun else (),
        gaps=gaps(f"{wording.title}\n{wording.text}"),
        checks=check_wording(file, wording),
        difference=_difference(draft, compared) if draft and is_begun else None,
        publications={p.id: p for p in file.dossier.publications},
        linkable=_linkable(folder),
    )


def _linkable(folder: DraftFolder) -> tuple[Publication, ...]:
    """Return the publications on record of which no draft is named yet, newest first."""
    named = {draft.publication_id for draft in folder.drafts}
    return tuple(p for p in reversed(accepted(folder.file.dossier)) if p.id not in named)


def _fields(wording: Wording, typed: Fields) -> dict[str, str]:
    """Return what the forms hold: what was typed into one that was refused, else what is written."""
    signing = {name: typed.get(name, "") for name in ("step", "reason")}
    if typed.get("act") == "write":
        return {name: typed.get(name, "") for name in FIELDS} | signing
    return {name: str(getattr(wording, name)) for name in FIELDS} | signing


def _difference(draft: AnswerDraft, compared: tuple[int | None, int | None]) -> dict[str, Any]:
    """Return two versions side by side as one text; by default the last two."""
    old = version_of(draft, compared[0], draft.newest.number - 1)
    new = version_of(draft, compared[1], draft.newest.number)
    return {
        "old": old,
        "new": new,
        "title": compare(old.title, new.title),
        "text": compare(old.text, new.text),
    }


def _conflict(desk: Desk, visitor: Visitor, draft: AnswerDraft, sent: Fields) -> HTMLResponse:
    """Show what somebody else wrote beside what was typed; either can be gone on with."""
    is_writing = sent.get("act") != "sign"
    old = version_of(draft, _number(sent, "base" if is_writing else "version"), 1)
    newest = draft.newest
    mine = {name: sent.get(name, "") for name in (*FIELDS, "reason")}
    return desk.page(
        "draft_conflict.html",
        visitor,
        status=409,
        draft=draft,
        old=old,
        is_writing=is_writing,
        mine=mine,
        kinds=list(DraftKind),
        longest=LONGEST_TEXT,
        theirs=compare(old.text, newest.text),
        difference=compare(newest.text, mine["text"]) if is_writing else (),
    )
