"""The shipped rehearsals: as told on the example office, and as an office's own people play them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import SHANGHAI, as_local
from monitor.desk.rehearsing import PlayedStory, RehearsalError, moments
from monitor.drill.casting import cast, localise
from monitor.drill.play import play_drill
from monitor.drill.shipped import ShippedRehearsals, outline_of, shipped, told
from monitor.errors import NotFoundError
from monitor.office.example import example_office
from monitor.office.model import (
    ChannelKind,
    ChannelSpec,
    Department,
    Level,
    Office,
    Person,
    Place,
    PlaceKind,
    QuietHours,
    Silence,
    Substitution,
    Territory,
)
from monitor.ports import Store
from storage.engine import open_store
from tests.support.clock import SimulatedClock

NOW = datetime(2026, 11, 24, 15, tzinfo=SHANGHAI)
OURS = Office(
    name="青石县人民政府办公室",
    territory=Territory(
        name="青石县",
        code="530199",
        places=(Place(name="白水镇", kind=PlaceKind.TOWNSHIP, code="530199101"),),
    ),
    people=(
        Person(id="wang", name="王小满", level=1, channels=("wang-app", "wang-mail")),
        Person(id="zhao", name="赵立夏", level=2, role="head", channels=("zhao-app",)),
        Person(id="li", name="李立春", level=3, role="leader", channels=("li-app",)),
        Person(id="ops", name="运维", role="admin", channels=("ops-mail",)),
    ),
    departments=(Department(id="safety", name="县安监局", channels=("ops-mail",)),),
    channels=tuple(
        ChannelSpec(name=name, kind=ChannelKind.WEBHOOK, address="https://example.invalid/x", secret=name)
        for name in ("wang-app", "wang-mail", "zhao-app", "li-app", "ops-mail")
    ),
    levels=(Level(number=1, name="值班员"), Level(number=2, name="主任"), Level(number=3, name="县领导")),
    administrators=("ops",),
)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with closing(open_store(sqlite_url)) as opened:
        yield opened


def text_of(story: PlayedStory) -> str:
    return "\n".join(line.text for line in story.lines)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_rehearsal_shows_what_it_promises_and_reads_as_chinese(name: str, store: Store) -> None:
    events: list[dict[str, Any]] = []
    scenario = shipped()[name]
    assert play_drill(scenario, store, emit=events.append) == []
    story = told(outline_of(name, scenario), scenario, events, store)
    assert (bool(story.outline.title), bool(story.outline.about), bool(scenario.expect)) == (True, True, True)
    codes = {event["event"] for event in events}
    assert [line.text for line in story.lines if any(code in line.text for code in codes)] == []
    assert [line.at for line in story.lines] == sorted(line.at for line in story.lines)


@pytest.mark.parametrize("name", sorted(shipped()))
def test_an_office_plays_a_shipped_rehearsal_with_its_own_people(name: str) -> None:
    story = ShippedRehearsals().play(name, OURS, NOW)
    text = text_of(story)
    assert as_local(story.starts_at).date() == date(2026, 11, 24)
    assert "王小满（wang-" in text
    assert "操作被拒" not in text
    assert "演练结束：留痕完整，自查没有遗漏，没有积压的消息" in text
    assert [stranger for stranger in ("昌宁", "duty", "office_head", "柯街") if stranger in text] == []


def test_nobody_confirms_at_night_and_each_level_is_told_in_turn() -> None:
    story = ShippedRehearsals().play("night", OURS, NOW)
    shown = {m.heading[-5:]: [line.text for line in m.lines] for m in moments(story.lines)}
    assert shown["23:45"] == ["无人确认，上报主任"]
    assert shown["23:46"] == ["告知 赵立夏（zhao-app）：无人确认，上报上一层级"]
    assert shown["00:01"] == ["告知 李立春（li-app）：无人确认，上报上一层级"]
    assert [m.elapsed for m in moments(story.lines)][:3] == ["", "开始后 1分钟", "开始后 15分钟"]


def test_the_office_s_own_quiet_hours_and_substitutions_hold() -> None:
    office = replace(
        OURS,
        quiet_hours=(QuietHours(level=2, since=time(22), until=time(7)),),
        substitutions=(
            Substitution(
                person="wang",
                stand_in="ops",
                since=NOW - timedelta(days=1),
                until=NOW + timedelta(days=3),
                recorded_by="zhao",
                id=1,
            ),
        ),
    )
    text = text_of(ShippedRehearsals().play("night", office, NOW))
    assert "暂缓告知 赵立夏（zhao-app）：无人确认，上报上一层级（静默时段，之后补发）" in text
    assert "告知 运维（ops-mail）：发现新事件" in text
    assert "运维 确认级别：较大" in text


def test_what_could_reach_somebody_or_means_a_real_incident_is_taken_out() -> None:
    silence = Silence(incident=1, since=NOW, until=NOW + timedelta(days=1), by="zhao", reason="专班")
    office = replace(OURS, silences=(silence,), heartbeat_url="https://example.invalid/beat")
    safe = cast(shipped()["conference"], office, NOW.date()).office
    assert {c.kind for c in safe.channels} == {ChannelKind.SIMULATED}
    assert {(c.address, c.secret) for c in safe.channels} == {("", "")}
    assert (safe.silences, safe.heartbeat_url) == ((), None)
    assert [c.name for c in safe.channels] == [c.name for c in office.channels]


@pytest.mark.parametrize(
    ("territory", "said"),
    [
        pytest.param(OURS.territory, "青石县白水镇一桥", id="a township of ours"),
        pytest.param(Territory(name="青石县", code="530199"), "青石县一桥", id="no townships known"),
        pytest.param(Territory(name="全国", code=None, level="nation"), "昌宁县柯街镇一桥", id="no county"),
        pytest.param(example_office().territory, "昌宁县柯街镇一桥", id="the example's own"),
    ],
)
def test_texts_speak_of_the_office_s_own_places(territory: Territory, said: str) -> None:
    assert localise("昌宁县柯街镇一桥", territory) == said


def test_an_office_of_one_level_acts_through_whoever_it_has() -> None:
    office = replace(
        OURS, people=OURS.people[:1], departments=(), levels=OURS.levels[:1], administrators=("wang",)
    )
    text = text_of(ShippedRehearsals().play("conference", office, NOW))
    assert "王小满 登记发布：新闻发布会" in text
    assert "操作被拒：交办" in text


class Impatient(SimulatedClock):
    """A clock on which every look takes a minute."""

    def now(self) -> datetime:
        self.advance(timedelta(minutes=1))
        return super().now()


def test_a_rehearsal_that_takes_too_long_is_given_up_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    rehearsals = ShippedRehearsals(clock=Impatient(NOW), most_time=timedelta(minutes=5))
    with pytest.raises(RehearsalError, match="用时过长"):
        rehearsals.play("conference", OURS, NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_rehearsal_of_no_known_name_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        ShippedRehearsals().play("nothing", OURS, NOW)
