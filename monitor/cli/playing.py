"""`drill`, `replay` and `bench`: rehearsals, real days and speed."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

if TYPE_CHECKING:
    from monitor.drill.scenario import Scenario
    from monitor.office.model import Office
    from monitor.ports import Store

Database = Annotated[str | None, typer.Option(help="数据库地址，默认为临时的 SQLite")]
Timeline = Annotated[Path | None, typer.Option(help="把时间线写入此文件（JSON Lines）")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(drill)
    app.command()(replay)
    app.command()(bench)


def drill(
    scenario: Annotated[
        str | None, typer.Argument(help="演练脚本（YAML），或随程序提供的演练的名称（见 --list）")
    ] = None,
    database: Database = None,
    workers: Annotated[int, typer.Option(min=1, max=16, help="同时运行的进程数")] = 1,
    timeline: Timeline = None,
    office: Annotated[
        Path | None, typer.Option(help="由本单位的人员、层级、值班来演练；只用于随程序提供的演练")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="列出随程序提供的演练")] = False,
) -> None:
    """演练：真实的流程，模拟的时间；未达到预期时退出码为 1，脚本有误时为 2。"""
    from monitor.drill.play import play_drill
    from monitor.drill.shipped import outline_of, told
    from monitor.drill.telling import print_story
    from monitor.drill.timeline import as_line

    if list_ or scenario is None:
        _list_rehearsals()
        return
    plan = _scenario_of(scenario, office)
    events: list[dict[str, Any]] = []

    def keep(event: dict[str, Any]) -> None:
        events.append(event)
        if out is not None:
            out.write(as_line(event) + "\n")

    with opened_store(database) as store, _written(timeline) as out:
        misses = play_drill(plan, store, workers=workers, emit=keep)
        for line in print_story(told(outline_of(scenario, plan), plan, events, store)):
            typer.echo(line)
    for miss in misses:
        typer.echo(miss, err=True)
    if plan.expect:
        typer.echo("演练达到预期。" if not misses else f"有 {len(misses)} 处未达到预期。")
    if misses:
        raise typer.Exit(1)


def _list_rehearsals() -> None:
    from monitor.drill.shipped import shipped

    for name, scenario in shipped().items():
        typer.echo(f"{name}  {scenario.title}\n    {scenario.about}")
    typer.echo("演练：huiying drill 名称；由本单位人员演练：huiying drill 名称 --office office.yaml")


def _scenario_of(name: str, office: Path | None) -> "Scenario":
    """Return the scenario of a file or of a shipped name, by the office's own people if one is given."""
    from monitor.clock import SystemClock, as_local
    from monitor.drill.casting import cast
    from monitor.drill.scenario import read_scenario
    from monitor.drill.shipped import shipped

    path = Path(name)
    if path.is_file() or name not in shipped():
        if office is not None:
            raise typer.BadParameter("--office 只用于随程序提供的演练；脚本文件请在其中写 office:")
        return read_scenario(path.read_bytes(), path.name, lambda other: _read_office(path.parent / other))
    if office is None:
        return shipped()[name]
    return cast(shipped()[name], _read_office(office), as_local(SystemClock().now()).date())


def replay(
    days: Annotated[Path, typer.Option(help="热榜存档文件夹")],
    since: Annotated[str | None, typer.Option("--from", help="首日")] = None,
    until: Annotated[str | None, typer.Option("--to", help="末日（含）")] = None,
    office: Annotated[Path | None, typer.Option(help="办公室配置")] = None,
    territory: Annotated[str | None, typer.Option(help="改用此辖区，如 河南省、全国")] = None,
    database: Database = None,
    timeline: Timeline = None,
    story: Annotated[bool, typer.Option("--story", help="逐件写出条目、级别、数据、时限和消息")] = False,
) -> None:
    """回放真实的热榜：采集、研判、归并、时限、预警全部照常，时间是模拟的。"""
    from monitor.drill.recount import load_stories, tell_story
    from monitor.drill.replaying import play_days, say_summary
    from monitor.drill.timeline import as_line

    def emit(event: dict[str, Any]) -> None:
        if out is not None:
            out.write(as_line(event) + "\n")

    ours = _office_for(office, territory)
    with opened_store(database) as store, _written(timeline) as out:
        summary = play_days(
            days,
            date.fromisoformat(since) if since else None,
            date.fromisoformat(until) if until else None,
            ours,
            store,
            emit,
        )
        for told in load_stories(store) if story else ():
            typer.echo(tell_story(told, ours))
    typer.echo(say_summary(summary))


def bench(
    only: Annotated[str | None, typer.Option(help="只测这些，逗号分隔")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="把结果写入此文件")] = None,
    large: Annotated[bool, typer.Option(help="检索也测一百万条")] = False,
    data: Annotated[
        Path | None, typer.Option(exists=True, help="真实文本（JSON Lines 文件或文件夹），代替自编的")
    ] = None,
) -> None:
    """测速：每个数字都与同一进程里的参照比较。"""
    from monitor.bench.run import print_report, run_bench

    report = run_bench(only.split(",") if only else (), sizes_for(large=large, data=data))
    text = json.dumps(report, ensure_ascii=False, indent=2)
    if json_file is not None:
        json_file.write_text(text + "\n", encoding="utf-8")
    typer.echo(text)
    print_report(report)


def sizes_for(*, large: bool, data: Path | None) -> Any:
    """Return the sizes of a bench."""
    from dataclasses import replace

    from monitor.bench.measure import Sizes

    standard = Sizes(data=data)
    return replace(standard, history=(*standard.history, 1_000_000)) if large else standard


@contextmanager
def opened_store(database: str | None) -> Iterator["Store"]:
    """Open the database of this address, or a new SQLite that goes away afterwards."""
    from monitor.service import open_database

    with tempfile.TemporaryDirectory(prefix="huiying-") as folder:
        store = open_database(database or f"sqlite:///{folder}/drill.db")
        try:
            yield store
        finally:
            store.close()


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as file:
        yield file


def _read_office(path: Path) -> "Office":
    from monitor.office.registry import read_office
    from monitor.settings import environment_values

    return read_office(path.read_bytes(), path.name, environment_values())


def _office_for(path: Path | None, territory: str | None) -> "Office":
    from dataclasses import replace

    from monitor.office.example import example_office
    from monitor.office.registry import read_territory

    office = _read_office(path) if path else example_office()
    return replace(office, territory=read_territory(territory)) if territory else office
