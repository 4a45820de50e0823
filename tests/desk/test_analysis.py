"""统计分析 on the desk and in the API: tables, charts, files, the assessment."""

import io
import json

import pytest
from openpyxl import load_workbook

from monitor.analysis.catalog import ANALYSES
from monitor.ports import Store
from tests.desk.conftest import ServedDesk

MARCH = "since=2026-03-01&until=2026-03-31"


async def test_the_page_shows_every_analysis_with_what_it_counts(served: ServedDesk) -> None:
    async with served.browser("analyst") as browser:
        page = await browser.get(f"/analysis?{MARCH}&incidents=2、3")
    assert page.status == 200
    for each in ANALYSES:
        assert f'id="{each.code}"' in page.text
        assert each.definition[:20] in page.text
    assert 'id="reach"' in page.text
    assert f"/analysis/trend/svg?{MARCH.replace('&', '&amp;')}" in page.text


async def test_a_period_without_anything_says_so(served: ServedDesk) -> None:
    async with served.browser("analyst") as browser:
        page = await browser.get("/analysis?since=2020-01-01&until=2020-01-31")
    assert page.text.count("这段时间没有可统计的内容") >= 10
    assert "<img" not in page.text


@pytest.mark.parametrize(
    "query", ["since=三月", "since=2026-03-02&until=2026-03-01", "incidents=甲", "incidents=1,2,3,4,5,6"]
)
async def test_what_is_no_period_or_no_number_is_said_and_the_page_still_works(
    served: ServedDesk, query: str
) -> None:
    async with served.browser("analyst") as browser:
        page = await browser.get(f"/analysis?{query}")
    assert (page.status, "日期或事件编号不对" in page.text) == (422, True)


async def test_an_incident_that_is_not_there_is_not_found(served: ServedDesk) -> None:
    async with served.browser("analyst") as browser:
        assert (await browser.get("/analysis?incidents=999")).status == 404


async def test_charts_and_files_are_handed_out(served: ServedDesk) -> None:
    async with served.browser("leader") as browser:
        chart = await browser.get(f"/analysis/trend/svg?{MARCH}")
        table = await browser.get(f"/analysis/on_time_kinds/csv?{MARCH}")
        reach = await browser.get("/analysis/reach/csv?incidents=2")
        assert chart.headers["content-type"] == "image/svg+xml"
        assert "<svg" in chart.text
        assert "filename*=UTF-8''" in table.headers["content-disposition"]
        assert "义务种类,应回应" in table.text
        assert reach.text.lstrip("\ufeff").startswith("首发后（小时）,2号")
        assert (await browser.get("/analysis/nothing/csv")).status == 404
        assert (await browser.get("/analysis/corrections/svg")).status == 404
        async with browser.session.get("/analysis/assessment?year=2026") as answer:
            book = load_workbook(io.BytesIO(await answer.read()))
    assert book.sheetnames[0] == "考核表"


async def test_the_api_gives_the_same_tables(served: ServedDesk, told: Store) -> None:
    del told
    async with served.program("analyst", "read") as program:
        known = json.loads((await program.get("/api/v1/analyses")).text)
        table = json.loads((await program.get(f"/api/v1/analyses/trend?{MARCH}")).text)
        year = json.loads((await program.get("/api/v1/assessments/2026")).text)
        compared = json.loads((await program.get("/api/v1/analyses/reach?incident=2&incident=3")).text)
        assert (await program.get("/api/v1/analyses/nothing")).status == 404
        assert (await program.get("/api/v1/analyses/trend?since=2026-03-02&until=2026-03-01")).status == 422
    assert [each["code"] for each in known] == [*(each.code for each in ANALYSES), "reach"]
    assert [column["key"] for column in table["columns"]] == ["at", "incidents", "serious", "items"]
    assert sum(row[1] or 0 for row in table["rows"]) > 0
    assert year["rows"][-1][0] == "合计"
    assert [column["key"] for column in compared["columns"]] == ["hours", "i2", "i3"]
