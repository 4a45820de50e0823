"""What every body of an act is made of: texts a database can keep, instants of our times, the act it is."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from monitor.clock import SHANGHAI
from monitor.desk.views.incident_view import safe_link
from monitor.dossier.acts import Act
from monitor.pipeline.receiving import DeskActs

YEARS = range(1900, 2200)
"""Years a form may name: others are slips, and some of them no zone can tell."""


def _localized(at: datetime) -> datetime:
    """Return an aware instant of our times: what a form gives without a zone is local time."""
    if at.year not in YEARS:
        raise ValueError("年份不对")
    return at if at.tzinfo is not None else at.replace(tzinfo=SHANGHAI)


def _linkable(url: str) -> str:
    """Return the address if a page may link to it."""
    if url and safe_link(url) is None:
        raise ValueError("链接须以 http:// 或 https:// 开头")
    return url


STORABLE = r"^[^\x00]*$"
"""PostgreSQL keeps no text with a NUL in it."""

Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500, pattern=STORABLE)
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=STORABLE)]
Body = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=STORABLE)]
Link = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=STORABLE),
    AfterValidator(_linkable),
]
Instant = Annotated[datetime, AfterValidator(_localized)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class ActBody(BaseModel):
    """What every act has: the version of the incident its author was looking at."""

    model_config = ConfigDict(extra="forbid")
    expected_version: Number | None = None

    def perform(self, through: DeskActs, incident_id: int, *, by: str, via: str) -> str:
        """Do it; return the answer."""
        act, answer = self._to_act()
        through.do(incident_id, act, by=by, via=via, expected_version=self.expected_version)
        return answer

    def _to_act(self) -> tuple[Act, str]:
        """Return the act, and what its author is answered."""
        raise NotImplementedError


class ReasonedBody(ActBody):
    """An act that needs a reason."""

    reason: Words
