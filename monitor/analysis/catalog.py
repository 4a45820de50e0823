"""Every analysis: its table, what it counts in Chinese, and the chart it has."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.analysis import answering, judging, spreading, trend, wording
from monitor.analysis.facts import Material
from monitor.analysis.pictures import Drawing, Picture, bars, days, lines, lying
from monitor.analysis.table import Naming, Table

_OURS = (
    "统计本地（含属地待定）且办理中或已办结的舆情事件，已排除、已并入其他事件的不计；"
    "按发现时间归期，起止两日均含。"
)
_CLOCKS = (
    "统计应答公众的法定义务（首次权威信息、新闻发布会、回应），按时限届满时间归期，起止两日均含。"
    "生效时间在时限届满当时或之前为按时；按时率＝按时÷（按时＋逾期后回应＋逾期未回应）。"
    "未到期的不进分母；因级别调整、并入、排除而替代的和经批准免除的列在“不计”；已逾期而未回应即办结的，算逾期未回应。"
    "建议续报、兑现承诺等内部要求不在其中。"
)
_LENGTH = (
    "从首次公开发布到首条已登记的权威发布生效为止，自然小时，夜间和节假日照计；"
    "官方不晚于网络发布的记为 0，列在“官方首发”。"
    "缺首发时间或尚无发布的不进中位数，进的件数见“计入用时”，件数少时只供参考。"
    "“九成在此之内”为从小到大排列后第 90% 位的实际值。"
)


def _nothing(material: Material, naming: Naming) -> Table:
    del material, naming
    return Table(columns=(), rows=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One analysis: `code` for programs, `definition` says what is counted and which end counts."""

    code: str
    title: str
    definition: str
    build: Callable[[Material, Naming], Table] = _nothing
    draw: Picture | None = None
    needs_words: bool = False

    def drawing(self, table: Table) -> Drawing | None:
        """Return what is drawn of its table, or None where there is nothing to see."""
        return self.draw(table, self.title) if self.draw else None


ANALYSES = (
    Analysis(
        code="trend",
        title="趋势",
        definition=f"{_OURS}“报道和帖文”为归入事件的条目数，按发布时间（无则首次见到的时间）归日。"
        "两个月以内逐日，更长按月；还没有到的日子没有数。",
        build=trend.trend,
        draw=lines("at", ("incidents", "serious"), "件"),
    ),
    Analysis(
        code="calendar",
        title="日历热图",
        definition=f"{_OURS}一格一天，不在所选期间的和还没有到的日子没有数。",
        build=trend.calendar,
        draw=days("件"),
    ),
    Analysis(
        code="types",
        title="事件类型",
        definition=f"{_OURS}不是突发事件的按舆情种类；占比为占全部事件的比例。",
        build=trend.by_type,
        draw=lying("type", ("incidents",), "件"),
    ),
    Analysis(
        code="places",
        title="涉及地点",
        definition=f"{_OURS}一个事件只计第一个地点；没有认出地点的列为未认定。",
        build=trend.by_place,
        draw=lying("place", ("incidents",), "件"),
    ),
    Analysis(
        code="response_time",
        title="首发到首次权威发布用时",
        definition=f"{_OURS}{_LENGTH}",
        build=answering.response_time,
        draw=bars("severity", ("median", "p90"), "小时"),
    ),
    Analysis(
        code="response_time_months",
        title="首发到首次权威发布用时（按月）",
        definition=f"{_OURS}{_LENGTH}",
        build=answering.response_time_by_month,
        draw=lines("month", ("median", "p90"), "小时"),
    ),
    Analysis(
        code="on_time_departments",
        title="按时率（按责任单位）",
        definition=f"{_CLOCKS}一个事件交给几个单位的，各单位都计；合计按义务计，不重复。",
        build=answering.on_time_by_department,
        draw=lying("department", ("rate",), "%"),
    ),
    Analysis(
        code="on_time_months",
        title="按时率（按月）",
        definition=_CLOCKS,
        build=answering.on_time_by_month,
        draw=bars("month", ("on_time", "late", "overdue"), "项"),
    ),
    Analysis(
        code="on_time_departments_months",
        title="按时率（按责任单位和月份）",
        definition=f"{_CLOCKS}一个事件交给几个单位的，各单位都计。",
        build=answering.on_time_by_department_and_month,
    ),
    Analysis(
        code="on_time_kinds",
        title="按时率（按义务种类）",
        definition=f"{_CLOCKS}另列向上级报送的法定时限，报送与应答公众互不替代。",
        build=answering.on_time_by_kind,
        draw=lying("kind", ("on_time", "late", "overdue"), "项"),
    ),
    Analysis(
        code="false_alarms",
        title="误报率",
        definition=(
            "统计系统自动立案的全部事件（含已排除、属外地的），已并入其他事件的、人工立案的和台账导入的不计；"
            "按发现时间归期，起止两日均含。"
            "误报率＝排除÷已有人处置；办理中尚无人核定的为“待人处置”，不进分母。级别取办理人核定时见到的自动研判级别。"
        ),
        build=judging.false_alarms,
        draw=bars("automatic", ("judged", "dismissed"), "件"),
    ),
    Analysis(
        code="corrections",
        title="级别核定与自动研判对照",
        definition=(
            "统计有人核定过级别的事件，按发现时间归期，起止两日均含；一行是核定时系统给出的级别，一列是人核定的级别，"
            "取最后一次核定。一致率＝核定与自动相同÷该行合计。"
        ),
        build=judging.corrections,
    ),
    Analysis(
        code="sources",
        title="信源先后",
        definition=(
            f"{_OURS}只看至少两家信源都有的事件，台账导入的不计；先后按条目发布时间（无则首次见到的时间）。"
            "“领先第二家”只统计它最先出现的事件，“晚于首家”统计它出现的全部事件（最先的记 0）。"
        ),
        build=spreading.sources_by_lead,
        draw=lying("source", ("first",), "件"),
    ),
    Analysis(
        code="words",
        title="上升的词",
        definition=(
            "统计归入事件的条目，转发和重复的不计，按发布时间（无则首次见到的时间）归期，起止两日均含；"
            "与紧邻在前、同样长的一期相比。词由分词得到，两个字以上，一篇里出现几次都算一篇。按对数似然比从大到小，"
            "只列本期至少 3 篇、比值不小于 6.63（百分之一的偶然可能）的，最多 50 个。"
            "上期没有条目时无从比较，不列。"
        ),
        build=wording.words_that_rose,
        needs_words=True,
    ),
)


REACH = Analysis(
    code="reach",
    title="传播曲线对比",
    definition=(
        "统计每个事件从第一条起、若干小时之内（含该时刻）归入的条目累计数，按发布时间（无则首次见到的时间）。"
        "还没有到的时刻没有数。同一条目在榜单上再次见到不重复计。横轴各点前密后疏，不是等距的。"
    ),
    draw=lines("hours", (), "条，横轴为首发后小时"),
)
"""Of incidents that somebody names, so not of a period: its table is `spreading.reach`."""


def analysis(code: str) -> Analysis | None:
    """Return the analysis of a period with this code, or None."""
    return next((each for each in ANALYSES if each.code == code), None)
