"""History on the desk and in the API: the same question, the same answers, nothing unescaped."""

import csv
import io
import json
from html import unescape

import pytest

from monitor.desk.exports import MOST, Exports, Progress
from monitor.ports import Store
from tests.desk.conftest import ServedDesk
from tests.support.builders import an_item

NOT_BEGUN = {"written": 0, "has_ended": False}
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
        (f"q={'水' * 501}", "第 501 个字：检索式最长 500 个字"),
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
    assert ("aria-invalid" in page.text) == ("个字" in fault)
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


async def test_incidents_show_the_words_and_the_report_that_has_them(served: ServedDesk) -> None:
    async with served.browser("analyst") as browser, served.program("analyst", "read") as program:
        page = await browser.get("/history?scope=incidents&q=遇难")
        found = json.loads((await program.get("/api/v1/history/incidents?q=遇难")).text)["incidents"]
    assert "<mark>遇难</mark>" in page.text
    passages = [passage for incident in found for passage in incident["passages"]]
    assert passages
    assert all(any(piece["marked"] for piece in passage) for passage in passages)


async def test_incidents_leave_as_a_file_by_page_and_api_alike(served: ServedDesk) -> None:
    async with served.browser("analyst") as browser, served.program("analyst", "read") as program:
        page = await browser.get("/history?scope=incidents&severity=2")
        assert "/history/export/jsonl?severity=2&amp;scope=incidents" in page.text
        by_page = await browser.get("/history/export/jsonl?scope=incidents&severity=2")
        by_api = await program.get("/api/v1/history/export?of=incidents&severity=2")
        listed = json.loads((await program.get("/api/v1/history/incidents?severity=2")).text)
    assert by_page.text == by_api.text
    rows = [json.loads(line) for line in by_api.text.splitlines()]
    assert [row["id"] for row in rows] == [found["id"] for found in listed["incidents"]] != []


async def test_an_export_is_followed_by_its_own_login_alone(served: ServedDesk) -> None:
    async with served.browser("analyst") as browser, served.browser("duty") as other:
        assert json.loads((await browser.get("/history/exports/a")).text) == NOT_BEGUN
        file = await browser.get("/history/export/jsonl?follow=a")
        rows = len(file.text.splitlines())
        assert json.loads((await browser.get("/history/exports/a")).text) == {
            "written": rows,
            "has_ended": True,
        }
        assert json.loads((await other.get("/history/exports/a")).text) == NOT_BEGUN


def test_an_export_that_breaks_off_has_ended_and_old_ones_are_forgotten() -> None:
    exports = Exports()
    blocks = exports.followed(("amy", "a"), iter([b"1", b"2"]))
    assert (next(blocks), exports.of(("amy", "a")).has_ended) == (b"1", False)
    blocks.close()  # type: ignore[attr-defined]
    assert exports.of(("amy", "a")).has_ended
    for number in range(MOST + 1):
        exports.count(("amy", str(number)), 1)
    assert exports.of(("amy", "a")) == exports.of(("amy", "0")) == Progress()
    assert exports.of(("amy", str(MOST))).written == 1


async def test_a_question_with_more_values_than_anybody_means_is_refused_before_a_file_begins(
    served: ServedDesk,
) -> None:
    query = "&".join(f"figures=死亡>={n}" for n in range(60))
    async with served.browser("analyst") as browser, served.program("analyst", "read") as program:
        for path in ("/history", "/history/export/csv"):
            page = await browser.get(f"{path}?{query}")
            assert (page.status, "数据：最多 50 个" in page.text) == (422, True)
        for path in ("/api/v1/history", "/api/v1/history/export"):
            answer = await program.get(f"{path}?{query}")
            assert (answer.status, "数据：最多 50 个" in answer.text) == (422, True)


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
