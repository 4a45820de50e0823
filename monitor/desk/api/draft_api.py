"""Drafts of answers, for programs: written, signed and read; nothing here publishes anything."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from monitor.desk.access import Visitor
from monitor.desk.api.conditions import ConditionalAnswer, IfMatch, StaleError, wanted_version
from monitor.desk.api.description import PROBLEMS
from monitor.desk.api.once import Key, once
from monitor.desk.context import LARGEST_ID, Caller, Desk, IncidentId, TheDesk, require_scope
from monitor.desk.draft_bodies import DraftIn, DraftOut, ProposalOut, SignatureIn, VersionIn
from monitor.desk.pages.draft_pages import require_draft
from monitor.desk.views.draft_view import DraftFolder, load_drafts
from monitor.drafting.model import AnswerDraft, DraftConflictError, DraftKind
from monitor.drafting.propose import check_wording, kind_for, propose
from monitor.pipeline.drafting import numbered

draft_api = APIRouter(
    prefix="/api/v1/incidents/{incident_id}/drafts",
    responses=PROBLEMS,
    default_response_class=ConditionalAnswer,
)
DraftNumber = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@draft_api.get("", summary="回应稿列表")
def list_drafts(desk: TheDesk, caller: Caller, incident_id: IncidentId) -> list[DraftOut]:
    """Return the drafts of an incident with all versions and signatures, oldest first."""
    return [DraftOut.of(draft) for draft in _load(desk, caller, incident_id).drafts]


@draft_api.get("/proposal", summary="初稿建议")
def read_proposal(
    desk: TheDesk, caller: Caller, incident_id: IncidentId, kind: DraftKind | None = None
) -> ProposalOut:
    """Return a first text of stored facts only, with gaps where something is not known; keeps nothing."""
    file = _load(desk, caller, incident_id).file
    wording = propose(file, kind or kind_for(file))
    return ProposalOut.of(wording, check_wording(file, wording))


@draft_api.get("/{number}", summary="回应稿")
def read_draft(
    desk: TheDesk, caller: Caller, response: Response, incident_id: IncidentId, number: DraftNumber
) -> DraftOut:
    """Return one draft; its ETag names its newest version and may guard what is written or signed."""
    draft = numbered(_load(desk, caller, incident_id).drafts, incident_id, number)
    response.headers["ETag"] = f'"v{draft.newest.number}"'
    return DraftOut.of(draft)


@draft_api.post("", status_code=201, summary="起草")
def begin_draft(
    desk: TheDesk,
    caller: Caller,
    response: Response,
    incident_id: IncidentId,
    body: Annotated[DraftIn, Body()],
    key: Key = None,
) -> DraftOut:
    """Begin a draft; 409 where one is being worked on and says something else."""
    _require(desk, caller, incident_id)

    def do() -> AnswerDraft:
        return desk.acts.write_draft(
            incident_id, body.to_wording(), number=None, base=0, by=caller.by, via="api"
        )

    return _once(desk, caller, response, key, ("begin_draft", str(incident_id), body.model_dump_json()), do)


@draft_api.post("/{number}/versions", status_code=201, summary="存为新版")
def add_version(
    desk: TheDesk,
    caller: Caller,
    response: Response,
    incident_id: IncidentId,
    number: DraftNumber,
    body: Annotated[VersionIn, Body()],
    key: Key = None,
    if_match: IfMatch = None,
) -> DraftOut:
    """Keep a new version, written over version `base`; 409 (`If-Match`: 412) where there is a newer one."""
    _require(desk, caller, incident_id)

    def do() -> AnswerDraft:
        wanted_version(if_match, body.base)
        return desk.acts.write_draft(
            incident_id, body.to_wording(), number=number, base=body.base, by=caller.by, via="api"
        )

    asked = ("add_version", str(incident_id), str(number), body.model_dump_json(), if_match or "")
    return _once(desk, caller, response, key, asked, do, if_match)


@draft_api.post("/{number}/signatures", status_code=201, summary="签署审校")
def add_signature(
    desk: TheDesk,
    caller: Caller,
    response: Response,
    incident_id: IncidentId,
    number: DraftNumber,
    body: Annotated[SignatureIn, Body()],
    key: Key = None,
    if_match: IfMatch = None,
) -> DraftOut:
    """Sign a step of the version that was read, or send it back; the same again changes nothing."""
    _require(desk, caller, incident_id)

    def do() -> AnswerDraft:
        wanted_version(if_match, body.version)
        return desk.acts.sign_draft(incident_id, number, by=caller.by, via="api", **body.model_dump())

    asked = ("add_signature", str(incident_id), str(number), body.model_dump_json(), if_match or "")
    return _once(desk, caller, response, key, asked, do, if_match)


def _require(desk: Desk, caller: Visitor, incident_id: int) -> None:
    require_scope(caller, "act")
    require_draft(desk, caller, incident_id)


def _load(desk: Desk, caller: Visitor, incident_id: int) -> DraftFolder:
    require_scope(caller, "read")
    return load_drafts(desk.store, caller, incident_id, desk.office(), desk.clock.now())


def _once(
    desk: Desk,
    caller: Visitor,
    response: Response,
    key: str | None,
    asked: tuple[str, ...],
    act: Callable[[], AnswerDraft],
    if_match: str | None = None,
) -> DraftOut:
    def do() -> DraftOut:
        try:
            return DraftOut.of(act())
        except DraftConflictError as error:
            if if_match is None:
                raise
            raise StaleError(if_match) from error

    return once(desk, caller, response, key=key, asked=asked, do=do, kind=DraftOut)
