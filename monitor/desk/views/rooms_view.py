"""What there is under 设置, for whom."""

from dataclasses import dataclass

from monitor.desk.roles import may_see_everything, may_try_rules
from monitor.ports import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One page of the settings and what it is for."""

    path: str
    name: str
    about: str


_OWN = (
    Room(path="/account", name="我的账号", about="密码、动态验证码、登录中的设备、访问令牌"),
    Room(path="/subscribe", name="日历与订阅", about="把时限放进手机日历和阅读器"),
)
_WATCH = (
    Room(path="/settings/health", name="运行状况", about="时限引擎、信源、消息、磁盘和数据库，出问题怎么办"),
    Room(path="/sources", name="信源与采集", about="每个信源的最近采集，逐个试取"),
    Room(path="/journal", name="留痕检索", about="谁在什么时候办了什么，全链核对"),
    Room(path="/settings/people", name="人员与渠道", about="谁经什么渠道得到通知，夜间什么会响铃"),
    Room(path="/rota", name="值班安排", about="本月值班日历、顶替、导入值班表"),
)
_REHEARSALS = Room(path="/rehearsals", name="演练", about="按剧本走一遍告知和时限，不影响真实事件")
_RULES = Room(path="/rules", name="用词与规则", about="本单位的用词，改动前先试算")
_ADMIN = (
    Room(path="/channels", name="消息渠道", about="逐个试发测试消息"),
    Room(path="/accounts", name="账号", about="新建、停用账号，退出登录，清除动态验证码，全部令牌"),
)


def rooms(
    account: Account, *, has_rules: bool, has_rehearsals: bool
) -> tuple[tuple[str, tuple[Room, ...]], ...]:
    """Return the headings and pages that this login may open."""
    watch = _WATCH if may_see_everything(account) else ()
    office = (
        *((_REHEARSALS,) if has_rehearsals else ()),
        *((_RULES,) if has_rules and may_try_rules(account) else ()),
        *(_ADMIN if account.role == "admin" else ()),
    )
    found = (("本人", _OWN), ("运行", watch), ("本单位", office))
    return tuple((heading, pages) for heading, pages in found if pages)
