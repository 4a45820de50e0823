"""Why somebody was not told of an incident: everybody of the office has an answer (A9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from alerts.model import Alert, Round, RoundState
from alerts.rota import level_of, on_duty
from monitor.desk import words
from monitor.desk.views.board_view import why_no_clock
from monitor.dossier.model import Dossier
from monitor.office.model import Department, Office, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """Somebody without a message about an incident, and why."""

    who: str
    why: str


def untold(dossier: Dossier, alerts: Iterable[Alert], office: Office, now: datetime) -> tuple[Untold, ...]:
    """Return everybody of the office, people first, to whom no message was ever due, and why.

    `office` has the rota. What became of messages that were due is told by their own records.
    """
    told = {alert.to for alert in alerts}
    last = max(dossier.rounds, key=lambda r: r.serial, default=None)
    people = [
        Untold(who=p.name, why=_why_person(p, dossier, last, office, now))
        for p in office.people
        if p.id not in told
    ]
    bodies = [
        Untold(who=d.name, why=_why_department(d, dossier)) for d in office.departments if d.id not in told
    ]
    return (*people, *bodies)


def _why_person(person: Person, dossier: Dossier, last: Round | None, office: Office, now: datetime) -> str:
    at = last.started_at if last else now
    level = level_of(office, person.id, at)
    if level is None:
        return "不在值班层级内"
    if not person.channels:
        return "没有配置通道"
    if all(one.id != person.id for one in on_duty(office, level, at)):
        return f"第{level}层级，通知时不在班"
    if last is None:
        return why_no_clock(dossier.incident) or "还没有开始通知"
    return _why_level(level, last, now)


def _why_level(level: int, last: Round, now: datetime) -> str:
    """Return why the last round has not come to this level."""
    if level <= last.told_level:
        return f"第{level}层级，通知后才到班"
    reached = f"第{level}层级，第{last.serial}轮通知到第{last.told_level}层级"
    if last.state is not RoundState.OPEN:
        return f"{reached}为止：{words.word('round_end', last.end_reason)}"
    if not last.climbs or last.next_at is None:
        return f"{reached}，不再上报"
    return f"{reached}，{words.when(last.next_at, now)} 前无人确认才逐级上报"


def _why_department(department: Department, dossier: Dossier) -> str:
    if department.id not in dossier.incident.assigned_to:
        return "没有交办给该单位"
    return "已交办" if department.channels else "已交办，但没有配置通道"
