"""Bodies of the rota: who is on duty when, and substitutions, asked for and answered."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from alerts.rota import Span
from monitor.desk.act_body import Instant, Line
from monitor.office.model import Level, Person, Substitution


class PersonOut(BaseModel):
    """Somebody of the office."""

    id: str
    name: str

    @classmethod
    def of(cls, person: Person) -> "PersonOut":
        """Return the body of a person."""
        return cls(id=person.id, name=person.name)


class SpanOut(BaseModel):
    """During `[since, until)` these people are on duty; nobody where the list is empty."""

    since: datetime
    until: datetime
    people: list[PersonOut]


class LevelOut(BaseModel):
    """One level, 1 duty officer to 3 leader, with who is on duty."""

    number: int
    name: str
    spans: list[SpanOut]

    @classmethod
    def of(cls, level: Level, spans: tuple[Span, ...]) -> "LevelOut":
        """Return the body of a level."""
        return cls(
            number=level.number,
            name=level.name,
            spans=[
                SpanOut(since=s.since, until=s.until, people=[PersonOut.of(p) for p in s.people])
                for s in spans
            ],
        )


class RotaOut(BaseModel):
    """Who is on duty during `[since, until)`, substitutions included."""

    since: datetime
    until: datetime
    levels: list[LevelOut]


class SubstitutionIn(BaseModel):
    """`person` is away during `[since, until)`; `stand_in` null means nobody takes over."""

    model_config = ConfigDict(extra="forbid")
    person: Line
    stand_in: Line | None = None
    since: Instant
    until: Instant
    reason: Line = ""


class SubstitutionOut(BaseModel):
    """A recorded substitution; `number` withdraws it."""

    number: int
    person: str
    stand_in: str | None
    since: datetime
    until: datetime
    recorded_by: str

    @classmethod
    def of(cls, substitution: Substitution) -> "SubstitutionOut":
        """Return the body of a substitution."""
        return cls(
            number=substitution.id,
            person=substitution.person,
            stand_in=substitution.stand_in,
            since=substitution.since,
            until=substitution.until,
            recorded_by=substitution.recorded_by,
        )
