"""The built-in example office: 昌宁县, three levels of one person each, for drills and demo."""

from monitor.office.model import (
    ChannelKind,
    ChannelSpec,
    Department,
    Level,
    Office,
    Person,
    Place,
    PlaceKind,
    Territory,
)

_PEOPLE = (
    Person(id="duty", name="值班员", level=1, role="duty", channels=("duty-wecom", "duty-email")),
    Person(
        id="office_head",
        name="办公室主任",
        level=2,
        role="head",
        channels=("office_head-wecom", "office_head-email"),
    ),
    Person(id="leader", name="分管领导", level=3, role="leader", channels=("leader-wecom", "leader-email")),
    Person(id="admin", name="系统管理员", role="admin", channels=("admin-wecom", "admin-email")),
)
_DEPARTMENTS = {
    "publicity": "县委宣传部",
    "cyberspace": "县委网信办",
    "emergency_bureau": "县应急管理局",
    "police": "县公安局",
    "health": "县卫生健康局",
    "education": "县教育体育局",
    "media_center": "县融媒体中心",
}
# Code, today's name, and what people and older texts write: 乡 before it became 镇, the short form without
# the nationality, and the rare first character of 耈街 typed otherwise.
_TOWNSHIPS = (
    ("530524101", "田园镇", ("田园乡",)),
    ("530524102", "漭水镇", ("漭水乡",)),
    ("530524103", "柯街镇", ("柯街乡",)),
    ("530524104", "卡斯镇", ("卡斯乡",)),
    ("530524105", "勐统镇", ("勐统乡",)),
    ("530524106", "温泉镇", ("温泉乡",)),
    ("530524107", "大田坝镇", ("大田坝乡",)),
    ("530524108", "鸡飞镇", ("鸡飞乡",)),
    ("530524109", "翁堵镇", ("翁堵乡",)),
    ("530524205", "湾甸傣族乡", ("湾甸乡",)),
    ("530524206", "更戛乡", ()),
    ("530524207", "珠街彝族乡", ("珠街乡",)),
    (
        "530524208",
        "耈街彝族苗族乡",
        ("耈街乡", "苟街彝族苗族乡", "苟街乡", "耇街彝族苗族乡", "耇街乡"),
    ),
)


def example_territory() -> Territory:
    """Return 昌宁县 with its 13 townships; administrative codes of 2024."""
    places = tuple(
        Place(name=name, kind=PlaceKind.TOWNSHIP, code=code, aliases=aliases)
        for code, name, aliases in _TOWNSHIPS
    )
    return Territory(
        name="昌宁县", code="530524", province="云南省", city="保山市", aliases=("昌宁",), places=places
    )


def example_office() -> Office:
    """Return the office that a drill has unless it names another.

    Everybody is always on duty; there are no quiet hours, no digest and no routes; channels are simulated.
    """
    departments = tuple(
        Department(id=id_, name=name, channels=(f"{id_}-email",)) for id_, name in _DEPARTMENTS.items()
    )
    names = [name for person in _PEOPLE for name in person.channels]
    names += [name for department in departments for name in department.channels]
    return Office(
        name="昌宁县人民政府办公室",
        territory=example_territory(),
        departments=departments,
        people=_PEOPLE,
        channels=tuple(ChannelSpec(name=name, kind=ChannelKind.SIMULATED) for name in names),
        levels=(
            Level(number=1, name="值班员"),
            Level(number=2, name="办公室负责人"),
            Level(number=3, name="分管领导"),
        ),
        digest_at=None,
        administrators=("admin",),
    )
