"""Sessions and tokens as their owners see them: where, since when, last used; never a secret."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.desk.access import session_id
from monitor.ports import Session

_BROWSERS = (
    ("wxwork", "企业微信"), ("MicroMessenger", "微信"), ("DingTalk", "钉钉"), ("Lark", "飞书"),
    ("Feishu", "飞书"), ("360SE", "360 浏览器"), ("QIHU", "360 浏览器"), ("QQBrowser", "QQ 浏览器"),
    ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("OpenHarmony", "鸿蒙"), ("Android", "安卓"), ("iPhone", "iPhone"),
    ("iPad", "iPad"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """A session or token: `id` names it without its secret, `where` is browser and system."""

    id: str
    session: Session
    where: str
    is_here: bool = False


def session_lines(sessions: Iterable[Session], here: Session) -> tuple[SessionLine, ...]:
    """Return signed-in browsers, the one that asks first."""
    lines = [
        SessionLine(
            id=session_id(session),
            session=session,
            where=say_agent(session.agent),
            is_here=session.token_hash == here.token_hash,
        )
        for session in sessions
    ]
    return tuple(sorted(lines, key=lambda line: not line.is_here))


def token_lines(tokens: Iterable[Session]) -> tuple[SessionLine, ...]:
    """Return API tokens in their order."""
    return tuple(SessionLine(id=session_id(token), session=token, where="") for token in tokens)


def say_agent(agent: str) -> str:
    """Return browser and system from what a browser says of itself; names that others borrow come last."""
    found = [next((said for mark, said in book if mark in agent), "") for book in (_BROWSERS, _SYSTEMS)]
    return "，".join(filter(None, found)) or "未知浏览器"
