"""What the desk shows of rehearsals (演练), and what it asks of whoever plays them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from threading import Lock
from typing import Protocol

from loguru import logger

from alerts.message.words import say_length
from monitor.clock import as_local
from monitor.desk import words
from monitor.errors import MonitorError, NotFoundError
from monitor.office.model import Office


class RehearsalError(MonitorError):
    """A rehearsal was not played to its end; the message says why in Chinese."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A shipped rehearsal before it is played: what it is about and how long it lasts, in its own time."""

    name: str
    title: str
    about: str
    lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLine:
    """One thing that happened, `elapsed` after the start; `tone` is `told`, `late` or empty."""

    at: datetime
    elapsed: timedelta
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Everything of one minute: its heading and its lines."""

    heading: str
    elapsed: str
    lines: tuple[StoryLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedStory:
    """A rehearsal as it was played: line by line, and each incident as it stands at the end."""

    outline: Outline
    office: str
    starts_at: datetime
    ends_at: datetime
    lines: tuple[StoryLine, ...]
    closing: tuple[str, ...]


class Rehearsals(Protocol):
    """The shipped rehearsals, played with an office's own people, levels, rota and rules.

    Nothing of it leaves the process: no channel is opened, the database is a temporary one.
    """

    def outlines(self) -> tuple[Outline, ...]:
        """Return what can be played."""
        ...

    def play(self, name: str, office: Office, now: datetime) -> PlayedStory:
        """Play one on the day of `now`; takes seconds.

        Raises NotFoundError for an unknown name, and MonitorError if it does not come to its end.
        """
        ...


def moments(lines: Sequence[StoryLine]) -> tuple[Moment, ...]:
    """Return the lines by the minute; the day stands in the first heading of each day."""
    found: list[Moment] = []
    day = None
    for minute, group in groupby(lines, key=lambda line: as_local(line.at).replace(second=0, microsecond=0)):
        of_minute = tuple(group)
        date, clock = words.full(minute)[:-3].rsplit("）", 1)
        is_new, day = day != minute.date(), minute.date()
        elapsed = of_minute[0].elapsed
        found.append(
            Moment(
                heading=f"{date}） {clock}" if is_new else clock,
                elapsed=f"开始后 {say_length(elapsed)}" if elapsed >= timedelta(minutes=1) else "",
                lines=of_minute,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A story with who had it played, and when."""

    story: PlayedStory
    by: str
    at: datetime


class RehearsalRoom:
    """Where the desk plays rehearsals: one at a time, the last story of each kept until the next start."""

    def __init__(self, rehearsals: Rehearsals) -> None:
        self._rehearsals = rehearsals
        self._playing = Lock()
        self._performances: dict[str, Performance] = {}

    def listed(self) -> tuple[tuple[Outline, Performance | None], ...]:
        """Return every rehearsal with how it was played last."""
        return tuple((o, self._performances.get(o.name)) for o in self._rehearsals.outlines())

    def performance(self, name: str) -> Performance:
        """Return how a rehearsal was played last; raises NotFoundError."""
        if name not in self._performances:
            raise NotFoundError("performance", name)
        return self._performances[name]

    def play(self, name: str, office: Office, by: str, now: datetime) -> None:
        """Play one and keep its story; blocks for seconds. Raises NotFoundError and RehearsalError."""
        if not self._playing.acquire(blocking=False):
            raise RehearsalError("正有人在演练，请等一会儿再试：同时只演一个")
        try:
            story = self._rehearsals.play(name, office, now)
            self._performances[name] = Performance(story=story, by=by, at=now)
        except (NotFoundError, RehearsalError):
            raise
        except (MonitorError, OSError) as error:
            logger.opt(exception=error).bind(stage="rehearsal", rehearsal=name).error("rehearsal broke off")
            raise RehearsalError("演练没有演完，正式的事件、时限和消息不受影响，原因见日志") from error
        finally:
            self._playing.release()
