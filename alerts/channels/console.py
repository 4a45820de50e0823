"""Console: a readable box on a text stream, for the demo and for trying things out."""

from typing import TextIO

from alerts.channels.parts import plain
from alerts.model import Outcome, OutcomeClass, Text

_RULE = "─" * 48


class ConsoleChannel:
    """Prints messages; control characters of foreign texts never reach the terminal."""

    def __init__(self, name: str, stream: TextIO) -> None:
        self._name = name
        self._stream = stream

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:  # noqa: ARG002 - one part
        """Print one message as a box that is open to the right, so that addresses stay in one piece."""
        lines = [f"┌─ {self._name} · 编号 {message_no} {_RULE}"]
        lines += [f"│ {line}" for line in plain(text.body).splitlines()]
        lines += [f"└{_RULE}", ""]
        try:
            self._stream.write("\n".join(lines))
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream is closed
            return Outcome(kind=OutcomeClass.TRANSIENT, code="stream", detail="终端不可写")
        return Outcome(kind=OutcomeClass.OK, code="printed")
