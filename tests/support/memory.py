"""Where the files of the tests lie: in memory where there is room, for on a disk every commit waits."""

import os
import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of our own are made in it
_ROOM = 2 << 30


def in_memory() -> Path | None:
    """Return this machine's folder in memory, or nothing: then files lie where they usually do."""
    if not os.access(_MEMORY, os.W_OK) or shutil.disk_usage(_MEMORY).free < _ROOM:
        return None
    return _MEMORY
