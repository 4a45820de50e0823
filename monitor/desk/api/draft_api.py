"""Drafts of answers, for programs: written, signed and read; nothing here publishes anything."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from monitor.desk.access import Visitor
from monitor.desk.api.conditions import ConditionalAnswer
from monitor.desk.api.description import PROBLEMS
from monitor.desk.api.once import Asking, TheAsking
from monitor.desk.context import LARGEST_ID, Caller, Desk, IncidentId, TheDesk, require_scope
from monitor.desk.draft_bodies import DraftIn, DraftOut, LinkIn, ProposalOut, SignatureIn, VersionIn
from monitor.desk.pages.draft_pages import require_draft
from monitor.desk.views.draft_view import DraftFolder, load_drafts
from monitor.drafting.model import DraftKind
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
def begin_draft(asking: TheAsking, body: Annotated[DraftIn, Body()]) -> DraftOut:
    """Begin a draft; 409 where one is being worked on and says something else."""
    return _written(asking, body, number=None, base=0, what="begin_draft")


@draft_api.post("/{number}/versions", status_code=201, summary="存为新版")
def add_version(asking: TheAsking, number: DraftNumber, body: Annotated[VersionIn, Body()]) -> DraftOut:
    """Keep a new version, written over version `base`; 409 (`If-Match`: 412) where there is a newer one."""
    return _written(asking, body, number=number, base=body.base, what=f"add_version {number}")


def _written(asking: Asking, body: DraftIn, *, number: int | None, base: int, what: str) -> DraftOut:
    require_draft(asking.desk, asking.caller, asking.incident_id)

    def do() -> DraftOut:
        asking.version(base)
        written = asking.desk.acts.write_draft(
            asking.incident_id, body.to_wording(), number=number, base=base, by=asking.caller.by, via="api"
        )
        return DraftOut.of(written)

    return asking.once(do, DraftOut, body, what)


@draft_api.post("/{number}/signatures", status_code=201, summary="签署审校")
def add_signature(asking: TheAsking, number: DraftNumber, body: Annotated[SignatureIn, Body()]) -> DraftOut:
    """Sign a step of the version that was read, or send it back; the same again changes nothing."""
    require_draft(asking.desk, asking.caller, asking.incident_id)

    def do() -> DraftOut:
        asking.version(body.version)
        signed = asking.desk.acts.sign_draft(
            asking.incident_id, number, by=asking.caller.by, via="api", **body.model_dump()
        )
        return DraftOut.of(signed)

    return asking.once(do, DraftOut, body, f"add_signature {number}")


@draft_api.post("/{number}/publication", status_code=201, summary="登记的发布出自本稿")
def link_publication(asking: TheAsking, number: DraftNumber, body: Annotated[LinkIn, Body()]) -> DraftOut:
    """Name a publication on record as made of this draft; said before, nothing changes."""
    require_draft(asking.desk, asking.caller, asking.incident_id)

    def do() -> DraftOut:
        linked = asking.desk.acts.link_draft(
            asking.incident_id, number, body.publication_id, by=asking.caller.by, via="api"
        )
        return DraftOut.of(linked)

    return asking.once(do, DraftOut, body, f"link_publication {number}")


def _load(desk: Desk, caller: Visitor, incident_id: int) -> DraftFolder:
    require_scope(caller, "read")
    return load_drafts(desk.store, caller, incident_id, desk.office(), desk.clock.now())
