"""One incident, one story: reports, figures, grades, clocks, acts and messages in the order of time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final

from alerts.message.words import METRICS, say_count
from alerts.model import Alert, AlertState
from monitor.collectors.model import Role
from monitor.desk import words
from monitor.desk.views.board_view import name_of
from monitor.desk.views.journal_view import Line
from monitor.office.model import Office
from monitor.ports import JoinedItem

_SILENT: Final = (AlertState.QUEUED, AlertState.SENT)
"""Messages that go their way; of the others the story says what became of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened: what, by whom, its facts, a person's own words.

    `item_id` leads to the report it tells of; `more` counts reports that brought nothing new.
    """

    at: datetime
    what: str
    who: str
    facts: str = ""
    quote: str = ""
    item_id: int | None = None
    more: int = 0


def tell_story(
    reports: Iterable[Moment], lines: Iterable[Line], alerts: Iterable[Alert], office: Office
) -> tuple[Moment, ...]:
    """Return the story, oldest first; runs of reports that say nothing new are one line.

    `lines` are those of the journal; the machine's routine is left out.
    """
    acts = (_act(line) for line in lines if not line.is_routine)
    moments = sorted((*reports, *acts, *_messages(alerts, office)), key=lambda m: m.at)
    return tuple(_gathered(moments))


def _act(line: Line) -> Moment:
    change = line.entry.change
    via = f"（{words.word('via', change.via)}）" if change.via not in ("engine", "desk") else ""
    return Moment(
        at=change.at,
        what=words.word("event", change.event),
        who=line.actor + via,
        facts=line.facts,
        quote=change.words or "",
    )


def report_moments(reports: Iterable[JoinedItem]) -> tuple[Moment, ...]:
    """Return every report; one is told by its title if it is the first, official, or has other figures."""
    return tuple(_reports(reports))


def _reports(reports: Iterable[JoinedItem]) -> Iterator[Moment]:
    told: dict[tuple[str, Role], object] = {}
    for place, joined in enumerate(sorted(reports, key=lambda j: (j.item.at, j.item.id))):
        item = joined.item
        counts = joined.verdict.figures.counts if joined.verdict and not joined.reach_only else {}
        news = {metric: c for metric, c in counts.items() if told.get((metric, item.role)) != c}
        told |= {(metric, item.role): count for metric, count in counts.items()}
        is_told = place == 0 or news or (item.role is Role.OFFICIAL and not joined.reach_only)
        if not is_told:
            yield Moment(at=item.at, what="", who="", more=1)
            continue
        figures = "、".join(say_count(m, c) for m, c in news.items() if m in METRICS)
        yield Moment(
            at=item.at,
            what=words.word("source_role", item.role.value),
            who=item.source_name,
            facts=(item.title or item.text)[:80] + (f"（{figures}）" if figures else ""),
            item_id=item.id,
        )


def _messages(alerts: Iterable[Alert], office: Office) -> Iterator[Moment]:
    """Yield what was told together as one: who was told of what, and whom it did not reach."""
    in_order = sorted(alerts, key=lambda a: (a.created_at, a.reason, a.message_no))
    for (at, reason), some in groupby(in_order, key=lambda a: (a.created_at, a.reason)):
        told = {a.to: a for a in some}
        said = "、".join(_addressee(alert, office) for alert in told.values())
        yield Moment(at=at, what="告知", who=words.reason_word(reason), facts=said)


def _addressee(alert: Alert, office: Office) -> str:
    state = "" if alert.state in _SILENT else f"（{words.word('alert_state', alert.state.value)}）"
    return name_of(office, alert.to) + state


def _gathered(moments: Sequence[Moment]) -> Iterator[Moment]:
    """Yield the moments, runs of what brought nothing new as one at their last instant."""
    for is_more, some in groupby(moments, key=lambda m: m.more > 0):
        if not is_more:
            yield from some
            continue
        run = list(some)
        yield replace(run[-1], what="报道", facts=f"另有 {len(run)} 条，没有新的数据", more=len(run))
