"""The command line as a user meets it: arguments and standard input in, exit code and two streams out."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitor.cli import main
from tests.support.county import OFFICE


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files of an office, in which commands run; the database is one of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "SOURCES", "OFFICE", "VAR", "WORDS"):
        monkeypatch.delenv(f"HUIYING_{name}", raising=False)
    (tmp_path / "office.yaml").write_text(OFFICE.replace("WECOM", "http://127.0.0.1:1"), encoding="utf-8")
    (tmp_path / "sources.yaml").write_text("sources: []\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def huiying(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the console script in this process."""
    del home

    def run(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["huiying", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ran(int(ended.value.code or 0), said.out, said.err)

    return run
