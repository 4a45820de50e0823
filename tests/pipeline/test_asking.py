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
from monitor.pipeline import asking
from monitor.pipeline.asking import Asked, every_hit, find, read_question
from monitor.pipeline.exporting import COLUMNS, csv_lines, json_lines, row_of, write_workbook
from monitor.pipeline.saved_questions import as_json, asked_of, last_seen, tell_new_answers
from monitor.ports import Account, Store
from monitor.ports.history import SavedQuestion
from tests.support.builders import T0, after, an_item
from tests.support.setting import a_setting

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
    ],
)
def test_a_faulty_question_is_refused_in_chinese(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(AskingError) as refused:
        read_question(Asked(**fields))
    assert fault in str(refused.value)


def test_a_day_is_the_whole_local_day_and_blank_filters_are_none() -> None:
    question = read_question(Asked(since="2026-03-02", until="2026-03-02", severity=("",), kind=("",)))
    assert (question.since, question.until) == (T0 - timedelta(hours=8), T0 + timedelta(hours=16))
    assert (question.severities, question.kinds) == ((), ())


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
    add(lite, HOSTILE, "@某", "联系人：张三 13812345678", "+1", "普通\x02", text="\t=1\n电话 13812345678")
    told: list[int] = []
    rows = [row_of(hit) for hit in every_hit(lite, read_question(Asked()), told.append)]
    assert (len(rows), told) == (5, [2, 2, 1])
    assert "13812345678" not in json.dumps(rows, ensure_ascii=False)
    table = list(csv.DictReader(io.StringIO("".join(csv_lines(rows)), newline="")))
    assert list(table[0]) == list(COLUMNS)
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in table for cell in row.values()
    )
    assert [json.loads(line)["id"] for line in json_lines(rows)] == [5, 4, 3, 2, 1]
    book = io.BytesIO()
    write_workbook(rows, book)
    sheet = openpyxl.load_workbook(io.BytesIO(book.getvalue())).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert len(cells) == 6 * len(COLUMNS)
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "n"}
    assert any(cell.value == f"'{HOSTILE}" for cell in cells)


def keep_question(store: Store, **fields: Any) -> SavedQuestion:
    kept = SavedQuestion(
        account="amy", name="停水", asked=as_json(Asked(q="停水")), created_at=T0, tells=True, **fields
    )
    with store.transaction() as unit:
        unit.save_account(Account(name="amy", person_id="duty", role="duty", password_hash=""))
        return unit.save_question(replace(kept, seen_item=last_seen(unit, of_incidents=False)))


def told_alerts(store: Store) -> list[Alert]:
    with store.reading() as unit:
        queued = unit.alerts_in_states([str(state) for state in AlertState], 100)
    return [alert for alert in queued if alert.reason == "question_answered"]


def test_new_answers_are_told_together_and_not_too_often(lite: Store) -> None:
    add(lite, "停水旧")
    kept = keep_question(lite)
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
    keep_question(lite)
    with lite.transaction() as unit:
        unit.save_account(Account(name="amy", person_id=person, role="duty", password_hash=""))
    add(lite, "停水一")
    assert tell_new_answers(a_setting(lite), after(hours=1)) == 0
    with lite.reading() as unit:
        changes = [entry.change for entry in unit.journal() if entry.change.event == "question_answered"]
    assert [(change.facts["count"], change.facts["told"]) for change in changes] == [(1, False)]
