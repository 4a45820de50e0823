"""Who we are: values read from `office.yaml`.

They check themselves where types cannot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType


class PlaceKind(StrEnum):
    """What a named place of the territory is."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    INSTITUTION = "institution"
    ROAD = "road"
    RIVER = "river"
    RESERVOIR = "reservoir"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of our territory; `code` is the administrative code (6, 9 or 12 digits) where there is one."""

    name: str
    kind: PlaceKind
    code: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Territory:
    """What is ours: a whole province, city or county with the places in it.

    `level` is `nation`, `province`, `city` or `county`; for a nation every mainland place is ours.
    """

    name: str
    code: str | None
    level: str = "county"
    province: str | None = None
    city: str | None = None
    aliases: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


class ChannelKind(StrEnum):
    """The ways of reaching a person that are built in."""

    CONSOLE = "console"
    WEBHOOK = "webhook"
    EMAIL = "email"
    WECOM = "wecom"
    WECOM_APP = "wecom_app"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    HTTP = "http"
    APPRISE = "apprise"
    SIMULATED = "simulated"


BOTS = frozenset({ChannelKind.WECOM, ChannelKind.DINGTALK, ChannelKind.FEISHU})
"""The group bots."""

LIMITED = BOTS | {ChannelKind.WECOM_APP, ChannelKind.HTTP}
"""The kinds whose vendors punish more than `per_minute` messages."""


class Audience(StrEnum):
    """Whether an address belongs to one person or to a group; a personal link goes to a person only."""

    PERSON = "person"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """How a message is handed to an SMS or voice gateway, and what its answers mean.

    `body` and the values of `headers` are templates; the conditions are JMESPath over the answer's JSON.
    """

    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    ok_when: str
    retry_when: str = ""
    limited_when: str = ""
    auth_when: str = ""
    receipt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """One address.

    `address` and `secret` may hold secrets: they are never logged nor shown.
    """

    name: str
    kind: ChannelKind
    address: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    audience: Audience = Audience.PERSON
    rings: bool = False
    per_minute: int = 20
    to: str = field(default="", repr=False)  # wecom_app: the user's id there; http: the telephone number
    corp_id: str = ""  # wecom_app
    agent_id: int = 0  # wecom_app
    gateway: Gateway | None = field(default=None, repr=False)  # http


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be told; `channels` are names in the order they are tried."""

    id: str
    name: str
    level: int | None = None
    channels: tuple[str, ...] = ()
    role: str = "duty"
    mobile: str | None = field(default=None, repr=False)
    feishu_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A county body; told only when assigned or named by a route."""

    id: str
    name: str
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """`person` is on duty at `level` during `[since, until)`."""

    level: int
    person: str
    since: datetime
    until: datetime


class Days(StrEnum):
    """On which days a rotation has shifts."""

    ALL = "all"
    WORKDAYS = "workdays"
    HOLIDAYS = "holidays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """`people` take turns at `level` from `starts_on`, each for `days` shifts in a row.

    A shift lasts from `since` to `until`, local time, into the next day unless `until` is later; equal
    times are 24 hours. Only shifts that begin on one of the days `on` names exist and are counted.
    """

    level: int
    people: tuple[str, ...]
    starts_on: date
    since: time = time(8)
    until: time = time(8)
    days: int = 1
    on: Days = Days.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarYear:
    """Days off and days worked that the office itself has entered for a year.

    `complete` means that they are the whole of the year's arrangement: other days follow the week.
    """

    year: int
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRota:
    """One level's shifts of an imported month; during `[since, until)` they alone say who is on duty."""

    month: date
    level: int
    since: datetime
    until: datetime
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """`person` is away during `[since, until)`, at every level; `stand_in` takes over, None means nobody."""

    person: str
    stand_in: str | None
    since: datetime
    until: datetime
    recorded_by: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of escalation: 1 duty officer, 2 head of office, 3 leader."""

    number: int
    name: str
    all_must_ack: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A daily range of local time `[since, until)`, over midnight if `until` is earlier."""

    level: int
    since: time
    until: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Messages of one incident held back during `[since, until)`, by a named person with a reason."""

    incident: int
    since: datetime
    until: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Messages of these reasons and severities also go, for information, to these departments."""

    name: str
    reasons: tuple[str, ...]
    severities: tuple[int, ...]
    departments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The numbers of DESIGN sections 3 and 4 that an office may set."""

    max_backdate: timedelta = timedelta(days=7)
    follow_up_every: timedelta = timedelta(hours=24)
    ack_wait: timedelta = timedelta(minutes=15)
    ack_lasts: timedelta = timedelta(minutes=60)
    grouping_wait: timedelta = timedelta(seconds=60)
    overdue_every: timedelta = timedelta(hours=2)
    overdue_all_every: timedelta = timedelta(hours=24)
    split_ack_grace: timedelta = timedelta(minutes=60)
    unplaced_repeats: tuple[timedelta, ...] = (timedelta(hours=1), timedelta(hours=2), timedelta(hours=4))
    person_give_up: timedelta = timedelta(minutes=2)
    accept_official_answers: bool = False
    accept_answers_above: float | None = None
    tell_handover: bool = False
    tell_rises: bool = True
    keep_items: timedelta | None = None
    reporting: Mapping[str, timedelta] = field(default_factory=lambda: MappingProxyType({}))
    second_factor_for: tuple[str, ...] = ()
    order_unsigned_after: timedelta | None = None
    order_feedback_within: timedelta | None = None
    handover_to: tuple[str, ...] = ("police", "cyberspace")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTime:
    """When a periodic paper is due, local time: `day` is 1 for Monday, or the day of the month.

    With `review` it is a draft until somebody at the desk issues it; without, it leaves by itself.
    """

    day: int = 1
    at: time
    to: tuple[str, ...] = ()
    review: bool = True


class PaperFile(StrEnum):
    """As what a paper travels with a mail."""

    DOCX = "docx"
    PDF = "pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPlan:
    """Which papers are written by themselves; no names of readers are those of the digest.

    `flash_to` get 舆情快报 of severity 1 and 2 at once, `reviewers` are told of a draft. `attach` are the
    files that mails of papers carry.
    """

    weekly: PaperTime | None = None
    monthly: PaperTime | None = None
    flash_to: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    attach: tuple[PaperFile, ...] = (PaperFile.DOCX, PaperFile.PDF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The whole of `office.yaml`.

    A level that is not among `rostered_levels` has everybody of that level always on duty. A level that has
    shifts or rotations, and none covering an instant, has nobody on duty then. `months` (the imported ones)
    go before both, `substitutions` before all: what the desk holds of these is added where it is needed.
    """

    name: str
    territory: Territory
    departments: tuple[Department, ...] = ()
    people: tuple[Person, ...] = ()
    channels: tuple[ChannelSpec, ...] = ()
    levels: tuple[Level, ...] = ()
    shifts: tuple[Shift, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    rostered_levels: tuple[int, ...] = ()
    months: tuple[MonthRota, ...] = ()
    substitutions: tuple[Substitution, ...] = ()
    calendar: tuple[CalendarYear, ...] = ()
    shift_hours: tuple[tuple[str, time, time], ...] = ()
    quiet_hours: tuple[QuietHours, ...] = ()
    silences: tuple[Silence, ...] = ()
    routes: tuple[Route, ...] = ()
    policy: Policy = field(default_factory=Policy)
    digest_at: time | None = time(8, 0)
    digest_to: tuple[str, ...] = ()
    papers: PaperPlan = field(default_factory=PaperPlan)
    administrators: tuple[str, ...] = ()
    public_url: str | None = None
    desk_phone: str | None = None
    heartbeat_url: str | None = field(default=None, repr=False)
    allow_private_channels: bool = False

    def person(self, id_: str) -> Person | None:
        """Return the person with this id, or None."""
        return next((p for p in self.people if p.id == id_), None)

    def department(self, id_: str) -> Department | None:
        """Return the department with this id, or None."""
        return next((d for d in self.departments if d.id == id_), None)

    def channel(self, name: str) -> ChannelSpec | None:
        """Return the channel with this name, or None."""
        return next((c for c in self.channels if c.name == name), None)

    def is_group(self, channel: str) -> bool:
        """Return whether the address of this channel is read by a group."""
        found = self.channel(channel)
        return found is not None and found.audience is Audience.GROUP

    def channels_of(self, id_: str) -> tuple[str, ...]:
        """Return the channels of a person or department in the order tried; unknown ids have none."""
        found = self.person(id_) or self.department(id_)
        return found.channels if found else ()

    @property
    def top_level(self) -> int:
        """Return the highest level that exists."""
        return max((level.number for level in self.levels), default=1)
