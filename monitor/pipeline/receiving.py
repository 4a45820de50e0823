"""What is pushed to us and what is taken down by hand: judged and stored like a poll."""

from collections.abc import Callable

from monitor.clock import Clock
from monitor.collectors.model import Poll, Source, SourceKind, SourceState
from monitor.collectors.poll import receive
from monitor.collectors.readers.signature import SignatureCheck, verify_signature
from monitor.dossier.acts import Act
from monitor.errors import NotFoundError, RefusedActError
from monitor.items.intake import take_in
from monitor.items.tips import Tip
from monitor.pipeline.drafting import Drafting
from monitor.pipeline.intake import Intake
from monitor.pipeline.setting import Setting
from monitor.pipeline.tips import open_with_tip, register


class DeskActs(Drafting):
    """Everything the desk can ask for: people's acts, posts to an inbox, and what is taken down by hand."""

    def __init__(
        self, setting: Setting, clock: Clock, intake: Intake, sources: Callable[[], tuple[Source, ...]]
    ) -> None:
        super().__init__(setting, clock)
        self._intake = intake
        self._sources = sources

    def receive(self, source_id: str, body: bytes, *, timestamp: str, signature: str) -> Poll:
        """Take a signed post; return its row of the run ledger.

        A repeated id is a duplicate. Raises NotFoundError for an unknown inbox, RefusedActError with
        the reasons `timestamp` or `signature`.
        """
        source = next((s for s in self._sources() if s.id == source_id), None)
        if source is None or source.kind is not SourceKind.INBOX or not source.enabled:
            raise NotFoundError("inbox", source_id)
        now = self._clock.now()
        check = verify_signature(source.secret, timestamp, body, signature, now)
        if check is not SignatureCheck.OK:
            late = check in (SignatureCheck.BAD_TIMESTAMP, SignatureCheck.EXPIRED)
            raise RefusedActError("receive", "timestamp" if late else "signature")
        with self._setting.store.reading() as transaction:
            state = transaction.source_states().get(source_id) or SourceState(source_id=source_id)
        polled = receive(source, state, body, "application/json", now)
        return self._intake.take_in(take_in(polled), now)

    def register(self, tip: Tip, *, by: str, via: str) -> tuple[int, bool]:
        """Take a report by hand; return the id of its item, and whether it is new.

        The same form sent twice is one report. Raises RefusedActError `in_the_future`, `nothing_said`, and
        `key_used` where the form was sent before with something else in it.
        """
        return register(self._setting, self._intake, tip, by=by, via=via, now=self._clock.now())

    def open_with_tip(self, item_id: int, act: Act, *, by: str, via: str) -> int:
        """Open an incident with a report taken by hand, on a person's word; return its number.

        Asked again by the same person it changes nothing. Raises ConflictError with the incident that the
        report belongs to by now.
        """
        now = self._clock.now()
        return open_with_tip(self._setting, self._intake, item_id, act, by=by, via=via, now=now)
