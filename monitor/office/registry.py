"""Text of `office.yaml` to an Office, or every fault with its place; and the overrides of a drill to one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitor.clock import as_local
from monitor.errors import ConfigurationError
from monitor.office.model import (
    Audience,
    CalendarYear,
    ChannelKind,
    ChannelSpec,
    Department,
    Level,
    MonthRota,
    Office,
    Person,
    Place,
    Policy,
    QuietHours,
    Rotation,
    Route,
    Shift,
    Silence,
    Substitution,
    Territory,
)
from monitor.office.shape import (
    DrillOfficeFile,
    OfficeFile,
    OverridesFile,
    RotationFile,
    SettingsFile,
    ShiftFile,
    TerritoryFile,
    known_in_file,
)
from monitor.yamlfile import SECRET_KEYS, Path, Places, check_shape, read_yaml

_HIDDEN = SECRET_KEYS | {"address", "heartbeat_url", "gateway", "mobile", "feishu_id"}


def read_office(text: str | bytes, name: str = "office.yaml", env: Mapping[str, str] | None = None) -> Office:
    """Read `office.yaml`; raises ConfigurationError with every fault."""
    file, places = read_yaml(text, name, OfficeFile, env or {}, known=known_in_file, secret_keys=_HIDDEN)
    _refuse_double_shifts(file.rota, places, ())
    office = Office(
        name=file.name,
        territory=_territory(file.territory),
        departments=tuple(Department(id=id_, **dict(d)) for id_, d in file.departments.items()),
        people=tuple(Person(id=id_, **dict(p)) for id_, p in file.people.items()),
        channels=tuple(c.channel(key) for key, c in file.channels.items()),
        levels=tuple(
            Level(number=n, name=level.name or f"第{n}层") for n, level in sorted(file.levels.items())
        ),
        shift_hours=tuple((word, *hours) for word, hours in file.shift_hours.items()),
        routes=tuple(Route(name=key, **dict(r)) for key, r in file.routes.items()),
        digest_at=file.digest.at,
        digest_to=file.digest.to,
        papers=file.papers.value(),
        administrators=file.administrators,
        public_url=file.public_url.rstrip("/") if file.public_url else None,
        desk_phone=file.desk_phone,
        heartbeat_url=file.heartbeat_url,
        allow_private_channels=file.allow_private_channels,
    )
    return _overridden(office, file)


def override_office(office: Office, mapping: Any, places: Places, path: Path = ("office",)) -> Office:
    """Return the office with the overrides that stand at `path` of a drill's file.

    A rota given for a level replaces that level's shifts: a time it does not cover is nobody on duty. Raises
    ConfigurationError with every fault.
    """
    context = {
        "people": {person.id for person in office.people},
        "levels": {level.number for level in office.levels},
    }
    overrides, faults = check_shape(mapping, DrillOfficeFile, places, path, context)
    if overrides is None:
        raise places.error(faults)
    _refuse_double_shifts(overrides.rota, places, path)
    return replace(
        _with_groups(_overridden(office, overrides), overrides.groups),
        digest_at=overrides.digest.at,
        digest_to=overrides.digest.to,
        papers=overrides.papers.value(),
        months=tuple(month_rota(_shifts(n, given)) for n, given in overrides.imported_rota.items() if given),
        substitutions=tuple(
            Substitution(id=number, **dict(given)) for number, given in enumerate(overrides.substitutions, 1)
        ),
    )


def _with_groups(office: Office, groups: Mapping[str, tuple[str, ...]]) -> Office:
    """Return the office with group addresses, each tried first for the people who read it."""
    channels = [ChannelSpec(name=n, kind=ChannelKind.SIMULATED, audience=Audience.GROUP) for n in groups]
    people = [
        replace(p, channels=(*(name for name, ids in groups.items() if p.id in ids), *p.channels))
        for p in office.people
    ]
    return replace(office, channels=(*office.channels, *channels), people=tuple(people))


def month_rota(shifts: tuple[Shift, ...]) -> MonthRota:
    """Return the shifts of one level, at least one, as those of the month in which they begin."""
    since = min(shift.since for shift in shifts)
    return MonthRota(
        month=as_local(since).date().replace(day=1),
        level=shifts[0].level,
        since=since,
        until=max(shift.until for shift in shifts),
        shifts=shifts,
    )


def read_territory(name: str) -> Territory:
    """Return `全国` or a province by its name (`河南省`, `河南`); else raises ConfigurationError."""
    if name in ("全国", "中国"):
        return Territory(name="全国", code=None, level="nation")
    for code, (full, short) in _PROVINCES.items():
        if name in (full, short):
            return Territory(name=full, code=f"{code}0000", level="province", province=full, aliases=(short,))
    raise ConfigurationError((f"--territory: 只能是 全国 或省级行政区全称（现为 {name!r}）",))


def _overridden(office: Office, file: OverridesFile) -> Office:
    rostered = tuple(sorted({*office.rostered_levels, *file.rota, *file.rotations}))
    kept = tuple(shift for shift in office.shifts if shift.level not in file.rota)
    return replace(
        office,
        levels=tuple(_level(level, file) for level in office.levels),
        shifts=kept + tuple(shift for n, given in file.rota.items() for shift in _shifts(n, given)),
        rotations=tuple(r for r in office.rotations if r.level not in file.rotations)
        + tuple(_rotation(n, given) for n, rotations in file.rotations.items() for given in rotations),
        calendar=office.calendar + tuple(CalendarYear(year=y, **dict(c)) for y, c in file.calendar.items()),
        rostered_levels=rostered,
        quiet_hours=tuple(q for q in office.quiet_hours if q.level not in file.quiet_hours)
        + tuple(QuietHours(level=n, since=a, until=b) for n, (a, b) in file.quiet_hours.items()),
        silences=office.silences + tuple(Silence(**dict(silence)) for silence in file.silences),
        policy=_policy(office.policy, file.settings),
    )


def _shifts(level: int, given: Iterable[ShiftFile]) -> tuple[Shift, ...]:
    return tuple(Shift(level=level, **dict(shift)) for shift in given)


def _rotation(level: int, given: RotationFile) -> Rotation:
    since, until = given.hours
    return Rotation(
        level=level,
        people=given.people,
        starts_on=given.starts_on,
        since=since,
        until=until,
        days=given.days,
        on=given.on,
    )


def _level(level: Level, file: OverridesFile) -> Level:
    given = file.levels.get(level.number)
    return (
        level
        if given is None
        else Level(number=level.number, name=given.name or level.name, all_must_ack=given.all_must_ack)
    )


def _policy(policy: Policy, settings: SettingsFile) -> Policy:
    given = settings.model_dump(exclude_unset=True)
    if (hours := given.pop("follow_up_hours", None)) is not None:
        given["follow_up_every"] = timedelta(hours=hours)
    return replace(policy, **given)


def _territory(file: TerritoryFile) -> Territory:
    return Territory(**(dict(file) | {"places": tuple(Place(**dict(place)) for place in file.places)}))


def _refuse_double_shifts(rota: Mapping[int, tuple[ShiftFile, ...]], places: Places, path: Path) -> None:
    """Raise ConfigurationError where a person has two shifts of one level at the same time.

    Several people may share a shift: a level that needs everybody's acknowledgement is staffed like that.
    """
    faults = [
        places.fault((*path, "rota", number, later), f"{shift.person} 的班次与第 {earlier + 1} 条重叠")
        for number, shifts in rota.items()
        for later, shift in enumerate(shifts)
        for earlier, other in enumerate(shifts[:later])
        if shift.person == other.person and shift.since < other.until and other.since < shift.until
    ]
    if faults:
        raise places.error(faults)


_PROVINCES: Mapping[int, tuple[str, str]] = {
    11: ("北京市", "北京"),
    12: ("天津市", "天津"),
    13: ("河北省", "河北"),
    14: ("山西省", "山西"),
    15: ("内蒙古自治区", "内蒙古"),
    21: ("辽宁省", "辽宁"),
    22: ("吉林省", "吉林"),
    23: ("黑龙江省", "黑龙江"),
    31: ("上海市", "上海"),
    32: ("江苏省", "江苏"),
    33: ("浙江省", "浙江"),
    34: ("安徽省", "安徽"),
    35: ("福建省", "福建"),
    36: ("江西省", "江西"),
    37: ("山东省", "山东"),
    41: ("河南省", "河南"),
    42: ("湖北省", "湖北"),
    43: ("湖南省", "湖南"),
    44: ("广东省", "广东"),
    45: ("广西壮族自治区", "广西"),
    46: ("海南省", "海南"),
    50: ("重庆市", "重庆"),
    51: ("四川省", "四川"),
    52: ("贵州省", "贵州"),
    53: ("云南省", "云南"),
    54: ("西藏自治区", "西藏"),
    61: ("陕西省", "陕西"),
    62: ("甘肃省", "甘肃"),
    63: ("青海省", "青海"),
    64: ("宁夏回族自治区", "宁夏"),
    65: ("新疆维吾尔自治区", "新疆"),
}
