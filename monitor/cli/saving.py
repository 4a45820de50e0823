"""`backup`, `restore` and `retention`: all that an office would miss, and what it need not keep."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.clock import SystemClock, as_local

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST_PASSPHRASE = 12

Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help=f"口令文件，首行为口令，至少 {SHORTEST_PASSPHRASE} 个字符"),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command()(backup)
    app.command()(restore)
    app.command()(retention)


def backup(
    file: Annotated[Path, typer.Argument(metavar="文件", help="写到哪里；从不覆盖已有的文件")],
    passphrase_file: Passphrase = None,
) -> None:
    """备份数据库和配置文件，服务不必停；写完即读回核对。不含环境变量里的密钥、登录会话和访问令牌。"""
    from monitor.service.saving import save
    from monitor.settings import read_settings

    passphrase = _passphrase(passphrase_file)
    made = save(read_settings(), file, SystemClock().now(), passphrase)
    rows = sum(made.manifest.tables.values())
    sealed = "，已加密" if passphrase else "；没有加密，请妥善保管"
    typer.echo(f"已备份到 {file}：{len(made.manifest.tables)} 张表 {rows} 行，已读回核对{sealed}")
    _say_journal(made.manifest.journal_seq, made.journal_fault)


def restore(
    file: Annotated[Path, typer.Argument(metavar="文件", help="`huiying backup` 写的文件")],
    to: Annotated[
        str | None, typer.Option(metavar="数据库地址", help="恢复到哪个数据库；不写则为 HUIYING_DATABASE_URL")
    ] = None,
    passphrase_file: Passphrase = None,
    replace: Annotated[bool, typer.Option("--replace", help="SQLite 旧库不空时，改名保留后替换")] = False,
    files: Annotated[
        Path | None, typer.Option(metavar="文件夹", help="把配置文件也恢复到这个新文件夹")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="只核对备份，什么也不恢复")] = False,
) -> None:
    """从备份恢复到空库，旧版本的备份自动升级结构；恢复后核对行数和留痕，列出对照。先停止服务。"""
    from monitor.service.saving import check_backup
    from monitor.service.saving import restore as restore_into
    from monitor.settings import read_settings

    settings, passphrase = read_settings(), _passphrase(passphrase_file)
    if check:
        read = check_backup(file, work=settings.var, passphrase=passphrase)
    else:
        read = restore_into(
            settings, file, SystemClock().now(), passphrase, to=to, replace=replace, files_to=files
        )
    kept = read.manifest
    typer.echo(
        f"备份于 {as_local(kept.made_at):%Y-%m-%d %H:%M:%S}，程序 {kept.version}，结构 {kept.revision}"
    )
    _say_tables(kept.tables, read.tables)
    if read.aside is not None:
        typer.echo(f"旧库保留为 {read.aside}")
    typer.echo("备份完好" if check else "已恢复；登录会话和访问令牌不在备份里，须重新登录、重新签发")
    _say_journal(kept.journal_seq, read.journal_fault)


def retention(
    days: Annotated[int, typer.Option(min=30, max=36600, help="早于多少天的")],
    yes: Annotated[bool, typer.Option("--yes", help="真正清除；不加则只说会清除多少")] = False,
) -> None:
    """清除旧条目的原文：没有归入事件的只留编号和数字，留存的隐去发帖人信息，接报登记去掉联系方式；事件、义务、留痕、统计不动。"""
    from monitor.service.saving import forget
    from monitor.settings import read_settings

    now = SystemClock().now()
    forgotten = forget(read_settings(), now - timedelta(days=days), now, only_count=not yes)
    said = "已清除" if yes else "将清除（加 --yes 执行，不能恢复）"
    typer.echo(
        f"{said}：{forgotten.items} 条条目的原文，{forgotten.contacts} 条接报登记的联系方式，"
        f"{forgotten.drafts} 版未发布回应稿的文字；{forgotten.masked} 条留存的条目隐去个人信息"
    )


def _passphrase(file: Path | None) -> str | None:
    if file is None:
        return None
    first = file.read_text(encoding="utf-8").partition("\n")[0].strip()
    if len(first) < SHORTEST_PASSPHRASE:
        raise typer.BadParameter(f"{file}: 口令至少 {SHORTEST_PASSPHRASE} 个字符")
    return first


def _say_tables(before: "Mapping[str, int]", after: "Mapping[str, int]") -> None:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        mark = "=" if old == new else "新表" if old is None else "!"
        typer.echo(f"{name:<20}{'-' if old is None else old:>10}{'-' if new is None else new:>10}  {mark}")


def _say_journal(seq: int, fault: str | None) -> None:
    typer.echo(f"留痕链完整，共 {seq} 条" if fault is None else f"! 留痕链不完整：{fault}")
    if fault is not None:
        raise typer.Exit(1)
