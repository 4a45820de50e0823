"""The JSON API of history: answers, counts, incidents, files, kept questions."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from monitor.asking.model import wanted_words
from monitor.asking.passages import Piece, marked, passages
from monitor.classifiers.model import Severity
from monitor.desk import reads
from monitor.desk.act_body import STORABLE
from monitor.desk.api import paging
from monitor.desk.api.answers import AnswerOut, IncidentOut, ItemOut
from monitor.desk.api.conditions import ConditionalAnswer
from monitor.desk.api.description import PROBLEMS
from monitor.desk.context import LARGEST_ID, Caller, TheDesk, require_scope
from monitor.desk.pages.history_pages import exported, own_question, save_question
from monitor.desk.views.history_view import IncidentView, incident_views
from monitor.pipeline.asking import Asked, find, read_question
from monitor.pipeline.exporting import ExportForm
from monitor.pipeline.saved_questions import asked_of
from monitor.ports.history import Facets, Hit, Order, SavedQuestion

history_api = APIRouter(prefix="/api/v1", responses=PROBLEMS, default_response_class=ConditionalAnswer)

Many = Annotated[list[str], Query(default_factory=list)]
Cursor = Annotated[
    str,
    Query(
        pattern=r"^([1-9][0-9]{0,9}(\.t?[0-9]{1,10})?)?$",
        description="上一页给出的 next_cursor；首页不填",
    ),
]
Of = Annotated[str, Query(pattern="^(items|incidents)$")]


def _asked_question(
    severity: Annotated[list[Severity], Query(default_factory=list)],
    status: Many,
    kind: Annotated[Many, Query(alias="type", description="类型、类别或舆情种类的代码")],
    place: Many,
    source: Many,
    role: Many,
    department: Many,
    outcome: Many,
    figures: Annotated[Many, Query(description="例：deaths>=3")],
    q: Annotated[str, Query(description="检索式，最长 500 个字：空格为与，或、非、“短语”、（括号）")] = "",
    since: str = "",
    until: str = "",
    order: Annotated[Order, Query(description="仅用于条目；事件总是新的在前")] = Order.NEWEST,
) -> Asked:
    """Return what the parameters ask for; a day in `since`, `until` is the whole day."""
    return Asked(
        q=q,
        since=since,
        until=until,
        severity=tuple(str(int(level)) for level in severity),
        status=tuple(status),
        kind=tuple(kind),
        place=tuple(place),
        source=tuple(source),
        role=tuple(role),
        department=tuple(department),
        outcome=tuple(outcome),
        figures=tuple(figures),
        order=order,
    )


Parameters = Annotated[Asked, Depends(_asked_question)]


class PieceOut(BaseModel):
    """Some characters as they are, to be escaped by whoever shows them; `marked` were asked for."""

    text: str
    marked: bool


class FoundItemOut(ItemOut):
    """An item that answers; `severity` is its own, `effective_severity` its incident's where it has one."""

    effective_severity: int | None
    incident_state: str | None
    marked_title: list[PieceOut]
    passages: list[list[PieceOut]]

    @classmethod
    def found(cls, hit: Hit, words: tuple[str, ...]) -> "FoundItemOut":
        """Return the body of an answer."""
        return cls(
            **ItemOut.of(hit, hit.incident_id).model_dump(),
            effective_severity=hit.severity,
            incident_state=hit.incident_state,
            marked_title=_pieces(marked(hit.item.title, words)),
            passages=[_pieces(passage) for passage in passages(hit.item.text, words)],
        )


def _pieces(pieces: tuple[Piece, ...]) -> list[PieceOut]:
    return [PieceOut(text=piece.text, marked=piece.is_marked) for piece in pieces]


class HistoryOut(BaseModel):
    """A page of history; `next_cursor` asks for the next one, null at the end."""

    items: list[FoundItemOut]
    next_cursor: int | str | None


class FoundIncidentOut(IncidentOut):
    """An incident that answers; the passages are of its newest item that has the words, if there are any."""

    marked_title: list[PieceOut]
    passages: list[list[PieceOut]]

    @classmethod
    def found(cls, view: IncidentView) -> "FoundIncidentOut":
        """Return the body of an incident."""
        return cls(
            **IncidentOut.of(view.incident).model_dump(),
            marked_title=_pieces(view.title),
            passages=[_pieces(passage) for passage in view.passages],
        )


class FoundIncidentsOut(BaseModel):
    """A page of incidents of which some item answers, the last opened first."""

    incidents: list[FoundIncidentOut]
    next_cursor: int | None


class CountOut(BaseModel):
    """How many answers have this value; null is unknown."""

    value: str | None
    label: str
    count: int


class FacetsOut(BaseModel):
    """How many answers there are, and by what they differ."""

    total: int
    by: dict[str, list[CountOut]]

    @classmethod
    def of(cls, facets: Facets) -> "FacetsOut":
        """Return the body of counts."""
        return cls(
            total=facets.total,
            by={
                name: [CountOut(value=c.value, label=c.label, count=c.count) for c in counts]
                for name, counts in facets.by.items()
            },
        )


class SavedQuestionOut(BaseModel):
    """A kept question; with `every_minutes` its person hears of new answers, at most so often."""

    number: int
    name: str
    asked: dict[str, str | list[str]]
    of_incidents: bool
    every_minutes: int | None
    told_at: datetime | None

    @classmethod
    def of(cls, kept: SavedQuestion) -> "SavedQuestionOut":
        """Return the body of a kept question."""
        asked = asked_of(kept)
        typed = {name: getattr(asked, name) for name in Asked.__dataclass_fields__}
        return cls(
            number=kept.id,
            name=kept.name,
            asked={n: list(v) if isinstance(v, tuple) else v for n, v in typed.items() if v},
            of_incidents=kept.of_incidents,
            every_minutes=int(kept.every.total_seconds() // 60) if kept.tells else None,
            told_at=kept.told_at,
        )


class SavedQuestionIn(BaseModel):
    """A question to keep; `every_minutes` is 10, 60, 360 or 1440, null for no reminders."""

    name: str = Field(min_length=1, max_length=40, pattern=STORABLE)
    q: str = Field(default="", max_length=500)
    since: str = Field(default="", max_length=40)
    until: str = Field(default="", max_length=40)
    severity: list[Severity] = []
    type: list[str] = []
    place: list[str] = []
    source: list[str] = []
    role: list[str] = []
    status: list[str] = []
    department: list[str] = []
    outcome: list[str] = []
    figures: list[str] = []
    of_incidents: bool = False
    every_minutes: int | None = None

    def asked(self) -> Asked:
        """Return what it asks for."""
        lists: dict[str, Any] = {
            name: tuple(getattr(self, name))
            for name in ("place", "source", "role", "status", "department", "outcome", "figures")
        }
        severity = tuple(str(int(level)) for level in self.severity)
        return Asked(
            q=self.q, since=self.since, until=self.until, severity=severity, kind=tuple(self.type), **lists
        )


@history_api.get("/history", summary="历史检索")
def search_history(
    desk: TheDesk,
    caller: Caller,
    request: Request,
    response: Response,
    asked: Parameters,
    cursor: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HistoryOut:
    """Return items that answer, newest or best first, with the words that were asked for marked."""
    _may_read(caller)
    question = read_question(asked, limit=limit, with_verdicts=asked.order == Order.NEWEST)
    with desk.store.reading() as transaction:
        found = find(transaction, question, asked.order, cursor)
    following = int(found.cursor) if found.cursor and found.cursor.isdecimal() else found.cursor
    _link(following, request, response)
    words = wanted_words(question.asked)
    return HistoryOut(items=[FoundItemOut.found(h, words) for h in found.hits], next_cursor=following)


@history_api.get("/history/incidents", summary="历史检索：事件")
def search_incidents(
    desk: TheDesk,
    caller: Caller,
    request: Request,
    response: Response,
    asked: Parameters,
    cursor: paging.Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FoundIncidentsOut:
    """Return incidents of which some item answers, the last opened first."""
    _may_read(caller)
    question = read_question(asked, limit=limit)
    with desk.store.reading() as transaction:
        found = transaction.search_incidents(replace(question, before_id=cursor))
        newest = transaction.newest_answers(question, [incident.id for incident in found.incidents])
    views = incident_views(found.incidents, newest, question)
    _link(found.next_before_id, request, response)
    return FoundIncidentsOut(
        incidents=[FoundIncidentOut.found(view) for view in views], next_cursor=found.next_before_id
    )


@history_api.get("/history/facets", summary="历史检索：计数")
def count_history(
    desk: TheDesk,
    caller: Caller,
    asked: Parameters,
    of: Of = "items",
) -> FacetsOut:
    """Count what answers by grade, type, place, source, role and month; incidents also by state and clock."""
    _may_read(caller)
    question = read_question(asked)
    with desk.store.reading() as transaction:
        count = transaction.incident_facets if of == "incidents" else transaction.item_facets
        return FacetsOut.of(count(question))


@history_api.get("/history/export", summary="历史检索：导出全部", response_class=StreamingResponse)
def export_answers(
    desk: TheDesk,
    caller: Caller,
    asked: Parameters,
    form: Annotated[ExportForm, Query(alias="format")] = ExportForm.JSONL,
    of: Of = "items",
) -> StreamingResponse:
    """Send every answer as a file while it is read, people masked: `csv`, `xlsx` or `jsonl`."""
    _may_read(caller)
    return exported(desk, read_question(asked), form, of == "incidents", (caller.account.name, ""))


@history_api.get("/history/saved", summary="保存的检索")
def list_saved(desk: TheDesk, caller: Caller) -> list[SavedQuestionOut]:
    """Return the questions that this login keeps."""
    _may_read(caller)
    with desk.store.reading() as transaction:
        return [SavedQuestionOut.of(kept) for kept in transaction.saved_questions(caller.account.name)]


@history_api.post("/history/saved", summary="保存一个检索", status_code=201)
def keep_question(desk: TheDesk, caller: Caller, body: SavedQuestionIn) -> SavedQuestionOut:
    """Keep a question, with reminders of new answers if asked for."""
    _may_read(caller)
    kept = save_question(
        desk,
        caller,
        asked=body.asked(),
        name=body.name,
        of_incidents=body.of_incidents,
        every_minutes=body.every_minutes,
    )
    return SavedQuestionOut.of(kept)


@history_api.delete("/history/saved/{number}", summary="删除一个保存的检索")
def drop_saved(desk: TheDesk, caller: Caller, number: Annotated[int, Path(ge=1, le=LARGEST_ID)]) -> AnswerOut:
    """Forget a question of this login."""
    _may_read(caller)
    with desk.store.transaction() as transaction:
        transaction.drop_question(own_question(transaction, caller, number).id)
    return AnswerOut(answer="已删除")


def _may_read(caller: Caller) -> None:
    require_scope(caller, "read")
    reads.require_everything(caller)


def _link(following: int | str | None, request: Request, response: Response) -> None:
    """Say in the header `Link` where the next page is (RFC 8288)."""
    if following is not None:
        address = request.url.include_query_params(cursor=following)
        response.headers["Link"] = f'<{address.path}?{address.query}>; rel="next"'
