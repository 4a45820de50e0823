"""Logs: one line for people, JSON for the file, nothing secret in either."""

import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from monitor.logs import redact, redact_facts, set_up_logs

Start = Callable[..., io.StringIO]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    undoings: list[Callable[[], None]] = []

    def begin(**settings: Any) -> io.StringIO:
        console = io.StringIO()
        undoings.append(set_up_logs(level="INFO", folder=tmp_path, console=console, **settings))
        return console

    yield begin
    for undo in undoings:
        undo()


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "huiying.log").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("call 13800138000 now", "call 1********** now"),
        ("来电+86 138-0013-8000。", "来电1**********。"),
        ("incident 20261124138001380001", "incident 20261124138001380001"),
        ("https://q.example/send?key=ab-cd&x=1", "https://q.example/send?key=***&x=1"),
        ("https://o.example/robot/send?access_token=abc", "https://o.example/robot/send?access_token=***"),
        ("https://f.example/open-apis/bot/v2/hook/ab-cd-ef", "https://f.example/open-apis/bot/v2/hook/***"),
        ("Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer ***"),
        ("postgresql://user:pass@db/x", "postgresql://***@db/x"),
        ("redis://:pass@db/0", "redis://***@db/0"),
        ("errcode=45009 monkey business", "errcode=45009 monkey business"),
    ],
)
def test_what_must_not_be_kept_is_taken_out(text: str, kept: str) -> None:
    assert redact(text) == kept


def test_a_bound_fact_with_a_secret_name_is_hidden_at_any_depth() -> None:
    facts = {
        "alert": "a1",
        "n": 3,
        "ok": True,
        "none": None,
        "ratio": 0.5,
        "session_token": "x",
        "headers": {"Cookie": "x", "Accept": "*/*"},
        "calls": ["13800138000", Path("a")],
        "number": 13800138000,
    }
    assert redact_facts(facts) == {
        "alert": "a1",
        "n": 3,
        "ok": True,
        "none": None,
        "ratio": 0.5,
        "session_token": "***",
        "headers": {"Cookie": "***", "Accept": "*/*"},
        "calls": ["1**********", "a"],
        "number": "1**********",
    }


def test_a_record_is_one_line_for_people_and_one_object_for_programs(start: Start, tmp_path: Path) -> None:
    console = start()
    logger.bind(stage="deliver", alert="a1", webhook="https://x").warning(
        "delivery {refused} <b>\n伪造一行\x1b[2J"
    )
    assert len(console.getvalue().splitlines()) == 1
    assert (
        "WARNING delivery {refused} <b> 伪造一行 [2J  stage=deliver alert=a1 webhook=***"
        in console.getvalue()
    )
    (line,) = lines_of(tmp_path)
    assert (line["level"], line["message"], line["stage"]) == (
        "WARNING",
        "delivery {refused} <b>\n伪造一行\x1b[2J",
        "deliver",
    )
    assert line["at"]
    assert line["where"].startswith("tests.test_logs:")


def test_a_traceback_shows_neither_values_nor_addresses(start: Start, tmp_path: Path) -> None:
    console = start()

    def fail(password: str) -> None:
        raise ValueError(f"no answer from https://q.example/?key={password}")

    secret = "".join(("ge", "heim"))
    try:
        fail(secret)
    except ValueError:
        logger.exception("probe failed")
    (line,) = lines_of(tmp_path)
    assert "ValueError: no answer from https://q.example/?key=***" in line["trace"]
    assert "Traceback" in console.getvalue()
    assert secret not in console.getvalue() + json.dumps(line)


def test_development_shows_the_values_of_variables(start: Start) -> None:
    console = start(development=True)

    def fail(figure: int) -> float:
        return figure / 0

    try:
        fail(4711)
    except ZeroDivisionError:
        logger.exception("failed")
    assert "4711" in console.getvalue()


def test_the_standard_library_speaks_through_loguru(start: Start, tmp_path: Path) -> None:
    start()
    logging.getLogger("some.package").info("listening with token=%s", "abc")
    logging.getLogger("some.package").log(25, "odd level")
    for quiet in ("alembic.runtime.migration", "apscheduler.executors", "uvicorn.error"):
        logging.getLogger(quiet).info("not worth reading")
        logging.getLogger(quiet).error("worth reading")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn("old ways", UserWarning, stacklevel=1)
    found = [
        (line["where"].rsplit(":", 1)[0], line["message"].splitlines()[0][:30]) for line in lines_of(tmp_path)
    ]
    assert found[:-1] == [
        ("some.package", "listening with token=***"),
        ("some.package", "odd level"),
        ("alembic.runtime.migration", "worth reading"),
        ("apscheduler.executors", "worth reading"),
        ("uvicorn.error", "worth reading"),
    ]
    assert found[-1][0] == "py.warnings"


def test_a_record_below_the_level_is_left_out(start: Start, tmp_path: Path) -> None:
    start()
    logger.debug("quiet")
    assert lines_of(tmp_path) == []


def test_a_new_folder_is_open_to_the_services_user_alone(tmp_path: Path) -> None:
    set_up_logs(level="INFO", folder=tmp_path / "var", console=io.StringIO())()
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_undoing_gives_the_standard_library_back(tmp_path: Path) -> None:
    before = logging.getLogger().handlers[:]
    set_up_logs(level="INFO", folder=tmp_path, console=io.StringIO())()
    assert logging.getLogger().handlers == before
