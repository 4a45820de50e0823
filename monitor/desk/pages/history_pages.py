"""History on the desk: asking, counting, keeping questions, and taking the answers away."""

from dataclasses import fields, replace
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import QueryParams

from monitor.asking.model import AskingError
from monitor.asking.passages import pointed
from monitor.clock import as_local
from monitor.desk import reads, words
from monitor.desk.access import Visitor
from monitor.desk.context import LARGEST_ID, Desk, Signed, TheDesk, check_form_token
from monitor.desk.exports import Key, Progress
from monitor.desk.pages.desk_pages import Form
from monitor.desk.views.board_view import kind_of
from monitor.desk.views.history_view import (
    export_books,
    facet_views,
    hit_views,
    incident_views,
    kind_word,
    metric_words,
    query_of,
)
from monitor.errors import NotFoundError, RefusedActError
from monitor.pipeline.asking import BEST_OF, Asked, find, page_number, read_question
from monitor.pipeline.exporting import ExportForm, every_answer, file_blocks
from monitor.pipeline.saved_questions import as_json, asked_of
from monitor.pipeline.saved_questions import keep_question as keep
from monitor.ports import Transaction
from monitor.ports.history import ClockOutcome, Question, SavedQuestion

ONE_PAGE = 50
MOST_KEPT = 50
LONGEST_NAME = 40
PACES = {10: "10 分钟", 60: "1 小时", 360: "6 小时", 1440: "1 天"}
"""How often its owner hears of a kept question at most, in minutes."""

history = APIRouter(include_in_schema=False)
_ASKED = TypeAdapter(Asked)
_LISTS = frozenset(
    field.name for field in fields(Asked) if field.name not in {"q", "since", "until", "order"}
)
Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]


def asked_in(params: QueryParams) -> Asked:
    """Return what the address of a page asks for; blank fields are none."""
    typed: dict[str, Any] = {
        field.name: tuple(filter(None, params.getlist(field.name)))
        if field.name in _LISTS
        else params.get(field.name) or field.default
        for field in fields(Asked)
    }
    return Asked(**typed)


@history.get("/history")
def history_page(request: Request, desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show the answers to what the address asks, newest or best first, with counts and marked words."""
    reads.require_everything(visitor)
    params = request.query_params
    asked, scope = asked_in(params), "incidents" if params.get("scope") == "incidents" else ""
    facts: dict[str, Any] = {
        "found": None,
        "facets": (),
        "total": 0,
        "older": None,
        "fault": "",
        "place": (),
        "kept_now": None,
    }
    try:
        question = read_question(asked, limit=ONE_PAGE)
        with desk.store.reading() as transaction:
            facts |= _answers(desk, transaction, asked, question, scope, params.get("cursor", ""))
    except AskingError as error:
        facts["fault"] = str(error)
        facts["place"] = pointed(asked.q, error.column) if error.column else ()
    with desk.store.reading() as transaction:
        kept = transaction.saved_questions(visitor.account.name)
    return _shown(desk, visitor, asked, scope, kept, facts)


def _answers(
    desk: Desk, transaction: Transaction, asked: Asked, question: Question, scope: str, cursor: str
) -> dict[str, Any]:
    """Return a page of answers; counts stand on the first page only."""
    office = desk.office()
    found: Any
    older: Any
    if scope:
        page = transaction.search_incidents(replace(question, before_id=page_number(cursor)))
        newest = transaction.newest_answers(question, [incident.id for incident in page.incidents])
        found, older = incident_views(page.incidents, newest, question), page.next_before_id
        counted = transaction.incident_facets(question) if not cursor else None
    else:
        answers = find(transaction, question, asked.order, cursor)
        found, older = hit_views(answers.hits, question), answers.cursor
        counted = transaction.item_facets(question) if not cursor else None
    return {
        "found": found,
        "older": query_of(asked, scope=scope, cursor=str(older)) if older else None,
        "total": counted.total if counted else None,
        "facets": facet_views(counted, asked, office, scope) if counted else (),
    }


def _shown(
    desk: Desk,
    visitor: Visitor,
    asked: Asked,
    scope: str,
    kept: tuple[SavedQuestion, ...],
    facts: dict[str, Any],
) -> HTMLResponse:
    return desk.page(
        "history.html",
        visitor,
        status=422 if facts["fault"] else 200,
        asked=asked,
        scope=scope,
        query=query_of(asked, scope=scope),
        as_json=as_json(asked),
        kept=[(one, query_of(asked_of(one), scope="incidents" if one.of_incidents else "")) for one in kept],
        kinds=[(code, kind_word(code)) for book in ("category", "event_type") for code in words.book(book)],
        outcomes=[outcome.value for outcome in ClockOutcome],
        metrics=metric_words(),
        paces=PACES,
        kind_of=kind_of,
        kind_word=kind_word,
        best_of=BEST_OF,
        may_hear=visitor.account.person_id is not None,
        **facts,
    )


@history.get("/history/export/{form}")
def export_history(request: Request, desk: TheDesk, visitor: Signed, form: ExportForm) -> Response:
    """Send every answer as a file while it is read; a workbook is made first. People are masked in it."""
    reads.require_everything(visitor)
    params = request.query_params
    try:
        question, of_the_incidents = read_question(asked_in(params)), params.get("scope") == "incidents"
        key = (visitor.account.name, params.get("follow", "")[:LONGEST_NAME])
        return exported(desk, question, form, of_the_incidents, key)
    except AskingError as error:
        return desk.page(
            "error.html",
            visitor,
            status=422,
            title="不能导出",
            lines=(str(error),),
            typed={},
            back="/history",
        )


@history.get("/history/exports/{name}")
def export_progress(desk: TheDesk, visitor: Signed, name: str) -> Progress:
    """Return how far an export of this login is, by the name that its page gave it."""
    reads.require_everything(visitor)
    return desk.exports.of((visitor.account.name, name))


def exported(
    desk: Desk, question: Question, form: ExportForm, of_the_incidents: bool, key: Key
) -> StreamingResponse:
    """Return the file of all answers, as of now; it is followed under a key."""
    told = partial(desk.exports.count, key)
    answers = every_answer(desk.store, question, told, incidents=of_the_incidents)
    kind = "incidents" if of_the_incidents else "history"
    name = f"{kind}-{as_local(desk.clock.now()):%Y%m%d-%H%M}.{form.value}"
    blocks = file_blocks(answers, form, export_books(desk.office().departments))
    return StreamingResponse(
        desk.exports.followed(key, blocks),
        media_type=form.media_type,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@history.post("/history/saved")
def keep_question(desk: TheDesk, visitor: Signed, form: Form) -> Response:
    """Keep a question under a name; its person may hear of new answers."""
    check_form_token(visitor, str(form.get("csrf", "")))
    reads.require_everything(visitor)
    try:
        kept = save_question(
            desk,
            visitor,
            asked=_ASKED.validate_json(str(form.get("asked", ""))),
            name=str(form.get("name", "")),
            of_incidents=form.get("scope") == "incidents",
            every_minutes=int(form["every"]) if str(form.get("every", "")).isdecimal() else None,
        )
    except (AskingError, ValidationError) as error:
        fault = str(error) if isinstance(error, AskingError) else "检索条件不完整，请重新检索"
        return desk.page(
            "error.html", visitor, status=422, title="没有保存", lines=(fault,), typed={}, back="/history"
        )
    scope = "incidents" if kept.of_incidents else ""
    return RedirectResponse(f"/history?{query_of(asked_of(kept), scope=scope)}", status_code=303)


def save_question(
    desk: Desk, visitor: Visitor, *, asked: Asked, name: str, of_incidents: bool, every_minutes: int | None
) -> SavedQuestion:
    """Keep a question of this login; raises AskingError for what cannot be kept or told."""
    read_question(asked)
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name or not name.isprintable():
        raise AskingError(None, "请给这次检索起一个名字")
    if every_minutes is not None and every_minutes not in PACES:
        raise AskingError(None, f"提醒间隔只能是 {'、'.join(str(pace) for pace in PACES)} 分钟")
    if every_minutes is not None and visitor.account.person_id is None:
        raise AskingError(None, "您的账号没有对应的人员，收不到提醒；请管理员在账号中填写人员")
    with desk.store.transaction() as transaction:
        if len(transaction.saved_questions(visitor.account.name)) >= MOST_KEPT:
            raise AskingError(None, f"最多保存 {MOST_KEPT} 个检索，请先删除不用的")
        question = SavedQuestion(
            account=visitor.account.name,
            name=name,
            asked=as_json(asked),
            of_incidents=of_incidents,
            created_at=desk.clock.now(),
            tells=every_minutes is not None,
            every=timedelta(minutes=every_minutes or 60),
        )
        return keep(transaction, question)


@history.post("/history/saved/{number}")
def change_question(desk: TheDesk, visitor: Signed, number: Number, form: Form) -> Response:
    """Forget a kept question, or turn its reminders on or off."""
    check_form_token(visitor, str(form.get("csrf", "")))
    reads.require_everything(visitor)
    with desk.store.transaction() as transaction:
        kept = own_question(transaction, visitor, number)
        if form.get("act") == "drop":
            transaction.drop_question(number)
        elif visitor.account.person_id is None and not kept.tells:
            raise RefusedActError("history", "forbidden")
        else:
            keep(transaction, replace(kept, tells=not kept.tells))
    return RedirectResponse("/history", status_code=303)


def own_question(transaction: Transaction, visitor: Visitor, number: int) -> SavedQuestion:
    """Return a question of this login; raises NotFoundError, also for somebody else's."""
    kept = transaction.saved_question(number)
    if kept.account != visitor.account.name:
        raise NotFoundError("saved question", number)
    return kept
