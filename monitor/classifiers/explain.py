"""A verdict in Chinese, to the last word: what was concluded, from which words, by which row of the law."""

from collections.abc import Iterator

from monitor.classifiers.grade import GradingTable
from monitor.classifiers.metric_words import METRICS
from monitor.classifiers.model import Count, Evidence, Figures, Grade, Moment, Precision, Verdict
from monitor.clock import as_local

REASONS = {
    "drill": "演练",
    "history": "旧事",
    "judicial": "司法、追责或案件后续",
    "fiction": "影视、小说或游戏",
    "sport": "体育",
    "warning": "预警、预报或假设",
    "plan": "部署、检查或防范",
    "education": "科普提示",
    "statistics": "统计",
    "denial": "辟谣",
    "commerce": "商业、财经",
    "foreign": "境外",
}
OPINIONS = {
    "rumor": "已被否认的谣言",
    "rumor_suspected": "未经证实的传言",
    "complaint": "投诉诉求",
    "policy_misreading": "政策误读",
    "moral_bottom_line": "冲击道德底线",
    "topic": "本地线索",
}
BASES = {
    "emergency_disaster": "突发事件和自然灾害处置",
    "public_interest": "涉及公众切身利益",
    "moral_bottom_line": "冲击社会道德底线",
    "policy_misreading": "政策被误读",
    "hot_topic": "公众关注的热点",
}
SENSITIVE = {
    "school": "学校",
    "children": "儿童",
    "police": "涉警",
    "medical": "医疗",
    "land": "土地",
    "ethnic": "民族宗教",
}
_NEEDS_NO_UNIT = frozenset({"", "人", "例", "级"})
_LOCAL = {True: "属于本辖区", False: "不属于本辖区", None: "属地无法判断，待人工确认"}
_BY_SOURCE = "；信源是本地的，事发的句子没有提到别处"
_PLACED = {True: "本地", False: "外地", None: "属地待定"}
_DERIVED = "；由文中别的说法推得（如轻重伤相加、送医、被冲走）"
_WARILY = "；从严计：失踪按死亡，伤情不明按重伤，未经证实的也算"
_PRECISION = {Precision.MINUTE: "到分", Precision.HOUR: "到时", Precision.DAY: "仅到日"}


def explain(verdict: Verdict, table: GradingTable) -> str:
    """Return the reasoning behind a verdict, one finding a line, each with the words it rests on."""
    lines = [_headline(verdict), *_kinds(verdict, table)]
    lines += _told(verdict, verdict.figures, verdict.grade, verdict.occurred, table)
    if verdict.background is not None:
        past = verdict.background
        lines.append("以下是文中讲到的旧事、演练或境外事件，只作背景：")
        lines += _told(verdict, past.figures, past.grade, past.occurred, table)
    if verdict.window_hours:
        lines.append(f"时限：{verdict.window_hours} 小时{_no_clock(verdict)}")
    if verdict.truncated:
        lines.append("原文过长：只判读标题、前 8000 字和后 2000 字")
    return "\n".join(lines)


def in_short(verdict: Verdict, table: GradingTable) -> str:
    """Return a verdict in one line: 舆情 · 当前 · 本地 · 道路交通事故 · 较大."""
    if not verdict.matter and verdict.not_live_reason is None:
        return "不是舆情"
    reason = REASONS.get(verdict.not_live_reason or "", verdict.not_live_reason)
    parts = [
        "舆情" if verdict.matter else "不需处置",
        "当前" if verdict.live else f"非当前（{reason}）",
        _PLACED[verdict.local],
        _type_name(verdict.event_type, table) if verdict.event_type else "",
        OPINIONS[verdict.opinion] if verdict.opinion else "",
        verdict.severity.zh if verdict.severity else "",
    ]
    return " · ".join(part for part in parts if part)


def _kinds(verdict: Verdict, table: GradingTable) -> Iterator[str]:
    if verdict.not_live_reason:
        reason = REASONS.get(verdict.not_live_reason, verdict.not_live_reason)
        yield f"不是当前事件：{reason}{_words(verdict, 'not_live_reason')}"
    if verdict.event_type:
        name = table.event_types[verdict.event_type].name
        yield f"类型：{name}（{verdict.event_type}）{_words(verdict, 'event_type')}"
    if verdict.secondary_types:
        yield f"还涉及：{'、'.join(_type_name(code, table) for code in verdict.secondary_types)}"
    if verdict.opinion:
        many = "，涉及多人" if verdict.for_many else ""
        yield f"舆情：{OPINIONS[verdict.opinion]}{many}{_words(verdict, 'opinion')}"
    if verdict.basis_61:
        yield f"应予回应的依据（国办发〔2016〕61号）：{BASES[verdict.basis_61]}"
    if verdict.matter or verdict.not_live_reason:
        named = _words(verdict, "places") or (_BY_SOURCE if verdict.local else "")
        yield f"属地：{_LOCAL[verdict.local]}{named}"
    yield from _tone(verdict)


def _tone(verdict: Verdict) -> Iterator[str]:
    """Yield what people ask for, what makes the matter delicate, and how the text speaks of it."""
    if verdict.demands:
        yield f"诉求：{'、'.join(verdict.demands)}{_words(verdict, 'demands')}"
    if verdict.sensitive:
        names = "、".join(SENSITIVE.get(code, code) for code in verdict.sensitive)
        yield f"敏感因素：{names}{_words(verdict, 'sensitive')}"
    if said := _words(verdict, "sentiment"):
        colour = f"{'负面' if verdict.sentiment < 0 else '正面'}（{verdict.sentiment:+g}）"
        yield f"情感：{colour if verdict.sentiment else '正负相当'}{said}"


def _no_clock(verdict: Verdict) -> str:
    """Return why the clock would not run yet (T12, T13), as far as one text can tell."""
    if verdict.local is not True:
        return "（认定属地后起算）" if verdict.local is None else "（不在本辖区，不起算）"
    if verdict.severity is not None or verdict.category is not None:
        return ""
    if verdict.opinion == "complaint" and not verdict.for_many:
        return "（单个诉求暂不起算：另有信源，或媒体、热榜刊载，或由人列为须回应后起算）"
    return "（本地线索不起算，由人列为须回应后起算）" if verdict.opinion == "topic" else ""


def _type_name(code: str, table: GradingTable) -> str:
    return table.event_types[code].name.partition("(")[0]


def _headline(verdict: Verdict) -> str:
    if not verdict.matter and verdict.not_live_reason is None:
        return "结论：不是需要处置的事项（没有读到说明出事、投诉或传言的词）"
    matter = "需要值班员处置" if verdict.matter else "不需处置"
    return f"结论：{matter}，{'当前' if verdict.live else '非当前'}（把握 {verdict.score:.0%}）"


def _told(
    verdict: Verdict, figures: Figures, grade: Grade, occurred: Moment | None, table: GradingTable
) -> Iterator[str]:
    for metric, count in figures.counts.items():
        yield f"数据：{_metric(metric, table)} {_size(count)}{_words(verdict, metric) or _DERIVED}"
    if occurred is not None:
        known = "%Y-%m-%d" if occurred.precision is Precision.DAY else "%Y-%m-%d %H:%M"
        at = as_local(occurred.at).strftime(known)
        yield f"发生时间：{at}（{_PRECISION[occurred.precision]}）{_words(verdict, 'occurred_at')}"
    if grade.confirmed is not None:
        yield f"已核实级别：{grade.confirmed.zh}{_row(grade.standard, table)}"
    if grade.precautionary is not None and grade.precautionary is not grade.confirmed:
        yield f"预判级别：{grade.precautionary.zh}{_row(grade.precautionary_standard, table)}{_WARILY}"


def _row(standard: str | None, table: GradingTable) -> str:
    """Return the deciding row in words with its legal source; one that the table has no longer, as it is."""
    rows = (row for one in table.standards for row in one.rows if str(row) == standard)
    row = next(rows, None)
    if row is None:
        return f"；依据 {standard}" if standard else ""
    least = [f"{_metric(metric, table)} {value:g} 以上" for metric, value in row.minimum.items()]
    law = table.sources.get(row.basis, row.basis)
    name = table.standard(row.standard).name
    return f"；依据 {name}：{'、'.join([*least, *sorted(row.flags)])}{law and f'〔{law}〕'}"


def _metric(code: str, table: GradingTable) -> str:
    """Return the table's name of a figure, or the word it has everywhere; with its unit, if not people."""
    word, unit = METRICS.get(code, (code, ""))
    name = table.metrics.get(code, word)
    return name if unit in _NEEDS_NO_UNIT else f"{name}（{unit}）"


def _size(count: Count) -> str:
    note = "（未经证实）" if count.claimed else ""
    if count.high is None:
        return f"{count.low:g} 以上{note}"
    return f"{count.value:g}{note}" if count.low == count.high else f"{count.low:g}–{count.high:g}{note}"


def _words(verdict: Verdict, field: str) -> str:
    proofs = [proof for proof in verdict.evidence if proof.field == field]
    return f"；依据词：{'、'.join(map(_quoted, proofs))}" if proofs else ""


def _quoted(proof: Evidence) -> str:
    where = "标题" if proof.where == "title" else "正文"
    return f"“{proof.text}”（{where}第 {proof.start + 1} 字）"
