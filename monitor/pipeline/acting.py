"""What people do, done: every act in one transaction, a refused one on record (the desk's `Acts`)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.classifiers.model import Severity
from monitor.clock import Clock, as_local
from monitor.dossier import acts
from monitor.dossier.acknowledging import acknowledge
from monitor.dossier.draft import Draft
from monitor.dossier.intake import Newcomer
from monitor.dossier.joining import merge, split
from monitor.dossier.model import Change, Dossier
from monitor.errors import ConflictError, RefusedActError
from monitor.incidents.lifecycle import may_split
from monitor.incidents.model import PublicationKind, PublicationState
from monitor.keeping import keep
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction

TRIES = 3
"""How often an act without an expected version is tried when somebody else changes the incident meanwhile."""


class Acting:
    """Does acts in the name of a person.

    Every method blocks; see the desk's port for what each means.
    """

    def __init__(self, setting: Setting, clock: Clock) -> None:
        self._setting = setting
        self._clock = clock

    def do(
        self, incident_id: int, act: acts.Act, *, by: str, via: str, expected_version: int | None = None
    ) -> Dossier:
        """Do an act and return the dossier before it.

        Raises NotFoundError, RefusedActError (which is recorded), and ConflictError if `expected_version`
        is given and no longer holds.
        """
        for _ in range(TRIES - 1):
            try:
                return self._once(incident_id, act, by, via, expected_version)
            except ConflictError:
                if expected_version is not None:
                    raise
        return self._once(incident_id, act, by, via, expected_version)

    def _once(
        self, incident_id: int, act: acts.Act, by: str, via: str, expected_version: int | None
    ) -> Dossier:
        now = self._clock.now()
        try:
            with self._setting.store.transaction() as transaction:
                dossier = _expected(transaction, incident_id, expected_version)
                circumstances = self._setting.circumstances(transaction, now, by, via)
                draft = Draft(dossier, circumstances)
                act(draft, by)
                keep(transaction, draft.finish())
                return dossier
        except RefusedActError as error:
            self._record_refusal(incident_id, error, by, via, now)
            raise

    def _record_refusal(
        self, incident_id: int, error: RefusedActError, by: str, via: str, now: datetime
    ) -> None:
        facts = {"act": error.act, "reason": error.reason, "by": by}
        with self._setting.store.transaction() as transaction:
            transaction.record(
                [Change(at=now, event="refused", incident=incident_id, actor=by, via=via, facts=facts)]
            )

    def acknowledge(self, incident_id: int, *, by: str, via: str) -> str:
        """Say 收到; return in Chinese who acknowledged when, also if it was done before (A5)."""
        self.do(incident_id, acknowledge, by=by, via=via)
        with self._setting.store.reading() as transaction:
            dossier = transaction.dossier(incident_id)
        is_quieted = bool(dossier.rounds) and by in dossier.rounds[-1].quieted
        if is_quieted or not dossier.acknowledgements:
            return "已记录：您不再收到本轮催促"
        last = dossier.acknowledgements[-1]
        person = self._setting.office().person(last.by)
        return f"{person.name if person else last.by} 已于 {as_local(last.at):%m月%d日 %H:%M} 收到"

    def confirm(self, incident_id: int, *, by: str, via: str, expected_version: int | None = None) -> None:
        """Accept the severity as it stands."""
        self.do(incident_id, acts.confirm, by=by, via=via, expected_version=expected_version)

    def set_severity(
        self,
        incident_id: int,
        severity: Severity | None,
        *,
        by: str,
        reason: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Set another severity."""
        self.do(
            incident_id,
            acts.set_severity(severity, reason),
            by=by,
            via=via,
            expected_version=expected_version,
        )

    def assign(
        self, incident_id: int, department: str, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Hand the incident to a department."""
        self.do(incident_id, acts.assign(department), by=by, via=via, expected_version=expected_version)

    def respond(
        self,
        incident_id: int,
        kind: PublicationKind,
        *,
        title: str,
        url: str,
        channel: str,
        effective_at: datetime | None,
        by: str,
        via: str,
    ) -> None:
        """Record a publication as evidence."""
        act = acts.respond(kind, title=title, url=url, channel=channel, effective_at=effective_at)
        self.do(incident_id, act, by=by, via=via)

    def dismiss(
        self, incident_id: int, *, by: str, reason: str, via: str, expected_version: int | None = None
    ) -> None:
        """End it as no matter of ours."""
        self.do(incident_id, acts.dismiss(reason), by=by, via=via, expected_version=expected_version)

    def close(
        self, incident_id: int, *, by: str, reason: str, via: str, expected_version: int | None = None
    ) -> None:
        """End it as done."""
        self.do(incident_id, acts.close(reason), by=by, via=via, expected_version=expected_version)

    def reopen(
        self, incident_id: int, *, by: str, reason: str, via: str, expected_version: int | None = None
    ) -> None:
        """Take up an ended incident again."""
        self.do(incident_id, acts.reopen(reason), by=by, via=via, expected_version=expected_version)

    def place(
        self, incident_id: int, local: bool, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Say whether it is ours."""
        self.do(incident_id, acts.place(local=local), by=by, via=via, expected_version=expected_version)

    def must_answer(
        self, incident_id: int, *, by: str, reason: str, via: str, expected_version: int | None = None
    ) -> None:
        """Start the clock of a complaint that has none."""
        self.do(incident_id, acts.must_answer(reason), by=by, via=via, expected_version=expected_version)

    def waive(
        self,
        incident_id: int,
        obligation_id: str,
        *,
        by: str,
        reason: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Excuse one obligation."""
        act = acts.waive(obligation_id, reason)
        self.do(incident_id, act, by=by, via=via, expected_version=expected_version)

    def accept_answer(
        self, incident_id: int, publication_id: str, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Take an offered official item as evidence."""
        act = acts.judge_answer(publication_id, PublicationState.ACCEPTED)
        self.do(incident_id, act, by=by, via=via, expected_version=expected_version)

    def decline_answer(
        self,
        incident_id: int,
        publication_id: str,
        *,
        by: str,
        reason: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Say that an offered item answers something else."""
        act = acts.judge_answer(publication_id, PublicationState.DECLINED, reason)
        self.do(incident_id, act, by=by, via=via, expected_version=expected_version)

    def withdraw_answer(
        self,
        incident_id: int,
        publication_id: str,
        *,
        by: str,
        reason: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Take back a publication that was accepted wrongly."""
        act = acts.withdraw_answer(publication_id, reason)
        self.do(incident_id, act, by=by, via=via, expected_version=expected_version)

    def accept_promise(
        self,
        incident_id: int,
        publication_id: str,
        number: int,
        *,
        due_at: datetime | None,
        by: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Take up a promise of a publication as an obligation."""
        act = acts.accept_promise(publication_id, number, due_at)
        self.do(incident_id, act, by=by, via=via, expected_version=expected_version)

    def keep_promise(
        self,
        incident_id: int,
        obligation_id: str,
        publication_id: str,
        *,
        by: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Say which publication kept a promise."""
        act = acts.keep_promise(obligation_id, publication_id)
        self.do(incident_id, act, by=by, via=via, expected_version=expected_version)

    def merge(
        self, incident_id: int, into: int, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Let this incident go up in another one, with its items."""
        now = self._clock.now()
        try:
            with self._setting.store.transaction() as transaction:
                gone = _expected(transaction, incident_id, expected_version)
                survivor = transaction.dossier(into)
                circumstances = self._setting.circumstances(transaction, now, by, via)
                kept, ended = merge(gone, survivor, by, circumstances)
                items = [j.item.id for j in transaction.joined_items(incident_id, limit=100_000)]
                transaction.move_items(items, into)
                keep(transaction, ended)
                keep(transaction, kept)
        except RefusedActError as error:
            self._record_refusal(incident_id, error, by, via, now)
            raise

    def split(
        self,
        incident_id: int,
        item_ids: Sequence[int],
        *,
        by: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Take these items out into an incident of their own."""
        now = self._clock.now()
        try:
            with self._setting.store.transaction() as transaction:
                parent = _expected(transaction, incident_id, expected_version)
                joined = transaction.joined_items(incident_id, limit=100_000)
                members = [j.item.id for j in joined]
                acts.require("split", may_split(parent.incident, by=by, moved=item_ids, members=members))
                circumstances = self._setting.circumstances(transaction, now, by, via)
                number = transaction.next_incident_id()
                moved = _newcomers(self._setting, transaction, sorted(item_ids))
                staying = [
                    Newcomer(item=j.item, verdict=j.verdict, reach_only=j.reach_only)
                    for j in joined
                    if j.verdict and j.item.id not in item_ids
                ]
                left, opened = split(parent, moved, staying, number, by, circumstances)
                keep(transaction, left)
                keep(transaction, replace(opened, joinings=()))
                transaction.move_items(sorted(item_ids), number)
        except RefusedActError as error:
            self._record_refusal(incident_id, error, by, via, now)
            raise


def _expected(transaction: Transaction, incident_id: int, expected_version: int | None) -> Dossier:
    dossier = transaction.dossier(incident_id)
    if expected_version is not None and dossier.incident.version != expected_version:
        raise ConflictError(incident_id)
    return dossier


def _newcomers(setting: Setting, transaction: Transaction, item_ids: Sequence[int]) -> list[Newcomer]:
    found = [transaction.item(item_id) for item_id in item_ids]
    newcomers = [
        Newcomer(item=item, verdict=verdict, reason="split", traits=setting.traits(item, verdict))
        for item, verdict in found
        if verdict
    ]
    if not newcomers:
        raise RefusedActError("split", "no_verdict")
    return newcomers
