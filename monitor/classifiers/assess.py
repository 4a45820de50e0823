"""Judge items line by line, as `huiying assess` promises (CONTRACTS.md section 2)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from monitor.classifiers.explain import explain
from monitor.classifiers.judge import Judge
from monitor.classifiers.model import Background, Figures, Grade, Moment, Verdict
from monitor.clock import SHANGHAI, as_local
from monitor.collectors.model import Role

# Always in the output, null where the text does not say; further metrics follow where known.
METRICS = (
    "deaths", "missing", "serious_injuries", "injuries", "trapped", "ill_persons", "evacuated",
    "direct_loss_wan", "magnitude",
)  # fmt: skip


class _LineError(ValueError):
    """A line that is no item of the contract."""


def assess_lines(lines: Iterable[str], judge: Judge, now: datetime) -> Iterator[tuple[str, bool]]:
    """Return one line out for each line in, in order, and whether it was an item.

    A faulty line gives `{"line": n, "error": …}` and the rest goes on.
    """
    for id_, answer in _judged(lines, judge, now):
        if isinstance(answer, Verdict):
            yield json.dumps({"id": id_, **verdict_out(answer)}, ensure_ascii=False), True
        else:
            yield json.dumps({"line": id_, "error": answer}, ensure_ascii=False), False


def explain_lines(lines: Iterable[str], judge: Judge, now: datetime) -> Iterator[tuple[str, bool]]:
    """Judge like `assess_lines`, and give the reasoning in Chinese, one paragraph an item."""
    for id_, answer in _judged(lines, judge, now):
        if isinstance(answer, Verdict):
            yield f"【{id_}】\n{explain(answer, judge.table)}\n", True
        else:
            yield f"第 {id_} 行有误：{answer}\n", False


def _judged(lines: Iterable[str], judge: Judge, now: datetime) -> Iterator[tuple[str | int, Verdict | str]]:
    """Yield the id and verdict of each line, or its number and what is wrong with it."""
    for number, line in enumerate(lines, 1):
        try:
            id_, judged = _read_line(line)
        except _LineError as error:
            yield number, str(error)
        else:
            yield id_, judge.judge(**judged, now=now)


def _read_line(line: str) -> tuple[str, dict[str, Any]]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise _LineError(f"不是 JSON：{error}") from error
    if not isinstance(row, dict):
        raise _LineError("应为一个对象 {…}")
    id_, title, text = row.get("id"), row.get("title") or "", row.get("text") or ""
    if not isinstance(id_, str) or not id_:
        raise _LineError("缺少 id（文字）")
    if not isinstance(title, str) or not isinstance(text, str):
        raise _LineError("title 和 text 应为文字")
    if not _is_unicode(id_ + title + text):
        raise _LineError("含有不成对的代理字符（\\ud800 之类）")
    if not title.strip() and not text.strip():
        raise _LineError("title 和 text 不能都为空")
    _check_heat(row.get("heat"))
    judged = {
        "title": title,
        "text": text,
        "published_at": _read_time(row.get("published_at")),
        "source_name": _read_text(row, "source"),
        "role": _read_role(row.get("role")),
        "scope": _read_text(row, "scope"),
    }
    return id_, judged


def _is_unicode(text: str) -> bool:
    """Return whether a text can be written: JSON allows half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_time(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise _LineError(f"published_at 不是 ISO 8601 时间：{value}") from error
    return at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at


def _read_role(value: object) -> Role | None:
    if value is None:
        return None
    try:
        return Role(str(value))
    except ValueError as error:
        raise _LineError(f"role 不认识：{value}") from error


def _read_text(row: Mapping[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise _LineError(f"{key} 应为文字或 null")
    return value


def _check_heat(value: object) -> None:
    """Refuse a heat that is no number; it is reach, not content, so the verdict does not depend on it."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise _LineError("heat 应为数字或 null")


def verdict_out(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as the contract prints it: unknown is null, instants are ISO 8601 at +08:00."""
    return {
        "matter": verdict.matter,
        "live": verdict.live,
        "not_live_reason": verdict.not_live_reason,
        "local": verdict.local,
        "places": [{"name": place.name, "code": place.code} for place in verdict.places],
        "category": verdict.category,
        "event_type": verdict.event_type,
        "secondary_types": list(verdict.secondary_types),
        "basis_61": verdict.basis_61,
        "opinion": verdict.opinion,
        "for_many": verdict.for_many,
        "demands": list(verdict.demands),
        "sensitive": list(verdict.sensitive),
        "truncated": verdict.truncated,
        "background": None if verdict.background is None else _background_out(verdict.background),
        **_told(verdict.figures, verdict.grade, verdict.occurred),
        "window_hours": verdict.window_hours,
        "sentiment": verdict.sentiment,
        "score": verdict.score,
        "evidence": [
            {
                "field": proof.field,
                "text": proof.text,
                "start": proof.start,
                "end": proof.end,
                "in": proof.where,
            }
            for proof in verdict.evidence
        ],
        "rules_version": verdict.rules_version,
    }


def _background_out(background: Background) -> dict[str, Any]:
    return _told(background.figures, background.grade, background.occurred)


def _told(figures: Figures, grade: Grade, occurred: Moment | None) -> dict[str, Any]:
    known = {metric: _number(count.value) for metric, count in figures.counts.items()}
    return {
        "occurred_at": None if occurred is None else as_local(occurred.at).isoformat(),
        "occurred_precision": None if occurred is None else occurred.precision.value,
        "figures": {**dict.fromkeys(METRICS), **known},
        "severity": None if grade.confirmed is None else grade.confirmed.value,
        "severity_precautionary": None if grade.precautionary is None else grade.precautionary.value,
        "standard": grade.standard or grade.precautionary_standard,
    }


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value
