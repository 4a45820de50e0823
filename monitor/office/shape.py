"""The shape of `office.yaml`: each part as people write it, with its references checked in place."""

from collections.abc import Mapping, Sized
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from monitor.office.model import Days, PaperFile, PaperPlan, PaperTime, PlaceKind, Policy
from monitor.office.reaching import ChannelFile
from monitor.yamlfile import (
    ClockRange,
    ClockTime,
    Length,
    LocalInstant,
    WebAddress,
    YamlFile,
    between,
)
from monitor.yamlfile.written import read_clock_time

Entries = TypeVar("Entries", bound=Sized)


def known_in_file(data: Any) -> Mapping[str, Any]:
    """Return the names the file gives, whatever else is wrong with it, so that references can be checked."""
    sections = data if isinstance(data, dict) else {}
    kinds = ("people", "departments", "channels", "levels")
    known: dict[str, Any] = {kind: set(_keys(sections.get(kind))) for kind in kinds}
    known["levels"] = known["levels"] or set(LEVEL_NAMES)
    code = str(
        (territory if isinstance(territory := sections.get("territory"), dict) else {}).get("code") or ""
    )
    return {**known, "places": set(), "territory_code": code.rstrip("0")}


def _keys(section: Any) -> list[str | int]:
    return list(section) if isinstance(section, dict) else []


def _one_of(kind: str, words: str) -> AfterValidator:
    def check(value: str | int, info: ValidationInfo) -> str | int:
        known = (info.context or {})[kind]
        if value not in known:
            close = get_close_matches(str(value), map(str, known), n=1)
            raise ValueError(f"没有这个{words}" + (f"，是否指 {close[0]}？" if close else ""))
        return value

    return AfterValidator(check)


def _not_a_person(value: str, info: ValidationInfo) -> str:
    if value in (info.context or {})["people"]:
        raise ValueError("已有同名的人员，部门须另取代号")
    return value


def _not_empty(entries: Entries) -> Entries:
    if not entries:
        raise ValueError("至少 1 项")
    return entries


def _findable(name: str) -> str:
    """Refuse what names no place: it would be found nowhere, or in every text."""
    if not frozenset("、，,；;").isdisjoint(name):
        raise ValueError("一项只写一个地名，地名之间用英文逗号隔开")
    if len(name) < 2:
        raise ValueError("一个字的地名到处都是，至少写两个字")
    return name


def _without_gaps(levels: dict[int, Any]) -> dict[int, Any]:
    if sorted(levels) != list(range(1, len(levels) + 1)):
        raise ValueError("层级须从 1 起连续编号")
    return levels


def _after_since(until: datetime, info: ValidationInfo) -> datetime:
    since = info.data.get("since")
    if since is not None and until <= since:
        raise ValueError("须晚于 from")
    return until


def _read_day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError("应为日期，如 2026-12-01") from None


def _read_days(entries: Any) -> Any:
    """Return days written one by one or as `2027-02-06至2027-02-12`, both ends included."""
    if not isinstance(entries, list | tuple):
        return entries
    days: list[date] = []
    for entry in entries:
        first, _, last = str(entry).partition("至")
        since, until = _read_day(first.strip()), _read_day((last or first).strip())
        if not 0 <= (until - since).days < 366:
            raise ValueError(f"{entry} 的终点须不早于起点")
        days += [since + timedelta(days=n) for n in range((until - since).days + 1)]
    return tuple(days)


def _of_this_year(calendar: dict[int, Any]) -> dict[int, Any]:
    for year, file in calendar.items():
        if strange := [on for on in (*file.holidays, *file.workdays) if on.year != year]:
            raise ValueError(f"{year} 年之下写了 {strange[0]}")
        if both := set(file.holidays) & set(file.workdays):
            raise ValueError(f"{min(both)} 不能既放假又上班")
    return calendar


def read_hours(text: Any) -> tuple[time, time]:
    """Return the hours of a shift written like `18:00-08:00`, into the next day; equal ones are 24 hours."""
    since, dash, until = str(text).partition("-")
    if not dash:
        raise ValueError("应为起止钟点，如 18:00-08:00")
    return read_clock_time(since.strip()), read_clock_time(until.strip())


Id = Annotated[str, Field(pattern=r"^[\w-]{1,40}$")]
PersonId = Annotated[str, _one_of("people", "人员")]
DepartmentId = Annotated[str, _one_of("departments", "部门")]
ReportKind = Annotated[str, Field(pattern=r"^U_[A-Z0-9_]+$")]
ChannelName = Annotated[str, _one_of("channels", "渠道")]
LevelNumber = Annotated[int, _one_of("levels", "层级")]
Words = Annotated[str, Field(min_length=1, max_length=200)]
PlaceName = Annotated[Words, AfterValidator(_findable)]
Until = Annotated[LocalInstant, AfterValidator(_after_since), Field(alias="to")]

Day = Annotated[date, BeforeValidator(_read_day)]
DayList = Annotated[tuple[date, ...], BeforeValidator(_read_days)]
Hours = Annotated[tuple[time, time], BeforeValidator(read_hours)]

DeskRole = Literal["duty", "head", "leader", "department", "analyst", "admin"]
RoutedReason = Literal["detected", "severity_raised", "reminder_50", "reminder_75", "reminder_90", "due"]

LEVEL_NAMES = {1: "值班员", 2: "办公室负责人", 3: "分管领导"}


class PlaceFile(YamlFile):
    """A place of the territory; its name is new and its code lies within the territory's."""

    name: PlaceName
    kind: PlaceKind
    code: Annotated[str, Field(pattern=r"^(\d{6}|\d{9}|\d{12})$")] | None = None
    aliases: tuple[PlaceName, ...] = ()

    @field_validator("code")
    @classmethod
    def _is_ours(cls, code: str | None, info: ValidationInfo) -> str | None:
        if code is not None and not code.startswith((info.context or {})["territory_code"]):
            raise ValueError("区划代码不在本辖区之内")
        return code

    @field_validator("name")
    @classmethod
    def _is_new(cls, name: str, info: ValidationInfo) -> str:
        seen: set[str] = (info.context or {})["places"]
        if name in seen:
            raise ValueError("与前面的地名重复")
        seen.add(name)
        return name


class TerritoryFile(YamlFile):
    """What is ours."""

    name: Words
    code: Annotated[str, Field(pattern=r"^\d{6}$")] | None = None
    level: Literal["nation", "province", "city", "county"] = "county"
    province: Words | None = None
    city: Words | None = None
    aliases: tuple[PlaceName, ...] = ()
    places: tuple[PlaceFile, ...] = ()


class PersonFile(YamlFile):
    """Somebody who can be told."""

    name: Words
    role: DeskRole = "duty"
    level: LevelNumber | None = None
    channels: Annotated[tuple[ChannelName, ...], Field(validate_default=True)] = ()
    mobile: Annotated[str, Field(pattern=r"^1\d{10}$")] | None = None
    feishu_id: Annotated[str, Field(pattern=r"^[\w-]{1,64}$")] | None = None

    @field_validator("channels")
    @classmethod
    def _can_be_told(cls, channels: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("level") is not None and not channels:
            raise ValueError("有层级的人员至少要有一个渠道")
        return channels


class DepartmentFile(YamlFile):
    """A county body."""

    name: Words
    channels: tuple[ChannelName, ...] = ()


class LevelFile(YamlFile):
    """A level of escalation."""

    name: Words | None = None
    all_must_ack: bool = False


class ShiftFile(YamlFile):
    """One shift `[from, to)`."""

    person: PersonId
    since: Annotated[LocalInstant, Field(alias="from")]
    until: Until


class RotationFile(YamlFile):
    """People who take turns, a shift a day."""

    people: Annotated[tuple[PersonId, ...], AfterValidator(_not_empty)]
    starts_on: Annotated[Day, Field(alias="from")]
    hours: Hours = (time(8), time(8))
    days: Annotated[int, Field(ge=1, le=31)] = 1
    on: Days = Days.ALL


class CalendarYearFile(YamlFile):
    """Days off and days worked of one year, as the State Council's notice or the county says."""

    holidays: DayList = ()
    workdays: DayList = ()
    complete: bool = False


class SubstitutionFile(YamlFile):
    """Somebody away during `[from, to)`, and who stands in."""

    person: PersonId
    stand_in: PersonId | None = None
    since: Annotated[LocalInstant, Field(alias="from")]
    until: Until


class SilenceFile(YamlFile):
    """Messages of one incident held back during `[from, to)`."""

    incident: Annotated[int, Field(ge=1)]
    since: Annotated[LocalInstant, Field(alias="from")]
    until: Until
    by: PersonId
    reason: Words


class RouteFile(YamlFile):
    """Departments told as well."""

    reasons: Annotated[tuple[RoutedReason, ...], AfterValidator(_not_empty)]
    severities: Annotated[tuple[Annotated[int, Field(ge=1, le=4)], ...], AfterValidator(_not_empty)]
    departments: Annotated[tuple[DepartmentId, ...], AfterValidator(_not_empty)]


class SettingsFile(YamlFile):
    """The numbers of Policy; what is left out keeps the default."""

    max_backdate: Annotated[Length, between("0s", "365d")] = Policy().max_backdate
    follow_up_hours: Annotated[int, Field(ge=1, le=720)] = 24
    ack_wait: Annotated[Length, between("1m", "4h")] = Policy().ack_wait
    ack_lasts: Annotated[Length, between("1m", "24h")] = Policy().ack_lasts
    grouping_wait: Annotated[Length, between("0s", "10m")] = Policy().grouping_wait
    overdue_every: Annotated[Length, between("10m", "24h")] = Policy().overdue_every
    overdue_all_every: Annotated[Length, between("1h", "7d")] = Policy().overdue_all_every
    accept_official_answers: bool = False
    accept_answers_above: Annotated[float, Field(gt=0, le=1)] | None = None
    tell_handover: bool = False
    tell_rises: bool = True
    keep_items: Annotated[Length, between("30d", "3660d")] | None = Policy().keep_items
    reporting: dict[ReportKind, Annotated[Length, between("1m", "30d")]] = Field(default_factory=dict)
    second_factor_for: tuple[DeskRole, ...] = ()
    order_unsigned_after: Annotated[Length, between("1m", "7d")] | None = None
    order_feedback_within: Annotated[Length, between("10m", "60d")] | None = None
    handover_to: tuple[DepartmentId, ...] = Policy().handover_to


class DigestFile(YamlFile):
    """When the daily digest is sent, and to whom; `at: null` sends none."""

    at: ClockTime | None = time(8, 0)
    to: tuple[PersonId, ...] = ()


class PaperTimeFile(YamlFile):
    """When a weekly or monthly paper is due, to whom it goes, and whether somebody looks at it before."""

    day: Annotated[int, Field(ge=1, le=28)] = 1
    at: ClockTime
    to: tuple[PersonId, ...] = ()
    review: bool = True


class WeeklyTimeFile(PaperTimeFile):
    """The day of a weekly paper is one of a week."""

    day: Annotated[int, Field(ge=1, le=7)] = 1


class PapersFile(YamlFile):
    """Which papers are written by themselves; what is left out is not."""

    weekly: WeeklyTimeFile | None = None
    monthly: PaperTimeFile | None = None
    flash_to: tuple[PersonId, ...] = ()
    reviewers: tuple[PersonId, ...] = ()
    attach: tuple[PaperFile, ...] = PaperPlan().attach

    def value(self) -> PaperPlan:
        """Return the plan."""
        times = {
            name: PaperTime(**file.model_dump()) if (file := getattr(self, name)) else None
            for name in ("weekly", "monthly")
        }
        return PaperPlan(
            **times,
            flash_to=self.flash_to,
            reviewers=self.reviewers,
            attach=tuple(dict.fromkeys(self.attach)),
        )


class OverridesFile(YamlFile):
    """What a drill may override, with the shapes that `office.yaml` has."""

    levels: dict[LevelNumber, LevelFile] = Field(default_factory=dict)
    rota: dict[LevelNumber, tuple[ShiftFile, ...]] = Field(default_factory=dict)
    rotations: dict[LevelNumber, tuple[RotationFile, ...]] = Field(default_factory=dict)
    calendar: Annotated[dict[int, CalendarYearFile], AfterValidator(_of_this_year)] = Field(
        default_factory=dict
    )
    quiet_hours: dict[LevelNumber, ClockRange] = Field(default_factory=dict)
    silences: tuple[SilenceFile, ...] = ()
    settings: SettingsFile = SettingsFile()


class DrillOfficeFile(OverridesFile):
    """What a drill may say of its office; it sends no digest unless it names one.

    `imported_rota` and `substitutions` stand for what people keep on the desk.
    """

    imported_rota: dict[LevelNumber, tuple[ShiftFile, ...]] = Field(default_factory=dict)
    substitutions: tuple[SubstitutionFile, ...] = ()
    digest: DigestFile = DigestFile(at=None)
    papers: PapersFile = PapersFile()
    groups: dict[Id, tuple[PersonId, ...]] = Field(default_factory=dict)


class OfficeFile(OverridesFile):
    """The whole of `office.yaml`."""

    name: Words
    territory: TerritoryFile
    channels: dict[Id, ChannelFile] = Field(default_factory=dict)
    people: Annotated[dict[Id, PersonFile], AfterValidator(_not_empty)]
    departments: dict[Annotated[Id, AfterValidator(_not_a_person)], DepartmentFile] = Field(
        default_factory=dict
    )
    levels: Annotated[dict[int, LevelFile], AfterValidator(_without_gaps)] = Field(
        default_factory=lambda: {number: LevelFile(name=name) for number, name in LEVEL_NAMES.items()}
    )
    shift_hours: dict[Words, Hours] = Field(default_factory=dict)
    routes: dict[Id, RouteFile] = Field(default_factory=dict)
    digest: DigestFile = DigestFile()
    papers: PapersFile = PapersFile()
    administrators: tuple[PersonId, ...] = ()
    public_url: WebAddress | None = None
    desk_phone: Words | None = None
    heartbeat_url: WebAddress | None = None
    allow_private_channels: bool = False
