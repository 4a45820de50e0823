"""What a person merged or split stays so: the figures of both sides, and where the next thousand items go."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.classifiers.model import Severity, Verdict
from monitor.incidents.group import Grouper
from monitor.incidents.reconcile import figures_now
from monitor.pipeline.acting import Acting
from monitor.pipeline.known import Known
from monitor.ports import Store
from storage.engine import open_store
from tests.support.builders import a_source, a_verdict, after
from tests.support.clock import SimulatedClock
from tests.support.setting import a_setting, rarity
from tests.support.telling import MANGSHUI, a_raw, a_slide, an_arrival, an_intake, words

SLIDE = "柯街镇 山体 滑坡 三人 遇难"
MORE = "柯街镇 山体 滑坡 遇难 增至 十二人"
FIRE = "漭水镇 商铺 火灾 一人 受伤"
VERDICTS = {
    SLIDE: a_slide(3, tokens=words(SLIDE)),
    MORE: a_slide(12, tokens=words(MORE)),
    FIRE: a_verdict(event_type="fire", places=(MANGSHUI,), tokens=words(FIRE)),
}
MANY = 1_000


def acting(store: Store, hours: int) -> Acting:
    return Acting(a_setting(store), SimulatedClock(after(hours=hours)))


def told_slide(store: Store) -> None:
    intake = an_intake(store, VERDICTS)
    intake.take_in(an_arrival(a_raw(SLIDE)), after(minutes=2))
    intake.take_in(an_arrival(a_raw(MORE, at=after(minutes=30)), now=after(minutes=31)), after(minutes=31))


def test_the_figures_of_both_sides_of_a_split_are_those_of_their_own_items(store: Store) -> None:
    told_slide(store)
    acting(store, 1).split(1, [2], by="duty", via="desk")
    with store.reading() as transaction:
        parent, opened = (transaction.dossier(number).incident for number in (1, 2))
    deaths = [figures_now(i.holding).confirmed.value("deaths") for i in (parent, opened)]
    assert deaths == [3, 12]
    assert (parent.grade.effective, opened.grade.effective) == (
        Severity.RELATIVELY_SERIOUS,
        Severity.SERIOUS,
    )
    assert parent.severity is Severity.SERIOUS, "only a named person lowers it, with a reason (T5)"


def test_a_repost_of_the_newest_report_is_known_after_a_restart_however_many_came_before(
    store: Store,
) -> None:
    told_slide(store)
    known = Known(lambda: Grouper(rarity), most_items=1)
    forum = a_source(id="forum", name="论坛")
    [repost] = an_arrival(a_raw(MORE, at=after(hours=1)), now=after(hours=1), source=forum).items
    with store.transaction() as transaction:
        grouping = known.refresh(transaction, after(hours=1)).group(repost, VERDICTS[MORE])
    assert (grouping.incident_id, grouping.duplicate_of) == (1, 2)


@pytest.mark.parametrize("act", ["merge", "split"])
def test_what_a_person_decided_survives_the_next_thousand_items(act: str, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'many.db'}")
    intake = an_intake(store, VERDICTS)
    intake.take_in(an_arrival(a_raw(SLIDE), a_raw(FIRE, at=after(minutes=1))), after(minutes=2))
    if act == "split":
        intake.take_in(an_arrival(a_raw(MORE, at=after(minutes=5)), now=after(minutes=6)), after(minutes=6))
        acting(store, 1).split(1, [3], by="duty", via="desk")
    else:
        acting(store, 1).merge(2, 1, by="duty", via="desk")
    about = MORE if act == "split" else FIRE
    home = 3 if act == "split" else 1
    titles = [f"{about} 第{n}报 记者{n}号" for n in range(MANY)]
    verdicts = {title: _retold(about, title) for title in titles}
    raws = [a_raw(title, at=after(hours=2) + n * timedelta(seconds=30)) for n, title in enumerate(titles)]
    later = an_intake(store, verdicts)
    forum = a_source(id="forum", name="论坛")
    for start in range(0, MANY, 250):
        batch = raws[start : start + 250]
        seen_at = after(hours=5 + start // 250)
        later.take_in(an_arrival(*batch, now=seen_at, source=forum), seen_at)
    with store.reading() as transaction:
        members = transaction.joined_items(home, limit=2 * MANY)
        homes = {i.id for i in transaction.incidents()}
    assert sum(joined.item.title in verdicts for joined in members) == MANY
    assert homes == ({1, 2, 3} if act == "split" else {1, 2})
    store.close()


def _retold(about: str, title: str) -> Verdict:
    return replace(VERDICTS[about], tokens=words(title))
