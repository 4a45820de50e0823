"""`journal verify` and `users create`: what an administrator does from the command line."""

from typing import Annotated

import typer

journal = typer.Typer(help="留痕：操作记录的哈希链。", no_args_is_help=True)
users = typer.Typer(help="值班台账号。", no_args_is_help=True)


@journal.callback()
def _journal() -> None:
    """留痕：操作记录的哈希链。"""


@journal.command()
def verify() -> None:
    """核对留痕链是否完整；不完整时退出码为 1。"""
    from monitor.service import open_database
    from monitor.settings import read_settings

    store = open_database(read_settings().database_url.get_secret_value())
    with store.reading() as transaction:
        holds, said = transaction.verify_journal()
    typer.echo(f"留痕链完整，末端 {said}" if holds else f"留痕链不完整：{said}")
    if not holds:
        raise typer.Exit(1)


@users.callback()
def _users() -> None:
    """值班台账号。"""


@users.command()
def create(
    name: Annotated[str, typer.Argument(help="登录名")],
    role: Annotated[str, typer.Option(help="duty|head|leader|department|analyst|admin")] = "duty",
    person: Annotated[str | None, typer.Option(help="office.yaml 中的人员或部门编号")] = None,
) -> None:
    """新建账号；密码在提示后输入，不出现在命令行里。"""
    from monitor.service import build_parts, desk_access
    from monitor.settings import read_settings

    password = typer.prompt("密码", hide_input=True, confirmation_prompt=True)
    access = desk_access(build_parts(read_settings()))
    access.save_account(name=name, password=password, role=role, person_id=person, by="console")
    typer.echo(f"已新建账号 {name}")
