"""What the tour shows, in the order in which people meet it; times are seconds after the demo began."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from playwright.async_api import Page

Step = Callable[[Page], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One picture: whose page, from which second on, what is done there before, and words for duty staff.

    `path` may be the name of one of the doors that the tour holds the keys of: setup, message.
    """

    name: str
    title: str
    words: str
    path: str
    role: str = "duty"
    after: float = 0
    width: int = 1280
    scheme: Literal["light", "dark"] = "light"
    is_whole: bool = True
    steps: tuple[Step, ...] = ()


def follow(selector: str) -> Step:
    """Return the step that clicks something which leads to another page."""

    async def done(page: Page) -> None:
        async with page.expect_navigation():
            await page.locator(selector).first.click()

    return done


def open_up(selector: str) -> Step:
    """Return the step that clicks something which shows more of the same page, and brings it into view."""

    async def done(page: Page) -> None:
        place = page.locator(selector).first
        await place.click()
        await place.scroll_into_view_if_needed()

    return done


def fill(selector: str, words: str) -> Step:
    """Return the step that fills in a field."""

    async def done(page: Page) -> None:
        await page.locator(selector).first.fill(words)

    return done


def choose(selector: str, value: str) -> Step:
    """Return the step that chooses from a list."""

    async def done(page: Page) -> None:
        await page.locator(selector).first.select_option(value)

    return done


async def drawn(page: Page) -> None:
    """Wait for the first charts, which a browser leaves until they come into view."""
    await page.evaluate(
        """() => Promise.all([...document.images].slice(0, 3).map((image) => {
            image.loading = "eager";
            return image.decode();
        }))"""
    )


_FIRE = (
    fill("[name=title]", "大田坝镇一民房起火"),
    fill("[name=text]", "村民来电，大田坝镇街上一栋民房起火，2人受伤，消防已到场。"),
    fill("[name=place]", "大田坝镇"),
)
_ASSIGN = 'details.act:has(input[value="assign"])'

STOPS = (
    Stop(
        name="setup",
        title="初始设置",
        path="setup",
        role="",
        width=390,
        is_whole=False,
        words="第一次启动时打印一个只能用一次的链接，在本机打开，建立第一个管理员。",
    ),
    Stop(
        name="login",
        title="登录",
        path="/login",
        role="",
        width=390,
        is_whole=False,
        words="用账号和密码登录；设了动态验证码的，再填手机上的 6 位数字。",
    ),
    Stop(
        name="board",
        title="值班台",
        path="/",
        after=30,
        words="整天开着的一页：在办事件按“最需要人处理”排列，右侧是走动的时限。重大以上事件没有人点“收到”之前，"
        "每一页顶上都有红条，网页标题有【】提示；开启声音后每 20 秒响一次，直到有人确认收到。",
    ),
    Stop(
        name="board-phone",
        title="手机上的值班台",
        path="/",
        width=390,
        is_whole=False,
        words="同一页在手机上：时限、下一步、“收到”按钮，不用左右滑动。",
    ),
    Stop(
        name="message",
        title="消息里的链接",
        path="message",
        role="",
        width=390,
        is_whole=False,
        words="手机收到的消息里有一个签名链接，不用登录就能点“收到”；只打开不算收到。",
    ),
    Stop(
        name="incident",
        title="事件页",
        path="/incidents/1",
        words="一件事的全部经过：级别和依据、时限和法规、谁在传、谁被告知、原文中的依据词，右侧是能办的事。",
    ),
    Stop(
        name="incident-phone",
        title="手机上的事件页",
        path="/incidents/1",
        width=390,
        is_whole=False,
        words="打开就看到剩多少时间、告知了谁、“收到”和“确认级别”。",
    ),
    Stop(
        name="incident-night",
        title="夜间",
        path="/incidents/1",
        scheme="dark",
        is_whole=False,
        words="电脑或手机设为深色时，页面随之变暗，不刺眼，字仍看得清。",
    ),
    Stop(
        name="keys",
        title="键盘快捷键",
        path="/",
        is_whole=False,
        steps=(open_up("#keys-open"),),
        words="按 ? 打开：j、k 上下移动，回车打开；“收到”和“确认级别”要按两次才办理。"
        "在输入框里打字时不起作用，也可以关掉。",
    ),
    Stop(
        name="order",
        title="交办单",
        path="/incidents/1",
        steps=(
            open_up(f"{_ASSIGN} > summary"),
            choose(f"{_ASSIGN} [name=department]", "emergency_bureau"),
            fill(f"{_ASSIGN} [name=demands]", "请核实伤亡和被困情况，提供可对外发布的口径。"),
            follow(f"{_ASSIGN} button"),
            follow('a[href*="/orders/1-o1"]'),
        ),
        words="交办即生成有编号的交办单：办理要求、回复时限、签收和反馈都记在上面，可按公文格式打印。",
    ),
    Stop(
        name="orders",
        title="公文流转",
        path="/orders?show=all",
        words="交办单、督办单、移交单、延期单集中在一处，看得到谁还没有签收、谁超过了回复时限。",
    ),
    Stop(
        name="department",
        title="部门看到的",
        path="/",
        role="department",
        words="责任单位用自己的账号登录，只看到交给自己的事件。",
    ),
    Stop(
        name="order-department",
        title="部门签收、反馈",
        path="/incidents/1/orders/1-o1",
        role="department",
        words="在交办单上签收、反馈，需要更多时间的申请延期。",
    ),
    Stop(
        name="draft",
        title="回应稿",
        path="/incidents/1/draft?kind=notice",
        words="初稿只用已存的事实，没有核实的写成【待填】；经三审三校和保密审查，逐步签署。系统不发布，发布后回到事件页登记。",
    ),
    Stop(
        name="intake",
        title="接报登记",
        path="/intake",
        steps=(*_FIRE, follow("button[value=judge]")),
        words="电话、微信群截图手工登记。先看研判，什么也不保存，再决定登记。",
    ),
    Stop(
        name="tip",
        title="登记之后",
        path="/intake",
        steps=(*_FIRE, follow("button[value=register]")),
        words="登记后写明立为几号事件或归入哪件；没有立案的，可以人工立案。",
    ),
    Stop(
        name="history",
        title="历史检索",
        path="/history?q=滑坡",
        words="按词、日期、级别、状态查所有收到的条目和它们属于哪件事。",
    ),
    Stop(
        name="digests",
        title="简报",
        path="/digests",
        role="leader",
        words="领导看的日报、周报、月报和单件事的快报、专报：预览、打印、存成 Word。",
    ),
    Stop(
        name="paper",
        title="审定一份快报",
        path="/digests",
        role="leader",
        steps=(follow('form:has(input[value="flash"]) button'),),
        words="拟好的快报由负责人审定后发出；谁收到了、几时收到，都在这一页。",
    ),
    Stop(
        name="special",
        title="专报的样子",
        path="/digests",
        role="leader",
        steps=(follow('a[href$="/papers/special/page"]'),),
        words="日报、快报、专报都按公文版式打印。每一句都是已存的事实，写明出自哪一条；没有核实的不写成结论。",
    ),
    Stop(
        name="analysis",
        title="统计分析",
        path="/analysis",
        role="analyst",
        steps=(drawn,),
        words="按时回应率、各部门办理、来源和类型的统计，图和表都能下载。",
    ),
    Stop(
        name="rota",
        title="值班安排",
        path="/rota",
        words="现在谁在岗、下一班是谁；登记顶替和外出，导入当月值班表，有空岗时提前提示。",
    ),
    Stop(
        name="rehearsals",
        title="演练",
        path="/rehearsals",
        role="head",
        words="用本单位自己的人员、层级和规则，按模拟的时间走一遍，不发任何真的消息。",
    ),
    Stop(
        name="rehearsal",
        title="演练的经过",
        path="/rehearsals",
        role="head",
        steps=(follow("button[value=channels]"),),
        words="谁在什么时候、通过什么收到了什么，逐条列出，可打印存档。",
    ),
    Stop(
        name="sources",
        title="信源与运行",
        path="/sources",
        words="每个信源最近一次采集、最近新条目和异常：没有事件，还是采集断了，一看便知。",
    ),
    Stop(
        name="source",
        title="一个信源",
        path="/sources",
        role="admin",
        steps=(follow("tbody th a"),),
        words="一个信源的地址、最近几次采集，和“现在试取”按钮。",
    ),
    Stop(
        name="settings",
        title="设置",
        path="/settings",
        role="admin",
        words="人员、渠道、用词、账号和运行状况的入口。",
    ),
    Stop(
        name="people",
        title="人员与渠道",
        path="/settings/people",
        role="admin",
        words="谁在哪个层级、消息先走哪个渠道、夜里会不会响铃。",
    ),
    Stop(
        name="health",
        title="运行状况",
        path="/settings/health",
        role="admin",
        words="时限引擎、消息送达、磁盘、留痕核对是否正常，不正常时怎么办。",
    ),
    Stop(
        name="channels",
        title="消息渠道",
        path="/channels",
        role="admin",
        words="每个渠道通到谁，近来有没有失败，点一下就真的试发一条测试消息。",
    ),
    Stop(
        name="rules",
        title="用词与规则",
        path="/rules",
        role="analyst",
        steps=(
            fill("[name=title]", "柯街镇一客车坠崖，已致3人遇难"),
            fill("[name=text]", "救援正在进行，伤亡情况正在核实。"),
            follow("button[value=assess]"),
        ),
        words="贴一段文字看怎样研判、依据哪些词；试加新词，看最近 7 天哪些结论会变。",
    ),
    Stop(
        name="journal",
        title="留痕检索",
        path="/journal",
        role="admin",
        words="谁在什么时候改了什么、为什么，只增不改，可以核对。",
    ),
    Stop(
        name="accounts",
        title="账号",
        path="/accounts",
        role="admin",
        words="给值班人员和部门建账号，停用离岗的。",
    ),
    Stop(
        name="account",
        title="我的账号",
        path="/account",
        words="改密码、绑定动态验证码、看自己在哪些设备上登录、生成访问令牌。",
    ),
    Stop(
        name="second-factor",
        title="动态验证码",
        path="/account/second-factor",
        words="用手机上的验证器扫一下，登录时多一道 6 位数字。",
    ),
    Stop(
        name="password", title="修改密码", path="/password", width=390, is_whole=False, words="改自己的密码。"
    ),
    Stop(
        name="subscribe",
        title="日历与订阅",
        path="/subscribe",
        width=390,
        is_whole=False,
        words="把时限放进手机日历；丢了手机就在这里撤销。",
    ),
)
