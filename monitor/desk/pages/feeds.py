"""Deadlines as an iCalendar feed and incidents as an Atom feed, for calendars and feed readers.

These cannot sign in by cookie: a personal token of the scope `feeds` stands in the address.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from icalendar import STATUS, TRANSP, Calendar, Event

from alerts.message.words import say_headline, say_owner, say_severity
from monitor.deadlines.model import Obligation, ObligationState
from monitor.desk import words
from monitor.desk.access import Access, AccessError, Visitor
from monitor.desk.context import Desk, Signed, TheDesk, api_visitor, check_form_token, desk_of, require_scope
from monitor.desk.pages.desk_pages import Form
from monitor.desk.reads import CHUNK, open_incidents
from monitor.desk.roles import may_see
from monitor.dossier.model import Dossier, Part
from monitor.office.model import Office
from monitor.ports import Session

KEPT_FOR = timedelta(days=30)
"""What ended longer ago is no longer in a feed: a calendar that was away so long starts anew."""

TOKEN_LASTS = timedelta(days=365)
"""How long a feed address made on the desk holds; after a year somebody has to want it again."""

_STEPS = {ObligationState.OPEN: 0, ObligationState.BREACHED: 1}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

feeds = APIRouter(include_in_schema=False)


def _reader(request: Request, token: str = "") -> Visitor:
    """Return who reads a feed, by the token in its address, a bearer token or a session."""
    visitor = desk_of(request).access.visitor(token, "token") if token else api_visitor(request)
    if visitor is None:
        raise AccessError("unauthorized")
    require_scope(visitor, "feeds")
    return visitor


Reader = Annotated[Visitor, Depends(_reader)]


@feeds.get("/feeds/deadlines.ics")
def deadlines(request: Request, desk: TheDesk, reader: Reader) -> Response:
    """Return every deadline this reader may see, as a calendar to subscribe to."""
    dossiers = _load(desk, reader, (Part.OBLIGATIONS,))
    calendar = deadlines_calendar(dossiers, desk.office(), _base(request, desk), desk.clock.now())
    return Response(calendar, media_type="text/calendar; charset=utf-8")


@feeds.get("/feeds/incidents.atom")
def incidents(request: Request, desk: TheDesk, reader: Reader) -> Response:
    """Return the incidents this reader may see, the one that changed last first."""
    dossiers = _load(desk, reader, (Part.OBLIGATIONS, Part.PUBLICATIONS))
    office, base = desk.office(), _base(request, desk)
    text = desk.pages.get_template("incidents.xml").render(
        office=office,
        base=base,
        feed_id=_urn(f"{base_of_ids(office)}:incidents"),
        entries=incident_entries(dossiers, office),
        now=desk.clock.now(),
    )
    return Response(_NOT_XML.sub("", text), media_type="application/atom+xml; charset=utf-8")


@feeds.get("/subscribe")
def subscribe_page(request: Request, desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show one's own feed addresses in force, without their tokens."""
    return _subscriptions(request, desk, visitor)


@feeds.post("/subscribe")
def subscribe(request: Request, desk: TheDesk, visitor: Signed, form: Form) -> HTMLResponse:
    """Make a new pair of feed addresses for oneself, or end one."""
    check_form_token(visitor, str(form.get("csrf", "")))
    if "revoke" in form:
        if any(_number(token) == form["revoke"] for token in _own(desk, visitor)):
            desk.access.revoke_token(str(form["revoke"]), by=visitor.by)
        return _subscriptions(request, desk, visitor)
    secret = desk.access.issue_token(visitor.account.name, ("feeds",), TOKEN_LASTS, by=visitor.by)
    return _subscriptions(request, desk, visitor, secret)


def _subscriptions(request: Request, desk: Desk, visitor: Visitor, secret: str = "") -> HTMLResponse:
    held = [(_number(token), token) for token in _own(desk, visitor)]
    return desk.page("subscribe.html", visitor, held=held, secret=secret, base=_base(request, desk))


def _own(desk: Desk, visitor: Visitor) -> list[Session]:
    """Return the tokens for feeds of this login."""
    mine = (token for token in desk.access.tokens() if token.account == visitor.account.name)
    return [token for token in mine if token.scope == "feeds"]


def _number(token: Session) -> str:
    return Access.token_id(token)


def _load(desk: Desk, reader: Visitor, parts: tuple[Part, ...]) -> tuple[Dossier, ...]:
    """Return what is open, and what was detected lately, as far as it is ours or not placed yet."""
    with desk.store.reading() as transaction:
        recent = transaction.incidents((), since=desk.clock.now() - KEPT_FOR, limit=CHUNK)
        lately = [i for i in recent if i.local is not False and may_see(reader.account, i)]
        found = {i.id: i for i in (*open_incidents(transaction, reader), *lately)}
        return transaction.dossiers_of(list(found.values()), parts)


def _base(request: Request, desk: Desk) -> str:
    """Return the address of the desk without a slash at its end."""
    return (desk.office().public_url or str(request.base_url)).rstrip("/")


def base_of_ids(office: Office) -> str:
    """Return what makes an id of this county's desk unlike that of another's: it never changes."""
    return f"huiying:{office.territory.code}"


# -- deadlines


def deadlines_calendar(dossiers: Iterable[Dossier], office: Office, base: str, now: datetime) -> bytes:
    """Return an RFC 5545 calendar: one event for each obligation, at its due instant, in UTC.

    A UID is the obligation's for ever. What no longer holds is CANCELLED and stays for KEPT_FOR.
    """
    calendar = Calendar.new(
        prodid="-//huiying//deadlines//ZH",
        uid=_urn(f"{base_of_ids(office)}:deadlines"),
        name=f"{office.name}回应时限",
        language="zh-CN",
    )
    # RFC 7986 asks for the type to be named, which the library's own setter leaves out.
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})
    for dossier in dossiers:
        for obligation in dossier.obligations:
            if obligation.ended_at is None or now - obligation.ended_at <= KEPT_FOR:
                calendar.add_component(_event(obligation, dossier, office, base))
    return bytes(calendar.to_ical())


def _event(obligation: Obligation, dossier: Dossier, office: Office, base: str) -> Event:
    changed_at = max(filter(None, (obligation.opened_at, obligation.breached_at, obligation.ended_at)))
    late = "【逾期】" if obligation.state is ObligationState.BREACHED and obligation.statutory else ""
    name = obligation.name if obligation.statutory else "建议续报"
    return Event.new(
        uid=f"{obligation.id}@{base_of_ids(office)}",
        sequence=sequence(obligation),
        stamp=changed_at,
        last_modified=changed_at,
        start=obligation.due_at,
        summary=f"{late}{name}｜{say_headline(dossier.incident, office)}",
        description="\n".join(_about(obligation, dossier, office)),
        status=STATUS.CONFIRMED if obligation.is_running else STATUS.CANCELLED,
        transparency=TRANSP.TRANSPARENT,
        url=f"{base}/incidents/{obligation.incident_id}",
    )


def sequence(obligation: Obligation) -> int:
    """Return a number that rises with every revision: by version, and from open to breached to ended."""
    return (obligation.version - 1) * (len(_STEPS) + 1) + _STEPS.get(obligation.state, len(_STEPS))


def _about(obligation: Obligation, dossier: Dossier, office: Office) -> Iterable[str]:
    yield f"{obligation.incident_id}号事件，承办：{say_owner(dossier.incident, office)}"
    yield f"状态：{words.word('obligation_state', obligation.state.value)}"
    start = words.word("start_basis", obligation.start_basis.value)
    yield f"{words.full(obligation.starts_at)} 起算（{start}），{words.full(obligation.due_at)} 到点"
    yield f"依据：{obligation.legal_basis}"


# -- incidents


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One incident as a feed reader shows it; `id` never changes."""

    id: str
    number: int
    title: str
    category: str
    published_at: datetime
    updated_at: datetime
    lines: tuple[str, ...]


def incident_entries(dossiers: Iterable[Dossier], office: Office) -> tuple[Entry, ...]:
    """Return the entries of the feed, the one that changed last first; who posted what is in none of them."""
    entries = (
        Entry(
            id=_urn(f"{base_of_ids(office)}:incident:{dossier.incident.id}"),
            number=dossier.incident.id,
            title=say_headline(dossier.incident, office),
            category=say_severity(dossier.incident.severity),
            published_at=dossier.incident.detected_at,
            updated_at=_changed_at(dossier),
            lines=tuple(_summary(dossier, office)),
        )
        for dossier in dossiers
    )
    return tuple(sorted(entries, key=lambda entry: (entry.updated_at, entry.number), reverse=True))


def _summary(dossier: Dossier, office: Office) -> Iterable[str]:
    incident = dossier.incident
    yield f"{words.word('state', incident.state.value)}，承办：{say_owner(incident, office)}"
    reach = f"{len(incident.source_ids)} 个信源 {incident.item_count} 条"
    yield f"{words.full(incident.detected_at)} 发现，{reach}"
    for obligation in sorted(dossier.obligations, key=lambda o: o.due_at):
        state = words.word("obligation_state", obligation.state.value)
        yield f"{obligation.name}：{words.full(obligation.due_at)} 到点，{state}"


def _changed_at(dossier: Dossier) -> datetime:
    """Return when an incident last changed."""
    incident = dossier.incident
    instants = [incident.detected_at, incident.last_item_at, incident.confirmed_at, incident.assigned_at]
    instants += [incident.ended_at, incident.judgement.at if incident.judgement else None]
    instants += [at for o in dossier.obligations for at in (o.opened_at, o.breached_at, o.ended_at)]
    instants += [p.recorded_at for p in dossier.publications]
    return max(at for at in instants if at is not None)


def _urn(name: str) -> str:
    return uuid5(NAMESPACE_URL, name).urn
