"""`sources check|probe|import|export`: what we watch."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from monitor.collectors.model import Source
    from monitor.collectors.poll import Polled

app = typer.Typer(help="信源：检查、试取、导入、导出。", no_args_is_help=True)


@app.command()
def check() -> None:
    """检查 sources.yaml 和 office.yaml：一次列出全部错误及其行列。"""
    from monitor.errors import ConfigurationError

    faults: list[str] = []
    for read in (_read_sources, _read_office):
        try:
            typer.echo(read())
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(tuple(faults))


def _read_sources() -> str:
    sources = configured_sources()
    enabled = sum(source.enabled for source in sources)
    return f"sources.yaml 正确：{len(sources)} 个信源，启用 {enabled} 个"


def _read_office() -> str:
    from monitor.office.registry import read_office
    from monitor.settings import environment_values, read_settings

    path = read_settings().office
    office = read_office(path.read_bytes(), path.name, environment_values())
    return f"office.yaml 正确：{office.name}，{len(office.people)} 人，{len(office.departments)} 个部门"


def configured_sources() -> tuple["Source", ...]:
    """Return the sources of the configured file; raises ConfigurationError."""
    from monitor.collectors.registry import read_sources
    from monitor.settings import environment_values, read_settings

    path = read_settings().sources
    return read_sources(path.read_bytes(), path.name, environment_values())


@app.command()
def probe(
    names: Annotated[list[str] | None, typer.Argument(help="只试这些信源")] = None,
) -> None:
    """把每个信源各取一次，报告条目、时间、编码和礼貌头；什么也不保存。"""
    sources = [s for s in configured_sources() if s.address and (s.id in names if names else s.enabled)]
    asyncio.run(_probe(sources))


async def _probe(sources: list["Source"]) -> None:
    from monitor.clock import SystemClock
    from monitor.collectors.fetch import Fetcher
    from monitor.collectors.model import SourceState
    from monitor.collectors.poll import poll

    clock = SystemClock()
    async with Fetcher(clock=clock) as fetcher:
        for source in sources:
            polled = await poll(source, SourceState(source_id=source.id), fetcher, clock.now())
            typer.echo(say_polled(polled))


def say_polled(polled: "Polled") -> str:
    """Return in Chinese what one poll brought."""
    from monitor.items.intake import take_in

    source, fetched = polled.source, polled.fetched
    if polled.fault is not None:
        return f"✗ {source.name}（{source.id}）：{polled.message}"
    items = take_in(polled).items
    dated = sum(item.published_at is not None for item in items)
    encoding = polled.reading.encoding if polled.reading else None
    polite = "、".join(
        name for name, value in (("ETag", fetched.etag), ("Last-Modified", fetched.last_modified)) if value
    )
    return (
        f"✓ {source.name}（{source.id}）：{len(items)} 条，{dated} 条有时间，编码 {encoding or '未知'}，"
        f"{fetched.bytes_read} 字节，{polite or '无缓存头'}"
    )


@app.command("import")
def import_opml(opml: Annotated[Path, typer.Argument(help="OPML 文件")]) -> None:
    """把 OPML 中的订阅写成 sources.yaml 的条目（打印出来，由人核对后粘贴）。"""
    from monitor.collectors.opml import read_opml
    from monitor.collectors.registry import write_sources

    typer.echo(write_sources(read_opml(opml.read_bytes(), opml.name)))


@app.command("export")
def export_opml() -> None:
    """把 feed 类信源写成 OPML。"""
    from monitor.collectors.opml import write_opml

    typer.echo(write_opml(configured_sources()), nl=False)
