"""The grouper kept in step: what was learnt bit by bit decides like what is learnt at a restart."""

from collections.abc import Callable

import pytest

from monitor.collectors.model import Role
from monitor.dossier import acts
from monitor.incidents.group import Grouper, Grouping
from monitor.pipeline.acting import Acting
from monitor.pipeline.known import LOOK_BACK, Known
from monitor.ports import Store
from tests.support.builders import a_source, a_verdict, after
from tests.support.clock import SimulatedClock
from tests.support.setting import a_setting, rarity
from tests.support.telling import MANGSHUI, a_raw, a_slide, an_arrival, an_intake, words

SLIDE = "柯街镇 山体 滑坡 十二人 遇难"
ROAD = "柯街镇 山体 滑坡 道路 中断 抢修"
FIRE = "漭水镇 商铺 火灾 一人 受伤"
SMOKE = "漭水镇 商铺 火灾 浓烟 扑灭"
VERDICTS = {
    SLIDE: a_slide(12, tokens=words(SLIDE)),
    ROAD: a_slide(0, tokens=words(ROAD)),
    FIRE: a_verdict(event_type="fire", places=(MANGSHUI,), tokens=words(FIRE)),
    SMOKE: a_verdict(event_type="fire", places=(MANGSHUI,), tokens=words(SMOKE)),
}
PROBES = {
    **VERDICTS,
    "柯街镇 山体 滑坡 救援": a_slide(12, tokens=words("柯街镇 山体 滑坡 救援")),
    "柯街镇 道路 抢修 通车": a_slide(0, tokens=words("柯街镇 道路 抢修 通车")),
    "漭水镇 商铺 火灾 起因": a_verdict(
        event_type="fire", places=(MANGSHUI,), tokens=words("漭水镇 商铺 火灾 起因")
    ),
}

Story = Callable[[Acting], None]


def dismiss(acting: Acting) -> None:
    acting.do(1, acts.dismiss("已核实不属实"), by="duty", via="desk")


def split_off(*titles: str) -> Story:
    def act(acting: Acting) -> None:
        with acting._setting.store.reading() as transaction:
            ids = [
                (incident.id, joined.item.id)
                for incident in transaction.incidents()
                for joined in transaction.joined_items(incident.id)
                if joined.item.title in titles
            ]
        acting.split(ids[0][0], [item for _, item in ids], by="duty", via="desk")

    return act


def answers(known: Known, store: Store, at_hours: int) -> list[Grouping]:
    """Return where this grouper would put each probe, as a repost and as a report of another source."""
    now = after(hours=at_hours)
    forum = a_source(id="forum", name="论坛", role=Role.SOCIAL)
    found = []
    with store.transaction() as transaction:
        grouper = known.refresh(transaction, now)
        for title, verdict in PROBES.items():
            [item] = an_arrival(a_raw(title, at=now), now=now, source=forum).items
            found.append(grouper.group(item, verdict))
    return found


@pytest.mark.parametrize(
    ("story", "hours"),
    [
        pytest.param(lambda _: None, 2, id="nothing happened"),
        pytest.param(lambda a: a.merge(1, 2, by="duty", via="desk"), 2, id="a merge"),
        pytest.param(split_off(ROAD), 2, id="a split"),
        pytest.param(dismiss, 2, id="a dismissal"),
        pytest.param(
            dismiss,
            LOOK_BACK.days * 24 + 48,
            id="a dismissal too long ago to be joined",
        ),
    ],
)
def test_what_was_learnt_bit_by_bit_decides_like_what_is_learnt_at_a_restart(
    store: Store, story: Story, hours: int
) -> None:
    known = Known(lambda: Grouper(rarity))
    intake = an_intake(store, VERDICTS, known)
    intake.take_in(an_arrival(a_raw(SLIDE), a_raw(FIRE)), after(minutes=2))
    later = [a_raw(title, at=after(minutes=30)) for title in (ROAD, SMOKE)]
    intake.take_in(an_arrival(*later, now=after(minutes=31)), after(minutes=31))
    story(Acting(a_setting(store), SimulatedClock(after(hours=1))))

    running = answers(known, store, hours)
    restarted = answers(Known(lambda: Grouper(rarity)), store, hours)
    assert running == restarted


def test_a_repost_of_what_was_split_off_belongs_to_the_new_incident(store: Store) -> None:
    intake = an_intake(store, VERDICTS)
    intake.take_in(an_arrival(a_raw(SLIDE)), after(minutes=2))
    intake.take_in(an_arrival(a_raw(ROAD, at=after(minutes=30)), now=after(minutes=31)), after(minutes=31))
    split_off(ROAD)(Acting(a_setting(store), SimulatedClock(after(hours=1))))
    forum = a_source(id="forum", name="论坛", role=Role.SOCIAL)
    repost = an_arrival(a_raw(ROAD, at=after(hours=2)), source=forum, now=after(hours=2))
    intake.take_in(repost, after(hours=2))
    with store.reading() as transaction:
        assert [(j.item.title, j.reach_only) for j in transaction.joined_items(2)] == [
            (ROAD, False),
            (ROAD, True),
        ]


def test_what_another_worker_decided_is_known_at_the_next_look(store: Store) -> None:
    mine, other = Known(lambda: Grouper(rarity)), Known(lambda: Grouper(rarity))
    an_intake(store, VERDICTS, mine).take_in(an_arrival(a_raw(FIRE)), after(minutes=2))
    an_intake(store, VERDICTS, other).take_in(an_arrival(a_raw(SLIDE)), after(minutes=3))
    later = an_arrival(a_raw(ROAD, at=after(minutes=30)), now=after(minutes=31))
    an_intake(store, VERDICTS, mine).take_in(later, after(minutes=31))
    with store.reading() as transaction:
        assert [j.item.title for j in transaction.joined_items(2)] == [SLIDE, ROAD]


def test_what_was_decided_here_is_not_read_again(store: Store) -> None:
    known = Known(lambda: Grouper(rarity))
    intake = an_intake(store, VERDICTS, known)
    intake.take_in(an_arrival(a_raw(SLIDE), a_raw(FIRE)), after(minutes=2))
    with store.transaction() as transaction:
        before = dict(known.refresh(transaction, after(minutes=3))._standing)
    intake.take_in(an_arrival(a_raw(ROAD, at=after(minutes=30)), now=after(minutes=31)), after(minutes=31))
    noted = dict(known._grouper._standing) if known._grouper else {}
    Acting(a_setting(store), SimulatedClock(after(hours=1))).do(
        2, acts.dismiss("已核实不属实"), by="duty", via="desk"
    )
    with store.transaction() as transaction:
        found = known.refresh(transaction, after(hours=2))._standing
    assert found[1] is noted[1] is not before[1]
    assert found[2] is not noted[2]
