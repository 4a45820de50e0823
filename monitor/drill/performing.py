"""What a step of a rehearsal does: an item appears at a source, a person acts."""

from collections.abc import Callable
from datetime import datetime, timedelta

from monitor.classifiers.model import Severity
from monitor.clock import Clock
from monitor.collectors.fetch import Fetched
from monitor.collectors.model import RawItem, Reading, Source, SourceKind, SourceState
from monitor.collectors.poll import Polled
from monitor.deadlines.model import StartBasis
from monitor.dossier import acts, order_acts
from monitor.dossier.acknowledging import acknowledge
from monitor.dossier.draft import Draft
from monitor.dossier.model import Change
from monitor.drill.scenario import ItemFile, RespondFile, SlipFile, Step
from monitor.errors import NotFoundError, RefusedActError
from monitor.incidents.model import PublicationState
from monitor.items.intake import take_in
from monitor.orders.model import OrderState, SignMeans
from monitor.pipeline.acting import Acting
from monitor.pipeline.intake import Intake
from monitor.pipeline.setting import Setting

VIA = "drill"


class Performer:
    """Does the steps of a scenario through the same doors as the service's collectors and desk."""

    def __init__(
        self, setting: Setting, intake: Intake, acting: Acting, clock: Clock, starts_at: datetime
    ) -> None:
        self._setting = setting
        self._intake = intake
        self._acting = acting
        self._clock = clock
        self._starts_at = starts_at
        self._items: list[int] = []

    def perform(self, step: Step) -> None:
        """Do one step; what the rules refuse is on record and the rehearsal goes on."""
        detail = step.detail
        if step.what == "item":
            self._show(detail)
            return
        try:
            if step.what == "merge":
                self._acting.merge(detail.incident, detail.into, by=detail.by, via=VIA)
            elif step.what == "split":
                items = [self._items[n - 1] for n in detail.items if 0 < n <= len(self._items)]
                self._acting.split(detail.incident, items, by=detail.by, via=VIA)
            else:
                self._acting.do(detail.incident, self._act(step), by=detail.by, via=VIA)
        except RefusedActError:
            return  # The pipeline has recorded it: the timeline shows `refused`.
        except NotFoundError as error:
            self._refuse(step, f"no_such_{error.kind}")

    def _refuse(self, step: Step, reason: str) -> None:
        facts = {"act": step.what, "reason": reason, "by": step.detail.by}
        with self._setting.store.transaction() as transaction:
            transaction.record([Change(at=self._clock.now(), event="refused", incident=None, facts=facts)])

    def _show(self, shown: ItemFile) -> None:
        now = self._clock.now()
        source = Source(
            id=shown.source,
            name=shown.source,
            kind=SourceKind.INBOX,
            role=shown.role,
            scope=shown.scope,
        )
        raw = RawItem(
            native_id=shown.id or f"step-{len(self._items) + 1}",
            url=shown.url,
            title=shown.title,
            text=shown.text,
            published_at=shown.published_at,
            heat=shown.heat,
            rank=shown.rank,
        )
        arrival = take_in(
            Polled(
                source=source,
                before=SourceState(
                    source_id=source.id, identity=source.identity, baseline_at=self._starts_at
                ),
                started_at=now,
                fetched=Fetched(),
                reading=Reading(items=(raw,)),
            )
        )
        self._intake.take_in(arrival, now)
        with self._setting.store.reading() as transaction:
            ids = transaction.known_items([item.key for item in arrival.items])
        self._items += list(ids.values()) or [0]

    def _act(self, step: Step) -> acts.Act:
        detail = step.detail
        makers: dict[str, Callable[[], acts.Act]] = {
            "ack": lambda: acknowledge,
            "confirm": lambda: acts.confirm,
            "set_severity": lambda: acts.set_severity(
                None if detail.severity is None else Severity(detail.severity), detail.reason
            ),
            "assign": lambda: acts.assign(detail.to),
            "respond": lambda: self._respond(detail),
            "dismiss": lambda: acts.dismiss(detail.reason),
            "close": lambda: acts.close(detail.reason),
            "reopen": lambda: acts.reopen(detail.reason),
            "place": lambda: acts.place(local=detail.local),
            "waive": lambda: acts.waive(detail.obligation, detail.reason),
            "must_answer": lambda: acts.must_answer(detail.reason),
            "accept_answer": lambda: _judge(detail.publication, PublicationState.ACCEPTED, detail.reason),
            "decline_answer": lambda: _judge(detail.publication, PublicationState.DECLINED, detail.reason),
            "correct_start": lambda: acts.correct_start(
                StartBasis(detail.start_basis), self._instant(detail.at), detail.precision, detail.reason
            ),
            "withdraw_report": lambda: acts.withdraw_report(detail.report, detail.reason),
            "report_up": lambda: acts.report_up(
                detail.obligation,
                detail.means,
                to=detail.to,
                reporter=detail.reporter,
                effective_at=self._given(detail.effective_at),
            ),
        }
        if step.what in makers:
            return makers[step.what]()
        return self._about_slip(step) if isinstance(detail, SlipFile) else self._about_accepted(step)

    def _about_accepted(self, step: Step) -> acts.Act:
        """Return an act on the named publication, or on the latest one that counts."""
        detail = step.detail
        makers: dict[str, tuple[str, Callable[[str], acts.Act]]] = {
            "withdraw": ("withdraw_answer", lambda id_: acts.withdraw_answer(id_, detail.reason)),
            "correct_publication": (
                "correct_publication",
                lambda id_: acts.correct_publication(id_, self._instant(detail.effective_at), detail.reason),
            ),
            "accept_promise": (
                "accept_promise",
                lambda id_: acts.accept_promise(id_, detail.number, detail.due_at),
            ),
            "keep_promise": ("keep_promise", lambda id_: acts.keep_promise(detail.obligation, id_)),
        }
        name, make = makers[step.what]

        def act(draft: Draft, by: str) -> None:
            accepted = [p.id for p in draft.publications.values() if p.state is PublicationState.ACCEPTED]
            if detail.publication is None and not accepted:
                raise RefusedActError(name, "nothing_accepted")
            make(detail.publication or accepted[-1])(draft, by)

        return act

    def _about_slip(self, step: Step) -> acts.Act:
        """Return an act on the named slip, or on the latest one that it can be done to."""
        detail = step.detail
        until = self._given(detail.due_at)
        makers: dict[str, Callable[[str], acts.Act]] = {
            "urge": lambda id_: order_acts.urge(id_, detail.text, until),
            "sign_order": lambda id_: order_acts.sign_order(id_, detail.signer, SignMeans.PHONE),
            "feed_back": lambda id_: order_acts.feed_back(id_, detail.text),
            "return_order": lambda id_: order_acts.give_back(id_, detail.reason),
            "ask_extension": lambda id_: order_acts.ask_extension(
                id_, until or self._clock.now(), detail.reason
            ),
            "grant_extension": lambda id_: order_acts.decide_extension(id_, granted=True),
        }

        def act(draft: Draft, by: str) -> None:
            if step.what == "grant_extension":
                fit = [o.id for o in draft.orders.values() if o.state is OrderState.ASKED]
            else:
                fit = [o.id for o in draft.orders.values() if o.is_waiting or o.is_unsigned]
            if detail.order is None and not fit:
                raise RefusedActError(step.what, "not_waiting")
            makers[step.what](detail.order or fit[-1])(draft, by)

        return act

    def _respond(self, detail: RespondFile) -> acts.Act:
        return acts.respond(
            detail.kind,
            title=detail.title,
            text=detail.text,
            url=detail.url,
            channel=detail.channel,
            effective_at=self._given(detail.effective_at),
        )

    def _given(self, written: datetime | timedelta | None) -> datetime | None:
        return None if written is None else self._instant(written)

    def _instant(self, written: datetime | timedelta) -> datetime:
        return self._starts_at + written if isinstance(written, timedelta) else written


def _judge(publication_id: str | None, state: PublicationState, reason: str) -> acts.Act:
    """Judge the named publication, or the latest one that is offered."""

    def act(draft: Draft, by: str) -> None:
        offered = [p.id for p in draft.publications.values() if p.state is PublicationState.OFFERED]
        if publication_id is None and not offered:
            raise RefusedActError("judge_answer", "nothing_offered")
        acts.judge_answer(publication_id or offered[-1], state, reason)(draft, by)

    return act
