"""Questions that people keep, and telling them of new answers: together, once in a while, on record."""

import json
from dataclasses import asdict, replace
from datetime import datetime

from pydantic import TypeAdapter

from alerts.system import system_alerts
from monitor.dossier.model import Change, Circumstances
from monitor.keeping import keep_alerts
from monitor.pipeline.asking import Asked, read_question
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction
from monitor.ports.history import SavedQuestion

_ASKED = TypeAdapter(Asked)


def asked_of(saved: SavedQuestion) -> Asked:
    """Return what was typed."""
    return _ASKED.validate_json(saved.asked)


def as_json(asked: Asked) -> str:
    """Return what was typed as it is kept."""
    return json.dumps(asdict(asked), ensure_ascii=False)


def last_seen(transaction: Transaction, *, of_incidents: bool) -> int:
    """Return the number of what was stored last: a question that is kept now tells of what comes after it."""
    if of_incidents:
        return max((incident.id for incident in transaction.incidents(limit=1)), default=0)
    return transaction.last_item_id()


def tell_new_answers(setting: Setting, now: datetime) -> int:
    """Tell the owners of kept questions of what was stored since they heard last; return how many were told.

    One message for all that came in between, and the next one not before `every` has passed. What was
    counted is in the journal, also where its owner has no channel.
    """
    with setting.store.reading() as transaction:
        waiting = [kept.id for kept in transaction.saved_questions() if _is_due(kept, now)]
    told = 0
    for number in waiting:
        with setting.store.transaction() as transaction:
            kept = next(
                (k for k in transaction.saved_questions() if k.id == number and _is_due(k, now)), None
            )
            if kept is not None:
                told += _tell(transaction, kept, setting.circumstances(transaction, now))
    return told


def _is_due(kept: SavedQuestion, now: datetime) -> bool:
    return kept.tells and (kept.told_at is None or kept.told_at + kept.every <= now)


def _tell(transaction: Transaction, kept: SavedQuestion, circumstances: Circumstances) -> int:
    last = last_seen(transaction, of_incidents=kept.of_incidents)
    if last <= kept.seen_item:
        return 0
    question = replace(read_question(asked_of(kept)), after_id=kept.seen_item)
    counting = transaction.incident_facets if kept.of_incidents else transaction.item_facets
    count = counting(question).total
    seen = replace(kept, seen_item=last)
    if not count:
        transaction.save_question(seen)
        return 0
    account = transaction.account(kept.account)
    person = account.person_id if account is not None and not account.disabled else None
    alerts = system_alerts(
        "question_answered",
        f"question{kept.id}",
        (person,) if person else (),
        circumstances,
        mark=str(last),
        question=str(kept.id),
        name=kept.name,
        count=str(count),
    )
    queued = keep_alerts(transaction, alerts)
    facts = {"question": kept.id, "count": count, "to": person, "told": bool(queued)}
    change = Change(at=circumstances.now, event="question_answered", incident=None, facts=facts)
    transaction.record([change])
    transaction.save_question(replace(seen, told_at=circumstances.now))
    return len(queued)
