"""Judgement and advice on many incidents at once: what is said alike of several is one sentence."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from alerts.digest.build import is_rumor
from alerts.digest.paper import Sentence, say_numbers, stored
from alerts.digest.sentences import claimed_figures, judgements, pressing, say_duties
from alerts.message.words import say_owner
from monitor.deadlines.model import Obligation
from monitor.dossier.model import Dossier
from monitor.incidents.model import Incident
from monitor.office.model import Office

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Pressed = tuple[Incident, Sequence[Obligation]]


def judged_together(incidents: Iterable[Incident], office: Office, now: datetime) -> Iterator[Sentence]:
    """Yield what was judged of these, each judgement once with all it was made of."""
    found = ((one, incident) for incident in incidents for one in judgements(incident, office, now))
    for one, group in grouped(found):
        yield Sentence(said=f"{_numbers(group)}{one.said}。", rows=(*stored(*group), *one.items))


def advised_together(dossiers: Sequence[Dossier], office: Office, now: datetime) -> Iterator[Sentence]:
    """Yield what follows for these: where, who, what is late or due, what to verify; nothing else."""
    incidents = [d.incident for d in dossiers]
    unplaced = [i for i in incidents if i.local is None]
    if unplaced:
        yield _about(unplaced, f"建议尽快核实{_numbers(unplaced)}是否发生在本辖区。")
    unowned = [i for i in incidents if i.local is not None and not i.assigned_to]
    if unowned:
        yield _about(unowned, f"建议尽快确定{_numbers(unowned)}的承办单位并交办。")
    pressed = [(d.incident, pressing(d, now)) for d in dossiers]
    yield from _charged([(i, late) for i, (late, _) in pressed], office, "建议责成{}立即{}，并说明超时原因。")
    yield from _charged([(i, soon) for i, (_, soon) in pressed], office, "建议督促{}按时{}。")
    claimed = [i for i in incidents if not is_rumor(i) and any(claimed_figures(i))]
    if claimed:
        yield _about(claimed, f"建议抓紧核实{_numbers(claimed)}的网传数据，核实前不对外引用。")
    doubted = [i for i in incidents if is_rumor(i)]
    if doubted:
        said = f"建议抓紧核实{_numbers(doubted)}，确属谣言的及时发布权威信息，并将线索移交公安、网信部门。"
        yield _about(doubted, said)


def _charged(pressed: Iterable[Pressed], office: Office, form: str) -> Iterator[Sentence]:
    """Yield one sentence for each body: what it has to do about which incidents."""
    owed = [one for one in pressed if one[1]]
    for owner, mine in grouped((_owner(one[0], office), one) for one in owed):
        by_duty = grouped((say_duties(duties), incident) for incident, duties in mine)
        whole = "，".join(f"对{_numbers(group)}{duties}" for duties, group in by_duty)
        rows = tuple(row for incident, duties in mine for row in stored(incident, *duties))
        yield Sentence(said=form.format(owner, whole), rows=rows)


def _owner(incident: Incident, office: Office) -> str:
    return say_owner(incident, office) if incident.assigned_to else "承办单位"


def _about(incidents: Sequence[Incident], said: str) -> Sentence:
    return Sentence(said=said, rows=stored(*incidents))


def _numbers(incidents: Sequence[Incident]) -> str:
    """Return which incidents: `第7、10号舆情`; without 第 a paragraph `1．7号` would read as a fraction."""
    return f"第{say_numbers([str(incident.id) for incident in incidents])}舆情"


def grouped(pairs: Iterable[tuple[K, V]]) -> Iterator[tuple[K, list[V]]]:
    """Yield what has the same key together, in the order in which the keys first came."""
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    yield from groups.items()
