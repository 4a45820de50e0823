"""The journal: looked through by incident, person, act and time, and its chain held against the digests."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from monitor.desk import reads, words
from monitor.desk.access import Visitor
from monitor.desk.context import LARGEST_ID, Desk, Signed, TheDesk, check_form_token
from monitor.desk.pages.desk_pages import Form
from monitor.desk.views.journal_search_view import actors, found_entries
from monitor.ports import JournalCheck, JournalEntry
from monitor.ports.journal import JournalQuestion

ONE_PAGE = 100
ANCHORS_SHOWN = 31
SHORTEST_HASH = 16
"""Of a printed hash at least so many digits: 64 bits, more than a forged entry can be made to begin with."""

journal = APIRouter(include_in_schema=False)
Typed = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The form as it was sent; `machine` asks for what the machine did by itself, too."""

    incident: str = ""
    actor: str = ""
    event: str = ""
    since: str = ""
    until: str = ""
    machine: str = ""
    cursor: str = ""

    def question(self) -> JournalQuestion:
        """Return what is asked, with one entry more than a page; raises QuestionError."""
        borders = reads.question(since=self.since, until=self.until, cursor=_number(self.cursor))
        return JournalQuestion(
            incident=_number(self.incident),
            actor=self.actor or None,
            event=self.event or None,
            since=borders.since,
            until=borders.until,
            by_people=not (self.machine or self.actor or self.event),
            before_seq=borders.before_id,
            limit=ONE_PAGE + 1,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The chain recomputed; `entry` is where a hash stands of which `printed` was typed."""

    check: JournalCheck
    printed: str = ""
    entry: JournalEntry | None = None


@journal.get("/journal")
def journal_page(
    desk: TheDesk,
    visitor: Signed,
    incident: Typed = "",
    actor: Typed = "",
    event: Typed = "",
    since: Typed = "",
    until: Typed = "",
    machine: Typed = "",
    cursor: Typed = "",
) -> HTMLResponse:
    """Show what was asked of the journal, newest first; without a question, what people did last."""
    asked = Asked(
        incident=incident.strip(), actor=actor, event=event, since=since, until=until, machine=machine,
        cursor=cursor,
    )  # fmt: skip
    return _page(desk, visitor, asked)


@journal.post("/journal")
def verify_journal(desk: TheDesk, visitor: Signed, form: Form) -> HTMLResponse:
    """Recompute the whole chain now, and look for a hash that was printed on a digest."""
    check_form_token(visitor, str(form.get("csrf", "")))
    reads.require_everything(visitor)
    printed = "".join(str(form.get("printed", "")).split()).lower()
    if printed and not _is_hash(printed):
        return _page(desk, visitor, Asked(), fault="校验码应为 16 至 64 位的 0-9、a-f", status=422)
    if not desk.trying.acquire(blocking=False):
        return _page(desk, visitor, Asked(), fault="正有人在核对或试算，请过一会再试", status=409)
    try:
        with desk.store.reading() as transaction:
            check = transaction.check_journal()
            entry = transaction.journal_entry(printed) if printed else None
    finally:
        desk.trying.release()
    return _page(desk, visitor, Asked(), verified=Verified(check=check, printed=printed, entry=entry))


def _page(
    desk: Desk,
    visitor: Visitor,
    asked: Asked,
    *,
    verified: Verified | None = None,
    fault: str = "",
    status: int = 200,
) -> HTMLResponse:
    reads.require_everything(visitor)
    office, found = desk.office(), tuple[JournalEntry, ...]()
    with desk.store.reading() as transaction:
        try:
            found = transaction.find_entries(asked.question())
        except reads.QuestionError:
            fault, status = "日期、事件编号或页码不对", 422
        logins, anchors = transaction.accounts(), transaction.journal_anchors()
    return desk.page(
        "journal.html",
        visitor,
        status=status,
        asked=asked,
        found=found_entries(found[:ONE_PAGE], office),
        older=found[ONE_PAGE - 1].seq if len(found) > ONE_PAGE else None,
        actors=actors(office, logins),
        events=words.book("event"),
        anchors=anchors[: -ANCHORS_SHOWN - 1 : -1],
        chain=desk.chain(),
        verified=verified,
        fault=fault,
    )


def _number(text: str) -> int | None:
    """Return the number of an incident or entry; raises QuestionError."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= LARGEST_ID):
        raise reads.QuestionError(text)
    return int(text)


def _is_hash(text: str) -> bool:
    return SHORTEST_HASH <= len(text) <= 64 and set(text) <= set("0123456789abcdef")
