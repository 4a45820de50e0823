"""Times, lengths, grades and figures as a tired person reads them."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

from alerts.message.privacy import quote
from monitor.classifiers.metric_words import METRICS as METRICS
from monitor.classifiers.model import Count, Severity
from monitor.classifiers.registry import load_table
from monitor.clock import as_local
from monitor.deadlines.model import Obligation
from monitor.incidents.model import Holding, Incident
from monitor.incidents.reconcile import figures_now
from monitor.office.model import Office

OPINIONS: Mapping[str, str] = {
    "rumor": "谣言",
    "rumor_suspected": "疑似谣言",
    "complaint": "投诉",
    "policy_misreading": "政策误读",
    "moral_bottom_line": "道德底线",
    "topic": "本地线索",
}

_SIGNS = {">=": "≥", "<=": "≤", "==": "="}


def say_time(at: datetime, now: datetime) -> str:
    """Return an instant in Asia/Shanghai: `今天 14:05`, `11月24日 14:05`, the year where it is another."""
    local, today = as_local(at), as_local(now)
    if local.date() == today.date():
        return f"今天 {local:%H:%M}"
    year = "" if local.year == today.year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日 {local:%H:%M}"


def say_length(length: timedelta) -> str:
    """Return a length in whole minutes, rounded down: `45分钟`, `4小时58分`, from 72 hours on `3天2小时`."""
    minutes = int(length.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if hours >= 72:
        return f"{hours // 24}天{f'{hours % 24}小时' if hours % 24 else ''}"
    if hours:
        return f"{hours}小时{f'{rest}分' if rest else ''}"
    return f"{rest}分钟" if rest else "不到1分钟"


def say_clock(obligation: Obligation, now: datetime) -> str:
    """Return when it is due and how far off that is; a house rule (T8) is a suggestion, never late."""
    when = say_time(obligation.due_at, now)
    is_past = now > obligation.due_at
    length = say_length(abs(obligation.due_at - now))
    if not obligation.statutory:
        return f"{when} 前为宜，" + (f"已过 {length}" if is_past else f"还有 {length}")
    return f"{when} 到点，" + (f"已超时 {length}" if is_past else f"还剩 {length}")


def say_severity(severity: Severity | None) -> str:
    """Return the word of the law, or 未定级."""
    return "未定级" if severity is None else severity.zh


def say_kind(incident: Incident) -> str:
    """Return what stands in the brackets of a headline: the grade, else what sort of opinion it is."""
    if incident.severity is None:
        return OPINIONS.get(incident.opinion or "", "未定级")
    return incident.severity.zh


def say_place(incident: Incident, office: Office) -> str:
    """Return where it is: the named places, else the territory, or that nobody knows yet."""
    if incident.local is None:
        return "地点待核"
    return "、".join(quote(name, 12) for name in _places(incident, office)) or office.territory.name


def _places(incident: Incident, office: Office) -> list[str]:
    """Return the two most telling places: ours goes without saying where a place within it is named."""
    ours = office.territory
    wider = {ours.name, ours.city, ours.province, *ours.aliases}
    names = [place.name for place in incident.places]
    return [name for name in names if name not in wider][:2] or names[:1]


def say_headline(incident: Incident, office: Office, *, mark: str = "", limit: int = 60) -> str:
    """Return severity, place and what; places that the title names are not said twice."""
    title, places = quote(incident.title, limit), _places(incident, office)
    is_named = incident.local is not None and bool(places) and all(name in title for name in places)
    return f"【{say_kind(incident)}{mark}】{'' if is_named else f'{say_place(incident, office)}｜'}{title}"


def say_count(metric: str, count: Count) -> str:
    """Return one figure, `死亡12人`; a figure without upper bound says 以上."""
    word, unit = METRICS.get(metric, (metric, ""))
    return f"{word}{count.value:g}{unit}{'以上' if count.high is None else ''}"


def say_figures(holding: Holding) -> str:
    """Return the figures that hold now, with whose word they are: `媒体：死亡12人；网传待核：失踪3人`."""
    now = figures_now(holding)
    official: list[str] = []
    media: list[str] = []
    claimed: list[str] = []
    for metric in METRICS:
        if metric in now.confirmed.counts:
            count = now.confirmed.counts[metric]
            report = holding.official.get(metric)
            is_official = report is not None and report.count == count
            (official if is_official else media).append(say_count(metric, count))
        elif metric in now.precautionary.counts:
            claimed.append(say_count(metric, now.precautionary.counts[metric]))
    shelves = (("官方", official), ("媒体", media), ("网传待核", claimed))
    return "；".join(f"{who}：{'、'.join(said)}" for who, said in shelves if said)


def say_standard(standard: str) -> str:
    """Return the deciding row in words: its law and the figure, `地质灾害防治条例：死亡 ≥ 10`, or its name.

    What the packaged table does not name, as in a table of the office's own, stays as it is written there.
    """
    row, _, source = standard.removesuffix(")").rpartition(" (")
    id_, _, what = (row or standard).partition(": ")
    said = re.sub(r"[a-z_]+", lambda found: METRICS.get(found[0], (found[0], ""))[0], what)
    for sign, shown in _SIGNS.items():
        said = said.replace(sign, shown)
    said = _names().get(standard, said)
    return f"{_laws().get(source, id_)}：{said}" if said else standard


@cache
def _names() -> Mapping[str, str]:
    return load_table().names


@cache
def _laws() -> Mapping[str, str]:
    """Return the laws behind the packaged grading table, without year and article."""
    return {source: title.partition("（")[0] for source, title in load_table().sources.items()}


def say_grade(incident: Incident, office: Office, now: datetime) -> str:
    """Return why this grade: a person's decision, or the figures and the row that decided."""
    severity, judged = incident.severity, incident.judgement
    if judged is not None and judged.severity == severity:
        why = f"：{quote(judged.reason, 40)}" if judged.reason else ""
        decided = (
            f"{say_severity(severity)}，{say_person(judged.by, office)} {say_time(judged.at, now)} 确定{why}"
        )
        return "。".join(part for part in (decided, say_figures(incident.holding)) if part)
    grade = incident.grade
    is_confirmed = severity is not None and severity == grade.confirmed
    standard = grade.standard if is_confirmed else grade.precautionary_standard
    parts = [
        say_severity(severity) + ("" if severity is None or is_confirmed else "（从严预判，待确认）"),
        say_figures(incident.holding),
        f"依据 {say_standard(standard)}" if standard and severity is not None else "",
    ]
    return "。".join(part for part in parts if part)


def say_reach(incident: Incident, source_names: Mapping[str, str]) -> str:
    """Return which sources carry it and how many items there are."""
    names = [quote(source_names.get(id_, id_), 16) for id_ in incident.source_ids]
    if not names:
        return ""
    more = f"等{len(names)}个信源" if len(names) > 3 else ""
    return f"{'、'.join(names[:3])}{more}，共{max(incident.item_count, 1)}条"


def say_owner(incident: Incident, office: Office) -> str:
    """Return who owns it."""
    return "、".join(say_person(id_, office) for id_ in incident.assigned_to) or "尚未交办"


def say_person(id_: str, office: Office) -> str:
    """Return the name of one of our own people or departments, or the id itself where it is unknown."""
    found = office.person(id_) or office.department(id_)
    return found.name if found else quote(id_, 20)
