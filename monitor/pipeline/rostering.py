"""The rota as the desk changes it: substitutions, and months taken from a sheet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from monitor.dossier.model import Change
from monitor.errors import ConflictError, RefusedActError
from monitor.office.model import MonthRota, Office, Substitution
from monitor.ports import Store, Transaction


def with_rota(office: Office, transaction: Transaction, since: datetime, until: datetime) -> Office:
    """Return the office with what the desk holds of the rota from `since` to `until`, both included."""
    months = transaction.rota_months(since, until)
    substitutions = transaction.substitutions(since, until)
    if not months and not substitutions:
        return office
    current = tuple(_trimmed(month, since, until) for month in months)
    return replace(office, months=office.months + current, substitutions=office.substitutions + substitutions)


def _trimmed(month: MonthRota, since: datetime, until: datetime) -> MonthRota:
    """Return the month with the shifts of that time alone: who is on duty is asked for every alert."""
    return replace(month, shifts=tuple(s for s in month.shifts if s.since <= until and since < s.until))


def rostered(store: Store, office: Office, now: datetime) -> Office:
    """Return the office with what the desk holds of the rota at `now`, for reading."""
    with store.reading() as transaction:
        return with_rota(office, transaction, now, now)


def substitute(
    store: Store, office: Office, wanted: Substitution, *, now: datetime, via: str, words: str | None = None
) -> int:
    """Record that somebody is away and who stands in; return its number.

    What has passed already is not rewritten: it begins now at the earliest. Raises RefusedActError.
    """
    wanted = replace(wanted, since=max(wanted.since, now))
    with store.transaction() as transaction:
        if (
            reason := why_not(office, wanted, transaction.substitutions(wanted.since, wanted.until))
        ) is not None:
            raise RefusedActError("substitute", reason)
        number = transaction.add_substitution(wanted)
        facts = {
            "substitution": number,
            "person": wanted.person,
            "stand_in": wanted.stand_in,
            "since": wanted.since.isoformat(),
            "until": wanted.until.isoformat(),
        }
        transaction.record([_change("substitution_recorded", wanted.recorded_by, via, now, facts, words)])
    return number


def why_not(office: Office, wanted: Substitution, others: Sequence[Substitution]) -> str | None:
    """Return why this substitution is refused, or None; `others` are those of the same time.

    Nobody records that they themselves stand in for somebody of a higher level: a level gives powers.
    """
    person = office.person(wanted.person)
    if wanted.until <= wanted.since:
        return "bad_time"
    if person is None:
        return "unknown_person"
    if wanted.stand_in is None:
        return None
    stand_in = office.person(wanted.stand_in)
    if stand_in is None or not stand_in.channels:
        return "not_reachable"
    if stand_in == person:
        return "same_person"
    if stand_in.id == wanted.recorded_by and (stand_in.level or 0) < (person.level or 0):
        return "raises_oneself"
    overlapping = [s for s in others if s.since < wanted.until and wanted.since < s.until]
    is_away = any(s.person == wanted.stand_in and s.stand_in is None for s in overlapping)
    return "stand_in_away" if is_away else None


def withdraw_substitution(store: Store, number: int, *, by: str, now: datetime, via: str) -> None:
    """End a substitution now, or let it never begin; one that is over stays as it was.

    Raises NotFoundError, and RefusedActError for one that is over.
    """
    with store.transaction() as transaction:
        found = transaction.substitution(number)
        if found.until <= now or found.since == found.until:
            raise RefusedActError("withdraw_substitution", "already_over")
        transaction.end_substitution(number, max(found.since, now))
        facts = {"substitution": number, "person": found.person, "stand_in": found.stand_in}
        transaction.record([_change("substitution_withdrawn", by, via, now, facts)])


def import_month(
    store: Store, month: date, rotas: Sequence[MonthRota], *, by: str, now: datetime, via: str
) -> bool:
    """Keep an imported month in one transaction; return whether it replaced an earlier import.

    Raises RefusedActError where somebody else is importing that month at the same moment.
    """
    try:
        with store.transaction() as transaction:
            replaced = transaction.replace_rota_month(month, rotas) > 0
            facts = {
                "month": f"{month:%Y-%m}",
                "levels": [rota.level for rota in rotas],
                "shifts": sum(len(rota.shifts) for rota in rotas),
                "replaced": replaced,
            }
            transaction.record([_change("rota_imported", by, via, now, facts)])
    except ConflictError as error:
        raise RefusedActError("import_rota", "imported_meanwhile") from error
    return replaced


def _change(
    event: str, by: str, via: str, now: datetime, facts: dict[str, object], words: str | None = None
) -> Change:
    return Change(at=now, event=event, incident=None, actor=by, via=via, facts=facts, words=words)
