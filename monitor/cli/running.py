"""`run`, `serve`, `collect` and `doctor`: the service itself."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from monitor.service import Parts

ALL_ROLES = "collect,engine,deliver,desk"


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(run)
    app.command()(serve)
    app.command()(collect)
    app.command()(doctor)


def run(
    demo: Annotated[bool, typer.Option(help="播放内置演示：自带信源和数据库，不需要网络")] = False,
) -> None:
    """启动服务：采集、研判、时限、送达和值班台都在一个进程里。"""
    if demo:
        from monitor.drill.showing import run_demo

        asyncio.run(run_demo(typer.echo))
        return
    serve(role=ALL_ROLES)


def serve(
    role: Annotated[
        str, typer.Option(help="本进程的职责，逗号分隔：collect,engine,deliver,desk")
    ] = ALL_ROLES,
) -> None:
    """启动一个只承担部分职责的进程；数据库由各进程共用。"""
    from monitor.drill.shipped import rehearsals_of
    from monitor.logs import set_up_logs
    from monitor.service import ROLES, Service, build_parts
    from monitor.service import serve as serve_until_stopped
    from monitor.settings import read_settings

    roles = tuple(role.split(","))
    unknown = [name for name in roles if name not in ROLES]
    if unknown:
        raise typer.BadParameter(f"没有这种职责：{'、'.join(unknown)}")
    settings = read_settings()
    set_up_logs(level=settings.log_level, folder=settings.var, development=settings.development)
    parts = build_parts(settings)
    service = Service(parts, roles, rehearsals=rehearsals_of(parts))
    asyncio.run(serve_until_stopped(service, lambda app: _say_ready(parts, app, roles)))


def _say_ready(parts: "Parts", app: "FastAPI", roles: tuple[str, ...]) -> None:
    from monitor.service import READY

    settings = parts.settings
    if "desk" not in roles:
        typer.echo(f"已启动：{'、'.join(roles)}")
        return
    address = f"http://{settings.host}:{settings.port}"
    token = app.state.desk.access.open_setup()
    if token is not None:
        typer.echo(f"首次使用：请在本机 30 分钟内打开 {address}/setup/{token} 设置管理员")
        typer.echo("本机没有浏览器时，在服务器上运行：huiying users create 登录名 --role admin")
    typer.echo(f"{READY} {address}")


def collect(
    once: Annotated[bool, typer.Option(help="每个信源取一次就结束")] = True,
    names: Annotated[list[str] | None, typer.Argument(help="只取这些信源")] = None,
) -> None:
    """采集一遍并存储，显示进度。"""
    from monitor.service import build_parts
    from monitor.settings import read_settings

    if not once:
        serve(role="collect")
        return
    asyncio.run(_collect_once(build_parts(read_settings()), set(names or ())))


async def _collect_once(parts: "Parts", names: set[str]) -> None:
    from rich.console import Console
    from rich.progress import track

    from monitor.collectors.fetch import Fetcher
    from monitor.collectors.model import SourceState
    from monitor.pipeline.collecting import Collecting

    chosen = [s for s in parts.files.sources() if s.address and (s.id in names if names else s.enabled)]
    console = Console(stderr=True)
    async with Fetcher(clock=parts.clock) as fetcher:
        collecting = Collecting(parts.store, parts.intake, fetcher, parts.files.sources, parts.clock)
        with parts.store.reading() as transaction:
            states = transaction.source_states()
        for source in track(chosen, description="采集", console=console):
            row = await collecting.poll_once(
                source, states.get(source.id) or SourceState(source_id=source.id)
            )
            typer.echo(
                f"{source.name}：{row.state}，共 {row.raw} 条，新增 {row.created}，重复 {row.duplicate}"
                + (f"；{row.message}" if row.message else "")
            )


def doctor() -> None:
    """体检：配置是否完整，有没有到不了的人。"""
    from monitor.desk.views.rota_view import year_fault
    from monitor.office.checkup import find_gaps
    from monitor.service import build_parts
    from monitor.settings import read_settings

    parts = build_parts(read_settings())
    office = parts.files.office()
    fault = year_fault(office, parts.clock.now())
    gaps = (*find_gaps(office), *((fault,) if fault else ()))
    for gap in gaps:
        typer.echo(f"! {gap}")
    typer.echo("没有发现问题" if not gaps else f"发现 {len(gaps)} 处需要留意")
