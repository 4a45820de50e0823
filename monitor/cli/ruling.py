"""`rules check|test|try|import-trendradar`: the office's own words, examples, what a change would do."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.clock import SystemClock

if TYPE_CHECKING:
    from monitor.classifiers.grade import GradingTable
    from monitor.pipeline.trial import Trial

app = typer.Typer(help="用词与规则：检查、例句、试算、导入。", no_args_is_help=True)

SHOWN = 200


@app.command()
def check() -> None:
    """检查 words 文件夹：一次列出全部错误及其行列，以及不起作用的词。"""
    from monitor.cli.judging import office_lexicon

    lexicon = office_lexicon()
    for note in lexicon.notes:
        typer.echo(note)
    typer.echo(f"用词正确，版本 {lexicon.version}，关注话题 {len(lexicon.watch.topics)} 个")


@app.command("test")
def run_examples(
    file: Annotated[Path, typer.Argument(help="例句（YAML）")],
    office: Annotated[Path | None, typer.Option(help="办公室配置，默认为 office.yaml")] = None,
) -> None:
    """跑本单位的例句：列出与预期不同的结论和理由；有不同时退出码为 1，文件有误时为 2。"""
    from monitor.classifiers.examples import find_misses, read_examples
    from monitor.classifiers.explain import explain
    from monitor.classifiers.registry import written_types
    from monitor.cli.judging import build_judge
    from monitor.settings import read_settings

    judge = build_judge(office or read_settings().office)
    table = judge.table
    examples = read_examples(file.read_bytes(), file.name, written_types(table), table.metrics)
    misses = list(find_misses(examples, judge, SystemClock().now()))
    for miss in misses:
        typer.echo(f"第 {miss.number} 句不符：{miss.text}")
        for difference in miss.differences:
            typer.echo(f"  {difference}")
        typer.echo("  " + explain(miss.verdict, table).replace("\n", "\n  ") + "\n")
    typer.echo(f"共 {len(examples)} 句，{len(misses)} 句不符。")
    if misses:
        raise typer.Exit(1)


@app.command("try")
def try_file(
    file: Annotated[Path, typer.Argument(help="试用词（YAML，写法同 words 文件夹里的文件）")],
    days: Annotated[int, typer.Option(min=1, max=366, help="最近多少天的条目")] = 7,
    database: Annotated[str | None, typer.Option(help="数据库地址，默认为设置中的")] = None,
) -> None:
    """试算：加上这些词，已存条目的结论有哪些会变；什么也不保存。"""
    from datetime import timedelta

    from pydantic import SecretStr

    from monitor.pipeline.trial import Bounds, try_words
    from monitor.service import open_database, open_words
    from monitor.settings import read_settings

    settings = read_settings()
    if database:
        settings = settings.model_copy(update={"database_url": SecretStr(database)})
    words = open_words(settings)
    is_in_force = file.resolve().parent == settings.words.resolve()
    name = f"{settings.words.name}/{file.name}" if is_in_force else file.name
    # A file that is already in force is held against the words without it.
    before, on_trial = words.trial({name: b""}).judge, words.trial({name: file.read_bytes()})
    for note in on_trial.notes:
        typer.echo(note, err=True)
    store = open_database(settings.database_url.get_secret_value())
    try:
        bounds = Bounds(days=days, items=2_000_000, time=timedelta(hours=1))
        trial = try_words(store, before, on_trial.judge, SystemClock(), bounds)
    finally:
        store.close()
    typer.echo(say_trial(trial, before.table, days))


def say_trial(trial: "Trial", table: "GradingTable", days: int) -> str:
    """Return in Chinese what a trial found."""
    from monitor.classifiers.explain import in_short
    from monitor.clock import as_local

    lines = [
        f"{as_local(shift.item.at):%m-%d %H:%M} {shift.item.title or shift.item.text[:60]}"
        f"（{shift.item.source_name}）\n"
        f"  {in_short(shift.before, table)} → {in_short(shift.after, table)}"
        f"；依据词：{'、'.join(shift.words) or '—'}"
        for shift in trial.shifts[:SHOWN]
    ]
    if len(trial.shifts) > SHOWN:
        lines.append(f"只列出最新的 {SHOWN} 条。")
    if trial.seen_until is not None:
        lines.append(f"没有看完，到 {as_local(trial.seen_until):%m-%d %H:%M} 为止。")
    lines.append(
        f"最近 {days} 天看了 {trial.looked_at} 条，{len(trial.shifts)} 条的结论会变："
        f"新成为舆情 {trial.appearing} 条，不再是舆情 {trial.vanishing} 条。"
    )
    return "\n".join(lines)


@app.command("import-trendradar")
def import_trendradar(
    file: Annotated[Path, typer.Argument(help="TrendRadar 的 frequency_words.txt")],
) -> None:
    """把 TrendRadar 的关键词转成关注词（打印出来，核对后存为 words/watch.yaml）；转不了的逐行列出。"""
    from monitor.classifiers.trendradar import read_trendradar, write_watch

    found = read_trendradar(file.read_bytes(), file.name)
    for note in found.notes:
        typer.echo(note, err=True)
    typer.echo(write_watch(found.watch), nl=False)
