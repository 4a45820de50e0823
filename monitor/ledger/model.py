"""What a row of a past ledger says, and what was read of a whole one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.classifiers.model import Severity


class Field(StrEnum):
    """What a column may be about, by the name that a mapping uses for it."""

    NUMBER = "编号"
    TITLE = "标题"
    DETECTED = "发现时间"
    PUBLISHED = "首发时间"
    TEXT = "内容"
    SOURCE = "来源"
    URL = "链接"
    SEVERITY = "级别"
    KIND = "类型"
    PLACE = "地点"
    DEPARTMENT = "责任单位"
    ANSWERED = "回应时间"
    ANSWER = "回应标题"
    CHANNEL = "回应渠道"
    ENDED = "办结时间"


NEEDED = (Field.TITLE, Field.DETECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """An instant as a cell states it, aware UTC; known only to the day it is that day's noon."""

    at: datetime
    is_exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One past case. `place` says where it stands: sheet and row; `key` tells it from all others.

    `departments` are ids of the office, or the names as written where it has no such department; `event_type`
    and `category` are codes of the grading table.
    """

    place: str
    key: str
    title: str
    text: str
    source: str
    url: str | None
    detected: Stated
    published: Stated | None
    severity: Severity | None
    event_type: str | None
    category: str | None
    location: str
    departments: tuple[str, ...]
    answered: Stated | None
    answer: str
    channel: str
    ended: Stated | None

    @property
    def ended_at(self) -> datetime:
        """Return when it was over: as stated, else when it was answered, else when it was found."""
        return max(stated.at for stated in (self.ended, self.answered, self.detected) if stated)

    @property
    def first_published_at(self) -> datetime | None:
        """Return when it was first published, None where a length of time from it would be no real one.

        That is where the post or the answer is known only to the day, or the post lies behind the answer.
        """
        if self.published is None or not self.published.is_exact:
            return None
        is_measurable = self.answered is None or self.answered.is_exact
        return self.published.at if is_measurable else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All rows of a workbook, which column was taken for what, and notes for the person who looks at it."""

    rows: tuple[LedgerRow, ...]
    columns: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
