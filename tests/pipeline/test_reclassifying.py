"""History judged anew: compared first, then put in place, resumed after a kill, and nobody is told."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.classifiers.model import Grade, Severity, Verdict
from monitor.items.model import Item
from monitor.office.example import example_office
from monitor.pipeline import reclassifying
from monitor.pipeline.reclassifying import (
    Comparison,
    apply_all,
    begin,
    judge_all,
    shifts,
    version_of,
)
from monitor.ports import Question, Store
from monitor.ports.analysis import FORGOTTEN, Reclassification
from tests.support.builders import T0, a_joining, a_verdict, after, an_incident, an_item, opening

RULES = "new"
AT_ONCE = 50
COUNT = 2 * AT_ONCE + 17


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclassifying, "AT_ONCE", AT_ONCE)


def stricter(item: Item) -> Verdict:
    """Return verdicts by which every tenth item is no matter any more, and every eleventh more severe."""
    number = int(item.key)
    if number % 10 == 0:
        return a_verdict(matter=False, live=False, not_live_reason="commerce", rules_version=RULES)
    severity = Severity.PARTICULARLY_SERIOUS if number % 11 == 0 else Severity.SERIOUS
    return a_verdict(grade=Grade(confirmed=severity), rules_version=RULES)


def fill(store: Store, count: int = COUNT) -> None:
    items = [
        an_item(key=str(n), exact_key=str(n), title=f"第{n}条", published_at=T0 + timedelta(minutes=n))
        for n in range(1, count + 1)
    ]
    with store.transaction() as transaction:
        transaction.add_items(items, [a_verdict(rules_version="old") for _ in items])
        transaction.add_items([an_item(key="official", exact_key="o")], [None])


def judge(
    store: Store, by: Callable[[Item], Verdict] = stricter, rules: str = RULES, hours: float = 0
) -> Reclassification:
    run = begin(store, rules, after(hours=hours))
    for each in judge_all(store, run, by):
        run = each
    return run


def put_in_place(store: Store, run: Reclassification, hours: float = 24) -> Reclassification:
    for each in apply_all(store, run, after(hours=hours), by="console", via="console"):
        run = each
    return run


def as_before(item: Item) -> Verdict:
    """Return the verdicts that the items came with."""
    del item
    return a_verdict(rules_version="old")


CHANGED = sum(n % 10 == 0 or n % 11 == 0 for n in range(1, COUNT + 1))


def test_a_comparison_changes_nothing_and_says_what_would(store: Store) -> None:
    fill(store)
    run = judge(store)
    assert (run.judged, run.changed, run.is_judged) == (COUNT, CHANGED, True)
    found = Comparison()
    for shift in shifts(store, run):
        found.add(shift)
    assert found.changed == CHANGED
    assert found.counts["matter"] == {(True, False): COUNT // 10}
    assert found.counts["severity"][Severity.SERIOUS, Severity.PARTICULARLY_SERIOUS] == sum(
        n % 11 == 0 and n % 10 != 0 for n in range(1, COUNT + 1)
    )
    with store.reading() as transaction:
        verdicts = [each.verdict for each in transaction.items_after(0, COUNT)]
        assert {verdict.rules_version for verdict in verdicts if verdict} == {"old"}
        assert transaction.journal() == ()


def test_applying_replaces_verdicts_once_is_journalled_and_starts_nothing(store: Store) -> None:
    fill(store)
    incident = an_incident()
    with store.transaction() as transaction:
        transaction.save(opening(incident, joinings=(a_joining(item_id=10),)))
    run = put_in_place(store, judge(store))
    assert (run.applied_at, list(shifts(store, run))) == (after(days=1), [])
    with store.reading() as transaction:
        verdict = transaction.item(10)[1]
        assert verdict is not None
        assert (verdict.matter, verdict.rules_version) == (False, RULES)
        assert transaction.item(12)[1] == a_verdict(rules_version="old")
        assert transaction.dossier(1).incident == incident
        assert transaction.dossier(1).obligations == ()
        assert transaction.wake(after(days=9), 10) == ()
        assert transaction.alerts_of(1) == ()
        replaced = transaction.journal()[-1].change
        assert replaced.event == "verdicts_replaced"
        assert replaced.facts == {"rules": RULES, "changed": CHANGED, "until_item": COUNT + 1}
        severe = transaction.search(Question(severities=(1,), limit=200)).hits
        assert len(severe) == sum(n % 11 == 0 and n % 10 != 0 for n in range(1, COUNT + 1))
    assert list(apply_all(store, run, after(days=2), by="console", via="console")) == []


def test_what_came_since_is_judged_by_the_same_run(store: Store) -> None:
    fill(store, 3)
    put_in_place(store, judge(store))
    with store.transaction() as transaction:
        transaction.add_items([an_item(key="20", exact_key="20")], [a_verdict()])
    run = judge(store)
    assert (run.judged, run.changed) == (4, 1)
    assert [shift.item.key for shift in shifts(store, run)] == ["20"]
    assert put_in_place(store, run).applied_item == run.until_item


@pytest.mark.parametrize("is_applied", [True, False], ids=["applied before", "only compared before"])
def test_who_goes_back_to_the_rules_before_gets_their_verdicts_back(store: Store, is_applied: bool) -> None:
    fill(store, 30)
    run = judge(store, as_before, "old")
    if is_applied:
        put_in_place(store, run, hours=1)
    put_in_place(store, judge(store, hours=2), hours=3)
    run = judge(store, as_before, "old", hours=4)
    assert run.changed == 5
    put_in_place(store, run, hours=5)
    with store.reading() as transaction:
        verdicts = [each.verdict for each in transaction.items_after(0, 30)]
        assert verdicts == [a_verdict(rules_version="old")] * 30
        assert transaction.new_verdicts(RULES, 0, 9) == transaction.new_verdicts("old", 0, 9) == ()


def test_erased_items_are_left_alone(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.add_items([an_item(key="10", exact_key="x", title=FORGOTTEN, text="")], [a_verdict()])
    assert judge(store).judged == 0


def test_nothing_is_applied_before_all_is_judged(store: Store) -> None:
    fill(store, 3)
    with pytest.raises(ValueError, match="judge everything first"):
        next(apply_all(store, begin(store, RULES, after()), after(), by="console", via="console"))


def test_an_empty_store_has_nothing_to_judge(store: Store) -> None:
    run = judge(store)
    assert (run.judged, run.is_judged, list(shifts(store, run))) == (0, True, [])


def test_other_words_another_table_or_another_territory_are_other_rules() -> None:
    ours = example_office().territory
    versions = {
        version_of("w", "t", ours),
        version_of("x", "t", ours),
        version_of("w", "u", ours),
        version_of("w", "t", replace(ours, aliases=("小县",))),
    }
    assert len(versions) == 4


# -- killed in the middle: this module is also the script that is killed


def _child(url: str, step: str, stops_at: str) -> None:
    """Judge or apply, saying so, and wait for ever at one item."""
    from storage.engine import open_store

    reclassifying.AT_ONCE = AT_ONCE
    store = open_store(url)

    def judged(item: Item) -> Verdict:
        if item.key == stops_at:
            print("in the middle", flush=True)  # noqa: T201 - this is how it talks to its parent
            sys.stdin.readline()
        return stricter(item)

    if step == "judge":
        judge(store, judged)
        return
    steps = apply_all(store, judge(store), after(days=1), by="console", via="console")
    next(steps)
    print("in the middle", flush=True)  # noqa: T201
    sys.stdin.readline()


@pytest.mark.kill
@pytest.mark.parametrize("step", ["judge", "apply"])
async def test_a_kill_in_the_middle_loses_nothing_and_nothing_is_counted_twice(
    store: Store, database_url: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    pipe = asyncio.subprocess.PIPE
    script = (sys.executable, "-m", "tests.pipeline.test_reclassifying", database_url, step, str(AT_ONCE + 9))
    running = await asyncio.create_subprocess_exec(*script, stdin=pipe, stdout=pipe)
    assert running.stdout is not None
    async with asyncio.timeout(60):
        assert await running.stdout.readline() == b"in the middle\n"
    running.kill()
    await running.communicate()
    assert running.returncode == -9
    run = begin(store, RULES, after())
    assert run.judged == (AT_ONCE if step == "judge" else COUNT)
    seen: list[str] = []

    def watched(item: Item) -> Verdict:
        seen.append(item.key)
        return stricter(item)

    run = judge(store, watched)
    assert len(seen) == (COUNT - AT_ONCE if step == "judge" else 0)
    monkeypatch.setattr(reclassifying, "AT_ONCE", 7)
    run = put_in_place(store, run)
    assert (run.judged, run.changed) == (COUNT, CHANGED)
    with store.reading() as transaction:
        found = [each.verdict for each in transaction.items_after(0, COUNT) if each.verdict]
        assert sum(verdict.rules_version == RULES for verdict in found) == CHANGED
        assert [entry.change.event for entry in transaction.journal()] == ["verdicts_replaced"]


if __name__ == "__main__":
    _child(*sys.argv[1:])
