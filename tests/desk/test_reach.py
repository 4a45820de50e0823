"""Reach and figures over time on the pages and in the API."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from monitor.classifiers.model import Count, Figures
from monitor.collectors.model import Role
from monitor.desk.views.board_view import card
from monitor.desk.views.figures_view import MOST_OF_ONE, figure_timeline, foremost
from monitor.desk.views.reach_view import is_rising, say_heat, say_points, spark
from monitor.dossier.model import Changes
from monitor.incidents.heat import Sighting
from monitor.incidents.model import Holding, ToldRise
from monitor.incidents.opinion_level import Reason
from monitor.incidents.reconcile import absorb_report, trust_of
from monitor.ports import JoinedItem, Store
from tests.desk.conftest import ServedDesk
from tests.desk.story import NOW, an_office, save
from tests.support.builders import T0, a_dossier, a_verdict, after, an_incident, an_item


def said_by(role: Role, hours: float, item_id: int, **fields: Any) -> JoinedItem:
    counts = {name: count for name, count in fields.items() if isinstance(count, Count)}
    item = an_item(id=item_id, role=role, source_name=role.value, published_at=after(hours=hours))
    verdict = a_verdict(figures=Figures(counts=counts))
    return JoinedItem(
        item=item, verdict=verdict, reach_only=fields.get("reach_only", False), similarity=None, reason=""
    )


def timeline(*reports: JoinedItem) -> list[tuple[str, str, bool, bool, str]]:
    holding = Holding()
    for joined in reports:
        assert joined.verdict is not None
        if joined.reach_only:
            continue
        holding = absorb_report(
            holding, joined.verdict.figures, trust_of(joined.item.role), joined.item.at, joined.item.id
        )
    told = figure_timeline(reports, holding)
    return [(said.role, said.value, said.holds, said.doubt, said.why) for said in told]


def dead(count: float) -> Count:
    return Count.exactly(count)


def test_the_newest_official_figure_holds_and_a_higher_claim_is_in_doubt() -> None:
    assert timeline(
        said_by(Role.SOCIAL, 0, 1, deaths=dead(12)),
        said_by(Role.MEDIA, 1, 2, deaths=dead(2)),
        said_by(Role.OFFICIAL, 2, 3, deaths=dead(1)),
        said_by(Role.OFFICIAL, 3, 4, deaths=dead(3)),
    ) == [
        ("official", "死亡3人", True, False, "现行：官方最新"),
        ("official", "死亡1人", False, False, "已有更新的数据"),
        ("media", "死亡2人", False, False, "以官方数据为准"),
        ("social", "死亡12人", False, True, "待核：高于现行的官方数据 3"),
    ]


def test_a_number_that_was_official_once_is_old_and_not_in_doubt() -> None:
    assert timeline(
        said_by(Role.OFFICIAL, 0, 1, missing=dead(4)),
        said_by(Role.SOCIAL, 1, 2, missing=dead(4)),
        said_by(Role.OFFICIAL, 2, 3, missing=dead(2)),
    )[1] == ("social", "失踪4人", False, False, "以官方数据为准")


@pytest.mark.parametrize(
    ("reports", "why"),
    [
        pytest.param([said_by(Role.SOCIAL, 0, 1, deaths=dead(2))], "现行，待核", id="only claimed"),
        pytest.param([said_by(Role.MEDIA, 0, 1, deaths=dead(2))], "官方没有说", id="media alone"),
        pytest.param(
            [said_by(Role.MEDIA, 1, 2, deaths=dead(3)), said_by(Role.OFFICIAL, 0, 1, deaths=dead(2))],
            "现行：媒体比官方新，且不低于官方",
            id="newer media figures that are not lower",
        ),
    ],
)
def test_what_holds_says_why(reports: list[JoinedItem], why: str) -> None:
    assert why in timeline(*reports)[0][4]
    assert timeline(*reports)[0][2]


def test_a_newer_lower_number_of_dead_says_why_it_does_not_count() -> None:
    told = timeline(said_by(Role.MEDIA, 0, 1, deaths=dead(11)), said_by(Role.MEDIA, 1, 2, deaths=dead(1)))
    assert [(value, holds) for _, value, holds, _, _ in told] == [("死亡1人", False), ("死亡11人", True)]
    assert "没有说明是更正" in told[0][4]


def test_a_repost_reports_no_figure_and_hearsay_of_media_is_a_claim() -> None:
    hearsay = said_by(Role.MEDIA, 0, 1, deaths=Count.exactly(9, claimed=True))
    repost = said_by(Role.SOCIAL, 1, 2, deaths=dead(9), reach_only=True)
    assert [(role, doubt) for role, _, _, doubt, _ in timeline(hearsay, repost)[:1]] == [("media", True)]
    assert figure_timeline([replace(repost, verdict=None)], Holding()) == ()


def test_of_a_thousand_reports_the_newest_are_shown_and_what_holds_or_is_in_doubt() -> None:
    official = said_by(Role.OFFICIAL, 0, 1, deaths=dead(3))
    claims = [said_by(Role.SOCIAL, n / 60, n + 1, deaths=dead(9 if n == 2 else 2)) for n in range(1, 1000)]
    figures = Figures(counts={"deaths": dead(3)})
    holding = absorb_report(Holding(), figures, trust_of(Role.OFFICIAL), official.item.at, 1)
    every = figure_timeline([official, *claims], holding)
    shown = foremost(every)
    assert (len(every), len(shown)) == (1000, MOST_OF_ONE + 2)
    assert [(s.value, s.holds, s.doubt) for s in shown[-2:]] == [
        ("死亡9人", False, True),
        ("死亡3人", True, False),
    ]
    assert shown[:MOST_OF_ONE] == every[:MOST_OF_ONE]


def test_the_chart_has_a_bar_for_every_hour_with_an_item_and_says_the_same_in_words() -> None:
    chart = spark([T0, after(minutes=61), after(minutes=62)], after(hours=2), 3)
    assert chart.said == "近 3 小时新增 3 条，最近 1 小时 2 条，一小时最多 2 条"
    assert re.findall(r"M(\d+) 24v-(\d+)", chart.svg) == [("2", "11"), ("12", "22")]
    assert f'role="img" aria-label="{chart.said}"' in chart.svg


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason(factor="severity", found=("2",), points=6), "事件级别 重大（+6 分）"),
        (
            Reason(factor="sensitive", found=("death", "school"), points=2),
            "敏感因素：有人死亡、学校（+2 分）",
        ),
        (Reason(factor="offline", found=("聚集",), points=3), "线下行动苗头：聚集（+3 分）"),
        (Reason(factor="offline", found=(), points=3), "线下行动苗头（+3 分）"),
        (Reason(factor="rumor", found=("rumor",), points=2), "谣言或疑似谣言（+2 分）"),
        (Reason(factor="board_rank", found=("3",), points=3), "热榜最好名次 3（+3 分）"),
    ],
)
def test_each_reason_of_the_level_is_said(reason: Reason, said: str) -> None:
    assert say_points(reason) == said


@pytest.mark.parametrize(("heat", "said"), [(None, "—"), (950.0, "950"), (5_460_000.0, "546.0万")])
def test_a_board_s_own_number_is_short(heat: float | None, said: str) -> None:
    assert say_heat(heat) == said


def test_a_card_has_a_chart_from_two_items_on_and_marks_a_rise_for_six_hours() -> None:
    risen = an_incident(rise_told=ToldRise(begins_at=T0, item_count=9))
    seen = [Sighting(at=T0, item_id=n, source_id="forum") for n in (1, 2)]
    shown = card(a_dossier(risen), None, an_office(), NOW, seen)
    assert shown.spark is not None
    assert shown.is_rising
    assert card(a_dossier(), None, an_office(), NOW, seen[:1]).spark is None
    assert not is_rising(risen, after(hours=6))


async def test_the_incident_page_shows_who_carries_it_and_how_hot_it_is(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        page = (await browser.get("/incidents/1")).text
    shown = page.split('<section aria-label="传播">')[1].split("</section>")[0]
    for words in ("舆情热度：", "谁在传", "分的理由", 'role="img"', "逐小时", "不改变事件级别和时限"):
        assert words in shown


async def test_the_board_shows_a_chart_where_several_items_came(served: ServedDesk, told: Store) -> None:
    fresh = an_incident(id=8, title="柯街镇停水", severity=None, item_count=2)
    posts = [an_item(key=f"w{n}", title=f"停水{n}", published_at=after(hours=n)) for n in (2, 3)]
    save(told, posts, Changes(incident=fresh, expected_version=None))
    async with served.browser("duty") as browser:
        page = (await browser.get("/")).text
    assert 'aria-label="近 24 小时新增 2 条，最近 1 小时 0 条，一小时最多 1 条"' in page


async def test_the_api_tells_reach_level_and_figures_in_codes(served: ServedDesk) -> None:
    async with served.browser("duty") as browser:
        body = json.loads((await browser.get("/api/v1/incidents/1/reach")).text)
        assert (await browser.get("/api/v1/incidents/99/reach")).status == 404
    assert (body["items"], body["sources"], len(body["hours"])) == (2, 2, 5)
    assert body["opinion_level"]["level"] == "orange"
    assert [carrier["source_id"] for carrier in body["carriers"]] == ["forum", "county-paper"]
    assert [said["holds"] for said in body["figures"] if said["role"] == "media"] == [True]
