"""Questions that people keep, and telling them of new answers: together, once in a while, on record."""

import json
from dataclasses import asdict, replace
from datetime import datetime

from pydantic import TypeAdapter

from alerts.system import system_alerts
from monitor.asking.model import AskingError
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


def keep_question(transaction: Transaction, kept: SavedQuestion) -> SavedQuestion:
    """Keep a question: what answers it now is no news to it."""
    kept = transaction.save_question(replace(kept, seen_item=transaction.last_item_id()))
    if kept.tells:
        _count_news(transaction, kept)
    return kept


def tell_new_answers(setting: Setting, now: datetime) -> int:
    """Tell the owners of kept questions of what is new since they heard last; return how many were told.

    New are items that were stored since, and incidents that did not answer before: opened, joined by an item
    that answers, or graded anew. One message for all that came in between, and the next one not before
    `every` has passed. What was counted is in the journal, also where its owner has no channel.
    """
    with setting.store.reading() as transaction:
        due = (kept for kept in transaction.saved_questions() if _is_due(kept, now))
        waiting = [kept for kept in due if _has_news(transaction, kept)]
    told = 0
    for kept in waiting:
        with setting.store.transaction() as transaction:
            if kept in transaction.saved_questions():
                told += _tell(transaction, kept, setting.circumstances(transaction, now))
    return told


def _is_due(kept: SavedQuestion, now: datetime) -> bool:
    return kept.tells and (kept.told_at is None or kept.told_at + kept.every <= now)


def _has_news(transaction: Transaction, kept: SavedQuestion) -> bool:
    try:
        question = read_question(asked_of(kept), limit=1)
    except AskingError:  # asked by the rules of another version; its page says what is wrong with it
        return False
    if kept.of_incidents:
        return bool(transaction.search_incidents(replace(question, new_to=kept.id)).incidents)
    return transaction.last_item_id() > kept.seen_item


def _count_news(transaction: Transaction, kept: SavedQuestion) -> int:
    question = read_question(asked_of(kept))
    if kept.of_incidents:
        return transaction.note_answers(kept.id, question)
    return transaction.item_facets(replace(question, after_id=kept.seen_item)).total


def _tell(transaction: Transaction, kept: SavedQuestion, circumstances: Circumstances) -> int:
    count = _count_news(transaction, kept)
    seen = replace(kept, seen_item=transaction.last_item_id())
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
        mark=f"after{kept.told_at.timestamp():.0f}" if kept.told_at else "first",
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
