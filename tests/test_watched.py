"""A file edited while the service runs: what is faulty keeps the old value and says so."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.errors import ConfigurationError
from monitor.watched import WORDS, Watched, WatchedFolder, read_folder


def read(text: str, name: str) -> int:
    if not text.isdigit():
        raise ConfigurationError((f"{name}:1:1: 应为数字", f"{name}:1:2: 还是应为数字"))
    return int(text)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "number.yaml"
    file.write_text("1", encoding="utf-8")
    return file


def edit(path: Path, content: str | bytes | None) -> None:
    if content is None:
        path.unlink()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")


def refreshed(watched: Watched[int], path: Path, content: str | bytes | None) -> bool:
    edit(path, content)
    return watched.refresh()


@pytest.mark.parametrize(
    ("edits", "value", "changed", "faults"),
    [
        pytest.param(["1"], 1, False, 0, id="written again as it was"),
        pytest.param(["2"], 2, True, 0, id="a good edit holds at once"),
        pytest.param(["x"], 1, False, 2, id="a faulty edit: the old value and every fault"),
        pytest.param(["x", "x"], 1, False, 2, id="the fault stays on the desk"),
        pytest.param(["x", "3"], 3, True, 0, id="until it is mended"),
        pytest.param(["x", "1"], 1, True, 0, id="or taken back"),
        pytest.param([None], 1, False, 1, id="deleted"),
        pytest.param([None, "1"], 1, True, 0, id="deleted and put back as it was"),
        pytest.param([b"\xff\xfe"], 1, False, 1, id="not UTF-8"),
        pytest.param([b"\xff\xfe", "2"], 2, True, 0, id="not UTF-8, then mended"),
    ],
)
def test_the_last_good_value_holds_and_faults_are_said_as_long_as_they_last(
    path: Path, edits: list[str | bytes | None], value: int, changed: bool, faults: int
) -> None:
    watched = Watched(path, read)
    news = [refreshed(watched, path, content) for content in edits]
    assert (watched.value, news[-1], len(watched.faults)) == (value, changed, faults)
    assert all(fault.endswith("（继续使用改动前的配置）") for fault in watched.faults)


@pytest.mark.parametrize("content", [pytest.param("x", id="faulty"), pytest.param(None, id="missing")])
def test_a_file_that_is_faulty_from_the_start_is_an_error_that_names_it(
    path: Path, content: str | None
) -> None:
    edit(path, content)
    with pytest.raises(ConfigurationError, match=r"number\.yaml"):
        Watched(path, read)


def joined(files: Mapping[str, bytes]) -> str:
    if b"x" in files.values():
        raise ConfigurationError(("words/a.yaml:1:1: 不对",))
    return " ".join(f"{name}={content.decode()}" for name, content in files.items())


def test_a_folder_is_read_whole_and_its_last_good_state_holds(tmp_path: Path) -> None:
    folder = tmp_path / "words"
    folder.mkdir()
    for name, content in (("b.yaml", "2"), ("a.yml", "1"), (".hidden.yaml", "3"), ("c.txt", "4")):
        (folder / name).write_text(content, encoding="utf-8")
    watched = WatchedFolder(folder, joined)
    assert watched.value == "words/a.yml=1 words/b.yaml=2"
    (folder / "a.yml").write_text("x", encoding="utf-8")
    assert (watched.refresh(), watched.value) == (False, "words/a.yml=1 words/b.yaml=2")
    assert watched.faults == ("words/a.yaml:1:1: 不对（继续使用改动前的配置）",)
    (folder / "a.yml").unlink()
    assert (watched.refresh(), watched.value, len(watched.faults)) == (True, "words/b.yaml=2", 0)


def test_only_the_default_folder_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_folder(WORDS) == {}
    with pytest.raises(ConfigurationError, match="elsewhere: 无法读取"):
        read_folder(tmp_path / "elsewhere")
