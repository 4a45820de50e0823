"""From a poll to incidents: what opens, what joins, what only counts, and that order never matters."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.collectors.model import PollState, RawItem, Role
from monitor.errors import MonitorError
from monitor.incidents.group import Grouper
from monitor.incidents.model import PublicationState
from monitor.pipeline.acting import Acting
from monitor.pipeline.intake import Intake
from monitor.pipeline.known import Known
from monitor.ports import Store
from storage.engine import open_store
from tests.support.builders import a_source, a_source_state, a_verdict, after
from tests.support.clock import SimulatedClock
from tests.support.setting import LosingStore, a_setting, rarity
from tests.support.telling import (
    MANGSHUI,
    a_raw,
    a_slide,
    an_arrival,
    an_intake,
    no_matter,
    the_county,
    words,
)

SLIDE = "柯街镇 山体 滑坡 十二人 遇难"
MORE = "柯街镇 山体 滑坡 遇难 升至 十三人"
FIRE = "漭水镇 商铺 火灾 一人 受伤"
ANSWER = "情况通报 柯街镇 山体 滑坡 遇难 救援"
MEETING = "柯街镇 农业 技术 培训"

VERDICTS = {
    SLIDE: a_slide(12, tokens=words(SLIDE)),
    MORE: a_slide(13, tokens=words(MORE)),
    FIRE: a_verdict(event_type="fire", places=(MANGSHUI,), tokens=words(FIRE)),
}


def journal(store: Store) -> list[tuple[str, int | None]]:
    with store.reading() as transaction:
        return [(e.change.event, e.change.incident) for e in transaction.journal()]


def members(store: Store) -> dict[int, list[tuple[str, bool]]]:
    """Return the titles of each incident's items and whether they are reach only."""
    with store.reading() as transaction:
        return {
            incident.id: [(j.item.title, j.reach_only) for j in transaction.joined_items(incident.id)]
            for incident in transaction.incidents()
        }


def alert_ids(store: Store) -> list[str]:
    with store.reading() as transaction:
        return [a.id for incident in transaction.incidents() for a in transaction.alerts_of(incident.id)]


def test_a_live_local_matter_opens_an_incident_and_what_is_none_is_only_kept(store: Store) -> None:
    poll = an_intake(store, VERDICTS).take_in(an_arrival(a_raw(SLIDE), a_raw(MEETING)), after(minutes=2))
    assert (poll.state, poll.created) == (PollState.OK, 2)
    assert members(store) == {1: [(SLIDE, False)]}
    assert [event for event, _ in journal(store)].count("item") == 2


def test_what_joins_keeps_the_words_by_which_it_did(store: Store) -> None:
    intake = an_intake(store, VERDICTS)
    intake.take_in(an_arrival(a_raw(SLIDE)), after(minutes=2))
    intake.take_in(an_arrival(a_raw(MORE)), after(minutes=9))
    with store.reading() as transaction:
        first, second = transaction.joined_items(1)
    assert first.shared == ()
    assert {"滑坡", "柯街镇"} < {*second.shared}


@pytest.mark.parametrize(
    ("verdict", "opens"),
    [
        pytest.param(a_slide(tokens=words(SLIDE)), True, id="live, ours"),
        pytest.param(a_verdict(local=None, tokens=words(SLIDE)), True, id="nobody knows whose"),
        pytest.param(a_verdict(local=False, tokens=words(SLIDE)), False, id="another county's"),
        pytest.param(
            a_verdict(live=False, not_live_reason="drill", tokens=words(SLIDE)), False, id="a drill"
        ),
        pytest.param(no_matter(), False, id="no matter at all"),
    ],
)
def test_only_what_is_live_and_may_be_ours_opens_an_incident(lite: Store, verdict: Any, opens: bool) -> None:
    an_intake(lite, {SLIDE: verdict}).take_in(an_arrival(a_raw(SLIDE)), after(minutes=2))
    assert bool(members(lite)) is opens


def test_a_later_report_joins_and_raises_and_the_same_entry_seen_again_changes_nothing(store: Store) -> None:
    intake = an_intake(store, VERDICTS)
    intake.take_in(an_arrival(a_raw(SLIDE)), after(minutes=2))
    intake.take_in(an_arrival(a_raw(MORE, at=after(minutes=9))), after(minutes=10))
    before, told = journal(store), alert_ids(store)
    poll = intake.take_in(an_arrival(a_raw(SLIDE), a_raw(MORE)), after(minutes=20))
    assert (poll.state, poll.duplicate) == (PollState.ALL_DUPLICATE, 2)
    assert members(store) == {1: [(SLIDE, False), (MORE, False)]}
    assert (journal(store), alert_ids(store)) == (before, told)


def test_the_same_words_at_another_source_are_reach_only(store: Store) -> None:
    intake = an_intake(store, VERDICTS)
    intake.take_in(an_arrival(a_raw(SLIDE)), after(minutes=2))
    told = alert_ids(store)
    forum = a_source(id="forum", name="论坛", role=Role.SOCIAL)
    intake.take_in(an_arrival(a_raw(SLIDE, at=after(minutes=9)), source=forum), after(minutes=10))
    assert members(store) == {1: [(SLIDE, False), (SLIDE, True)]}
    assert alert_ids(store) == told


def test_what_was_published_long_before_the_first_poll_is_history_and_opens_nothing(store: Store) -> None:
    first = an_arrival(
        a_raw(SLIDE, at=after(hours=-73)),
        a_raw(FIRE, at=after(hours=-71)),
        before=a_source_state(source_id="county-paper"),
    )
    poll = an_intake(store, VERDICTS).take_in(first, after(minutes=2))
    assert (poll.state, poll.created) == (PollState.BASELINE, 2)
    assert members(store) == {1: [(FIRE, False)]}


def test_an_official_item_that_matches_is_offered_as_an_answer_and_a_routine_notice_is_not(
    store: Store,
) -> None:
    intake = an_intake(store, VERDICTS)
    intake.take_in(an_arrival(a_raw(SLIDE)), after(minutes=2))
    published = after(hours=1)
    told = an_arrival(
        a_raw(ANSWER, "柯街镇 山体 滑坡 致 十二人 遇难 正在 救援", at=published),
        a_raw(MEETING, at=published),
        source=the_county(),
        now=after(hours=1, minutes=1),
    )
    intake.take_in(told, after(hours=1, minutes=1))
    with store.reading() as transaction:
        dossier = transaction.dossier(1)
        offers = [(a.to, a.reason) for a in transaction.alerts_of(1) if a.reason == "evidence_offered"]
    assert [(p.title, p.state, p.effective_at) for p in dossier.publications] == [
        (ANSWER, PublicationState.OFFERED, published)
    ]
    assert offers == [("duty", "evidence_offered")]
    assert all(obligation.is_running for obligation in dossier.obligations if obligation.statutory)


def test_a_report_of_a_merged_incident_goes_to_the_survivor(store: Store) -> None:
    intake = an_intake(store, VERDICTS)
    intake.take_in(an_arrival(a_raw(SLIDE), a_raw(FIRE)), after(minutes=2))
    assert len(members(store)) == 2
    slide = next(id_ for id_, items in members(store).items() if items[0][0] == SLIDE)
    Acting(a_setting(store), SimulatedClock(after(minutes=3))).merge(slide, 3 - slide, by="duty", via="desk")
    intake.take_in(an_arrival(a_raw(MORE, at=after(minutes=9))), after(minutes=10))
    assert [title for title, _ in members(store)[3 - slide]] == [SLIDE, FIRE, MORE]


# -- order

RAWS = (
    a_raw(SLIDE),
    a_raw(MORE, at=after(minutes=-5)),
    a_raw(FIRE, at=after(minutes=-3)),
    a_raw(MEETING, at=None),
    a_raw(f"{SLIDE} 转载", at=after(minutes=-1)),
)
ALL_VERDICTS = VERDICTS | {f"{SLIDE} 转载": a_slide(12, tokens=words(SLIDE))}


@contextmanager
def fresh(template: Path) -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(template, folder)
        with closing(open_store(f"sqlite:///{path}")) as store:
            yield store


def outcome(template: Path, raws: tuple[RawItem, ...]) -> tuple[Any, ...]:
    """Return everything that one poll of these entries leads to."""
    with fresh(template) as store:
        an_intake(store, ALL_VERDICTS).take_in(an_arrival(*raws), after(minutes=2))
        with store.reading() as transaction:
            incidents = [transaction.dossier(i.id) for i in transaction.incidents()]
        return members(store), journal(store), alert_ids(store), incidents


@given(st.permutations(RAWS))
@settings(max_examples=12)
def test_the_order_of_entries_within_a_poll_never_matters(template: Path, entries: list[RawItem]) -> None:
    assert outcome(template, tuple(entries)) == outcome(template, RAWS)


# -- faults


def test_a_poll_that_loses_a_race_is_taken_in_again(lite: Store) -> None:
    intake: Intake = an_intake(LosingStore(lite, 2), VERDICTS)
    poll = intake.take_in(an_arrival(a_raw(SLIDE), a_raw(MORE, at=after(minutes=1))), after(minutes=2))
    assert poll.created == 2
    assert members(lite) == {1: [(SLIDE, False), (MORE, False)]}


def test_a_poll_that_failed_leaves_nothing_behind_and_works_the_next_time(lite: Store) -> None:
    known = Known(lambda: Grouper(rarity))
    broken = an_intake(LosingStore(lite, 100), VERDICTS, known)
    with pytest.raises(MonitorError):
        broken.take_in(an_arrival(a_raw(SLIDE)), after(minutes=2))
    assert (members(lite), journal(lite)) == ({}, [])
    an_intake(lite, VERDICTS, known).take_in(an_arrival(a_raw(MORE), a_raw(SLIDE)), after(minutes=2))
    assert members(lite) == {1: [(MORE, False), (SLIDE, False)]}
