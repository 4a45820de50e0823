"""`analysis`, `assessment`, `import`, `export`, `reclassify` as an analyst meets them."""

import json
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from monitor.incidents.model import IncidentState
from storage.engine import open_store
from tests.cli.conftest import Run
from tests.support.builders import a_joining, a_verdict, an_incident, an_item, an_obligation, opening
from tests.support.sheets import a_workbook

MARCH = ("--since", "2026-03-01", "--until", "2026-03-31")


@pytest.fixture
def told(home: Path) -> Path:
    """A database with one closed incident of March 2026."""
    with closing(open_store(f"sqlite:///{home / 'var/huiying.db'}")) as store, store.transaction() as unit:
        (item,) = unit.add_items([an_item()], [a_verdict()])
        incident = an_incident(id=unit.next_incident_id(), state=IncidentState.CLOSED)
        unit.save(opening(incident, obligations=(an_obligation(),), joinings=(a_joining(item_id=item.id),)))
    return home


def test_the_analyses_are_listed_and_one_is_given_in_every_form(told: Path, huiying: Run) -> None:
    assert "on_time_months" in huiying("analysis").out
    assert "口径：" in huiying("analysis", "trend", *MARCH).out
    rows = json.loads(huiying("analysis", "trend", *MARCH, "--format", "json").out)["rows"]
    assert sum(row["incidents"] for row in rows) == 1
    assert huiying("analysis", "trend", *MARCH, "--format", "csv").out.startswith("日期,舆情事件")
    for form in ("xlsx", "svg", "csv"):
        ran = huiying("analysis", "trend", *MARCH, "--format", form, "--out", f"a.{form}")
        assert (ran.code, (told / f"a.{form}").stat().st_size > 0) == (0, True)
    assert "1号" in huiying("analysis", "reach", "--incident", "1").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(("nothing",), 1, "no analysis nothing", id="no such analysis"),
        pytest.param(("reach", "--incident", "9"), 1, "no incident 9", id="no such incident"),
        pytest.param(("trend", "--since", "三月"), 2, "日期应写作", id="no date"),
        pytest.param(
            ("trend", "--since", "2026-03-02", "--until", "2026-03-01"), 2, "不得晚于", id="backwards"
        ),
        pytest.param(("trend", "--format", "xlsx"), 2, "--out", id="a workbook on the terminal"),
        pytest.param(
            ("trend", "--until", "2020-01-01", "--format", "svg", "--out", "a.svg"),
            2,
            "没有可画的图",
            id="no chart",
        ),
    ],
)
def test_what_cannot_be_answered_says_why(
    told: Path, huiying: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    del told
    ran = huiying("analysis", *arguments)
    assert (ran.code, said in ran.err) == (code, True)


def test_the_assessment_of_a_year_is_a_workbook(told: Path, huiying: Run) -> None:
    assert huiying("assessment", "--year", "2026", "out.xlsx").code == 0
    assert load_workbook(told / "out.xlsx").sheetnames == ["考核表", "逾期清单", "口径说明"]


def test_a_ledger_is_shown_then_imported_once(home: Path, huiying: Run) -> None:
    rows: list[list[object]] = [
        ["发现时间", "标题", "责任单位"],
        [datetime.fromisoformat("2025-05-03"), "停水三天", "县某局"],
    ]
    (home / "台账.xlsx").write_bytes(a_workbook(rows))
    (home / "列名.yaml").write_text("departments: {县某局: 县某某局}\n", encoding="utf-8")
    shown = huiying("import", "台账.xlsx", "--columns", "列名.yaml", "--dry-run")
    assert (shown.code, "新 1 行" in shown.out, "按原名保留的单位：县某局" in shown.out) == (0, True, True)
    assert huiying("history", "停水三天", "--format", "json").out.count("停水三天") == 0
    assert "已导入 1 行" in huiying("import", "台账.xlsx", "--yes").out
    again = huiying("import", "台账.xlsx", "--yes")
    assert (again.code, "新 0 行，已导入过 1 行" in again.out) == (0, True)
    assert "停水三天" in huiying("history", "停水三天", "--format", "json").out


def test_a_faulty_ledger_ends_with_two_and_every_place(home: Path, huiying: Run) -> None:
    (home / "台账.xlsx").write_bytes(a_workbook([["发现时间", "标题"], ["何时", "停水"]], title="甲"))
    ran = huiying("import", "台账.xlsx")
    assert (ran.code, ran.err.startswith("台账.xlsx!甲!A2: 发现时间：“何时”不是日期时间")) == (2, True)


def test_days_are_exported(told: Path, huiying: Run) -> None:
    ran = huiying("export", "out", *MARCH)
    assert (ran.code, "共 2 行" in ran.out) == (0, True)
    assert (told / "out/items/day=2026-03-02/items.jsonl").exists()


def test_history_is_compared_and_then_judged_anew(told: Path, huiying: Run) -> None:
    del told
    compared = huiying("reclassify")
    assert (compared.code, "没有写入；确认后加 --apply" in compared.out) == (0, True)
    assert "级别：重大 → " in compared.out
    assert "已写入" in huiying("reclassify", "--apply").out
    assert "没有待写入的变化" in huiying("reclassify").out
