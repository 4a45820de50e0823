"""Loguru's sinks: one line for people on the console, JSON in a rotated file, nothing secret in either.

What every record loses before any sink sees it: keys and tokens in addresses, bearer tokens, bot hooks,
passwords in addresses, mobile numbers, and every bound fact whose name says that it is secret.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from loguru import logger

from monitor.clock import as_local

if TYPE_CHECKING:
    from loguru import Record

_HIDDEN: Final = "***"
_SECRET_NAME = re.compile(
    r"secret|token|passw|authorization|cookie|signature|webhook|address|phone|api_?key", re.IGNORECASE
)
_RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)", _HIDDEN),
        (
            r"\b((?:access_?token|token|key|sign|signature|secret|password)=)[^&\s\"'<>]+",
            rf"\1{_HIDDEN}",
        ),
        (r"(/(?:hook|hooks|webhook|webhooks)/)[^\s\"'?<>]+", rf"\1{_HIDDEN}"),
        (r"\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}", rf"\1{_HIDDEN}"),
        (r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)", "1**********"),
    )
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # a foreign text must not forge a line or move the cursor
# Loud at INFO about nothing that people need; their warnings come through.
_QUIET: Final = ("alembic", "apscheduler", "asyncio", "uvicorn", "aiohttp.access", "jieba")


def redact(text: str) -> str:
    """Return the text without what must not be kept: keys in addresses, bearer tokens, mobile numbers."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def redact_facts(facts: Any, name: str = "") -> Any:
    """Return bound facts without secrets, at any depth; whatever is no plain value becomes its text."""
    if facts is None or isinstance(facts, bool):
        return facts
    if _SECRET_NAME.search(name):
        return _HIDDEN
    if isinstance(facts, Mapping):
        return {str(key): redact_facts(value, str(key)) for key, value in facts.items()}
    if isinstance(facts, list | tuple | set | frozenset):
        return [redact_facts(value) for value in facts]
    text = redact(str(facts))
    return facts if isinstance(facts, int | float) and text == str(facts) else text


def set_up_logs(
    *, level: str, folder: Path, development: bool = False, console: TextIO | None = None
) -> Callable[[], None]:
    """Send loguru's and the standard library's records to console and `folder/huiying.log`.

    The file rotates at 20 MB and keeps 14 of its predecessors, compressed. Only in development do tracebacks
    show the values of variables. A folder that is not there yet is made for the service's user alone.
    Returns what undoes it all.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    logger.remove()
    logger.configure(patcher=_keep_exception if development else _render_exception)
    shared: dict[str, Any] = {"level": level, "backtrace": development, "diagnose": development}
    logger.add(console or sys.stderr, format=_console_line, **shared)
    logger.add(
        folder / "huiying.log",
        format=_json_line,
        rotation="20 MB",
        retention=14,
        compression="gz",
        encoding="utf-8",
        **shared,
    )
    return _take_over_standard_library()


def _keep_exception(record: "Record") -> None:
    record["message"] = redact(record["message"])
    record["extra"] = redact_facts(record["extra"])


def _render_exception(record: "Record") -> None:
    """Redact the record, its traceback included: an exception's own words may name an address."""
    _keep_exception(record)
    if (exception := record["exception"]) is not None:
        lines = traceback.format_exception(exception.type, exception.value, exception.traceback)
        record["extra"]["_trace"] = redact("".join(lines))
        record["exception"] = None


def _facts(record: "Record") -> dict[str, Any]:
    return {name: value for name, value in record["extra"].items() if not name.startswith("_")}


def _console_line(record: "Record") -> str:
    at = as_local(record["time"]).strftime("%m-%d %H:%M:%S")
    facts = " ".join(f"{name}={value}" for name, value in _facts(record).items())
    line = _CONTROL.sub(" ", f"{at} {record['level'].name:<7} {record['message']}  {facts}").rstrip()
    record["extra"]["_console"] = "\n".join([line, *record["extra"].get("_trace", "").splitlines()])
    return "{extra[_console]}\n{exception}"


def _json_line(record: "Record") -> str:
    facts = {
        "at": record["time"].isoformat(),
        "level": record["level"].name,
        "message": record["message"],
        "where": f"{record['name']}:{record['line']}",
        **_facts(record),
    }
    if trace := record["extra"].get("_trace"):
        facts["trace"] = trace
    record["extra"]["_json"] = json.dumps(facts, ensure_ascii=False)
    return "{extra[_json]}\n"


class _IntoLoguru(logging.Handler):
    """Hands the standard library's records to loguru, under the name of whoever wrote them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Pass one record on; an unknown level keeps its number."""

        def place(target: "Record") -> None:
            target["name"], target["function"] = record.name, record.funcName
            target["line"] = record.lineno

        known = record.levelname in logging.getLevelNamesMapping() and record.levelname != "NOTSET"
        written = logger.patch(place).opt(exception=record.exc_info)
        written.log(record.levelname if known else record.levelno, record.getMessage())


def _take_over_standard_library() -> Callable[[], None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in _QUIET}
    root.handlers, root.level = [_IntoLoguru()], logging.INFO
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in (*_QUIET, "uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.captureWarnings(capture=True)

    def undo() -> None:
        logging.captureWarnings(capture=False)
        root.handlers, root.level = before
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        logger.remove()
        logger.configure(patcher=lambda _: None)

    return undo
