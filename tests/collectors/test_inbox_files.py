import os
from datetime import timedelta
from pathlib import Path

from monitor.collectors.inbox_files import finish_file, scan_inbox_folder
from monitor.collectors.model import Politeness, SourceKind, SourceState
from tests.support.builders import T0, a_source

INBOX = a_source(kind=SourceKind.INBOX, politeness=Politeness(max_bytes=1000))
STATE = SourceState(source_id=INBOX.id)


def _drop(folder: Path, name: str, text: str, age: timedelta = timedelta(minutes=1)) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    written_at = (T0 - age).timestamp()
    os.utime(path, (written_at, written_at))
    return path


def test_dropped_files_are_read_once_and_moved(tmp_path: Path) -> None:
    _drop(tmp_path, "a.csv", "标题,内容\n停水,两天\n")
    _drop(tmp_path, "b.jsonl", '{"title": "停电"}\n')
    found = list(scan_inbox_folder(tmp_path, INBOX, STATE, T0))
    assert [
        item.title for file in found for item in (file.polled.reading.items if file.polled.reading else ())
    ] == ["停水", "停电"]
    for file in found:
        assert finish_file(file, T0).parent.name == "done"
    assert list(scan_inbox_folder(tmp_path, INBOX, STATE, T0)) == []


def test_a_file_that_cannot_be_read_is_moved_with_its_reason(tmp_path: Path) -> None:
    _drop(tmp_path, "a.xlsx", "不是表格")
    _drop(tmp_path, "b.csv", "标题\n" + "停水\n" * 1000)
    moved = [finish_file(file, T0) for file in scan_inbox_folder(tmp_path, INBOX, STATE, T0)]
    assert [path.parent.name for path in moved] == ["failed", "failed"]
    reasons = [path.with_name(path.name + ".reason.txt").read_text(encoding="utf-8") for path in moved]
    assert reasons == ["表格文件无法读取（缺少标题或内容列，现有列 不是表格）\n", "文件超过大小上限\n"]


def test_files_that_are_not_ours_or_not_ready_are_left_alone(tmp_path: Path) -> None:
    _drop(tmp_path, ".hidden.csv", "标题\n停水\n")
    _drop(tmp_path, "a.csv.part", "标题\n停水\n")
    _drop(tmp_path, "new.csv", "标题\n停水\n", age=timedelta(seconds=1))
    (tmp_path / "link.csv").symlink_to(_drop(tmp_path, "target.txt", "标题\n停水\n"))
    (tmp_path / "folder.csv").mkdir()
    assert list(scan_inbox_folder(tmp_path, INBOX, STATE, T0)) == []
    assert list(scan_inbox_folder(tmp_path / "none", INBOX, STATE, T0)) == []


def test_a_second_file_of_one_name_replaces_nothing(tmp_path: Path) -> None:
    places = []
    for n in range(2):
        _drop(tmp_path, "a.csv", f"标题\n第{n}次停水\n")
        places += [
            finish_file(f, T0 + timedelta(minutes=n)) for f in scan_inbox_folder(tmp_path, INBOX, STATE, T0)
        ]
    assert len({path for path in places if path.exists()}) == 2
