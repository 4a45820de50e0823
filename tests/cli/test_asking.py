"""`history`, `digest`: what leaders read and analysts ask from the command line."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.incidents.model import IncidentState
from storage.engine import open_store
from tests.cli.conftest import Run
from tests.support.builders import a_joining, a_verdict, after, an_incident, an_item, opening

HOSTILE = ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1"]


@pytest.fixture
def told(home: Path) -> Iterator[Path]:
    """A database of seven items, one of them in an incident of severity 2; return the folder."""
    with closing(open_store(f"sqlite:///{home / 'var/huiying.db'}")) as store:
        with store.transaction() as transaction:
            titles = ["柯街镇厂房坍塌", "漭水镇=道路塌方", *HOSTILE]
            items = transaction.add_items(
                [
                    an_item(title=title, text=f"说的是 {n}", published_at=after() + timedelta(days=n))
                    for n, title in enumerate(titles)
                ],
                [a_verdict(), *[None] * (len(titles) - 1)],
            )
            transaction.save(opening(an_incident(), joinings=(a_joining(item_id=items[0].id),)))
        yield home


def hits(run: Run, *arguments: str) -> list[str]:
    ran = run("history", *arguments, "--format", "json")
    assert ran.code == 0
    return [hit["title"] for hit in json.loads(ran.out)["hits"]]


@pytest.mark.parametrize(
    ("arguments", "titles"),
    [
        pytest.param(["坍塌"], ["柯街镇厂房坍塌"], id="a word of two characters"),
        pytest.param(["厂房", "柯街"], ["柯街镇厂房坍塌"], id="all words must occur"),
        pytest.param(["厂房", "漭水"], [], id="or nothing is found"),
        pytest.param(["--severity", "2"], ["柯街镇厂房坍塌"], id="by severity"),
        pytest.param(["--status", IncidentState.CLOSED], [], id="by status"),
        pytest.param(
            ["--since", "2026-03-03", "--until", "2026-03-03"], ["漭水镇=道路塌方"], id="of one day"
        ),
        pytest.param(["--until", "2026-03-01"], [], id="before everything"),
    ],
)
def test_history_finds_what_was_asked_for(
    told: Path, huiying: Run, arguments: list[str], titles: list[str]
) -> None:
    del told
    assert hits(huiying, *arguments) == titles


def test_history_is_newest_first_and_paged(told: Path, huiying: Run) -> None:
    del told
    seen: list[int] = []
    more: list[str] = []
    while True:
        page = json.loads(huiying("history", "--limit", "3", "--format", "json", *more).out)
        seen += [hit["id"] for hit in page["hits"]]
        if page["next_before_id"] is None:
            break
        more = ["--before", str(page["next_before_id"])]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 7


def test_no_cell_of_the_csv_is_taken_for_a_formula(told: Path, huiying: Run) -> None:
    del told
    ran = huiying("history", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert len(rows) == 7
    assert [
        row for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    ] == []
    assert {row["title"] for row in rows} >= {"'=HYPERLINK(1)", "'@某某", "柯街镇厂房坍塌", "漭水镇=道路塌方"}


@pytest.mark.parametrize(("what", "rows"), [("items", 7), ("incidents", 1)])
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_what_was_asked_for_is_written_whole(
    told: Path, huiying: Run, what: str, rows: int, form: str
) -> None:
    file = told / f"all.{form}"
    ran = huiying("history", "--in", what, "--out", str(file))
    assert (ran.code, f"：{rows} 条" in ran.err) == (0, True)
    assert len(file.read_text(encoding="utf-8").splitlines()) == rows + (form == "csv")
    assert not list(told.glob("*.part"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--in", "facets", "--out", "a.csv"), "只写条目或事件"),
        (("--out", "a.txt"), "文件名应以"),
        (("--in", "incidents", "--order", "best"), "只用于条目"),
        (("（停水",), "第 1 个字：括号没有成对，缺少右括号　【（】停水"),
    ],
)
def test_what_cannot_be_done_is_refused_in_chinese(
    told: Path, huiying: Run, arguments: tuple[str, ...], said: str
) -> None:
    ran = huiying("history", *arguments)
    assert (ran.code, said in ran.err) == (2, True)
    assert not list(told.glob("a.*"))


def test_the_table_is_for_people(told: Path, huiying: Run) -> None:
    del told
    ran = huiying("history", "坍塌")
    assert "柯街镇厂房坍塌" in ran.out
    assert "共 1 条" in ran.out
    assert all(word in ran.out for word in ("办理中", "重大"))
    assert "柯街镇一处道路塌方" in huiying("history", "--in", "incidents").out
    assert "--before" in huiying("history", "--limit", "2").out


@pytest.mark.parametrize("arguments", [["--since", "yesterday"], ["--until", "2026-02-30"]])
def test_a_day_that_is_none_is_refused_with_how_to_write_one(huiying: Run, arguments: list[str]) -> None:
    ran = huiying("history", *arguments)
    assert ran.code == 2
    assert "2026-11-24" in ran.err


def test_the_digest_of_a_day_tells_what_is_open(told: Path, huiying: Run) -> None:
    del told
    text = huiying("digest", "--on", "2026-03-03")
    assert text.code == 0
    assert "每日简报（2026年3月3日）" in text.out
    assert "柯街镇一处道路塌方" in text.out
    page = huiying("digest", "--on", "2026-03-03", "--format", "html").out
    assert page.lstrip().lower().startswith("<!doctype html")


@pytest.mark.parametrize(
    ("arguments", "begins"),
    [
        pytest.param(("digest", "--on", "2026-03-03", "--docx"), b"PK", id="a daily report for Word"),
        pytest.param(("digest", "--on", "2026-03-03", "--pdf"), b"%PDF-", id="a daily report as PDF"),
        pytest.param(("paper", "1", "--docx"), b"PK", id="a flash report for Word"),
        pytest.param(("paper", "1", "--kind", "special", "--pdf"), b"%PDF-", id="a special report as PDF"),
    ],
)
def test_a_paper_is_written_into_the_file_that_is_named(
    told: Path, huiying: Run, arguments: tuple[str, ...], begins: bytes
) -> None:
    file = told / "paper"
    ran = huiying(*arguments, str(file))
    assert (ran.code, ran.out) == (0, "")
    assert file.read_bytes().startswith(begins)


def test_a_paper_without_a_file_is_a_page_to_print_and_one_on_nothing_is_refused(
    told: Path, huiying: Run
) -> None:
    del told
    assert "柯街镇一处道路塌方”的舆情快报" in huiying("paper", "1").out
    assert huiying("paper", "999").code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("--status", "nosuch"), "nosuch", id="no such state"),
        pytest.param(("--since", "2026-03-03", "--until", "2026-03-01"), "晚于", id="a range without a day"),
    ],
)
def test_a_question_without_an_answer_is_refused_and_not_answered_with_nothing(
    huiying: Run, arguments: tuple[str, ...], said: str
) -> None:
    ran = huiying("history", *arguments)
    assert ran.code == 2
    assert said in ran.err
