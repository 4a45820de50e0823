"""A channel for rehearsals: answers as the real WeCom bot would, judged by the real verdict."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TypeAlias

from alerts.channels.base import TIMEOUT, Answer, judge_silence
from alerts.channels.wecom import judge
from alerts.model import Outcome, Text
from monitor.clock import Clock

Mode: TypeAlias = str | Mapping[str, int]
"""`ok`, `down`, `hang`, `{"refuse": 45009}`, `{"status": 503}` or `{"retry_after": 120}`."""


def simulate(mode: Mode) -> tuple[Outcome, timedelta]:
    """Return what a channel in this mode answers, and how long it takes; raises ValueError."""
    match mode:
        case "ok":
            return judge(_bot_answer(0, "ok")), timedelta(0)
        case "down":
            return judge_silence(ConnectionRefusedError()), timedelta(0)
        case "hang":
            return judge_silence(TimeoutError()), TIMEOUT
        case {"refuse": int(code), **rest} if not rest:
            return judge(_bot_answer(code, "refused")), timedelta(0)
        case {"status": int(status), **rest} if not rest and 300 <= status <= 599:
            return judge(Answer(status=status)), timedelta(0)
        case {"retry_after": int(seconds), **rest} if not rest and seconds >= 0:
            return judge(Answer(status=429, retry_after=timedelta(seconds=seconds))), timedelta(0)
    raise ValueError(f"no such channel mode: {mode!r}")


def _bot_answer(code: int, words: str) -> Answer:
    return Answer(status=200, body=json.dumps({"errcode": code, "errmsg": words}).encode())


class SimulatedChannel:
    """A channel whose `mode` may be changed while it is used; time passes on the given clock only."""

    def __init__(self, clock: Clock, mode: Mode = "ok") -> None:
        self.mode = mode
        self._clock = clock

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:  # noqa: ARG002 - the port's
        """Answer as the mode says, after the time it takes."""
        outcome, took = simulate(self.mode)
        await self._clock.sleep(took)
        return outcome
