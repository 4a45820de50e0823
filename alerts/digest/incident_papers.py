"""舆情快报 and 舆情专报: one incident on one page within its first minute, and in full."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alerts.digest.paper import (
    LINES,
    Block,
    Paper,
    Rank,
    Sentence,
    StoredKind,
    heading,
    line_count,
    points,
    stored,
    stored_items,
    text,
)
from alerts.digest.sentences import (
    accepted,
    advice,
    cite,
    claimed_figures,
    firm_figures,
    judged_alone,
    release_sentence,
    say_day,
    say_due,
    say_instant,
    say_name,
    say_owned,
    say_spread,
)
from alerts.message.privacy import quote
from alerts.message.words import say_owner, say_person, say_place
from monitor.collectors.model import Role
from monitor.dossier.model import Dossier
from monitor.incidents.model import Trust
from monitor.incidents.reconcile import trust_of
from monitor.items.model import Item
from monitor.office.model import Office

_SPECIAL_ITEMS = 20
_WEB_ADDRESS = re.compile(r"(?i)https?://[!-$&-~]{1,80}")
"""An address that can be typed off paper: not a long one, none of percent signs."""

_SEEN = {Role.MEDIA: "刊发", Role.HOTLINE: "收到", Role.SOCIAL: "出现"}
"""What a source does with an item; the others issue it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFile:
    """What a paper on one incident is made of: `items` are its items, oldest first; `readers` get it."""

    office: Office
    dossier: Dossier
    items: tuple[Item, ...]
    now: datetime
    readers: tuple[str, ...] = ()


class IncidentPaper(StrEnum):
    """What can be written about one incident: 快报, 专报."""

    FLASH = "flash"
    SPECIAL = "special"

    def compose(self, file: IncidentFile) -> Paper:
        """Return the paper of this kind."""
        return flash_paper(file) if self is IncidentPaper.FLASH else special_paper(file)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """How many of each a flash report shows."""

    deadlines: int
    demands: int
    judgements: int
    advice: int
    items: int


_ROOMS = (
    _Room(deadlines=3, demands=1, judgements=3, advice=3, items=2),
    _Room(deadlines=3, demands=1, judgements=3, advice=3, items=1),
    _Room(deadlines=2, demands=1, judgements=2, advice=3, items=1),
    _Room(deadlines=2, demands=1, judgements=2, advice=3, items=0),
    _Room(deadlines=2, demands=1, judgements=2, advice=2, items=0),
    _Room(deadlines=2, demands=0, judgements=2, advice=2, items=0),
    _Room(deadlines=2, demands=0, judgements=1, advice=2, items=0),
    _Room(deadlines=2, demands=0, judgements=1, advice=1, items=0),
)
"""Tried in this order until the page holds it."""


def flash_paper(file: IncidentFile) -> Paper:
    """Return the flash report: one page, deadlines first; what does not fit stands in the special report."""
    fits = (paper for room in _ROOMS if line_count(paper := _flash(file, room)) <= LINES)
    return next(fits, _flash(file, _ROOMS[-1]))


def _flash(file: IncidentFile, room: _Room) -> Paper:
    return _paper(
        file,
        "舆情快报",
        (
            text(*_deadlines(file)[: room.deadlines]),
            heading(Rank.FIRST, "事实"),
            text(
                _overview(file),
                *firm_figures(file.dossier.incident),
                *_unverified(file, demands=room.demands),
            ),
            *(text(origin) for origin in _origins(file)[: room.items]),
            heading(Rank.FIRST, "研判"),
            text(*_judged(file)[: room.judgements]),
            heading(Rank.FIRST, "建议"),
            *points(_advised(file)[: room.advice]),
        ),
    )


def special_paper(file: IncidentFile) -> Paper:
    """Return the special report, in the parts that such reports have."""
    progress = [release_sentence(file.dossier.incident, p, file.now) for p in accepted(file.dossier)]
    firm = list(firm_figures(file.dossier.incident))
    unverified = _unverified(file, demands=5)
    return _paper(
        file,
        "舆情专报",
        (
            text(_reach(file), *_deadlines(file)),
            heading(Rank.FIRST, "事项概况"),
            heading(Rank.SECOND, "基本情况"),
            text(_overview(file), *(firm or [_nothing("官方和媒体还没有发布数据。")])),
            heading(Rank.SECOND, "待核信息"),
            *points(unverified or [_nothing("没有待核信息。")]),
            heading(Rank.FIRST, "最新进展"),
            *points([_handling(file), *(progress or [_nothing("尚未发布官方回应。")])]),
            heading(Rank.FIRST, "风险研判"),
            *points(_judged(file)),
            heading(Rank.FIRST, "工作建议"),
            *points(_advised(file)),
            heading(Rank.FIRST, "信息来源"),
            *points(_origins(file)),
        ),
        closing=("以上情况专报，请审阅。",),
    )


def _paper(file: IncidentFile, kind: str, blocks: tuple[Block, ...], closing: tuple[str, ...] = ()) -> Paper:
    office, incident = file.office, file.dossier.incident
    return Paper(
        title=f"关于{say_name(incident)}的{kind}",
        office_name=office.name,
        dateline=f"{say_day(file.now)}　第{incident.id}号",
        made_at=file.now,
        blocks=tuple(_citing_items(block) for block in blocks),
        closing=closing,
    )


def _citing_items(block: Block) -> Block:
    """Return the block without the incident's own number, which stands under the title once."""
    own = StoredKind.INCIDENT
    return replace(
        block,
        sentences=tuple(
            replace(s, cited=tuple(row for row in s.cited if row.kind is not own)) for s in block.sentences
        ),
    )


def _nothing(said: str) -> Sentence:
    return Sentence(said=said)


def _deadlines(file: IncidentFile) -> list[Sentence]:
    """Return every running clock, the earliest first."""
    dossier = file.dossier
    running = sorted((o for o in dossier.obligations if o.is_running), key=lambda o: (o.due_at, o.id))
    if not running:
        return [Sentence(said="目前没有在计的回应时限。", rows=stored(dossier.incident))]
    told = [f"{say_due(duty, file.now)}。" for duty in running]
    told[0] = f"本事件{told[0]}"
    return [cite(dossier.incident, said, duty) for said, duty in zip(told, running, strict=True)]


def _reach(file: IncidentFile) -> Sentence:
    """Return for whom the paper is, up to when and from where it knows."""
    incident = file.dossier.incident
    to = "、".join(say_person(reader, file.office) for reader in file.readers)
    names = list(dict.fromkeys(quote(item.source_name, 16) for item in file.items))
    many = f"等{len(incident.source_ids)}个信源" if len(names) > 3 else ""
    whom = f"报送{to}。" if to else ""
    said = f"{whom}信息截至{say_instant(file.now, file.now)}，来源为{'、'.join(names[:3])}{many}。"
    return Sentence(said=said, rows=(*stored(incident), *stored_items([item.id for item in file.items])))


def _overview(file: IncidentFile) -> Sentence:
    """Return what was seen first, by whom, when, and how far it has spread."""
    incident, now = file.dossier.incident, file.now
    first = next((item for item in file.items if item.id == incident.first_item_id), None)
    where = say_place(incident, file.office)
    if first is None:
        found = f"{say_instant(incident.detected_at, now)}监测发现，地点为{where}"
        return cite(incident, f"{found}，{say_owned(incident, file.office)}。")
    published = f"{say_instant(first.published_at, now)}，" if first.published_at else ""
    said = (
        f"{published}{quote(first.source_name, 16)}{_SEEN.get(first.role, '发布')}"
        f"《{quote(first.title, 40)}》{_doubt(first)}，"
        f"{say_instant(incident.detected_at, now)}监测发现；截至目前{say_spread(incident)}，"
        f"{say_owned(incident, file.office)}。"
    )
    item = stored_items([first.id])
    return Sentence(said=said, rows=(*stored(incident), *item), cited=item)


def _doubt(item: Item) -> str:
    """Return the mark of what only the public says."""
    return "（待核）" if trust_of(item.role) is Trust.SOCIAL else ""


def _unverified(file: IncidentFile, *, demands: int) -> list[Sentence]:
    """Return what nobody has verified: claimed figures, a place not known, what people ask for."""
    incident = file.dossier.incident
    found = list(claimed_figures(incident))
    if incident.local is None:
        found.append(cite(incident, "是否发生在本地，待核。"))
    asked = "；".join(quote(demand, 30) for demand in incident.demands[:demands])
    if asked:
        found.append(cite(incident, f"网民诉求为“{asked}”，待核。"))
    return found


def _handling(file: IncidentFile) -> Sentence:
    incident, now = file.dossier.incident, file.now
    if not incident.assigned_to:
        return cite(incident, "尚未确定承办单位。")
    at = f"{say_instant(incident.assigned_at, now)}" if incident.assigned_at else ""
    return cite(incident, f"{at}已交{say_owner(incident, file.office)}承办。")


def _judged(file: IncidentFile) -> list[Sentence]:
    return list(judged_alone(file.dossier.incident, file.office, file.now))


def _advised(file: IncidentFile) -> Sequence[Sentence]:
    found = list(advice(file.dossier, file.office, file.now))
    return found or [_nothing("建议按现有安排继续监测。")]


def _origins(file: IncidentFile) -> list[Sentence]:
    """Return the first items with source, time and address, as text: nothing in a paper can be clicked."""
    return [_origin(item, file.now) for item in file.items[:_SPECIAL_ITEMS]]


def _origin(item: Item, now: datetime) -> Sentence:
    row = stored_items([item.id])
    link = f"，{item.url}" if item.url and _WEB_ADDRESS.fullmatch(item.url) else ""
    named = f"{quote(item.source_name, 16)}《{quote(item.title, 28)}》{_doubt(item)}"
    said = f"{named}，{say_instant(item.at, now)}{link}。"
    return Sentence(said=said, rows=row, cited=row)
