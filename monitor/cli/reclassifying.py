"""`reclassify`: history judged anew by the rules in force, compared, and only then put in place."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.clock import SystemClock, as_local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.pipeline.reclassifying import Shift
    from monitor.ports import Store
    from monitor.ports.analysis import Reclassification

_FIELDS = {
    "matter": "是否舆情",
    "live": "是否当前",
    "local": "是否本地",
    "severity": "级别",
    "event_type": "类型",
    "opinion": "舆情种类",
}


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(reclassify)


def reclassify(
    apply: Annotated[bool, typer.Option("--apply", help="把新结论写入；不加则只判、只比较")] = False,
    listed: Annotated[int, typer.Option("--list", min=0, max=10000, help="列出多少条有变化的")] = 20,
) -> None:
    """用现行的用词、定级表和辖区重判全部历史条目：先给出对照，--apply 才写入；中断后再次运行接着做。

    只换条目的研判结论，事件、时限、通知都不动，不通知任何人；写入记入留痕。
    """
    from monitor.office.registry import read_office
    from monitor.pipeline.reclassifying import apply_all, begin, judge_all, version_of
    from monitor.service import open_database, open_words
    from monitor.settings import environment_values, read_settings

    settings, now = read_settings(), SystemClock().now()
    words = open_words(settings)
    judge = words.judge
    office = read_office(settings.office.read_bytes(), settings.office.name, environment_values())
    version = version_of(words.version, judge.table.version, office.territory)
    with closing(open_database(settings.database_url.get_secret_value())) as store:
        run = begin(store, version, now)
        judged = judge_all(store, run, lambda item: judge.judge_item(item, item.first_seen_at))
        run = _follow("重判", judged, run, lambda r: r.judged_item)
        typer.echo(f"规则版本 {version}：已判 {run.judged} 条，结论有变化的 {run.changed} 条")
        if run.applied_at is not None and run.applied_item >= run.until_item:
            typer.echo(f"已于 {as_local(run.applied_at):%Y-%m-%d %H:%M} 写入，没有待写入的变化")
            return
        _compare(store, run, listed)
        if apply:
            applied = apply_all(store, run, now, by="console", via="console")
            _follow("写入", applied, run, lambda r: r.applied_item)
            typer.echo("已写入；事件、时限和通知没有变动")
        else:
            typer.echo("没有写入；确认后加 --apply")


def _follow(
    what: str,
    steps: "Iterator[Reclassification]",
    run: "Reclassification",
    come: "Callable[[Reclassification], int]",
) -> "Reclassification":
    """Show a bar while the steps are made; return how far they came."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=run.until_item, completed=come(run))
        for run in steps:
            progress.update(task, completed=come(run))
    return run


def _compare(store: "Store", run: "Reclassification", listed: int) -> None:
    from monitor.pipeline.reclassifying import Comparison, shifts

    found = Comparison()
    for shift in shifts(store, run):
        found.add(shift)
        if found.changed <= listed:
            typer.echo(
                f"  条目 {shift.item.id}  {shift.item.title[:40] or shift.item.text[:40]}：{_said(shift)}"
            )
    if found.changed > listed:
        typer.echo(f"  …… 共 {found.changed} 条")
    for name, counts in found.counts.items():
        for (was, becomes), count in counts.most_common():
            typer.echo(f"{_FIELDS[name]}：{_word(name, was)} → {_word(name, becomes)}  {count} 条")


def _said(shift: "Shift") -> str:
    before, after = shift.before, shift.after
    changed = [name for name in _FIELDS if getattr(before, name) != getattr(after, name)]
    return "；".join(
        f"{_FIELDS[n]} {_word(n, getattr(before, n))} → {_word(n, getattr(after, n))}" for n in changed
    )


def _word(name: str, value: object) -> str:
    from alerts.message.words import OPINIONS
    from monitor.desk import words

    if name == "severity":
        return words.severity_word(value if isinstance(value, int) else None)
    if value is None or isinstance(value, bool):
        return {True: "是", False: "否", None: "不明" if name == "local" else "无"}[value]
    return OPINIONS.get(str(value), str(value)) if name == "opinion" else words.word(name, value)
