"""History judged anew by the rules in force: first compared, and only if asked put in place of the old.

Only verdicts of items change. Incidents, clocks, rounds and messages rest on what was decided then: nothing
starts, nobody is told. Each batch is one transaction with how far it has come, so that a process that was
killed goes on where it stopped.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from monitor.classifiers.model import Verdict
from monitor.dossier.model import Change
from monitor.items.model import Item
from monitor.office.model import Territory
from monitor.pipeline.trial import differs
from monitor.ports import Store
from monitor.ports.analysis import FORGOTTEN, NewVerdict, Reclassification

AT_ONCE = 500
COMPARED = ("matter", "live", "local", "severity", "event_type", "opinion")
"""What a comparison counts: the fields of a verdict that a duty officer would notice."""

Judging = Callable[[Item], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """An item whose verdict would change."""

    item: Item
    before: Verdict
    after: Verdict


@dataclass(slots=True, kw_only=True)
class Comparison:
    """How many verdicts would change from what to what, by field; one item may count in several fields."""

    changed: int = 0
    counts: dict[str, Counter[tuple[object, object]]] = field(
        default_factory=lambda: {name: Counter() for name in COMPARED}
    )

    def add(self, shift: Shift) -> None:
        """Count one item."""
        self.changed += 1
        for name in COMPARED:
            was, becomes = getattr(shift.before, name), getattr(shift.after, name)
            if was != becomes:
                self.counts[name][was, becomes] += 1


def version_of(words: str, table: str, territory: Territory) -> str:
    """Return what names the rules that verdicts rest on: words, grading table and territory."""
    ours = blake2b(repr(territory).encode(), digest_size=4).hexdigest()
    return f"{words}-{table}-{ours}"


def begin(store: Store, rules_version: str, now: datetime) -> Reclassification:
    """Return the reclassification by these rules, begun now or before; items stored since are in it too.

    It begins anew where other rules were applied since: who goes back to the rules before means all of them.
    """
    with store.transaction() as transaction:
        newest = transaction.newest_item_id()
        known = transaction.reclassification(rules_version)
        if known is None:
            transaction.drop_new_verdicts(rules_version)
        run = replace(known, until_item=newest) if known else _new(rules_version, now, newest)
        transaction.save_reclassification(run)
    return run


def _new(rules_version: str, now: datetime, newest: int) -> Reclassification:
    return Reclassification(rules_version=rules_version, started_at=now, until_item=newest)


def judge_all(store: Store, run: Reclassification, judge: Judging) -> Iterator[Reclassification]:
    """Judge what is left, yielding how far it has come after each batch.

    Items without a verdict (official ones, imported ones) have none to change, and those whose words were
    erased none that could be told anew.
    """
    while not run.is_judged:
        with store.reading() as transaction:
            found = transaction.items_after(run.judged_item, AT_ONCE)
        some = [each for each in found if each.item.id <= run.until_item]
        judged = [each for each in some if each.verdict is not None and each.item.title != FORGOTTEN]
        fresh = [(each, judge(each.item)) for each in judged]
        changed = [
            NewVerdict(item_id=each.item.id, verdict=verdict)
            for each, verdict in fresh
            if each.verdict is not None and differs(each.verdict, verdict)
        ]
        run = replace(
            run,
            judged_item=some[-1].item.id if some else run.until_item,
            judged=run.judged + len(judged),
            changed=run.changed + len(changed),
        )
        with store.transaction() as transaction:
            transaction.save_reclassification(run, changed)
        yield run


def shifts(store: Store, run: Reclassification) -> Iterator[Shift]:
    """Yield the items whose verdict would change if it were applied now, in the order of their ids."""
    after = run.applied_item
    while True:
        with store.reading() as transaction:
            found = transaction.new_verdicts(run.rules_version, after, AT_ONCE)
            pairs = [(transaction.item(each.item_id), each.verdict) for each in found]
        for (item, before), verdict in pairs:
            if before is not None and item.title != FORGOTTEN:
                yield Shift(item=item, before=before, after=verdict)
        if len(found) < AT_ONCE:
            return
        after = found[-1].item_id


def apply_all(
    store: Store, run: Reclassification, now: datetime, *, by: str, via: str
) -> Iterator[Reclassification]:
    """Put the new verdicts in place, yielding how far it has come after each batch.

    The last batch is journalled with the version of the rules. Raises ValueError before all is judged.
    """
    if not run.is_judged:
        raise ValueError("judge everything first")
    while run.applied_item < run.until_item:
        with store.transaction() as transaction:
            found = transaction.new_verdicts(run.rules_version, run.applied_item, AT_ONCE)
            pairs = [(transaction.item(each.item_id)[0], each.verdict) for each in found]
            transaction.replace_verdicts([pair for pair in pairs if pair[0].title != FORGOTTEN])
            is_last = len(found) < AT_ONCE
            reached = run.until_item if is_last else found[-1].item_id
            run = replace(run, applied_item=reached, applied_at=now)
            if is_last:
                transaction.drop_new_verdicts(run.rules_version)
                facts = {"rules": run.rules_version, "changed": run.changed, "until_item": run.until_item}
                transaction.record(
                    [
                        Change(
                            at=now, event="verdicts_replaced", incident=None, actor=by, via=via, facts=facts
                        )
                    ],
                    run.rules_version,
                )
            transaction.save_reclassification(run)
        yield run
