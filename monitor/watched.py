"""Files people edit while the service runs: a faulty edit keeps the old value and says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from monitor.errors import ConfigurationError

Value = TypeVar("Value")


class Watched(Generic[Value]):
    """One file and what was read from it last without a fault."""

    def __init__(self, path: Path, read: Callable[[str, str], Value]) -> None:
        """Read the file; raises ConfigurationError where it is faulty or missing."""
        self._path = path
        self._read = read
        self._text: str | None = self._load()
        self.value = read(self._text, path.name)
        self.faults: tuple[str, ...] = ()

    def _load(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError((f"{self._path.name}: 无法读取：{error}",)) from error

    def refresh(self) -> bool:
        """Read again if the text changed; return whether a new value holds. Faults are kept for the desk."""
        before, self._text = self._text, None  # what cannot be read is read again when it is back
        try:
            text = self._text = self._load()
            if text == before:
                return False
            self.value = self._read(text, self._path.name)
        except ConfigurationError as error:
            self.faults = tuple(f"{fault}（继续使用改动前的配置）" for fault in error.faults)
            return False
        self.faults = ()
        return True
