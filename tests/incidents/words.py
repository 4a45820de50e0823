"""Reads made-up texts as the product does, for the tests of grouping and answers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache

from monitor.classifiers.judge import Judge
from monitor.classifiers.model import Verdict
from monitor.classifiers.registry import load_lexicon, load_table
from monitor.classifiers.segment import JiebaSegmenter
from monitor.collectors.model import Role
from monitor.incidents.group import Grouper, Grouping
from monitor.incidents.model import Incident
from monitor.incidents.reconcile import absorb_report, trust_of
from monitor.incidents.traits import blend
from monitor.items.fingerprint import exact_key
from monitor.items.model import Item
from monitor.office.model import Territory
from tests.support.builders import T0, an_item
from tests.support.dictionary import dictionary_folder

CHANGNING = Territory(name="昌宁县", code="530524", province="云南省", city="保山市", aliases=("昌宁",))


@cache
def segmenter() -> JiebaSegmenter:
    return JiebaSegmenter(load_lexicon().user_words, dictionary_folder())


@cache
def judge() -> Judge:
    return Judge(load_lexicon(), load_table(), CHANGNING, segmenter=segmenter())


def told(id_: int, title: str, text: str = "", at: datetime = T0, role: Role = Role.MEDIA) -> Item:
    return an_item(
        id=id_,
        key=f"k{id_}",
        title=title,
        text=text,
        published_at=at,
        first_seen_at=at,
        role=role,
        exact_key=exact_key(title, text),
        url=f"http://127.0.0.1/{id_}",
    )


def verdict_of(item: Item) -> Verdict:
    return judge().judge_item(item, item.at)


class Book:
    """Incidents kept as the pipeline keeps them, without a database."""

    def __init__(self) -> None:
        self.grouper = Grouper(segmenter().rarity)
        self.incidents: dict[int, Incident] = {}

    def take(self, item: Item) -> Grouping:
        verdict = verdict_of(item)
        grouping = self.grouper.group(item, verdict)
        number = grouping.incident_id or len(self.incidents) + 1
        before = self.incidents.get(number) or opened(number, item)
        self.keep(joined(before, item, verdict, grouping), item)
        return grouping

    def keep(self, incident: Incident, item: Item) -> None:
        self.incidents[incident.id] = incident
        self.grouper.put(incident)
        self.grouper.remember(item, incident.id)

    def take_all(self, items: Iterable[Item]) -> list[int | None]:
        """Return the incident each item joined, None for one it opened."""
        ordered = sorted(items, key=lambda item: (item.at, item.url or "", item.key))
        return [self.take(item).incident_id for item in ordered]


def opened(number: int, item: Item) -> Incident:
    return Incident(
        id=number, title=item.title, local=True, detected_at=item.at, first_published_at=item.published_at
    )


def joined(incident: Incident, item: Item, verdict: Verdict, grouping: Grouping) -> Incident:
    if grouping.duplicate_of is not None:
        return replace(incident, last_item_at=item.at)
    return replace(
        incident,
        places=tuple(dict.fromkeys([*incident.places, *verdict.places])),
        event_type=incident.event_type or verdict.event_type,
        occurred=incident.occurred or verdict.occurred,
        holding=absorb_report(incident.holding, verdict.figures, trust_of(item.role), item.at, item.id),
        profile=blend(incident.profile, grouping.traits),
        last_item_at=item.at,
    )
