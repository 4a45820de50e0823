"""The command `huiying`: its parts, and how a fault ends it."""

import sys

import typer

from monitor.cli import (
    analysing,
    asking,
    importing,
    judging,
    keeping,
    partitioning,
    playing,
    reaching,
    reclassifying,
    rostering,
    ruling,
    running,
    saving,
    watching,
)
from monitor.errors import ConfigurationError, MonitorError

app = typer.Typer(
    name="huiying",
    help="回应 Huiying：政务舆情回应监测。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (running, judging, playing, asking, analysing, partitioning, importing, reclassifying, saving):
    part.register(app)
app.add_typer(watching.app, name="sources")
app.add_typer(ruling.app, name="rules")
app.add_typer(rostering.app, name="rota")
app.add_typer(reaching.app, name="channels")
app.add_typer(keeping.journal, name="journal")
app.add_typer(keeping.users, name="users")


def main() -> None:
    """Run the command line; a fault of a file ends with exit code 2 and every place, others with 1."""
    try:
        app()
    except ConfigurationError as error:
        typer.echo("\n".join(error.faults), err=True)
        sys.exit(2)
    except MonitorError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    except OSError as error:
        if error.filename is None:
            raise
        typer.echo(f"{error.filename}: 无法读取：{error.strerror}", err=True)
        sys.exit(2)
