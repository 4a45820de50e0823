"""Count what a duty officer would be told on recorded hot-list days, the whole nation being the territory.

    python scripts/weigh_messages.py DATA/hotlist_replay --days 24

Days of one block follow one another; blocks are played apart, each from an empty memory, for what lies
between them was not recorded. Nobody acknowledges anything. Printed: messages a person and day, repeats,
non-reminder messages to the duty officer for each annotated incident that was found, and for each day the
incidents that the annotations do not know.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from alerts.model import Alert, AlertState
from monitor.cli.playing import opened_store
from monitor.clock import as_local
from monitor.drill.recount import Story, count_repeats, load_stories
from monitor.drill.replaying import play_days
from monitor.office.example import example_office
from monitor.office.model import Office
from monitor.office.registry import read_territory

REMINDERS = ("reminder_", "due", "overdue_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Recorded days that follow one another, both ends included."""

    since: date
    until: date


def main() -> None:
    """Play the days and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=24)
    given = parser.parse_args()
    annotated = read_annotations(given.folder)
    office = replace(example_office(), territory=read_territory("全国"))
    told: list[tuple[Story, str | None]] = []
    for block in blocks_of(given.folder, given.days):
        with opened_store(None) as store:
            play_days(given.folder, block.since, block.until, office, store, lambda _: None)
            told += [(story, annotated_as(story, annotated)) for story in load_stories(store)]
    sys.stdout.writelines(f"{line}\n" for line in report(told, office))


def blocks_of(folder: Path, count: int) -> Iterator[Block]:
    """Yield the first `count` days, block by block; a day without a block stands alone."""
    with (folder / "days.jsonl").open(encoding="utf-8") as lines:
        days = [json.loads(line) for line in lines][:count]
    for _, block in groupby(days, key=lambda day: day.get("block") or day["date"]):
        dates = [date.fromisoformat(day["date"]) for day in block]
        yield Block(since=min(dates), until=max(dates))


def read_annotations(folder: Path) -> dict[str, str]:
    """Return the annotated incident of each annotated title."""
    with (folder / "annotations" / "titles.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["title"]: row["incident_id"] for row in rows if row.get("incident_id")}


def annotated_as(story: Story, annotated: dict[str, str]) -> str | None:
    """Return the annotated incident that most items of ours are about, or None."""
    known = Counter(annotated[j.item.title] for j in story.items if j.item.title in annotated)
    return known.most_common(1)[0][0] if known else None


def report(told: Sequence[tuple[Story, str | None]], office: Office) -> Iterator[str]:
    """Yield the lines of the report."""
    duty = {person.id for person in office.people if person.level == 1}
    sent = ([a for a in story.alerts if a.state is AlertState.SENT] for story, _ in told)
    by_day = Counter((as_local(a.created_at).date(), a.to) for alerts in sent for a in messages(alerts))
    for on, people in groupby(sorted(by_day), key=itemgetter(0)):
        yield f"{on}  " + "  ".join(f"{to} {by_day[on, to]}" for _, to in people)
    found: defaultdict[str, list[Alert]] = defaultdict(list)
    for story, name in told:
        if name is not None:
            found[name] += messages([a for a in story.alerts if a.to in duty and is_news(a)])
    news = sum(map(len, found.values()))
    yield f"repeats: {sum(count_repeats(story.alerts) for story, _ in told)}"
    yield f"annotated incidents found: {len(found)}; non-reminder messages to the duty officer: {news}"
    yield f"for each of them: {news / max(1, len(found)):.2f}"
    for name, alerts in sorted(found.items()):
        yield f"  {name}: {len(alerts)} ({', '.join(a.reason for a in alerts)})"
    unknown = [story.dossier.incident for story, name in told if name is None]
    for on, incidents in groupby(unknown, key=lambda incident: as_local(incident.detected_at).date()):
        listed = list(incidents)
        yield f"{on}  not annotated: {len(listed)}"
        yield from (f"    {i.severity or '-'} {i.category or i.opinion} {i.title}" for i in listed)


def is_news(alert: Alert) -> bool:
    """Return whether an alert was sent and is no reminder of a clock."""
    return alert.state is AlertState.SENT and not alert.reason.startswith(REMINDERS)


def messages(alerts: Sequence[Alert]) -> list[Alert]:
    """Return the first alert of each message; these must come from one memory, which numbers messages."""
    first: dict[tuple[str, int], Alert] = {}
    for alert in alerts:
        first.setdefault((alert.to, alert.message_no), alert)
    return list(first.values())


if __name__ == "__main__":
    main()
