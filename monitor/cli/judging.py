"""`assess` and `group`: items on standard input, verdicts and groups on standard output; no database."""

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.clock import SHANGHAI, SystemClock

if TYPE_CHECKING:
    from monitor.classifiers.judge import Judge
    from monitor.classifiers.lexicon import Lexicon
    from monitor.classifiers.segment import JiebaSegmenter
    from monitor.office.model import Territory

OfficeFile = Annotated[Path | None, typer.Option(help="办公室配置，默认为内置示例（昌宁县）")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(assess)
    app.command()(group)


def assess(
    office: OfficeFile = None,
    now: Annotated[str | None, typer.Option(help="视为现在的时间（ISO 8601）")] = None,
    explain: Annotated[bool, typer.Option(help="用中文说明研判理由")] = False,
) -> None:
    """研判条目：每行一个 JSON，逐行给出结论。"""
    from monitor.classifiers.assess import assess_lines, explain_lines

    at = read_now(now)
    judge = build_judge(office)
    if explain and office is None:
        typer.echo("按内置示例（昌宁县）的辖区研判；按本单位的请加 --office office.yaml", err=True)
    failed = False
    for line, is_item in (explain_lines if explain else assess_lines)(_lines(), judge, at):
        sys.stdout.write(line + "\n")
        failed = failed or not is_item
    if failed:
        raise typer.Exit(1)


def group(
    office: OfficeFile = None,
    everything: Annotated[bool, typer.Option("--all", help="所有条目都归并，不论是否舆情、是否本地")] = False,
) -> None:
    """归并条目：哪些条目说的是同一事件。"""
    from monitor.incidents.lines import group_lines

    segmenter = office_segmenter(office_lexicon())
    for line in group_lines(_lines(), build_judge(office), segmenter, all_items=everything):
        sys.stdout.write(line + "\n")


def read_now(written: str | None) -> datetime:
    """Return the instant that `--now` names, in Beijing time unless it has a zone, else the clock's."""
    if written is None:
        return SystemClock().now()
    try:
        at = datetime.fromisoformat(written)
    except ValueError as error:
        raise typer.BadParameter("应为时刻，如 2026-03-02T08:00:00+08:00", param_hint="--now") from error
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def build_judge(office: Path | None) -> "Judge":
    """Return a judge for the territory of this office file, or of the built-in example office."""
    from monitor.classifiers.judge import Judge
    from monitor.classifiers.registry import load_table

    lexicon = office_lexicon()
    return Judge(lexicon, load_table(), read_territory_of(office), segmenter=office_segmenter(lexicon))


def office_segmenter(lexicon: "Lexicon") -> "JiebaSegmenter":
    """Return the segmenter that the settings choose, which knows the lexicon's terms."""
    from monitor.classifiers.segment import SEGMENTERS
    from monitor.settings import read_settings

    return SEGMENTERS[read_settings().segmenter](lexicon.user_words)


def office_lexicon() -> "Lexicon":
    """Return the lexicon with the office's own words, from the folder of the settings."""
    from monitor.classifiers.registry import load_lexicon
    from monitor.settings import read_settings
    from monitor.watched import read_folder

    return load_lexicon(office=read_folder(read_settings().words))


def read_territory_of(office: Path | None) -> "Territory":
    """Return the territory of an office file, or of the built-in example office."""
    from monitor.office.example import example_territory
    from monitor.office.registry import read_office
    from monitor.settings import environment_values

    if office is None:
        return example_territory()
    return read_office(office.read_bytes(), office.name, environment_values()).territory


def _lines() -> Iterator[str]:
    """Yield the lines of standard input; one that is not UTF-8 is left to be refused, the rest goes on."""
    for number, line in enumerate(sys.stdin.buffer):
        try:
            yield line.decode("utf-8-sig" if number == 0 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            yield "不是 UTF-8"
