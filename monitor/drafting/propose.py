"""A first text for an answer, made of stored facts only; whatever is not known for sure is a 【待填：…】.

What nobody has verified is never offered as fact: it stands in the gap as a hint of what to verify.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from alerts.digest.build import is_rumor
from alerts.digest.incident_papers import IncidentFile
from alerts.digest.sentences import accepted, say_instant
from alerts.message.privacy import quote
from alerts.message.words import say_count, say_owner, say_place
from monitor.classifiers.model import DEGREE_TOLD
from monitor.classifiers.registry import load_table
from monitor.clock import as_local
from monitor.collectors.model import Role
from monitor.drafting.model import DraftKind, Wording
from monitor.drafting.review import GAP, settled
from monitor.incidents.model import Incident, Trust
from monitor.incidents.quality import Check, check_answers
from monitor.incidents.reconcile import figures_now, reports_now
from monitor.items.model import Item

_OFFICIAL = (Role.OFFICIAL, Role.WARNING)
_MOST_ITEMS = 2


def kind_for(file: IncidentFile) -> DraftKind:
    """Return as what an answer is likely to be written now; what is confirmed by figures is not denied."""
    incident = file.dossier.incident
    if is_rumor(incident) and incident.grade.confirmed is None:
        return DraftKind.DENIAL
    if accepted(file.dossier):
        return DraftKind.FOLLOW_UP
    return DraftKind.NOTICE if incident.severity is not None else DraftKind.RESPONSE


def propose(file: IncidentFile, kind: DraftKind) -> Wording:
    """Return a first text; it holds gaps, so that nobody can pass it on unread."""
    incident = file.dossier.incident
    parts = [
        *_BEGINNINGS[kind](file),
        _figures(file),
        *_demands(file),
        _gap("已经采取的措施，由谁做了什么"),
        f"下一步，{_gap('将要做的工作')}{_gap('几月几日几时前')}公布进展情况。",
        f"联系电话：{_gap('对外公布的电话')}。",
        file.office.name,
    ]
    text = "\n".join(part for part in parts if part)
    return Wording(kind=kind, title=_TITLES[kind].format(_subject(incident, kind)), text=text)


def check_wording(file: IncidentFile, wording: Wording) -> tuple[Check, ...]:
    """Return the checklist of 61号 for a draft, as help: what stands in a gap answers nobody."""
    said = settled(f"{wording.title}。{wording.text}")
    return check_answers(_public(file), [(said, file.now)])


def _gap(what: str) -> str:
    return f"{GAP}：{what.replace('【', '〔').replace('】', '〕')}】"


_TITLES = {
    DraftKind.NOTICE: "关于{}的情况通报",
    DraftKind.RESPONSE: "关于{}的情况说明",
    DraftKind.FOLLOW_UP: "关于{}的续报",
    DraftKind.DENIAL: "关于{}的说明",
}


def _subject(incident: Incident, kind: DraftKind) -> str:
    """Return what it is about: in its own sober words once it is attested, else as people told it."""
    if _is_attested(incident) and incident.event_type and kind in (DraftKind.NOTICE, DraftKind.FOLLOW_UP):
        return f"{_where(incident)}{_event(incident)}"
    told = "网传" if kind is DraftKind.DENIAL else "群众反映"
    return f"{told}“{quote(incident.title, 40)}”" if incident.title else _gap("事由")


def _is_attested(incident: Incident) -> bool:
    """Return whether an official source or a named person stands for it that this happened here."""
    is_judged = incident.confirmed_at is not None or Trust.OFFICIAL in incident.trusts
    return is_judged and incident.local is True


def _where(incident: Incident) -> str:
    return quote(incident.places[0].name, 12) if incident.places else ""


def _event(incident: Incident) -> str:
    kind = load_table().event_types.get(incident.event_type or "")
    return kind.name.partition("(")[0].partition("/")[0].strip() if kind else ""


def _what_happened(file: IncidentFile) -> Iterator[str]:
    """Yield when, where and what; the time as a fact only where a person has corrected it."""
    incident, now = file.dossier.incident, file.now
    told = f"，监测到的说法是{say_instant(incident.occurred.at, now)}" if incident.occurred else ""
    is_known = incident.occurred is not None and "occurred" in incident.corrected_by
    when = say_instant(incident.occurred.at, now) if incident.occurred and is_known else ""
    when = when or _gap(f"发生时间{told}，核实后填写")
    if _is_attested(incident) and _event(incident):
        yield f"{when}，{say_place(incident, file.office)}发生{_event(incident)}。{_gap('经过')}"
        return
    yield f"{when}，{_gap(f'地点和经过，监测到的说法是“{quote(incident.title, 40)}”，核实后填写')}"


def _what_was_told(file: IncidentFile) -> Iterator[str]:
    """Yield what people told, as what it is: somebody's words."""
    incident, now = file.dossier.incident, file.now
    at = incident.first_published_at or incident.detected_at
    yield f"{_day(at, now)}，有群众反映“{quote(incident.title, 40)}”。经核查，{_gap('核查的事实，依据什么')}"


def _what_is_false(file: IncidentFile) -> Iterator[str]:
    incident, now = file.dossier.incident, file.now
    at = incident.first_published_at or incident.detected_at
    yield (
        f"{_day(at, now)}，网上出现“{quote(incident.title, 40)}”的说法。"
        f"经核查，{_gap('与事实是否相符，事实和证据来源')}"
    )
    yield from _official_words(file)


def _what_went_before(file: IncidentFile) -> Iterator[str]:
    """Yield the last publication, and what was promised in any."""
    now, published = file.now, accepted(file.dossier)
    if not published:
        yield from _what_happened(file)
        return
    last = max(published, key=lambda p: p.effective_at)
    at = say_instant(last.effective_at, now)
    yield f"{at}，{_by_whom(last.channel)}发布了《{quote(last.title, 60)}》。"
    yield f"现将后续情况通报如下：{_gap('新的进展')}"
    for promise in (promise for p in published for promise in p.promises):
        yield f"此前公布“{quote(promise.passage, 60)}”，{_gap('办理结果')}"


def _by_whom(channel: str) -> str:
    return f"通过{quote(channel, 20)}" if channel else ""


def _official_words(file: IncidentFile) -> Iterator[str]:
    """Yield the newest official items, with their sources."""
    official = sorted((i for i in file.items if i.role in _OFFICIAL), key=lambda i: (i.at, i.id))
    for item in official[-_MOST_ITEMS:]:
        at, name = say_instant(item.at, file.now), quote(item.source_name, 20)
        yield f"{at}，{name}发布《{quote(item.title, 60)}》。"


_BEGINNINGS = {
    DraftKind.NOTICE: lambda file: (*_what_happened(file), *_official_words(file)),
    DraftKind.RESPONSE: _what_was_told,
    DraftKind.FOLLOW_UP: _what_went_before,
    DraftKind.DENIAL: _what_is_false,
}


def _day(at: datetime, now: datetime) -> str:
    local = as_local(at)
    year = "" if local.year == as_local(now).year else f"{local.year}年"
    return f"{year}{local.month}月{local.day}日"


def _figures(file: IncidentFile) -> str:
    """Return what officials count, with source and time; what only media count is a gap to verify.

    What only the public claims is not repeated at all; where it exceeds the official figure that figure is
    asked about again (C12).
    """
    incident = file.dossier.incident
    names = {item.id: item for item in file.items}
    said: list[str] = []
    held = {m: found for m, found in reports_now(incident.holding).items() if m != DEGREE_TOLD}
    official = [(m, report) for m, (trust, report) in held.items() if trust is Trust.OFFICIAL]
    for item_id in dict.fromkeys(report.item_id for _, report in official):
        counts = [say_count(m, report.count) for m, report in official if report.item_id == item_id]
        said.append(f"{_as_told_by(names.get(item_id), file.now)}{'、'.join(counts)}。")
    media = [say_count(m, report.count) for m, (trust, report) in held.items() if trust is Trust.MEDIA]
    if media:
        said.append(_gap(f"媒体报道{'、'.join(media)}，核实后填写并注明来源"))
    if figures_now(incident.holding).conflicts:
        said.append(_gap("网上另有不同说法，核实数据是否有变化"))
    if not said and incident.severity is not None:
        said.append(_gap("伤亡、损失等数据，注明来源和截至时间"))
    return "".join(said)


def _as_told_by(item: Item | None, now: datetime) -> str:
    if item is None:
        return f"据{_gap('数据来源和截至时间')}，"
    return f"据{quote(item.source_name, 20)}{say_instant(item.at, now)}通报，"


def _demands(file: IncidentFile) -> Iterator[str]:
    """Yield one paragraph for everything the public asks for."""
    for check in check_answers(_public(file), ()):
        if check.asked:
            yield f"关于群众关心的{check.name}问题，{_gap(f'群众的说法是“{quote(check.asked, 40)}”')}"
    if file.dossier.incident.assigned_to:
        yield f"此事由{say_owner(file.dossier.incident, file.office)}负责办理。"


def _public(file: IncidentFile) -> Sequence[str]:
    """Return what the public says."""
    told = [f"{i.title}。{i.text}" for i in file.items if i.role in (Role.SOCIAL, Role.HOTLINE)]
    return [*told, *file.dossier.incident.demands]
