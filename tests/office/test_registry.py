"""office.yaml: what it becomes, every kind of fault with its place, and the overrides of a drill."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from alerts.rota import on_duty
from monitor.errors import ConfigurationError
from monitor.office.example import example_office, example_territory
from monitor.office.model import Days, Office, Policy, QuietHours, Rotation, Shift, Silence
from monitor.office.registry import override_office, read_office, read_territory
from monitor.yamlfile import YamlFile, read_yaml

SHIPPED = Path(__file__).parents[2] / "office.yaml"

BASE = """\
name: 某县
territory: {name: 某县, code: "530524"}
channels: {con: {kind: console}}
people:
  duty: {name: 甲, level: 1, channels: [con]}
  head: {name: 乙, level: 2, channels: [con]}
departments: {police: {name: 公安, channels: [con]}}
"""


def faults_of(text: str, env: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        read_office(text, env=env)
    return caught.value.faults


def test_the_shipped_file_works_without_any_secret() -> None:
    office = read_office(SHIPPED.read_bytes())
    assert office.territory == example_territory()
    assert office.quiet_hours == tuple(QuietHours(level=n, since=time(22), until=time(7)) for n in (2, 3))
    assert office.digest_at == time(8)
    assert [(r.name, r.severities, r.departments) for r in office.routes] == [
        ("joint", (1, 2), ("publicity", "cyberspace", "emergency_bureau", "police"))
    ]
    # Whoever lives with these three, the drills' own office does not (CONTRACTS section 5).
    day, half_hour = timedelta(hours=24), timedelta(minutes=30)
    assert office.policy == Policy(
        order_unsigned_after=half_hour, order_feedback_within=day, keep_items=timedelta(days=400)
    )
    assert {person.id: person.level for person in office.people if person.level} == {
        "duty": 1,
        "office_head": 2,
        "leader": 3,
    }


def test_every_commented_channel_of_the_shipped_file_is_a_valid_one() -> None:
    text = SHIPPED.read_text("utf-8")
    for line in ("duty-wecom", "duty-dingtalk", "duty-feishu", "duty-email", "platform"):
        assert f"  # {line}:" in text
        text = text.replace(f"  # {line}:", f"  {line}:")
    names = ("WECOM_DUTY_WEBHOOK", "DINGTALK_WEBHOOK", "FEISHU_WEBHOOK", "PLATFORM_WEBHOOK")
    env = dict.fromkeys(names, "https://hook.example/x") | dict.fromkeys(
        ("DINGTALK_SECRET", "FEISHU_SECRET", "PLATFORM_SECRET"), "s"
    )
    office = read_office(text, env=env)
    assert len(office.channels) == 6
    wecom = office.channel("duty-wecom")
    assert wecom is not None
    assert wecom.address == "https://hook.example/x"
    assert len(faults_of(text)) == 7


def test_the_example_office_is_the_one_of_the_contract() -> None:
    office = example_office()
    assert [(p.id, p.level, p.channels) for p in office.people if p.level] == [
        (id_, level, (f"{id_}-wecom", f"{id_}-email"))
        for level, id_ in enumerate(("duty", "office_head", "leader"), 1)
    ]
    assert {d.id: d.channels for d in office.departments} == {
        id_: (f"{id_}-email",)
        for id_ in (
            "publicity",
            "cyberspace",
            "emergency_bureau",
            "police",
            "health",
            "education",
            "media_center",
        )
    }
    assert office.administrators == ("admin",)
    assert all(office.channel(name) for person in office.people for name in person.channels)
    assert (office.quiet_hours, office.routes, office.digest_at, office.shifts) == ((), (), None, ())
    assert len(office.territory.places) == 13


CASES = [
    ("nonsense: 1", "9:1", "nonsense: 不认识的键"),
    ("people: {}", "9:1", "people: 重复的键，第 4 行已有"),
    ("administrators: [hed]", "9:18", "administrators[0]: 没有这个人员，是否指 head？"),
    ("digest: {at: 8点, to: [nobody]}", "9:10", "digest.at: 应为钟点"),
    ("digest: {to: [nobody]}", "9:15", "digest.to[0]: 没有这个人员"),
    (
        "rota: {1: [{from: 2026-01-02 08:00, to: 2026-01-02 08:00, person: duty}]}",
        "9:37",
        "rota.1[0].to: 须晚于 from",
    ),
    ("rota: {9: []}", "9:8", "rota.9: 没有这个层级"),
    ("rota: {1: [{from: 2026-01-02 08:00, person: duty}]}", "9:12", "rota.1[0].to: 缺少这一项"),
    ("quiet_hours: {2: 22:00}", "9:15", "quiet_hours.2: 应为起止钟点"),
    ("quiet_hours: {7: 22:00-07:00}", "9:15", "quiet_hours.7: 没有这个层级"),
    (
        "silences: [{incident: 0, from: 2026-01-02, to: 2026-01-03, by: duty, reason: x}]",
        "9:13",
        "不得小于 1",
    ),
    ("silences: [{incident: 1, from: 2026-01-02, to: 2026-01-03, by: x, reason: x}]", "9:60", "没有这个人员"),
    (
        "silences: [{incident: 1, from: 2026-01-02, to: 2026-01-03, by: duty, reason: ''}]",
        "9:70",
        "至少 1 个字",
    ),
    ("routes: {r: {reasons: [found], severities: [1], departments: [police]}}", "9:24", "只能是 'detected'"),
    ("routes: {r: {reasons: [due], severities: [5], departments: [police]}}", "9:43", "不得大于 4"),
    ("routes: {r: {reasons: [due], severities: [], departments: [police]}}", "9:30", "至少 1 项"),
    (
        "routes: {r: {reasons: [due], severities: [1], departments: [polise]}}",
        "9:61",
        "没有这个部门，是否指 police？",
    ),
    ("settings: {ack_wait: 10s}", "9:12", "settings.ack_wait: 须在 1m 到 4h 之间"),
    ("settings: {second_factor_for: [boss]}", "9:32", "settings.second_factor_for[0]: 只能是 'duty'"),
    ("settings: {follow_up_hours: 0}", "9:12", "settings.follow_up_hours: 不得小于 1"),
    ("levels: {1: {}, 3: {}}", "9:1", "levels: 层级须从 1 起连续编号"),
    ("public_url: huiying.example", "9:1", "public_url: 应为 http://"),
    ("heartbeat_url: https://x.example/${NOPE}", "9:1", "heartbeat_url: 环境变量 NOPE 没有设置"),
]


@pytest.mark.parametrize(("line", "place", "words"), CASES)
def test_a_fault_names_its_place(line: str, place: str, words: str) -> None:
    faults = faults_of(f"{BASE}\n{line}\n")
    assert any(fault.startswith(f"office.yaml:{place}: ") and words in fault for fault in faults), faults


ENTRIES = [
    ("con: {kind: console}", "con: {kind: pager}", "channels.con.kind: 只能是"),
    ("con: {kind: console}", "con: {kind: email}", "channels.con.address: 应为电子邮箱地址"),
    ("con: {kind: console}", "con: {kind: wecom, address: ftp://x}", "channels.con.address: 应为 http://"),
    ("con: {kind: console}", "con: {kind: console, per_minute: 0}", "channels.con.per_minute: 不得小于 1"),
    ("con: {kind: console}", '"a b": {kind: console}, con: {kind: console}', "channels.a b: 格式不对"),
    (
        "level: 1, channels: [con]",
        "level: 1, channels: [cn]",
        "people.duty.channels[0]: 没有这个渠道，是否指 con？",
    ),
    ("level: 1, channels: [con]", "level: 1", "people.duty.channels: 有层级的人员至少要有一个渠道"),
    ("level: 1, channels: [con]", "level: 4, channels: [con]", "people.duty.level: 没有这个层级"),
    ("name: 甲, level", "name: 甲, role: boss, level", "people.duty.role: 只能是"),
    ("police: {name: 公安", "duty: {name: 公安", "departments.duty: 已有同名的人员"),
    ('code: "530524"', "code: 5305", "territory.code: 格式不对"),
    ('code: "530524"', "level: town", "territory.level: 只能是"),
    (
        '"530524"',
        '"530524", places: [{name: 某村, kind: village, code: "530525101"}]',
        "places[0].code: 区划代码不在",
    ),
    ('"530524"', '"530524", places: [{name: 某山, kind: hill}]', "places[0].kind: 只能是"),
    (
        '"530524"',
        '"530524", places: [{name: 某路, kind: road}, {name: 某路, kind: road}]',
        "places[1].name: 与前面的地名",
    ),
    ('"530524"', '"530524", places: [{name: 坡, kind: village}]', "places[0].name: 一个字的地名"),
    (
        '"530524"',
        '"530524", places: [{name: 某村, kind: village, aliases: [某坡、某弯]}]',
        "places[0].aliases[0]: 一项只写一个地名",
    ),
]


@pytest.mark.parametrize(("old", "new", "words"), ENTRIES)
def test_a_faulty_entry_is_named(old: str, new: str, words: str) -> None:
    assert old in BASE
    faults = faults_of(BASE.replace(old, new))
    assert any(words in fault for fault in faults), faults


def test_two_shifts_of_one_person_may_not_overlap_but_two_people_may_share_one() -> None:
    shift = "{{from: 2026-01-02 {}:00, to: 2026-01-02 {}:00, person: {}}}"
    shared = [shift.format("08", "20", "duty"), shift.format("08", "20", "head")]
    office = read_office(BASE + f"rota: {{1: [{', '.join(shared)}]}}\n")
    assert [p.id for p in on_duty(office, 1, datetime(2026, 1, 2, 1, tzinfo=UTC))] == ["duty", "head"]
    double = f"rota:\n  1:\n    - {shared[0]}\n    - {shift.format('19', '23', 'duty')}\n"
    assert faults_of(BASE + double) == ("office.yaml:11:7: rota.1[1]: duty 的班次与第 1 条重叠",)


def test_a_webhook_address_is_never_repeated_in_a_fault() -> None:
    text = BASE.replace("{kind: console}", "{kind: wecom, address: htps://hook/geheim, secret: [geheim]}")
    assert not any("geheim" in fault for fault in faults_of(text))


# -- overrides


class DrillFile(YamlFile):
    office: dict[str, object]


def overridden(text: str) -> Office:
    file, places = read_yaml(text, "drill.yaml", DrillFile)
    return override_office(example_office(), file.office, places)


def test_a_rota_given_for_a_level_leaves_the_uncovered_time_with_nobody() -> None:
    office = overridden("office: {rota: {1: [{from: 2026-01-02 08:00, to: 2026-01-02 20:00, person: duty}]}}")
    assert office.rostered_levels == (1,)
    assert office.shifts == (
        Shift(
            level=1,
            person="duty",
            since=datetime(2026, 1, 2, tzinfo=UTC),
            until=datetime(2026, 1, 2, 12, tzinfo=UTC),
        ),
    )
    assert on_duty(office, 1, datetime(2026, 1, 2, 12, tzinfo=UTC)) == ()
    assert [p.id for p in on_duty(office, 2, datetime(2026, 1, 2, 12, tzinfo=UTC))] == ["office_head"]


def test_every_override_of_a_drill_is_applied() -> None:
    office = overridden(
        """\
office:
  rota: {1: []}
  quiet_hours: {2: "22:00-07:00"}
  silences:
    - {incident: 1, from: 2026-01-02T08:00:00+08:00, to: 2026-01-02T09:00:00+08:00, by: duty, reason: 专班}
  settings: {max_backdate: 3d, follow_up_hours: 12, second_factor_for: [admin, leader]}
  levels: {2: {all_must_ack: true}}
"""
    )
    assert on_duty(office, 1, datetime(2026, 1, 2, tzinfo=UTC)) == ()
    assert office.quiet_hours == (QuietHours(level=2, since=time(22), until=time(7)),)
    assert office.silences == (
        Silence(
            incident=1,
            since=datetime(2026, 1, 2, tzinfo=UTC),
            until=datetime(2026, 1, 2, 1, tzinfo=UTC),
            by="duty",
            reason="专班",
        ),
    )
    assert (office.policy.max_backdate, office.policy.follow_up_every) == (
        timedelta(days=3),
        timedelta(hours=12),
    )
    assert office.policy.second_factor_for == ("admin", "leader")
    assert [(level.number, level.name, level.all_must_ack) for level in office.levels] == [
        (1, "值班员", False),
        (2, "办公室负责人", True),
        (3, "分管领导", False),
    ]


def test_rotations_and_the_offices_own_calendar_are_read() -> None:
    office = overridden(
        """\
office:
  rotations:
    1: [{people: [duty, admin], from: 2026-03-02, hours: "20:00-08:00", days: 7, on: holidays}]
  calendar:
    2027: {holidays: [2027-01-01, 2027-02-05至2027-02-07], workdays: [2027-02-20], complete: true}
"""
    )
    assert office.rostered_levels == (1,)
    assert office.rotations == (
        Rotation(
            level=1,
            people=("duty", "admin"),
            starts_on=date(2026, 3, 2),
            since=time(20),
            until=time(8),
            days=7,
            on=Days.HOLIDAYS,
        ),
    )
    (year,) = office.calendar
    assert (year.year, year.complete, year.workdays) == (2027, True, (date(2027, 2, 20),))
    assert [on.isoformat()[5:] for on in year.holidays] == ["01-01", "02-05", "02-06", "02-07"]


def test_what_the_desk_would_hold_may_be_stated_for_a_drill() -> None:
    office = overridden(
        """\
office:
  imported_rota: {1: [{from: 2026-01-02 08:00, to: 2026-01-02 20:00, person: admin}]}
  substitutions: [{person: admin, stand_in: leader, from: 2026-01-02 08:00, to: 2026-01-02 10:00}]
"""
    )
    hours = {hour: on_duty(office, 1, datetime(2026, 1, 2, hour, tzinfo=UTC)) for hour in (0, 2, 12)}
    assert [person.id for people in hours.values() for person in people] == ["leader", "admin", "duty"]


def test_the_commented_rota_of_the_shipped_file_is_valid() -> None:
    text = SHIPPED.read_text("utf-8")
    since, until = text.index("# rota:"), text.index("# ---- 部门")
    lines = [line[2:] for line in text[since:until].splitlines() if line[2:3].isascii()]
    office = read_office("\n".join([text[:since], *lines, text[until:]]))
    assert len(office.shifts) == 1
    assert [rotation.on for rotation in office.rotations] == [Days.WORKDAYS, Days.HOLIDAYS]
    assert [word for word, _, _ in office.shift_hours] == ["白班", "夜班"]
    assert office.calendar[0].complete


def test_the_hours_of_shifts_may_be_named() -> None:
    office = read_office(BASE + 'shift_hours: {中班: "12:00-20:00"}\n')
    assert office.shift_hours == (("中班", time(12), time(20)),)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            "rotations: {1: [{people: [], from: 2026-3-2}]}",
            "drill.yaml:2:20: office.rotations.1[0].people: 至少 1 项",
        ),
        (
            'rotations: {1: [{people: [duty], from: 2026-03-02, hours: "8"}]}',
            'office.rotations.1[0].hours: 应为起止钟点，如 18:00-08:00（现为 "8"）',
        ),
        ("calendar: {2027: {holidays: [2026-01-01]}}", "office.calendar: 2027 年之下写了 2026-01-01"),
        (
            "calendar: {2027: {holidays: [2027-01-01], workdays: [2027-01-01]}}",
            "office.calendar: 2027-01-01 不能既放假又上班",
        ),
        ("calendar: {2027: {holidays: [2027-02-05至2027-02-01]}}", "终点须不早于起点"),
        ("substitutions: [{person: dut, from: 2026-01-02, to: 2026-01-03}]", "没有这个人员，是否指 duty？"),
    ],
)
def test_a_faulty_rotation_or_calendar_is_refused_with_its_place(line: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        overridden(f"office:\n  {line}\n")
    assert any(fault in said for said in caught.value.faults)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("rotas: {}", "drill.yaml:2:3: office.rotas: 不认识的键，是否指 rota？"),
        ("rota: {4: []}", "drill.yaml:2:10: office.rota.4: 没有这个层级（现为 4）"),
        (
            "settings: {max_backdate: 7}",
            "drill.yaml:2:14: office.settings.max_backdate: 应为时长，如 30s、5m、4h、2d（现为 7）",
        ),
        ("people: {}", "drill.yaml:2:3: office.people: 不认识的键：不属于这一层，请检查缩进"),
        (
            "rota: {1: [{from: 2026-01-02, to: 2026-01-03, person: head}]}",
            'drill.yaml:2:49: office.rota.1[0].person: 没有这个人员，是否指 leader？（现为 "head"）',
        ),
    ],
)
def test_a_faulty_override_is_named_by_its_place_in_the_drill(line: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        overridden(f"office:\n  {line}\n")
    assert caught.value.faults == (fault,)


@pytest.mark.parametrize(
    ("name", "full", "code", "level"),
    [
        ("全国", "全国", None, "nation"),
        ("河南省", "河南省", "410000", "province"),
        ("河南", "河南省", "410000", "province"),
        ("广西", "广西壮族自治区", "450000", "province"),
        ("北京市", "北京市", "110000", "province"),
    ],
)
def test_a_territory_is_the_nation_or_a_province(name: str, full: str, code: str | None, level: str) -> None:
    territory = read_territory(name)
    assert (territory.name, territory.code, territory.level) == (full, code, level)


def test_any_other_territory_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"--territory: .*火星"):
        read_territory("火星")
