"""What a duty officer takes down by hand: the same journey as every item, and a person's word beyond it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.collectors.model import Source, SourceState
from monitor.dossier.acts import Act
from monitor.dossier.by_hand import open_by_hand
from monitor.dossier.intake import Newcomer
from monitor.dossier.model import Change
from monitor.errors import ConflictError, RefusedActError, StoreError
from monitor.items.model import Item
from monitor.items.tips import TIPS, KeptTip, Tip, TipChannel, tip_arrival, tip_source
from monitor.keeping import keep
from monitor.office.model import Office
from monitor.pipeline.intake import Intake
from monitor.pipeline.setting import Setting
from monitor.ports import Store, Transaction

_NAMES = {
    TipChannel.PHONE: "接报（电话）",
    TipChannel.GROUP: "接报（群截图）",
    TipChannel.SCENE: "接报（现场）",
    TipChannel.SUPERIOR: "接报（上级交办）",
    TipChannel.OTHER: "接报",
}
"""What the built-in source is called where an item is shown."""


def source_of(channel: TipChannel, office: Office) -> Source:
    """Return the built-in source of tips that came this way to this office."""
    return tip_source(channel, _NAMES[channel], office.territory.level)


def register(
    setting: Setting, intake: Intake, tip: Tip, *, by: str, via: str, now: datetime
) -> tuple[int, bool]:
    """Take a tip in; return the id of its item, and whether it is new.

    The same form sent twice is one tip. Raises RefusedActError `in_the_future`, `nothing_said`, and
    `key_used` where the form was sent before with something else in it.
    """
    if tip.called_at > now:
        raise RefusedActError("register", "in_the_future")
    with setting.store.reading() as transaction:
        state = transaction.source_states().get(TIPS) or SourceState(source_id=TIPS)
    arrival = tip_arrival(tip, source_of(tip.channel, setting.office()), state, by, now)
    if not arrival.items:
        raise RefusedActError("register", "nothing_said")
    item = arrival.items[0]
    known = _registered(setting.store, item, tip)
    if known is not None:
        return known, False

    def keep_tip(transaction: Transaction, new: Sequence[Item]) -> None:
        for stored in new:
            _keep_tip(transaction, stored, tip, by=by, via=via, now=now)

    try:
        poll = intake.take_in(arrival, now, beside=keep_tip)
    except StoreError:
        # Another process may have been taking in the same form; if not, there really is something wrong.
        known = _registered(setting.store, item, tip)
        if known is None:
            raise
        return known, False
    with setting.store.reading() as transaction:
        return transaction.known_items([item.key])[item.key], poll.created == 1


def _registered(store: Store, item: Item, tip: Tip) -> int | None:
    """Return the item that this form became when it was sent before, or None."""
    with store.reading() as transaction:
        known = transaction.known_items([item.key]).get(item.key)
        if known is None:
            return None
        kept, files = transaction.item(known)[0], transaction.tip(known).files
    is_same = (kept.title, kept.text, kept.url) == (item.title, item.text, item.url)
    if not is_same or [file.digest for file in files] != [file.digest for file in tip.attachments]:
        raise RefusedActError("register", "key_used")
    return known


def _keep_tip(transaction: Transaction, item: Item, tip: Tip, *, by: str, via: str, now: datetime) -> None:
    """Keep what the item does not say; the journal gets ids and hashes only (A11)."""
    kept = KeptTip(
        item_id=item.id,
        channel=tip.channel,
        called_at=tip.called_at,
        contact=tip.contact,
        recorded_by=by,
        recorded_at=now,
    )
    transaction.add_tip(kept, tip.attachments)
    facts = {
        "item": item.id,
        "channel": tip.channel.value,
        "text": item.exact_key,
        "files": [file.digest for file in tip.attachments],
    }
    transaction.record(
        [Change(at=now, event="tip_registered", incident=None, actor=by, via=via, facts=facts)]
    )


def open_with_tip(
    setting: Setting, intake: Intake, item_id: int, act: Act, *, by: str, via: str, now: datetime
) -> int:
    """Open an incident with a tip that none was opened for, on a person's word; return its number.

    Asked again by the same person it changes nothing. Raises NotFoundError, and ConflictError with the
    incident that the tip belongs to by now.
    """
    with setting.store.transaction() as transaction:
        tip = transaction.tip(item_id, to_change=True)
        belongs_to = transaction.incident_of_items([item_id]).get(item_id)
        if belongs_to is not None:
            return _opened_before(transaction, belongs_to, item_id, by)
        item, verdict = transaction.item(item_id)
        if verdict is None:
            raise RefusedActError("open_by_hand", "no_verdict")
        verdict = intake.with_words(item, verdict)
        if tip.channel is TipChannel.SUPERIOR:
            verdict = replace(verdict, basis_61="superior_ordered")
        newcomer = Newcomer(item=item, verdict=verdict, traits=setting.traits(item, verdict))
        number = transaction.next_incident_id()
        circumstances = setting.circumstances(transaction, now, by, via)
        keep(transaction, open_by_hand(number, newcomer, act, circumstances))
        return number


def _opened_before(transaction: Transaction, incident_id: int, item_id: int, by: str) -> int:
    incident = transaction.dossier(incident_id).incident
    judged_by = incident.judgement.by if incident.judgement else None
    if incident.first_item_id == item_id and by in (incident.must_answer_by, judged_by):
        return incident_id
    raise ConflictError(incident_id)
