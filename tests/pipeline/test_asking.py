"""Questions as they are typed: read or refused, answered in either order to the very end, and told of."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from alerts.model import Alert, AlertState
from monitor.asking.model import AskingError
from monitor.classifiers.model import Severity
from monitor.incidents.model import Incident
from monitor.pipeline import asking, exporting
from monitor.pipeline.asking import Asked, every_hit, every_incident, find, read_question
from monitor.pipeline.exporting import (
    INCIDENT_COLUMNS,
    ITEM_COLUMNS,
    Answers,
    ExportForm,
    csv_lines,
    file_blocks,
    json_lines,
    of_incidents,
    of_items,
    write_workbook,
)
from monitor.pipeline.saved_questions import as_json, asked_of, keep_question, tell_new_answers
from monitor.ports import Account, Store
from monitor.ports.history import SavedQuestion
from tests.support.builders import T0, a_joining, after, an_incident, an_item, opening
from tests.support.setting import a_setting

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HOSTILE = '=HYPERLINK("http://127.0.0.1","x")'


def add(store: Store, *titles: str, text: str = "") -> None:
    with store.transaction() as unit:
        start = unit.last_item_id()
        items = [
            an_item(key=f"k{start + n}", title=title, text=text, published_at=after(minutes=start + n))
            for n, title in enumerate(titles)
        ]
        unit.add_items(items, [None] * len(items))


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"q": "(停水"}, "第 1 个字：括号没有成对"),
        ({"since": "2026-13-99"}, "起：日期应写作 2026-11-24"),
        ({"until": "gestern"}, "止：日期"),
        ({"since": "2026-03-05", "until": "2026-03-02"}, "晚于"),
        ({"severity": ("5",)}, "级别：只能是 1、2、3、4"),
        ({"status": ("gone",)}, "状态：只能是"),
        ({"role": ("king",)}, "信源类别：只能是"),
        ({"outcome": ("won",)}, "时限：只能是 running"),
        ({"order": "random"}, "只能是 newest、best"),
        ({"place": ("镇" * 201,)}, "地点：最长 200 个字"),
        ({"department": ("a\0",)}, "控制字符"),
        ({"figures": ("死亡",)}, "死亡>=3"),
        ({"figures": tuple(f"死亡>={n}" for n in range(51))}, "数据：最多 50 个"),
        ({"kind": tuple(map(str, range(51)))}, "类型：最多 50 个"),
    ],
)
def test_a_faulty_question_is_refused_in_chinese(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(AskingError) as refused:
        read_question(Asked(**fields))
    assert fault in str(refused.value)


def test_a_day_is_the_whole_local_day_and_blank_filters_are_none() -> None:
    for day in ("2026-03-02", "20260302", "2026-W10-1"):
        question = read_question(Asked(since=day, until=day, severity=("", "1", "1"), kind=("",)))
        assert (question.since, question.until) == (T0 - timedelta(hours=8), T0 + timedelta(hours=16))
        assert (question.severities, question.kinds) == ((1,), ())


def pages(store: Store, question: Asked, on_page: Callable[[], None] = lambda: None) -> list[str]:
    seen, cursor = [], ""
    for _ in range(20):
        with store.reading() as unit:
            found = find(unit, read_question(question, limit=2), question.order, cursor)
        seen += [hit.item.title for hit in found.hits]
        on_page()
        if found.cursor is None:
            return seen
        cursor = found.cursor
    raise AssertionError(seen)


@pytest.mark.parametrize("ranked", [1000, 3])
def test_the_best_come_first_then_the_rest_by_time_while_items_arrive(
    lite: Store, ranked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "BEST_OF", ranked)
    monkeypatch.setattr(asking, "_AT_ONCE", 2)
    add(lite, "停水通知", "某地", "他处", text="")
    add(lite, "无关一", "无关二", text="居民反映停水")
    add(lite, "停水", text="停水停水")
    seen = pages(lite, Asked(q="停水", order="best"), lambda: add(lite, "停水新到"))
    assert seen == (
        ["停水", "停水通知", "无关二", "无关一"] if ranked > 3 else ["停水", "无关二", "无关一", "停水通知"]
    )


def test_newest_first_reaches_the_end_while_items_arrive(lite: Store) -> None:
    add(lite, *(f"停水{n}" for n in range(7)))
    assert pages(lite, Asked(q="停水"), lambda: add(lite, "停水新到")) == [
        f"停水{n}" for n in range(6, -1, -1)
    ]


@pytest.mark.parametrize("cursor", ["x", "0", "-1", "1.", "1.x", "1.t0", "99999999999", "1.2.3", "²"])
@pytest.mark.parametrize("order", ["newest", "best"])
def test_what_was_never_a_cursor_is_refused(lite: Store, order: str, cursor: str) -> None:
    if order == "best" and cursor == "1.":
        return  # the first page as of item 1
    with lite.reading() as unit, pytest.raises(AskingError, match="页码不对"):
        find(unit, read_question(Asked()), order, cursor)


def test_an_export_holds_every_answer_once_masked_and_never_a_formula(
    lite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_AT_ONCE", 2)
    add(lite, HOSTILE, "＝1", "联系人：张三 13812345678", "+1", "普通\x02", text="\t=1\n电话 13812345678")
    told: list[int] = []
    rows = list(of_items(every_hit(lite, read_question(Asked()), told.append)).rows)
    answers = Answers(columns=ITEM_COLUMNS, rows=rows)
    assert (len(rows), told) == (5, [2, 2, 1])
    assert "13812345678" not in json.dumps(rows, ensure_ascii=False)
    table = list(csv.DictReader(io.StringIO("".join(csv_lines(answers)), newline="")))
    assert list(table[0]) == list(ITEM_COLUMNS)
    assert not any(cell.startswith(FORMULAS) for row in table for cell in row.values())
    assert [json.loads(line)["id"] for line in json_lines(answers)] == [5, 4, 3, 2, 1]
    cells = [cell for sheet in sheets(answers) for row in sheet for cell in row]
    assert len(cells) == 6 * len(ITEM_COLUMNS)
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n", "d"}
    assert not any(str(cell.value).startswith(FORMULAS) for cell in cells)
    assert any(cell.value == f"'{HOSTILE}" for cell in cells)


def sheets(answers: Answers, **books: dict[str, str]) -> list[list[Any]]:
    file = io.BytesIO()
    write_workbook(answers, books, file)
    book = openpyxl.load_workbook(io.BytesIO(file.getvalue()))
    return [list(sheet.iter_rows()) for sheet in book.worksheets]


def test_incidents_leave_as_a_file_in_the_words_of_people(
    lite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_AT_ONCE", 1)
    with lite.transaction() as unit:
        for number in (1, 2):
            unit.next_incident_id()
            title = f"=电话 13812345678（{number}）"
            incident = an_incident(id=number, title=title, severity=None, detected_at=T0)
            unit.save(opening(replace(incident, assigned_to=("police", "water"))))
    answers = of_incidents(every_incident(lite, read_question(Asked())))
    answers = Answers(columns=answers.columns, rows=list(answers.rows))
    assert [row["id"] for row in answers.rows] == [2, 1]
    assert [line.split(",")[2] for line in csv_lines(answers)][1:] == [
        f"'=电话 138****5678（{number}）" for number in (2, 1)
    ]
    books = {"status": {"open": "办理中"}, "departments": {"police": "公安局"}}
    ((headings, newest, _),) = sheets(answers, **books)
    assert [cell.value for cell in headings] == list(INCIDENT_COLUMNS.values())
    said = dict(zip(INCIDENT_COLUMNS, (cell.value for cell in newest), strict=True))
    assert (said["status"], said["severity"], said["departments"]) == ("办理中", "未定级", "公安局、water")
    assert said["at"] == T0.replace(tzinfo=None) + timedelta(hours=8)


def test_what_no_sheet_holds_goes_on_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "_MOST_ROWS", 2)
    answers = Answers(columns={"id": "编号"}, rows=[{"id": number} for number in range(5)])
    assert [[row[0].value for row in sheet] for sheet in sheets(answers)] == [
        ["编号", 0, 1],
        ["编号", 2, 3],
        ["编号", 4],
    ]


def test_a_text_that_no_cell_holds_says_that_it_was_cut() -> None:
    answers = Answers(columns={"text": "正文"}, rows=[{"text": "水" * 32_001}])
    ((_, (cell,)),) = sheets(answers)
    assert cell.value == "水" * 32_000 + "…（全文见 CSV 或 JSON Lines）"


def test_a_file_leaves_in_blocks_and_not_in_lines() -> None:
    rows = [{"id": number, "text": "水" * 100} for number in range(2000)]
    for form in (ExportForm.CSV, ExportForm.JSONL):
        answers = Answers(columns={"id": "编号", "text": "正文"}, rows=rows)
        blocks = list(file_blocks(answers, form, {}))
        assert 3 <= len(blocks) <= 8
        assert b"".join(blocks).decode().count("水" * 100) == 2000


WATER = Asked(q="停水")


def keep(store: Store, asked: Asked = WATER, **fields: Any) -> SavedQuestion:
    kept = SavedQuestion(
        account="amy", name="停水", asked=as_json(asked), created_at=T0, tells=True, **fields
    )
    with store.transaction() as unit:
        unit.save_account(Account(name="amy", person_id="duty", role="duty", password_hash=""))
        return keep_question(unit, kept)


def told_alerts(store: Store) -> list[Alert]:
    with store.reading() as unit:
        queued = unit.alerts_in_states([str(state) for state in AlertState], 100)
    return [alert for alert in queued if alert.reason == "question_answered"]


def test_new_answers_are_told_together_and_not_too_often(lite: Store) -> None:
    add(lite, "停水旧")
    kept = keep(lite)
    assert asked_of(kept) == Asked(q="停水")
    setting = a_setting(lite)
    assert tell_new_answers(setting, after(hours=1)) == 0
    add(lite, "停水一", "断电", "停水二")
    assert [tell_new_answers(setting, after(hours=1, minutes=n)) for n in (0, 1)] == [1, 0]
    add(lite, "停水三")
    assert [tell_new_answers(setting, after(hours=1, minutes=n)) for n in (59, 60, 61)] == [0, 1, 0]
    assert [(alert.to, alert.codes["count"]) for alert in told_alerts(lite)] == [("duty", "2"), ("duty", "1")]


@pytest.mark.parametrize("person", [None, "nobody"])
def test_who_cannot_be_told_is_on_record(lite: Store, person: str | None) -> None:
    keep(lite)
    with lite.transaction() as unit:
        unit.save_account(Account(name="amy", person_id=person, role="duty", password_hash=""))
    add(lite, "停水一")
    assert tell_new_answers(a_setting(lite), after(hours=1)) == 0
    with lite.reading() as unit:
        changes = [entry.change for entry in unit.journal() if entry.change.event == "question_answered"]
    assert [(change.facts["count"], change.facts["told"]) for change in changes] == [(1, False)]


def open_one(store: Store, number: int, **fields: Any) -> Incident:
    with store.transaction() as unit:
        unit.next_incident_id()
        incident = an_incident(id=number, severity=Severity.ORDINARY, **fields)
        unit.save(opening(incident))
    return incident


def join(store: Store, incident: Incident, **changed: Any) -> None:
    """Let the item that was stored last join an incident."""
    with store.transaction() as unit:
        joining = a_joining(item_id=unit.last_item_id(), incident_id=incident.id)
        later = replace(incident, version=incident.version + 1, **changed)
        changes = opening(later, joinings=(joining,))
        unit.save(replace(changes, expected_version=incident.version))


def test_an_incident_is_news_when_a_report_of_it_answers_later_and_only_once(lite: Store) -> None:
    setting, old, other = a_setting(lite), open_one(lite, 1), open_one(lite, 2)
    add(lite, "停水旧")
    join(lite, old)
    kept = keep(lite, of_incidents=True)
    assert tell_new_answers(setting, after(hours=1)) == 0
    add(lite, "停水又一")
    join(lite, replace(old, version=2))
    assert tell_new_answers(setting, after(hours=1)) == 0
    add(lite, "停水")
    join(lite, other)
    assert [tell_new_answers(setting, after(hours=hour)) for hour in (1, 2, 3)] == [1, 0, 0]
    assert [alert.codes["count"] for alert in told_alerts(lite)] == ["1"]
    with lite.transaction() as unit:
        unit.drop_question(kept.id)
        assert unit.saved_questions() == ()


def test_an_incident_is_news_when_its_grade_rises_to_what_is_asked_for(lite: Store) -> None:
    setting, incident = a_setting(lite), open_one(lite, 1)
    keep(lite, Asked(severity=("1", "2")), of_incidents=True)
    add(lite, "停水")
    assert tell_new_answers(setting, after(hours=1)) == 0
    join(lite, incident, severity=Severity.SERIOUS)
    assert [tell_new_answers(setting, after(hours=hour)) for hour in (1, 2)] == [1, 0]


def test_a_question_that_this_version_cannot_read_keeps_nobody_else_from_hearing(lite: Store) -> None:
    keep(lite, of_incidents=True)
    with lite.transaction() as unit:
        unit.save_question(replace(unit.saved_questions()[0], asked=as_json(Asked(q="(停水"))))
    keep(lite)
    add(lite, "停水")
    assert tell_new_answers(a_setting(lite), after(hours=1)) == 1
