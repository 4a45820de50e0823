"""`rota import|show|check`: the month's duty sheet, who is on duty, where nobody is."""

from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.clock import SHANGHAI, SystemClock, as_local

if TYPE_CHECKING:
    from monitor.office.model import Office
    from monitor.ports import Store

app = typer.Typer(help="值班安排：导入当月值班表、查看、检查空岗。", no_args_is_help=True)

Month = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m"], metavar="年-月", help="哪个月，如 2026-11")
]


@app.command("import")
def import_sheet(
    file: Annotated[Path, typer.Argument(help="值班表（.xlsx）")],
    month: Month = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接导入")] = False,
) -> None:
    """导入当月值班表：先列出读到的安排，确认后保存，并替换该月以前导入的；有错时一次列全，什么也不存。"""
    from dataclasses import replace

    from monitor.office.duty_sheet.reading import read_duty_sheet
    from monitor.pipeline.rostering import import_month

    office, now = _office(), SystemClock().now()
    with closing(_store()) as store:
        sheet = read_duty_sheet(file.read_bytes(), file.name, office, month.date() if month else None)
        shown = replace(office, months=sheet.rotas)
        imported = tuple(level for level in office.levels if level.number in {r.level for r in sheet.rotas})
        typer.echo(say_month(replace(shown, levels=imported), sheet.month, now))
        for note in sheet.notes:
            typer.echo(f"! {note}")
        if not yes and not typer.confirm(f"导入以上 {sheet.month:%Y年%m月} 的安排吗？"):
            typer.echo("没有导入")
            raise typer.Exit(1)
        replaced = import_month(store, sheet.month, sheet.rotas, by="console", now=now, via="console")
        typer.echo(f"已导入 {sheet.month:%Y年%m月} 的值班表" + ("，替换了以前导入的" if replaced else ""))


@app.command()
def show(month: Month = None) -> None:
    """按日列出一个月各层级由谁值班（含导入的值班表和顶替）。"""
    from monitor.desk.views.rota_view import month_range

    now = SystemClock().now()
    first = (month.replace(tzinfo=SHANGHAI) if month else as_local(now)).date().replace(day=1)
    typer.echo(say_month(_rostered(*month_range(first)), first, now))


@app.command()
def check(days: Annotated[int, typer.Option(min=1, max=366, help="今后多少天")] = 31) -> None:
    """检查今后一段时间有没有空岗、节假日安排够不够用；有问题时退出码为 1。"""
    from datetime import timedelta

    from monitor.desk.views.rota_view import gaps, year_fault

    now = SystemClock().now()
    until = now + timedelta(days=days)
    office = _rostered(now, until)
    faults = [
        f"第 {g.level.number} 层级（{g.level.name}）{g.span} 无人值班" for g in gaps(office, now, until)
    ]
    faults += [fault for fault in (year_fault(office, now),) if fault]
    for fault in faults:
        typer.echo(f"! {fault}")
    if faults:
        raise typer.Exit(1)
    typer.echo(f"今后 {days} 天各层级都有人值班")


def say_month(office: "Office", month: date, now: datetime) -> str:
    """Return a month in Chinese, a line for each day."""
    from monitor.desk.views.rota_view import month_days

    lines = [f"{month:%Y年%m月}"]
    for day in month_days(office, month, now):
        off = {None: "？", True: "休", False: "　"}[day.is_off]
        duties = "　".join(
            f"{level.name} "
            + "；".join(f"{duty.people}{duty.hours and f'（{duty.hours}）'}" for duty in duties)
            for level, duties in day.duties
            if duties
        )
        lines.append(f"{day.on.day:>2}日{day.weekday}{off} {duties}")
    return "\n".join(lines)


def _office() -> "Office":
    from monitor.office.registry import read_office
    from monitor.settings import environment_values, read_settings

    path = read_settings().office
    return read_office(path.read_bytes(), path.name, environment_values())


def _store() -> "Store":
    from monitor.service import open_database
    from monitor.settings import read_settings

    return open_database(read_settings().database_url.get_secret_value())


def _rostered(since: datetime, until: datetime) -> "Office":
    from monitor.pipeline.rostering import with_rota

    with closing(_store()) as store, store.reading() as transaction:
        return with_rota(_office(), transaction, since, until)
