"""What every open page asks for whenever something changed: the grave incidents that must be heard."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor.desk import reads
from monitor.desk.context import Signed, TheDesk
from monitor.desk.roles import acts_of
from monitor.desk.views.alarm_view import alarm_words, unacknowledged
from monitor.dossier.model import Part

alarms = APIRouter(include_in_schema=False)


@alarms.get("/alarm")
def alarm(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Return the grave incidents that nobody has acknowledged, as a piece of a page; nothing where none is.

    Whoever cannot acknowledge is not alarmed.
    """
    with desk.store.reading() as transaction:
        grave = [i for i in reads.open_incidents(transaction, visitor) if i.is_serious]
        waiting = unacknowledged(transaction.dossiers_of(grave, (Part.ROUNDS, Part.ACKNOWLEDGEMENTS)))
    if "acknowledge" not in acts_of(visitor.account):
        waiting = ()
    return desk.page("_alarm.html", visitor, waiting=waiting, said=alarm_words(waiting) if waiting else "")
