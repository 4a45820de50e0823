"""`export`: everything as JSON Lines, a folder a day, for the analysts' own tools."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from monitor.clock import SystemClock


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(export)


def export(
    folder: Annotated[Path, typer.Argument(metavar="文件夹", help="写到哪个文件夹；同一天的文件会被替换")],
    since: Annotated[str, typer.Option(help="从这一天（含），默认三十天前")] = "",
    until: Annotated[str, typer.Option(help="到这一天（含），默认今天")] = "",
) -> None:
    """把条目和事件按日写成 JSON Lines，供 DuckDB 等工具分析；发帖人的个人信息已隐去。"""
    from rich.console import Console
    from rich.progress import Progress

    from monitor.analysis.period import local_day
    from monitor.cli.analysing import period_of
    from monitor.pipeline.partitioning import write_days
    from monitor.service import open_database
    from monitor.settings import read_settings

    period = period_of(since, until, local_day(SystemClock().now()))
    total = 0
    with (
        closing(open_database(read_settings().database_url.get_secret_value())) as store,
        Progress(console=Console(stderr=True)) as progress,
    ):
        bar = progress.add_task("写入", total=None)
        for count in write_days(store, folder, period):
            progress.advance(bar, count)
            total += count
    typer.echo(f"已写入 {folder}：{period.first} 至 {period.last}，共 {total} 行")
