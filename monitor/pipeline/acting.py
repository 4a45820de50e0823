"""What people do, done: every act in one transaction, a refused one on record ."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from monitor.clock import Clock, as_local
from monitor.dossier import acts
from monitor.dossier.acknowledging import acknowledge
from monitor.dossier.draft import Draft
from monitor.dossier.intake import Newcomer
from monitor.dossier.joining import merge, split
from monitor.dossier.model import Change, Circumstances, Dossier
from monitor.dossier.order_acts import hand_over
from monitor.errors import ConflictError, RefusedActError
from monitor.incidents.lifecycle import may_split
from monitor.keeping import keep
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction

TRIES = 3
"""How often an act without an expected version is tried when somebody else changes the incident meanwhile."""


class Acting:
    """Does acts in the name of a person (`by`), who asks through the desk, the API or a signed link (`via`).

    Every method blocks. All raise NotFoundError, RefusedActError when the rules say no, and ConflictError
    when `expected_version` is given and the incident has moved on.
    """

    def __init__(self, setting: Setting, clock: Clock) -> None:
        self._setting = setting
        self._clock = clock

    def do(
        self, incident_id: int, act: acts.Act, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Do an act on one incident.

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

    def _once(self, incident_id: int, act: acts.Act, by: str, via: str, expected_version: int | None) -> None:
        with self._deciding(incident_id, by, via, expected_version) as (transaction, dossier, circumstances):
            draft = Draft(dossier, circumstances)
            act(draft, by)
            keep(transaction, draft.finish())

    @contextmanager
    def _deciding(
        self, incident_id: int, by: str, via: str, expected_version: int | None
    ) -> Iterator[tuple[Transaction, Dossier, Circumstances]]:
        """Open a transaction for a decision on one incident; a refusal leaves only its record."""
        now = self._clock.now()
        try:
            with self._setting.store.transaction() as transaction:
                dossier = transaction.dossier(incident_id)
                if expected_version is not None and dossier.incident.version != expected_version:
                    raise ConflictError(incident_id)
                yield transaction, dossier, self._setting.circumstances(transaction, now, by, via)
        except RefusedActError as error:
            facts = {"act": error.act, "reason": error.reason, "by": by}
            with self._setting.store.transaction() as transaction:
                transaction.record(
                    [Change(at=now, event="refused", incident=incident_id, actor=by, via=via, facts=facts)]
                )
            raise

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

    def merge(
        self, incident_id: int, into: int, *, by: str, via: str, expected_version: int | None = None
    ) -> None:
        """Let this incident go up in another one, with its items."""
        with self._deciding(incident_id, by, via, expected_version) as (transaction, gone, circumstances):
            kept, ended = merge(gone, transaction.dossier(into), by, circumstances)
            items = [j.item.id for j in transaction.joined_items(incident_id, limit=100_000)]
            transaction.move_items(items, into)
            keep(transaction, ended)
            keep(transaction, kept)

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
        with self._deciding(incident_id, by, via, expected_version) as (transaction, parent, circumstances):
            joined = transaction.joined_items(incident_id, limit=100_000)
            members = [j.item.id for j in joined]
            acts.require("split", may_split(parent.incident, by=by, moved=item_ids, members=members))
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

    def hand_over(
        self,
        incident_id: int,
        item_id: int,
        *,
        publication_id: str,
        department: str,
        note: str,
        by: str,
        via: str,
        expected_version: int | None = None,
    ) -> None:
        """Hand a claim of this incident that an official denial refuted over to a department (移交单)."""
        with self._deciding(incident_id, by, via, expected_version) as (transaction, dossier, circumstances):
            is_member = transaction.incident_of_items([item_id]).get(item_id) == incident_id
            acts.require("hand_over", None if is_member else "not_a_member")
            draft = Draft(dossier, circumstances)
            hand_over(*transaction.item(item_id), publication_id, department, note)(draft, by)
            keep(transaction, draft.finish())


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
