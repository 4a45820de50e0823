"""Acts of programs that may be sent twice: under the same `Idempotency-Key` the first answer is given again.

The key is taken in the database before the act, so that two workers never both do it. A refusal changed
nothing and frees the key. What was interrupted between act and answer is told as unknown, never done twice.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Response
from pydantic import BaseModel

from monitor.desk.access import Visitor
from monitor.desk.api.conditions import IfMatch, StaleError, wanted_version
from monitor.desk.context import Caller, Desk, IncidentId, TheDesk, require_scope
from monitor.errors import ConflictError, MonitorError, StoreError
from monitor.ports import GivenAnswer

KEPT_FOR = timedelta(hours=24)
RUNS_AT_MOST = timedelta(minutes=1)
"""Longer than any act takes: after it an unanswered key belongs to a process that is gone."""

REPLAYED = "Idempotency-Replayed"

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="同一键、同一内容再次提交，答第一次的结果，不重复办理；24 小时内有效",
    ),
]
B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A program asks for an act on an incident: under which key, decided on which version (`If-Match`)."""

    desk: Desk
    caller: Visitor
    response: Response
    incident_id: int
    key: str | None
    if_match: str | None

    def version(self, expected: int | None) -> int | None:
        """Return the version it was decided on; raises StaleError where header and body differ."""
        return wanted_version(self.if_match, expected)

    def once(self, do: Callable[[], B], kind: type[B], body: BaseModel, *what: str) -> B:
        """Do what the body asks for, or give the first answer again; raises RepeatedError.

        A conflict is StaleError for whoever named a version in the header. `what` tells acts apart whose
        bodies may be the same.
        """
        asked = (*what, str(self.incident_id), body.model_dump_json(), self.if_match or "")

        def guarded() -> B:
            try:
                return do()
            except ConflictError as error:
                if self.if_match is None:
                    raise
                raise StaleError(self.if_match) from error

        return once(self.desk, self.caller, self.response, key=self.key, asked=asked, do=guarded, kind=kind)


def _asking(
    desk: TheDesk,
    caller: Caller,
    response: Response,
    incident_id: IncidentId,
    key: Key = None,
    if_match: IfMatch = None,
) -> Asking:
    """Return who asks; refuses a token without the scope `act`."""
    require_scope(caller, "act")
    return Asking(
        desk=desk, caller=caller, response=response, incident_id=incident_id, key=key, if_match=if_match
    )


TheAsking = Annotated[Asking, Depends(_asking)]


class RepeatedError(MonitorError):
    """A key was used before; `reason` is `in_progress`, `outcome_unknown` or `key_reused`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def once(
    desk: Desk,
    caller: Visitor,
    response: Response,
    *,
    key: str | None,
    asked: tuple[str, ...],
    do: Callable[[], B],
    kind: type[B],
) -> B:
    """Do what is asked, or give the first answer again; `asked` is everything the answer depends on.

    Raises RepeatedError.
    """
    if key is None:
        return do()
    now = desk.clock.now()
    wanted = GivenAnswer(
        account=caller.account.name,
        key=key,
        asked_hash=sha256("\0".join(asked).encode()).hexdigest(),
        asked_at=now,
    )
    with desk.store.transaction() as transaction:
        transaction.drop_answers(now - KEPT_FOR * desk.settings.clock_rate)
        taken = transaction.reserve_answer(wanted)
    if taken is not None:
        response.headers[REPLAYED] = "true"
        return kind.model_validate_json(_first_answer(taken, wanted, RUNS_AT_MOST * desk.settings.clock_rate))
    answer = _done(desk, wanted, do)
    # It is done, so that is the answer, even where it cannot be remembered.
    with suppress(StoreError), desk.store.transaction() as transaction:
        transaction.save_answer(replace(wanted, answer=answer.model_dump_json()))
    return answer


def _done(desk: Desk, wanted: GivenAnswer, do: Callable[[], B]) -> B:
    """Do it; a refusal frees the key."""
    try:
        return do()
    except MonitorError:
        with desk.store.transaction() as transaction:
            transaction.drop_answer(wanted.account, wanted.key)
        raise


def _first_answer(taken: GivenAnswer, wanted: GivenAnswer, runs_at_most: timedelta) -> str:
    if taken.asked_hash != wanted.asked_hash:
        raise RepeatedError("key_reused")
    if taken.answer is None:
        is_running = wanted.asked_at - taken.asked_at < runs_at_most
        raise RepeatedError("in_progress" if is_running else "outcome_unknown")
    return taken.answer
