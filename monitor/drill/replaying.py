"""Recorded days of hot lists played through the service: lists as they stood, on simulated time."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from monitor.clock import SHANGHAI
from monitor.collectors.fetch import Fetched
from monitor.collectors.model import Reading, Role, Source, SourceKind, SourceState
from monitor.collectors.poll import Polled
from monitor.collectors.readers.document import read_document
from monitor.drill.days import Board, Day, DaysError, boards, read_days
from monitor.drill.play import Stage, build_stage
from monitor.drill.recount import repeats_in
from monitor.drill.rehearsal import DrillClock, Rehearsal
from monitor.drill.scenario import Scenario, Step
from monitor.drill.timeline import Event
from monitor.items.intake import take_in
from monitor.office.model import Office
from monitor.ports import Store

NEWSROOMS = frozenset({
    "36kr", "caixin", "cankaoxiaoxi", "cctv", "cls", "guancha", "ifeng", "jin10", "people", "thepaper",
    "wallstreetcn", "xinhuanet", "yicai", "zaobao",
})  # fmt: skip
"""Boards that newspapers and agencies keep of their own reports, by the first part of their name."""


def role_of_board(platform: str) -> Role:
    """Return whose word a recorded list is: media where a newsroom writes it, else what people talk of."""
    return Role.MEDIA if platform.partition("-")[0] in NEWSROOMS else Role.SOCIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a replay did; `repeats` are alerts that said the same again, `seconds` of real time."""

    days: int
    items: int
    matters: int
    incidents: int
    alerts: int
    repeats: int
    seconds: float


def say_summary(summary: Summary) -> str:
    """Return the summary in one Chinese line."""
    speed = summary.items / summary.seconds if summary.seconds else 0.0
    return (
        f"回放 {summary.days} 天：条目 {summary.items}，舆情 {summary.matters}，事件 {summary.incidents}，"
        f"预警 {summary.alerts}（重复 {summary.repeats}），"
        f"用时 {summary.seconds:.1f} 秒（每秒 {speed:.0f} 条）"
    )


def play_days(
    folder: Path,
    since: date | None,
    until: date | None,
    office: Office,
    store: Store,
    emit: Callable[[Event], None],
) -> Summary:
    """Play the recorded days and emit the timeline; raises DaysError where the folder cannot be read."""
    days = read_days(folder, since, until)
    if not days:
        raise DaysError(folder, f"no recorded day between {since} and {until}")
    counts: Counter[str] = Counter()

    def count(event: Event) -> None:
        counts[event["event"]] += 1
        counts["matter"] += event["event"] == "item" and bool(event.get("matter"))
        emit(event)

    scenario = _scenario(folder, days, office)
    clock = DrillClock(scenario.starts_at)
    stage = build_stage(office, store, clock)
    began = time.perf_counter()
    Rehearsal(scenario, stage.setting, clock, 1, _Lists(stage).show, count).run()
    seconds = time.perf_counter() - began
    return Summary(
        days=len(days),
        items=counts["item"],
        matters=counts["matter"],
        incidents=counts["incident_opened"],
        alerts=counts["alert_sent"],
        repeats=repeats_in(store),
        seconds=seconds,
    )


def _scenario(folder: Path, days: tuple[Day, ...], office: Office) -> Scenario:
    """Return the days as steps: at each instant a list changed, it is polled."""
    return Scenario(
        title="replay",
        office=office,
        starts_at=_midnight(days[0].on),
        ends_at=_midnight(days[-1].on) + timedelta(days=1),
        steps=tuple(
            Step(at=board.at, what="poll", detail=board) for day in days for board in boards(folder, day)
        ),
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


class _Lists:
    """The recorded lists as sources, each remembered between polls as the service would."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def show(self, step: Step) -> None:
        """Poll one list as it stands now."""
        board: Board = step.detail
        now = self._stage.clock.now()
        source = Source(
            id=f"{board.platform}-board",
            name=f"{board.platform} 热榜",
            kind=SourceKind.HOTLIST,
            role=role_of_board(board.platform),
            platform=board.platform,
            reading={"shape": "newsnow"},
        )
        before = SourceState(source_id=source.id, identity=source.identity, baseline_at=now)
        reading: Reading = read_document(board.body, "application/json", source)
        polled = Polled(
            source=source,
            before=before,
            started_at=now,
            fetched=Fetched(status=200, body=board.body, bytes_read=len(board.body)),
            reading=reading,
        )
        self._stage.intake.take_in(take_in(polled), now)
