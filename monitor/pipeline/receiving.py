"""What is pushed to us: a signed post to an inbox, judged and stored like a poll."""

from collections.abc import Callable

from monitor.clock import Clock
from monitor.collectors.model import Poll, Source, SourceKind, SourceState
from monitor.collectors.poll import receive
from monitor.collectors.readers.signature import SignatureCheck, verify_signature
from monitor.errors import NotFoundError, RefusedActError
from monitor.items.intake import take_in
from monitor.pipeline.acting import Acting
from monitor.pipeline.intake import Intake
from monitor.pipeline.setting import Setting


class DeskActs(Acting):
    """Everything the desk can ask for: people's acts, and posts to an inbox."""

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
