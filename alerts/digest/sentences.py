"""Sentences of official papers about one incident, each made of stored rows: facts, judgement, advice."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.digest.build import DUE_WITHIN, is_rumor
from alerts.digest.paper import Sentence, Stored, stored, stored_items
from alerts.message.privacy import quote
from alerts.message.words import METRICS, say_count, say_length, say_owner, say_person, say_standard
from monitor.classifiers.model import DEGREE_TOLD, Count, Severity
from monitor.clock import as_local
from monitor.deadlines.model import Obligation
from monitor.dossier.model import Dossier
from monitor.incidents.model import Holding, Incident, Publication, PublicationState, Report, Trust
from monitor.incidents.reconcile import Conflict, figures_now, reports_now
from monitor.office.model import Office

TITLE_LIMIT = 28
_DUTIES = {
    "press_conference": "召开新闻发布会",
    "first_release": "发布首次权威信息",
    "response": "作出回应",
    "follow_up": "续报",
}
_ORDER = {metric: at for at, metric in enumerate(METRICS)}
_SHELVES = (("据官方通报，", Trust.OFFICIAL), ("据媒体报道，", Trust.MEDIA))
_LEAST = re.compile(r"([a-z_]+) >= ([\d.e+]+)")
_FLAG = re.compile(r"and [a-z]|: [a-z0-9_]+ \(")
_UNCHECKED = "尚未对照原文"


def say_instant(at: datetime, now: datetime) -> str:
    """Return a local instant as papers write it: `3月2日8时`, `3月2日8时5分`; another year is named."""
    local = as_local(at)
    year = "" if local.year == as_local(now).year else f"{local.year}年"
    minute = f"{local.minute}分" if local.minute else ""
    return f"{year}{local.month}月{local.day}日{local.hour}时{minute}"


def say_day(at: datetime) -> str:
    """Return the local day: `2026年3月3日`."""
    local = as_local(at)
    return f"{local.year}年{local.month}月{local.day}日"


def say_name(incident: Incident) -> str:
    """Return the title in quotation marks, with its place before it where it does not name one.

    Titles say 大理 for 大理白族自治州: the first two characters of a place name it.
    """
    title = quote(incident.title, TITLE_LIMIT).translate({ord("“"): "‘", ord("”"): "’"})
    place = quote(incident.places[0].name, 12) if incident.places else ""
    where = "地点待核的" if incident.local is None else "" if place[:2] in title else place
    return f"{where}“{title}”"


def cite(incident: Incident, said: str, *rows: Obligation | Publication) -> Sentence:
    """Return a sentence that points to its incident."""
    own = stored(incident)
    return Sentence(said=said, rows=(*own, *stored(*rows)), cited=own)


# -- deadlines


def clock_sentence(dossier: Dossier, duties: Sequence[Obligation], office: Office, now: datetime) -> Sentence:
    """Return when these are or were due, with the incident and who has it."""
    incident = dossier.incident
    due = "；".join(say_due(duty, now) for duty in duties)
    return cite(incident, f"{say_name(incident)}{due}，{say_owned(incident, office)}。", *duties)


def say_due(duty: Obligation, now: datetime) -> str:
    """Return when something is or was due; a house rule is a suggestion, never late."""
    due, length = say_instant(duty.due_at, now), say_length(abs(duty.due_at - now))
    is_past = now > duty.due_at
    if duty.statutory:
        return f"应于{due}前{say_duty(duty)}，{f'已超时{length}' if is_past else f'还有{length}'}"
    return f"宜于{due}前{say_duty(duty)}，{f'已过{length}' if is_past else f'还有{length}'}"


def say_duty(duty: Obligation) -> str:
    """Return what has to be done: `召开新闻发布会`."""
    return _DUTIES.get(duty.kind, f"完成{duty.name}")


def say_duties(duties: Iterable[Obligation]) -> str:
    """Return what has to be done, each once: `发布首次权威信息、召开新闻发布会`."""
    return "、".join(dict.fromkeys(map(say_duty, duties)))


def say_owned(incident: Incident, office: Office) -> str:
    """Return who has it, or that nobody has."""
    return f"承办单位为{say_owner(incident, office)}" if incident.assigned_to else "尚未交办"


# -- facts


def status_sentence(dossier: Dossier, office: Office, now: datetime) -> Sentence:
    """Return when an open incident was found, who carries it, who has it and whether it was answered."""
    incident = dossier.incident
    answers = accepted(dossier)
    answered = f"已回应{len(answers)}次" if answers else "尚未回应"
    doubt = "" if incident.trusts & {Trust.OFFICIAL, Trust.MEDIA} else "（网传，待核）"
    found = f"{say_instant(incident.detected_at, now)}监测发现，{say_spread(incident)}"
    said = f"{say_name(incident)}{doubt}，{found}，{say_owned(incident, office)}，{answered}。"
    return cite(incident, said, *answers)


def accepted(dossier: Dossier) -> tuple[Publication, ...]:
    """Return the answers that were accepted."""
    return tuple(p for p in dossier.publications if p.state is PublicationState.ACCEPTED)


def say_spread(incident: Incident) -> str:
    """Return how many items at how many sources it is made of."""
    return f"涉及{len(incident.source_ids)}个信源、{incident.item_count}条信息"


def release_sentence(incident: Incident, publication: Publication, now: datetime) -> Sentence:
    """Return what was published, where and when."""
    where = f"通过{quote(publication.channel, 20)}" if publication.channel else ""
    at = say_instant(publication.effective_at, now)
    return cite(incident, f"{at}，{where}公开《{quote(publication.title, 40)}》。", publication)


def firm_figures(incident: Incident) -> Iterator[Sentence]:
    """Yield the official and media figures that hold now, each with whose word it is and what says it."""
    for said, trust in _SHELVES:
        if reports := _held(incident.holding, trust):
            yield _figures(said, reports, "。", incident)


def claimed_figures(incident: Incident) -> Iterator[Sentence]:
    """Yield what only social sources or hearsay say, marked 待核, unless a better report has overtaken it."""
    holding = incident.holding
    now = figures_now(holding)
    disputed = {c.metric: holding.social[c.metric] for c in (*now.conflicts, *now.doubts)}
    if claims := {**_held(holding, Trust.SOCIAL), **disputed}:
        yield _figures("网传", claims, "，待核。", incident)


def _held(holding: Holding, trust: Trust) -> dict[str, Report]:
    held = reports_now(holding).items()
    return {metric: report for metric, (whose, report) in held if whose is trust and metric != DEGREE_TOLD}


def _figures(before: str, reports: Mapping[str, Report], after: str, incident: Incident) -> Sentence:
    ordered = sorted(reports, key=lambda metric: (_ORDER.get(metric, len(_ORDER)), metric))
    counts = "、".join(_say_count(metric, reports[metric].count) for metric in ordered)
    items = stored_items([reports[metric].item_id for metric in ordered])
    return Sentence(said=f"{before}{counts}{after}", rows=(*stored(incident), *items), cited=items)


def _say_count(metric: str, count: Count) -> str:
    word, unit = METRICS.get(metric, (metric, ""))
    return f"无人员{word}" if count.high == 0 and unit == "人" else say_count(metric, count)


# -- judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was judged of an incident, without its subject and full stop, and the items it rests on."""

    said: str
    items: tuple[Stored, ...] = ()


def judgements(incident: Incident, office: Office, now: datetime) -> Iterator[Judged]:
    """Yield what was judged of an incident: severity and why, a likely rumour, what contradicts what."""
    doubted = is_rumor(incident)
    if incident.severity is not None or not doubted:
        yield Judged(said=_say_grade(incident, office, now))
    if doubted:
        yield Judged(said="研判为谣言" if incident.opinion == "rumor" else "疑似谣言，待核")
    found = figures_now(incident.holding)
    for conflict, who in (*((c, "通报") for c in found.conflicts), *((c, "媒体报道") for c in found.doubts)):
        yield _contradicted(conflict, who)


def judged_alone(incident: Incident, office: Office, now: datetime) -> Iterator[Sentence]:
    """Yield the judgements of a paper that is about this incident and no other."""
    for one in judgements(incident, office, now):
        yield Sentence(said=f"本事件{one.said}。", rows=(*stored(incident), *one.items), cited=one.items)


def _say_grade(incident: Incident, office: Office, now: datetime) -> str:
    severity, judged, grade = incident.severity, incident.judgement, incident.grade
    if severity is None:
        return "未达到分级标准或者数据不足，暂未定级"
    if judged is not None and judged.severity == severity:
        who = say_person(judged.by, office)
        return f"由{who}于{say_instant(judged.at, now)}确定为{severity.zh}级别"
    is_confirmed = severity is grade.confirmed
    standard = grade.standard if is_confirmed else grade.precautionary_standard
    basis = _say_basis(standard) if standard else "按现有信息"
    return f"{basis}研判为{severity.zh}级别" + ("" if is_confirmed else "（从严预判，待人工确认）")


def _say_basis(standard: str) -> str:
    """Return the deciding row as papers cite it: `按《地质灾害防治条例》死亡10人以上的标准`.

    A condition that has no words of its own is not spelt out; 以上 includes the number itself.
    """
    law = quote(say_standard(standard).partition("：")[0], 40)
    least = "、".join(_say_least(metric, float(value)) for metric, value in _LEAST.findall(standard))
    if law.isascii():
        return f"按{least}的标准" if least else "按现有标准"
    if _UNCHECKED in law:
        return f"按{least or '有关情形'}的惯用标准（{_UNCHECKED}）"
    many = "等情形" if least and _FLAG.search(standard) else "" if least else "有关情形"
    return f"按《{law}》{least}{many}的标准"


def _say_least(metric: str, value: float) -> str:
    word, unit = METRICS.get(metric, (metric, ""))
    said = f"{value / 10_000:g}亿元" if unit == "万元" and value >= 10_000 else f"{value:.12g}{unit}"
    return f"{word}{said}以上"


def _contradicted(conflict: Conflict, who: str) -> Judged:
    word, unit = METRICS.get(conflict.metric, (conflict.metric, ""))
    said = f"网传{word}{conflict.claimed:g}{unit}，多于{who}的{conflict.official:g}{unit}，待核"
    return Judged(said=said, items=stored_items([conflict.official_item_id, conflict.social_item_id]))


# -- advice


def advice(dossier: Dossier, office: Office, now: datetime) -> Iterator[Sentence]:
    """Yield what follows from the clocks, the owner and what is unverified; nothing else is advised."""
    incident = dossier.incident
    owner = say_owner(incident, office) if incident.assigned_to else "承办单位"
    if incident.local is None:
        yield cite(incident, "建议尽快核实是否发生在本辖区。")
    elif not incident.assigned_to:
        yield cite(incident, "建议尽快确定承办单位并交办。")
    late, soon = pressing(dossier, now)
    if late:
        yield cite(incident, f"建议责成{owner}立即{say_duties(late)}，并说明超时原因。", *late)
    if soon:
        yield cite(incident, f"建议督促{owner}按时{say_duties(soon)}。", *soon)
    if is_rumor(incident):
        yield cite(incident, "建议抓紧核实，确属谣言的及时发布权威信息，并将线索移交公安、网信部门。")
    elif any(claimed_figures(incident)):
        yield cite(incident, "建议抓紧核实网传数据，核实前不对外引用。")


def pressing(dossier: Dossier, now: datetime) -> tuple[list[Obligation], list[Obligation]]:
    """Return the statutory duties that are late, and those due within a day; the earliest first."""
    running = (o for o in dossier.obligations if o.is_running and o.statutory)
    duties = sorted(running, key=lambda o: (o.due_at, o.id))
    late = [o for o in duties if now > o.due_at]
    return late, [o for o in duties if now <= o.due_at < now + DUE_WITHIN]


def is_graded(incident: Incident) -> bool:
    """Return whether an incident has a severity that leaders should read of: any but 一般."""
    return incident.severity is not None and incident.severity.at_least(Severity.RELATIVELY_SERIOUS)


def rows_of(dossiers: Iterable[Dossier]) -> tuple[Stored, ...]:
    """Return the incidents and obligations that a count or a “none” was read from."""
    return tuple(row for d in dossiers for row in stored(d.incident, *d.obligations))
