"""Files people edit while the service runs: a faulty edit keeps the old value and says so."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

from monitor.errors import ConfigurationError
from monitor.yamlfile.reader import decoded

Content = TypeVar("Content")
Value = TypeVar("Value")

WORDS = Path("words")
"""Where the office's own words lie unless a setting says otherwise; only here the folder may be missing."""


class Kept(Generic[Content, Value]):
    """What was read last without a fault from something that people edit."""

    def __init__(self, load: Callable[[], Content], read: Callable[[Content], Value]) -> None:
        """Read it; raises ConfigurationError where it is faulty or missing."""
        self._load = load
        self._read = read
        self._content: Content | None = load()
        self.value = read(self._content)
        self.faults: tuple[str, ...] = ()

    def refresh(self) -> bool:
        """Read again if it changed; return whether a new value holds. Faults are kept for the desk."""
        before, self._content = self._content, None  # what cannot be read is read again when it is back
        try:
            content = self._content = self._load()
            if content == before:
                return False
            self.value = self._read(content)
        except ConfigurationError as error:
            self.faults = tuple(f"{fault}（继续使用改动前的配置）" for fault in error.faults)
            return False
        self.faults = ()
        return True


class Watched(Kept[str, Value]):
    """One file and what was read from it last without a fault."""

    def __init__(self, path: Path, read: Callable[[str, str], Value]) -> None:
        """Read the file; raises ConfigurationError where it is faulty or missing."""
        super().__init__(partial(_read_file, path), lambda text: read(text, path.name))


class WatchedFolder(Kept[Mapping[str, bytes], Value]):
    """The files of one folder (YAML, or with another ending), and what was read last without a fault."""

    def __init__(
        self,
        folder: Path,
        read: Callable[[Mapping[str, bytes]], Value],
        endings: tuple[str, ...] = (".yaml", ".yml"),
    ) -> None:
        """Read the files; raises ConfigurationError where one is faulty or the folder is missing."""
        super().__init__(partial(read_folder, folder, endings), read)


def _read_file(path: Path) -> str:
    try:
        return decoded(path.read_bytes(), path.name)
    except OSError as error:
        raise ConfigurationError((f"{path.name}: 无法读取：{error}",)) from error


def read_folder(folder: Path, endings: tuple[str, ...] = (".yaml", ".yml")) -> Mapping[str, bytes]:
    """Return the files of a folder by name, such as `words/words.yaml`; hidden ones are an editor's.

    Raises ConfigurationError where one cannot be read, or a folder that a setting names is not there.
    """
    try:
        if folder == WORDS and not folder.exists():
            return {}
        names = sorted(p for p in folder.iterdir() if p.suffix in endings and p.name[0] != ".")
        return {f"{folder.name}/{path.name}": path.read_bytes() for path in names}
    except OSError as error:
        raise ConfigurationError((f"{folder.name}: 无法读取：{error}",)) from error
