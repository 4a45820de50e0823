"""`import`: the ledger an office kept before, as closed history."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.clock import SystemClock, as_local

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.ledger.model import Ledger

_SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("import")(import_file)


def import_file(
    file: Annotated[Path, typer.Argument(metavar="台账", help="以往的台账（.xlsx）")],
    columns: Annotated[Path | None, typer.Option(help="列名对照（.yaml）；不写则按常见列名辨认")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看读到什么、会导入多少，什么也不存")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接导入")] = False,
) -> None:
    """导入以往的台账：存为已办结的历史，不起时限、不发通知；改过的再导入一次即更正，不会重复；有错一次列全，什么也不存。"""
    from monitor.pipeline.importing import count_import, import_ledger
    from monitor.service import open_database
    from monitor.settings import read_settings

    now = SystemClock().now()
    ledger = _read(file, columns, now)
    _preview(ledger)
    with closing(open_database(read_settings().database_url.get_secret_value())) as store:
        planned = count_import(store, ledger.rows, now)
        changed = f"，其中改过、将更正 {planned.corrected} 行" if planned.corrected else ""
        typer.echo(f"共 {len(ledger.rows)} 行：新 {planned.new} 行，已导入过 {planned.known} 行{changed}")
        if planned.recent:
            typer.echo(
                f"! 近 30 天内才了结的 {planned.recent} 行不导入（新的报道可能并入），过后再导入一次即可"
            )
        if dry_run or not (planned.new or planned.corrected):
            return
        if not yes and not typer.confirm("导入吗？"):
            typer.echo("没有导入")
            raise typer.Exit(1)
        done = import_ledger(store, ledger.rows, now, by="console", via="console")
    typer.echo(f"已导入 {done.new} 行，更正 {done.corrected} 行")


def _read(file: Path, columns: Path | None, now: "datetime") -> "Ledger":
    from monitor.classifiers.registry import load_table
    from monitor.ledger.heading import read_mapping
    from monitor.ledger.reading import read_ledger
    from monitor.office.registry import read_office
    from monitor.settings import environment_values, read_settings

    path = read_settings().office
    office = read_office(path.read_bytes(), path.name, environment_values())
    mapping = read_mapping(columns.read_bytes(), columns.name) if columns else None
    return read_ledger(file.read_bytes(), file.name, office, load_table(), now, mapping)


def _preview(ledger: "Ledger") -> None:
    typer.echo("列的对应：" + "、".join(f"{ours}＝{theirs}" for ours, theirs in ledger.columns))
    for note in ledger.notes:
        typer.echo(f"! {note}")
    for row in ledger.rows[:_SHOWN]:
        severity = row.severity.zh if row.severity else "未定级"
        answered = f"{as_local(row.answered.at):%Y-%m-%d %H:%M} 回应" if row.answered else "未写回应"
        typer.echo(
            f"  {row.place}  {as_local(row.detected.at):%Y-%m-%d %H:%M}  {severity}  {row.title[:30]}  "
            f"{'、'.join(row.departments) or '未写单位'}  {answered}"
        )
    if len(ledger.rows) > _SHOWN:
        typer.echo(f"  …… 共 {len(ledger.rows)} 行")
