"""History on the desk and in the API: the same question, the same answers, nothing unescaped."""

import csv
import io
import json
from html import unescape

import pytest

from monitor.ports import Store
from tests.desk.conftest import ServedDesk
from tests.support.builders import an_item

HOSTILE = "<script>alert(1)</script>停水"


def add(store: Store, *titles: str) -> None:
    items = [an_item(key=f"h{title}", title=title, text=f"{title}的正文") for title in titles]
    with store.transaction() as unit:
        unit.add_items(items, [None] * len(items))


async def test_words_are_marked_and_texts_escaped(served: ServedDesk) -> None:
    add(served.desk.store, HOSTILE)
    async with served.browser("analyst") as browser:
        page = await browser.get("/history?q=停水")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<mark>停水</mark>" in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("q=(停水", "第 1 个字：括号没有成对，缺少右括号"),
        ("q=停水&cursor=x", "页码不对"),
        ("figures=死亡", "死亡>=3"),
        ("since=2026-03-05&until=2026-03-02", "晚于"),
    ],
)
async def test_a_faulty_question_says_what_is_wrong_on_the_page_and_in_the_api(
    served: ServedDesk, query: str, fault: str
) -> None:
    async with served.browser("analyst") as browser, served.program("analyst", "read") as program:
        page = await browser.get(f"/history?{query}")
        answer = await program.get(f"/api/v1/history?{query}")
    assert (page.status, answer.status) == (422, 422)
    assert fault in unescape(page.text)
    if "cursor" not in query:
        assert fault in json.loads(answer.text)["faults"][0]["message"]


async def test_a_page_and_the_api_count_alike_and_a_count_narrows_the_page(served: ServedDesk) -> None:
    async with served.browser("analyst") as browser, served.program("analyst", "read") as program:
        page = await browser.get("/history")
        facets = json.loads((await program.get("/api/v1/history/facets")).text)
        of_incidents = json.loads((await program.get("/api/v1/history/facets?of=incidents")).text)
        incidents = json.loads((await program.get("/api/v1/history/incidents?limit=200")).text)
        worst = await browser.get("/history?severity=2&scope=incidents")
    assert f"共 {facets['total']:,} 条" in page.text
    assert "severity=2" in page.text
    assert of_incidents["total"] == len(incidents["incidents"])
    found = {count["value"]: count["count"] for count in of_incidents["by"]["severity"]}
    assert f"共 {found['2']} 个事件" in worst.text


async def test_the_best_pages_join_without_gap_or_overlap(served: ServedDesk) -> None:
    add(served.desk.store, *(f"停水{n}" for n in range(5)))
    seen: list[int] = []
    async with served.program("analyst", "read") as program:
        path: str | None = "/api/v1/history?q=停水&order=best&limit=2"
        while path:
            answer = await program.get(path)
            seen += [item["id"] for item in json.loads(answer.text)["items"]]
            cursor = json.loads(answer.text)["next_cursor"]
            path = f"/api/v1/history?q=停水&order=best&limit=2&cursor={cursor}" if cursor else None
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
async def test_all_answers_leave_as_a_file(served: ServedDesk, form: str) -> None:
    add(served.desk.store, *(f"=停水{n}" for n in range(3)))
    async with (
        served.browser("analyst") as browser,
        browser.session.get(f"/history/export/{form}?q=停水") as answer,
    ):
        body = await answer.read()
        assert answer.headers["content-disposition"].endswith(f'.{form}"')
    if form == "xlsx":
        assert body.startswith(b"PK")
    elif form == "csv":
        titles = [row["title"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig")))]
        assert titles == ["'=停水2", "'=停水1", "'=停水0"]
    else:
        assert [json.loads(line)["title"] for line in body.decode().splitlines()] == [
            "=停水2",
            "=停水1",
            "=停水0",
        ]


async def test_a_question_is_kept_turned_and_forgotten_by_its_owner_alone(served: ServedDesk) -> None:
    async with served.browser("duty") as browser, served.program("head", "read") as other:
        page = await browser.get("/history?q=停水")
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        fields = {"csrf": csrf, "name": "停水周报", "asked": '{"q": "停水"}', "every": "60"}
        kept = await browser.post("/history/saved", data=fields)
        assert "停水周报" in kept.text
        assert "停止提醒" in kept.text
        assert (await other.session.delete("/api/v1/history/saved/1")).status == 404
        turned = await browser.post("/history/saved/1", data={"csrf": csrf, "act": "turn"})
        assert "停止提醒" not in turned.text
        gone = await browser.post("/history/saved/1", data={"csrf": csrf, "act": "drop"})
        assert "停水周报" not in gone.text


async def test_who_is_no_person_of_the_office_keeps_questions_without_reminders(served: ServedDesk) -> None:
    async with served.program("analyst", "read") as program:
        quiet = await program.post("/api/v1/history/saved", json={"name": "停水", "q": "停水"})
        loud = await program.post(
            "/api/v1/history/saved", json={"name": "停水", "q": "停水", "every_minutes": 60}
        )
        often = await program.post("/api/v1/history/saved", json={"name": "停水", "every_minutes": 1})
        listed = json.loads((await program.get("/api/v1/history/saved")).text)
    assert (quiet.status, loud.status, often.status) == (201, 422, 422)
    assert [(kept["name"], kept["asked"]["q"], kept["every_minutes"]) for kept in listed] == [
        ("停水", "停水", None)
    ]
