"""What the desk shows of a report taken by hand: its verdict, where it went, and what else has its link."""

from dataclasses import dataclass

from monitor.classifiers.explain import explain, in_short
from monitor.classifiers.grade import GradingTable
from monitor.classifiers.model import Verdict
from monitor.desk.views.incident_view import Piece, pieces
from monitor.incidents.model import Incident
from monitor.items.model import Item
from monitor.items.tips import KeptTip
from monitor.ports import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A verdict with its reasons, in short, line by line, and in the text itself."""

    verdict: Verdict
    short: str
    lines: tuple[str, ...]
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An item and the incident it belongs to, if any; `opened` says that it was the first of it."""

    item: Item
    incident: Incident | None

    @property
    def number(self) -> int | None:
        """Return the number of the incident."""
        return None if self.incident is None else self.incident.id

    @property
    def opened(self) -> bool:
        """Return whether the incident was opened with this item."""
        return self.incident is not None and self.incident.first_item_id == self.item.id


@dataclass(frozen=True, slots=True, kw_only=True)
class TipFolder:
    """Everything about one report taken by hand; `known` is an earlier item with the same link."""

    tip: KeptTip
    placed: Placed
    verdict: Verdict
    known: Placed | None


def judged(item: Item, verdict: Verdict, table: GradingTable) -> Judged:
    """Return a verdict as it is shown."""
    return Judged(
        verdict=verdict,
        short=in_short(verdict, table),
        lines=tuple(explain(verdict, table).split("\n")),
        title=pieces(item.title, verdict.evidence, "title"),
        text=pieces(item.text, verdict.evidence, "text"),
    )


def known_at(store: Store, url: str | None) -> Placed | None:
    """Return the first item with this address; no page is ever fetched for somebody who pastes a link."""
    if url is None:
        return None
    with store.reading() as transaction:
        found = transaction.item_at(url)
        return None if found is None else _placed(transaction, found)


def load_tip(store: Store, item_id: int) -> TipFolder:
    """Return one; raises NotFoundError."""
    with store.reading() as transaction:
        tip = transaction.tip(item_id)
        item, verdict = transaction.item(item_id)
        first = transaction.item_at(item.url) if item.url else None
        is_other = first is not None and first.id != item_id
        return TipFolder(
            tip=tip,
            placed=_placed(transaction, item),
            verdict=verdict or Verdict(matter=False, live=False),
            known=_placed(transaction, first) if first is not None and is_other else None,
        )


def _placed(transaction: Transaction, item: Item) -> Placed:
    number = transaction.incident_of_items([item.id]).get(item.id)
    incident = None if number is None else transaction.dossier(number).incident
    return Placed(item=item, incident=incident)
