"""`journal` and `users`: what an administrator does from the command line."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from monitor.desk.access import Access
    from monitor.ports import JournalEntry, Store, Transaction

journal = typer.Typer(help="留痕：操作记录的哈希链。", no_args_is_help=True)
users = typer.Typer(help="值班台账号和访问令牌。", no_args_is_help=True)

SHORTEST_ANCHOR = 16
"""Of a printed hash at least so many digits: 64 bits, more than a forged entry can be made to begin with."""


@journal.callback()
def _journal() -> None:
    """留痕：操作记录的哈希链。"""


def _store() -> "Store":
    from monitor.service import open_database
    from monitor.settings import read_settings

    return open_database(read_settings().database_url.get_secret_value())


@journal.command()
def verify(
    anchor: Annotated[
        list[str] | None, typer.Option(help="纸质简报上的留痕校验码，至少前 16 位，可多次")
    ] = None,
) -> None:
    """核对留痕链是否完整、与每日简报上的校验码是否一致；不一致时退出码为 1。"""
    printed = [re.sub(r"\s", "", text).lower() for text in anchor or ()]
    if faulty := [text for text in printed if not re.fullmatch(f"[0-9a-f]{{{SHORTEST_ANCHOR},64}}", text)]:
        raise typer.BadParameter(f"校验码应为 {SHORTEST_ANCHOR} 至 64 位的 0-9、a-f：{'、'.join(faulty)}")
    with _store().reading() as transaction:
        holds, said = transaction.verify_journal()
        days = len(transaction.journal_anchors())
        whole = f"留痕链完整，末端 {said}；与 {days} 天的简报一致" if holds else f"留痕链不完整：{said}"
        lines = [(holds, whole), *(_found(transaction, text) for text in printed)]
    typer.echo("\n".join(line for _, line in lines))
    if not all(is_well for is_well, _ in lines):
        raise typer.Exit(1)


def _found(transaction: "Transaction", printed: str) -> tuple[bool, str]:
    """Return whether a printed hash stands in the chain, and where."""
    entry = transaction.journal_entry(printed)
    if entry is None:
        return False, f"校验码 {printed} 不在链中：留痕可能被整体改写"
    return True, f"校验码 {printed} 在链中：第 {entry.seq} 条"


@journal.command()
def export(
    after: Annotated[int, typer.Option(min=0, help="从这一条之后开始")] = 0,
    incident: Annotated[int | None, typer.Option(help="只导出这一事件")] = None,
    words: Annotated[bool, typer.Option("--words", help="带上办理人填写的原话；默认只有其哈希")] = False,
) -> None:
    """导出留痕：每行一个 JSON 对象，可凭它独立重算哈希链。"""
    with _store().reading() as transaction:
        while entries := transaction.journal(after, incident):
            typer.echo("\n".join(_line(entry, with_words=words) for entry in entries))
            after = entries[-1].seq


def _line(entry: "JournalEntry", *, with_words: bool) -> str:
    change = entry.change
    fields: dict[str, Any] = {
        "seq": entry.seq,
        "at": change.at.isoformat(),
        "event": change.event,
        "incident": change.incident,
        "actor": change.actor,
        "via": change.via,
        "facts": change.facts,
        "words_hash": entry.words_hash,
        "rule_version": entry.rule_version,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }
    if with_words:
        fields["words"] = change.words
    return json.dumps(fields, ensure_ascii=False)


@users.callback()
def _users() -> None:
    """值班台账号和访问令牌。"""


@contextmanager
def _door() -> Iterator["Access"]:
    """Lend the desk's door; a refusal ends the command in Chinese."""
    from monitor.desk import words
    from monitor.desk.access import AccessError
    from monitor.service import build_parts, desk_access
    from monitor.settings import read_settings

    try:
        yield desk_access(build_parts(read_settings()))
    except AccessError as error:
        typer.echo(words.word("access", error.reason), err=True)
        raise typer.Exit(1) from error


@users.command()
def create(
    name: Annotated[str, typer.Argument(help="登录名")],
    role: Annotated[str, typer.Option(help="duty|head|leader|department|analyst|admin")] = "duty",
    person: Annotated[str | None, typer.Option(help="office.yaml 中的人员或部门编号")] = None,
) -> None:
    """新建账号；密码在提示后输入，不出现在命令行里。"""
    password = typer.prompt("密码", hide_input=True, confirmation_prompt=True)
    with _door() as access:
        access.save_account(name=name, password=password, role=role, person_id=person, by="console")
    typer.echo(f"已新建账号 {name}")


@users.command()
def token(
    name: Annotated[str, typer.Argument(help="登录名；令牌能看到的不多于这个账号")],
    scope: Annotated[list[str], typer.Option(help="feeds|read|act|metrics，可多次")],
    days: Annotated[int, typer.Option(min=1, max=3660, help="有效天数")] = 365,
) -> None:
    """签发访问令牌，只显示这一次；feeds 用于日历和订阅，metrics 用于 Prometheus。"""
    with _door() as access:
        secret = access.issue_token(name, tuple(scope), timedelta(days=days))
    typer.echo(secret)
    if "feeds" in scope:
        typer.echo(f"日历：/feeds/deadlines.ics?token={secret}", err=True)
        typer.echo(f"订阅：/feeds/incidents.atom?token={secret}", err=True)


@users.command()
def tokens() -> None:
    """列出有效的访问令牌：编号、账号、范围、到期。"""
    from monitor.desk.words import full

    with _door() as access:
        for held in access.tokens():
            typer.echo(f"{access.token_id(held)}  {held.account}  {held.scope}  {full(held.expires_at)}")


@users.command()
def revoke(id_: Annotated[str, typer.Argument(metavar="编号", help="`users tokens` 给出的编号")]) -> None:
    """撤销访问令牌，立即生效。"""
    with _door() as access:
        access.revoke_token(id_)
    typer.echo(f"已撤销 {id_}")


@users.command("reset-password")
def reset_password(name: Annotated[str, typer.Argument(help="登录名")]) -> None:
    """给忘了密码的人重设密码并退出其登录；密码在提示后输入，不出现在命令行里。"""
    password = typer.prompt("新密码", hide_input=True, confirmation_prompt=True)
    with _door() as access:
        access.reset_password(name, password, by="console")
    typer.echo(f"已重设 {name} 的密码，其登录已全部退出")


@users.command("reset-second-factor")
def reset_second_factor(name: Annotated[str, typer.Argument(help="登录名")]) -> None:
    """清除一个账号的动态验证码并退出其登录：本人丢了手机又没有恢复码时用，请先核实是本人。"""
    with _door() as access:
        access.reset_second_factor(name)
    typer.echo(f"已清除 {name} 的动态验证码，其登录已全部退出")
