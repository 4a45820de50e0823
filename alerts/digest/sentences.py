"""Sentences of official papers about one incident, each made of stored rows: facts, judgement, advice."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from alerts.digest.build import DUE_WITHIN, Clock, is_rumor
from alerts.digest.paper import Sentence, Stored, stored, stored_items
from alerts.message.privacy import quote
from alerts.message.words import METRICS, say_count, say_length, say_owner, say_person, say_standard
from monitor.classifiers.model import DEGREE_TOLD, Severity
from monitor.clock import as_local
from monitor.deadlines.model import Obligation
from monitor.dossier.model import Dossier
from monitor.incidents.model import Holding, Incident, Publication, PublicationState, Report, Trust
from monitor.incidents.reconcile import Conflict, figures_now
from monitor.office.model import Office

TITLE_LIMIT = 28
_DUTIES = {
    "press_conference": "召开新闻发布会",
    "first_release": "发布首次权威信息",
    "response": "作出回应",
    "follow_up": "续报",
}
_ORDER = {metric: at for at, metric in enumerate(METRICS)}
_SHELVES = (("据官方通报，", "official"), ("据媒体报道，", "media"))


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
    """Return the title in quotation marks, with its place before it where it does not name one."""
    title = quote(incident.title, TITLE_LIMIT).translate({ord("“"): "‘", ord("”"): "’"})
    place = quote(incident.places[0].name, 12) if incident.places else ""
    where = "地点待核的" if incident.local is None else "" if not place or place in title else place
    return f"{where}“{title}”"


def cite(incident: Incident, said: str, *rows: Obligation | Publication) -> Sentence:
    """Return a sentence that points to its incident."""
    own = stored(incident)
    return Sentence(said=said, rows=(*own, *stored(*rows)), cited=own)


# -- deadlines


def clock_sentence(clock: Clock, office: Office, now: datetime, *, named: bool = True) -> Sentence:
    """Return when something is or was due, `named` with the incident and who has it.

    A house rule is a suggestion, never late.
    """
    dossier, duty = clock
    due, length = say_instant(duty.due_at, now), say_length(abs(duty.due_at - now))
    is_past = now > duty.due_at
    if duty.statutory:
        said = f"应于{due}前{_say_duty(duty)}，{f'已超时{length}' if is_past else f'还有{length}'}"
    else:
        said = f"宜于{due}前{_say_duty(duty)}，{f'已过{length}' if is_past else f'还有{length}'}"
    if named:
        said = f"{say_name(dossier.incident)}{said}，{say_owned(dossier.incident, office)}"
    return cite(dossier.incident, f"{said}。", duty)


def _say_duty(duty: Obligation) -> str:
    return _DUTIES.get(duty.kind, f"完成{duty.name}")


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
    return f"{len(incident.source_ids)}个信源刊发{incident.item_count}条"


def release_sentence(incident: Incident, publication: Publication, now: datetime) -> Sentence:
    """Return what was published, where and when."""
    where = f"通过{quote(publication.channel, 20)}" if publication.channel else ""
    at = say_instant(publication.effective_at, now)
    return cite(incident, f"{at}，{where}公开《{quote(publication.title, 40)}》。", publication)


def firm_figures(incident: Incident) -> Iterator[Sentence]:
    """Yield what official and media reports say, each with whose word it is and the items that say it."""
    for said, shelf in _SHELVES:
        held: Mapping[str, Report] = getattr(incident.holding, shelf)
        reports = {metric: report for metric, report in held.items() if metric != DEGREE_TOLD}
        if reports:
            yield _figures(said, reports, "。", incident)


def claimed_figures(incident: Incident) -> Iterator[Sentence]:
    """Yield what only social sources or hearsay say, marked 待核."""
    held = incident.holding.social.items()
    claims = {m: r for m, r in held if m != DEGREE_TOLD and not _is_firm(incident.holding, m, r)}
    if claims:
        yield _figures("网传", claims, "，待核。", incident)


def _is_firm(holding: Holding, metric: str, claim: Report) -> bool:
    firm = (holding.official.get(metric), holding.media.get(metric))
    return any(report is not None and report.count.value == claim.count.value for report in firm)


def _figures(before: str, reports: Mapping[str, Report], after: str, incident: Incident) -> Sentence:
    ordered = sorted(reports, key=lambda metric: (_ORDER.get(metric, len(_ORDER)), metric))
    counts = "、".join(say_count(metric, reports[metric].count) for metric in ordered)
    items = stored_items([reports[metric].item_id for metric in ordered])
    return Sentence(said=f"{before}{counts}{after}", rows=(*stored(incident), *items), cited=items)


# -- judgement


def judgements(incident: Incident, office: Office, now: datetime, *, named: bool) -> Iterator[Sentence]:
    """Yield what was judged of an incident: severity and why, a likely rumour, what contradicts what."""
    subject = _say_number(incident) if named else "本事件"
    doubted = is_rumor(incident)
    if incident.severity is not None or not doubted:
        yield _judged(incident, f"{subject}{_say_grade(incident, office, now)}。")
    if doubted:
        kind = "研判为谣言" if incident.opinion == "rumor" else "疑似谣言，待核"
        yield _judged(incident, f"{subject}{kind}。")
    found = figures_now(incident.holding)
    for conflict, who in (*((c, "通报") for c in found.conflicts), *((c, "媒体报道") for c in found.doubts)):
        yield _conflict_sentence(incident, conflict, who)


def _say_number(incident: Incident) -> str:
    return f"{incident.id}号舆情"


def _judged(incident: Incident, said: str) -> Sentence:
    return Sentence(said=said, rows=stored(incident))


def _say_grade(incident: Incident, office: Office, now: datetime) -> str:
    severity, judged, grade = incident.severity, incident.judgement, incident.grade
    if severity is None:
        return "未达到分级标准或者数据不足，暂未定级"
    if judged is not None and judged.severity == severity:
        who = say_person(judged.by, office)
        return f"由{who}于{say_instant(judged.at, now)}确定为{severity.zh}级别"
    is_confirmed = severity is grade.confirmed
    standard = grade.standard if is_confirmed else grade.precautionary_standard
    basis = f"按分级标准“{say_standard(standard)}”" if standard else "按现有信息"
    return f"{basis}研判为{severity.zh}级别" + ("" if is_confirmed else "（从严预判，待人工确认）")


def _conflict_sentence(incident: Incident, conflict: Conflict, who: str) -> Sentence:
    word, unit = METRICS.get(conflict.metric, (conflict.metric, ""))
    items = stored_items([conflict.official_item_id, conflict.social_item_id])
    said = f"网传{word}{conflict.claimed:g}{unit}，多于{who}的{conflict.official:g}{unit}，待核。"
    return Sentence(said=said, rows=(*stored(incident), *items), cited=items)


# -- advice


def advice(dossier: Dossier, office: Office, now: datetime) -> Iterator[Sentence]:
    """Yield what follows from the clocks, the owner and what is unverified; nothing else is advised."""
    incident = dossier.incident
    owner = say_owner(incident, office) if incident.assigned_to else "承办单位"
    if not incident.assigned_to:
        yield cite(incident, "建议尽快确定承办单位并交办。")
    late = [o for o in _statutory(dossier) if now > o.due_at]
    if late:
        duties = "、".join(_say_duty(o) for o in late)
        yield cite(incident, f"建议责成{owner}立即{duties}，并说明超时原因。", *late)
    for duty in _statutory(dossier):
        if now <= duty.due_at < now + DUE_WITHIN:
            due = say_instant(duty.due_at, now)
            yield cite(incident, f"建议由{owner}于{due}前{_say_duty(duty)}。", duty)
    if is_rumor(incident):
        yield cite(incident, "建议抓紧核实，确属谣言的及时发布权威信息，并将线索移交公安、网信部门。")
    elif any(claimed_figures(incident)):
        yield cite(incident, "建议抓紧核实网传数据，核实前不对外引用。")


def advice_together(dossier: Dossier, office: Office, now: datetime) -> Iterator[Sentence]:
    """Yield all advice on an incident as one sentence that names it, or nothing."""
    found = list(advice(dossier, office, now))
    if found:
        said = "；".join(s.said.removeprefix("建议").removesuffix("。") for s in found)
        rows = tuple(dict.fromkeys(row for s in found for row in s.rows))
        whole = f"对{_say_number(dossier.incident)}，建议{said}。"
        yield Sentence(said=whole, rows=rows)


def _statutory(dossier: Dossier) -> Sequence[Obligation]:
    running = (o for o in dossier.obligations if o.is_running and o.statutory)
    return sorted(running, key=lambda o: (o.due_at, o.id))


def is_graded(incident: Incident) -> bool:
    """Return whether an incident has a severity that leaders should read of: any but 一般."""
    return incident.severity is not None and incident.severity.at_least(Severity.RELATIVELY_SERIOUS)


def rows_of(dossiers: Iterable[Dossier]) -> tuple[Stored, ...]:
    """Return the incidents and obligations that a count or a “none” was read from."""
    return tuple(row for d in dossiers for row in stored(d.incident, *d.obligations))
