"""jieba's dictionary as jieba itself keeps it in a folder: built once in a process, read in every test."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from monitor.classifiers.segment import JiebaSegmenter


@cache
def dictionary_folder() -> Path:
    """Return a folder in which the dictionary is ready."""
    folder = Path(tempfile.mkdtemp(prefix="huiying-words-"))
    atexit.register(shutil.rmtree, folder)
    JiebaSegmenter(cache_dir=folder)
    return folder


def lend_dictionary(var: Path) -> None:
    """Let the service whose folder this is find the dictionary ready; building it takes a second."""
    shutil.copytree(dictionary_folder(), var / "jieba", dirs_exist_ok=True)
