"""`channels test|preview`: how people are reached."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from alerts.model import Outcome

app = typer.Typer(help="消息渠道：试发、看样稿。", no_args_is_help=True)


@app.command("test")
def send_test(
    names: Annotated[list[str] | None, typer.Argument(help="只试这些渠道，不写就全部试一遍")] = None,
) -> None:
    """通过每个渠道真发一条测试消息，报告对方怎样回答；有一个不通，退出码为 1。"""
    outcomes = asyncio.run(_try(names or []))
    known = {name for name, _ in outcomes}
    for name in names or []:
        if name not in known:
            typer.echo(f"{name}：office.yaml 里没有这个渠道", err=True)
    if not all(is_fine for _, is_fine in outcomes) or not known.issuperset(names or []):
        raise typer.Exit(1)


async def _try(names: list[str]) -> list[tuple[str, bool]]:
    from alerts.model import OutcomeClass
    from monitor.service.building import smtp_settings
    from monitor.service.files import Files
    from monitor.service.trying import try_channels
    from monitor.settings import read_settings

    found = []
    settings = read_settings()
    async for name, outcome in try_channels(Files(settings).office(), smtp_settings(settings), names):
        typer.echo(f"{name}：{say_outcome(outcome)}")
        found.append((name, outcome.kind is OutcomeClass.OK))
    return found


def say_outcome(outcome: "Outcome") -> str:
    """Return in Chinese what the other side said."""
    from alerts.model import OutcomeClass

    if outcome.kind is OutcomeClass.OK:
        return outcome.detail or "对方已接收"
    return f"不通，{outcome.detail or '未知应答'}（{outcome.code}）"


@app.command()
def preview() -> None:
    """按现用模板写出一条样稿：有全部内容的纯文本消息。"""
    from alerts.message.own_templates import sample
    from monitor.service.files import Files
    from monitor.settings import read_settings

    typer.echo(sample(Files(read_settings()).templates()))
