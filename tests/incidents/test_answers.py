from datetime import datetime

import pytest

from monitor.collectors.model import Role
from monitor.incidents.answers import Answer, answer_kind, match_answer, packaged_words
from monitor.incidents.model import Incident, PublicationKind
from monitor.items.model import Item
from tests.incidents.words import Book, told, verdict_of
from tests.support.builders import after

CRASH = told(
    1,
    "柯街镇发生一起客车侧翻事故 已致3人死亡",
    "3月2日7时许，昌宁县柯街镇一辆中型客车在弯道侧翻，造成3人死亡、8人受伤，伤者已送县医院救治。",
)
WATER = told(
    1,
    "漭水镇多个小区连续停水三天 居民吃水难",
    "漭水镇多名居民反映，镇上自来水停水三天，饮水困难，供水公司电话无人接听。",
    role=Role.SOCIAL,
)


def incident_of(item: Item) -> Incident:
    book = Book()
    book.take(item)
    return book.incidents[1]


def answer(incident: Item, title: str, text: str, at: datetime | None = None) -> Answer | None:
    item = told(2, title, text, at or after(hours=3), Role.OFFICIAL)
    return match_answer(item, verdict_of(item), incident_of(incident))


ANSWERS = [
    pytest.param(
        CRASH,
        "关于柯街镇客车侧翻事故的情况通报",
        "3月2日7时许，柯街镇一辆客车侧翻，造成3人死亡、8人受伤。伤者已送医院救治，原因正在调查。",
        PublicationKind.FIRST_RELEASE,
        id="the first release",
    ),
    pytest.param(
        CRASH,
        "昌宁县召开柯街镇客车侧翻事故新闻发布会",
        "会上通报，柯街镇客车侧翻事故造成3人死亡、8人受伤。",
        PublicationKind.PRESS_CONFERENCE,
        id="a press conference",
    ),
    pytest.param(
        CRASH,
        "柯街镇客车侧翻事故续报",
        "截至3月2日20时，客车侧翻事故已致4人死亡，7名伤者在县医院治疗。",
        PublicationKind.FOLLOW_UP,
        id="a follow-up",
    ),
    pytest.param(
        WATER,
        "关于漭水镇居民反映停水问题的答复",
        "漭水镇自来水主管道破裂造成停水，供水公司已抢修完毕，当日恢复供水，居民饮水问题已解决。",
        PublicationKind.RESPONSE,
        id="the answer to a complaint",
    ),
]


@pytest.mark.parametrize(("incident", "title", "text", "kind"), ANSWERS)
def test_an_official_text_about_the_incident_is_offered(
    incident: Item, title: str, text: str, kind: PublicationKind
) -> None:
    found = answer(incident, title, text)
    assert found is not None
    assert found.kind is kind
    assert found.passage in f"{title}\n{text}"


NEAR_MISSES = [
    pytest.param(
        CRASH,
        "关于卡斯镇货车侧翻事故的情况通报",
        "3月2日9时，卡斯镇一辆货车侧翻，造成1人死亡。",
        id="other township",
    ),
    pytest.param(
        CRASH,
        "关于柯街镇一民房火灾的情况通报",
        "3月2日10时，柯街镇一民房起火，2人受伤。",
        id="other accident",
    ),
    pytest.param(
        CRASH,
        "柯街镇召开道路交通安全工作会",
        "柯街镇召开道路交通安全工作会，部署客车安全检查。",
        id="a routine meeting",
    ),
    pytest.param(
        WATER, "田园镇停水通知", "因管道检修，田园镇3月3日停水一天，请居民储水。", id="a notice elsewhere"
    ),
    pytest.param(WATER, "昌宁县发布暴雨蓝色预警", "预计今天夜间有暴雨，请注意防范。", id="a warning"),
]


@pytest.mark.parametrize(("incident", "title", "text"), NEAR_MISSES)
def test_a_near_miss_is_never_offered(incident: Item, title: str, text: str) -> None:
    assert answer(incident, title, text) is None


def test_what_was_published_before_the_event_answers_nothing() -> None:
    title, text = "关于柯街镇客车侧翻事故的情况通报", "柯街镇一辆客车侧翻，造成3人死亡、8人受伤。"
    assert answer(CRASH, title, text, after(days=-3)) is None


def test_a_conference_still_to_come_is_no_conference() -> None:
    kind = answer_kind("昌宁县将召开新闻发布会", "新闻发布会定于明日召开。", packaged_words())
    assert kind is PublicationKind.FIRST_RELEASE
