from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.classifiers.model import Verdict
from monitor.collectors.model import Role
from monitor.incidents.model import IncidentState
from monitor.incidents.traits import blend, withdraw
from monitor.items.model import Item
from tests.incidents.words import Book, opened, told, verdict_of
from tests.support.builders import T0, after

CRASH = told(
    1,
    "柯街镇发生一起客车侧翻事故 已致3人死亡",
    "3月2日7时许，昌宁县柯街镇一辆中型客车在弯道侧翻，造成3人死亡、8人受伤，伤者已送县医院救治。",
)

PAIRS = [
    pytest.param(
        "昌宁柯街客车侧翻事故死亡人数升至4人",
        "昌宁县柯街镇客车侧翻事故又有1人经抢救无效死亡，死亡人数升至4人，7人仍在县医院治疗。",
        after(hours=6),
        True,
        id="raised figures",
    ),
    pytest.param(
        "关于柯街镇客车侧翻事故的情况通报",
        "2026年3月2日7时许，柯街镇发生一起客车侧翻的道路交通事故，造成3人死亡、8人受伤，原因正在调查。",
        after(hours=3),
        True,
        id="the official release",
    ),
    pytest.param(
        "卡斯镇一货车侧翻致1人死亡",
        "3月2日9时许，昌宁县卡斯镇一辆货车侧翻，造成1人死亡，伤者已送县医院救治。",
        after(hours=2),
        False,
        id="another township",
    ),
    pytest.param(
        "柯街镇一民房起火 2人受伤",
        "3月2日晚，昌宁县柯街镇一户村民家中起火，2人受伤，火已扑灭。",
        after(hours=12),
        False,
        id="another kind of event",
    ),
    pytest.param(
        "柯街镇又发生一起车辆侧翻事故 2人死亡",
        "3月5日17时许，昌宁县柯街镇一辆货车侧翻，造成2人死亡。",
        after(days=3, hours=11),
        False,
        id="the same kind at the same place another day",
    ),
    pytest.param(
        "柯街镇客车侧翻事故 3名责任人被刑拘",
        "3月5日，昌宁县公安局通报，柯街镇客车侧翻事故的3名责任人被刑拘。",
        after(days=3, hours=11),
        True,
        id="what follows days later",
    ),
    pytest.param(
        "柯街镇发生一起面包车侧翻事故 1人受伤",
        "4月20日，昌宁县柯街镇一辆面包车侧翻，1人受伤。",
        after(days=49),
        False,
        id="the same place weeks later",
    ),
    pytest.param(
        "柯街镇发生一起客车侧翻事故 已致2人死亡",
        "4月9日7时许，昌宁县柯街镇一辆中型客车在弯道侧翻，造成2人死亡、5人受伤，伤者已送县医院救治。",
        after(days=38),
        False,
        id="the same words weeks later",
    ),
    pytest.param(
        "卡斯镇发生一起客车侧翻事故 已致2人死亡",
        "3月2日9时许，昌宁县卡斯镇一辆中型客车在弯道侧翻，造成2人死亡、5人受伤，伤者已送县医院救治。",
        after(hours=2),
        False,
        id="much the same words of another township",
    ),
]


@pytest.mark.parametrize(("title", "text", "at", "joins"), PAIRS)
def test_a_report_joins_what_it_is_about_and_nothing_else(
    title: str, text: str, at: datetime, joins: bool
) -> None:
    book = Book()
    assert book.take(CRASH).reason == "nothing_similar"
    grouping = book.take(told(2, title, text, at))
    assert (grouping.incident_id == 1) is joins, grouping


@pytest.mark.parametrize(
    ("first", "second", "joins"),
    [
        pytest.param("昌宁县一饭店起火", "昌宁县一仓库发生火灾", False, id="another scene"),
        pytest.param("昌宁县一饭店起火", "昌宁县一餐馆火灾原因查明", True, id="one scene by two words"),
        pytest.param("C6273次列车脱线", "C6273司机不幸遇难", True, id="one train, nothing else in common"),
        pytest.param("贵州多地山火蔓延", "南京一小区发生火灾致4人死亡", False, id="another province"),
        pytest.param(
            "昌宁山体滑坡已致1人遇难28人失联", "一女子失联半个月后仍无音讯", False, id="one missing elsewhere"
        ),
        pytest.param(
            "昌宁山体滑坡已致1人遇难28人失联", "山体滑坡仍有3人失联", True, id="fewer missing of one slide"
        ),
        pytest.param("昌宁一山体塌方", "昌宁山体坍塌，公路抢通中", True, id="one slope by two words"),
        pytest.param(
            "昌宁一处塌方 2人失联", "昌宁坍塌现场搜救继续", True, id="one fall of earth by two words"
        ),
    ],
)
def test_scenes_trains_and_provinces_tell_events_apart(first: str, second: str, joins: bool) -> None:
    book = Book()
    book.take(told(1, first))
    grouping = book.take(told(2, second, at=after(hours=9)))
    assert (grouping.incident_id == 1) is joins, grouping


def test_another_trouble_in_the_same_township_is_another_incident() -> None:
    book = Book()
    book.take(told(1, "昌宁县柯街镇发生山体滑坡，5人死亡", role=Role.HOTLINE))
    outage = book.take(told(2, "柯街镇停电", "柯街镇中学停电", after(hours=1), Role.HOTLINE))
    again = book.take(told(3, "柯街镇卫生院停电", "停电两天，病人做不了手术", after(hours=2), Role.HOTLINE))
    assert (outage.incident_id, again.incident_id) == (None, 2)


def test_the_same_words_are_reach_and_other_numbers_are_a_report() -> None:
    book = Book()
    book.take(CRASH)
    again = book.take(replace(CRASH, id=2, key="k2", published_at=after(hours=1)))
    edited = book.take(told(3, CRASH.title, CRASH.text.replace("3人死亡", "5人死亡"), after(hours=2)))
    assert (again.incident_id, again.duplicate_of, again.reason) == (1, 1, "exact_duplicate")
    assert (edited.incident_id, edited.duplicate_of) == (1, None)


def test_a_lightly_edited_repost_is_a_near_duplicate() -> None:
    book = Book()
    book.take(CRASH)
    repost = book.take(told(2, CRASH.title, CRASH.text.replace("伤者已送", "伤者均已送往"), after(hours=1)))
    assert (repost.duplicate_of, repost.reason) == (1, "near_duplicate")


def test_a_repost_after_the_window_is_no_duplicate() -> None:
    book = Book()
    book.take(CRASH)
    assert book.take(replace(CRASH, id=2, published_at=after(days=10))).duplicate_of is None


def test_a_merged_incident_is_no_candidate() -> None:
    book = Book()
    book.take(CRASH)
    book.grouper.put(replace(book.incidents[1], state=IncidentState.MERGED, merged_into=9))
    assert (
        book.grouper.group(told(2, CRASH.title + "续", "柯街镇客车侧翻"), verdict_of(CRASH)).incident_id
        is None
    )


def test_a_dismissed_incident_is_a_candidate() -> None:
    book = Book()
    book.take(CRASH)
    book.grouper.put(replace(book.incidents[1], state=IncidentState.DISMISSED))
    follow_up = told(
        2, "柯街镇客车侧翻事故伤者情况稳定", "柯街镇客车侧翻事故8名伤者在县医院治疗。", after(hours=5)
    )
    assert book.grouper.group(follow_up, verdict_of(follow_up)).incident_id == 1


def test_a_persons_split_is_respected_by_what_comes_after() -> None:
    book = Book()
    book.take(CRASH)
    other = told(
        2, "柯街镇客车侧翻事故家属讨说法", "柯街镇客车侧翻事故遇难者家属围堵客运公司。", after(hours=5)
    )
    grouping = book.take(other)
    moved = replace(book.incidents[1], id=2, profile=blend({}, grouping.traits), last_item_at=other.at)
    book.keep(replace(book.incidents[1], profile=withdraw(book.incidents[1].profile, grouping.traits)), CRASH)
    book.keep(moved, other)
    repost = book.take(replace(other, id=3, key="k3", published_at=after(hours=6)))
    later = told(4, "客车侧翻事故家属仍在围堵客运公司", "遇难者家属在客运公司门口讨说法。", after(hours=7))
    assert (repost.incident_id, book.take(later).incident_id) == (2, 2)


def test_a_rebuilt_grouper_decides_as_the_one_before() -> None:
    book = Book()
    book.take_all(
        [CRASH, told(2, "大田坝镇山洪冲毁道路", "大田坝镇突发山洪，冲毁道路2公里。", after(hours=1))]
    )
    rebuilt = Book()
    for incident, item in zip(book.incidents.values(), [CRASH, CRASH], strict=False):
        rebuilt.keep(incident, item)
    asked = told(3, "柯街镇客车侧翻事故追踪", "柯街镇客车侧翻事故原因正在调查。", after(hours=9))
    verdict = verdict_of(asked)
    assert rebuilt.grouper.group(asked, verdict) == book.grouper.group(asked, verdict)


def test_what_was_dropped_or_fell_silent_leaves_nothing_behind() -> None:
    book = Book()
    book.take(CRASH)
    book.grouper.expire(after(days=40))
    assert not book.grouper._standing
    assert len(book.grouper._index) == 0
    assert not book.grouper._index._profiles


def test_an_item_without_words_opens_an_incident_of_its_own() -> None:
    book = Book()
    book.take(CRASH)
    silent = replace(verdict_of(CRASH), tokens=())
    assert book.grouper.group(told(2, "车祸", at=after(hours=1)), silent).reason == "no_words"


POLL = [
    CRASH,
    told(2, "柯街客车侧翻事故最新进展", "柯街镇客车侧翻事故造成3人死亡。", after(minutes=1)),
    told(3, "大田坝镇山洪冲毁道路", "昌宁县大田坝镇突发山洪，冲毁道路2公里，1人失踪。", after(minutes=1)),
    told(
        4, "大田坝山洪致1人失踪", "大田坝镇山洪中1名村民失踪，搜救仍在进行。", after(minutes=2), Role.SOCIAL
    ),
    told(
        5,
        "漭水镇小学多名学生呕吐送医",
        "昌宁县漭水镇一小学12名学生呕吐腹泻，疑似食物中毒。",
        after(minutes=2),
    ),
]
IN_ORDER = [None, 1, None, 2, None]


@settings(max_examples=20)
@given(st.permutations(POLL))
def test_the_order_inside_a_poll_never_matters(items: list[Item]) -> None:
    assert Book().take_all(items) == IN_ORDER


WORDS = ("侧翻", "客车", "山洪", "道路", "小学", "呕吐", "停电", "火势", "仓库", "遇难者", "搜救", "塌方")
EVENT_TYPES = ("road_traffic", "flash_flood", "fire", None)


@given(
    st.lists(
        st.tuples(st.sets(st.sampled_from(WORDS), min_size=1), st.sampled_from(EVENT_TYPES)), max_size=8
    ),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8),
    st.sampled_from(EVENT_TYPES),
)
def test_stopping_early_decides_as_a_scan_of_every_incident_does(
    told_before: list[tuple[set[str], str | None]], tokens: list[str], event_type: str | None
) -> None:
    book = Book()
    for number, (words, kind) in enumerate(told_before, start=1):
        profile = dict.fromkeys(sorted(words), 1.0)
        book.grouper.put(replace(opened(number, CRASH), event_type=kind, profile=profile, last_item_at=T0))
    item, verdict = (
        told(99, "一条消息"),
        Verdict(matter=True, live=True, tokens=tuple(tokens), event_type=event_type),
    )
    grouping = book.grouper.group(item, verdict)
    leads = {
        number: (
            similarity
            / book.grouper._asked(book.grouper._standing[number], item, verdict, grouping.traits)[0],
            similarity,
        )
        for similarity, number in book.grouper._index.nearest(grouping.traits)
    }
    lead, similarity = max(leads.values(), default=(0.0, None))
    assert grouping.similarity == (None if similarity is None else pytest.approx(similarity, abs=6e-4))
    assert (grouping.incident_id is not None) == (lead >= 1)
    assert grouping.incident_id is None or leads[grouping.incident_id][0] == lead


def test_an_incident_asks_for_more_the_longer_it_is_silent() -> None:
    book = Book()
    book.take(CRASH)
    later = [told(9, "x", at=T0 + timedelta(days=day)) for day in range(0, 31, 5)]
    asked = [book.grouper._asked(book.incidents[1], item, verdict_of(CRASH), {})[0] for item in later]
    assert asked == sorted(asked)
    assert asked[0] < asked[-1]
