"""设置: what there is to set and to look at, people and channels, and how the service fares."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor.desk import reads
from monitor.desk.context import Signed, TheDesk
from monitor.desk.views.health_view import health_view
from monitor.desk.views.people_view import department_lines, people_lines
from monitor.desk.views.rooms_view import rooms
from monitor.office.checkup import find_gaps

settings = APIRouter(include_in_schema=False)


@settings.get("/settings")
def settings_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show every page of the settings that this visitor may open."""
    found = rooms(
        visitor.account,
        has_rules=desk.wording is not None,
        has_rehearsals=desk.rehearsing is not None,
    )
    return desk.page("settings.html", visitor, rooms=found)


@settings.get("/settings/people")
def people_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show who is told through what, as `office.yaml` says, and what is unwise about it."""
    reads.require_everything(visitor)
    office = desk.office()
    return desk.page(
        "people.html",
        visitor,
        people=people_lines(office),
        departments=department_lines(office),
        gaps=find_gaps(office),
        faults=desk.faults(),
    )


@settings.get("/settings/health")
def health_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show how the service fares, and what to do about what is wrong."""
    reads.require_everything(visitor)
    found, disk = desk.troubles(), desk.lookout.disk() if desk.lookout else None
    with desk.store.reading() as transaction:
        view = health_view(transaction, desk.surroundings(), found, disk, desk.clock.now())
    return desk.page("health.html", visitor, view=view, chain=desk.chain())
