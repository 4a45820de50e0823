"""Who hears of a draft: whoever may sign next, the author of what was sent back, level 1 of what is ready.

For information, by the rules of every other message (A3, A7, A8): no round, nothing to acknowledge. Of each
step those on duty at its level are told, of the steps of level 1 the departments that have the incident too;
where none of them may sign, the next level (A6). Nobody is told of what they did themselves.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from alerts.model import Alert
from alerts.rota import level_of, on_duty
from monitor.dossier.draft import Draft
from monitor.dossier.telling import News, queue
from monitor.drafting.model import AnswerDraft, Step
from monitor.drafting.review import RANK, Signer, is_ready, next_steps, returned_by, why_not_person
from monitor.office.model import Office


def rank_of(office: Office, by: str, now: datetime) -> int:
    """Return the level on which somebody signs: a department's is 1, whoever has none has 0."""
    return level_of(office, by, now) or (1 if office.department(by) else 0)


def tell_draft(decision: Draft, before: AnswerDraft | None, draft: AnswerDraft) -> None:
    """Queue what is to be told of a draft that was `before`, None where it is new."""
    author = draft.newest.author
    if (back := returned_by(draft)) is not None:
        _queue(decision, [author], draft, "draft_returned", [back.step])
        return
    if is_ready(draft):
        on = _on_duty(decision, 1)
        _queue(decision, dict.fromkeys([*on, author]), draft, "draft_ready", [])
        return
    is_same = before is not None and before.newest == draft.newest
    known = next_steps(before) if before is not None and is_same else ()
    found: dict[str, list[Step]] = {}
    for step in next_steps(draft):
        for to in () if step in known else _reviewers(decision, draft, step):
            found.setdefault(to, []).append(step)
    for to, steps in found.items():
        _queue(decision, [to], draft, "draft_to_review", steps)


def _reviewers(decision: Draft, draft: AnswerDraft, step: Step) -> list[str]:
    """Return those to ask for a signature: of the lowest level that has anybody on duty who may give it."""
    assigned = decision.incident.assigned_to if RANK[step] == 1 else ()
    found = [id_ for id_ in assigned if may_sign(draft, step, id_, decision.office, decision.now)]
    for level in range(RANK[step], decision.office.top_level + 1):
        people = _on_duty(decision, level)
        found += [id_ for id_ in people if may_sign(draft, step, id_, decision.office, decision.now)]
        if found:
            break
    return found


def may_sign(draft: AnswerDraft, step: Step, by: str, office: Office, now: datetime) -> bool:
    """Return whether somebody can sign this step of the newest version, now or once it is its turn."""
    return why_not_person(draft, step, Signer(by=by, rank=rank_of(office, by, now))) is None


def _on_duty(decision: Draft, level: int) -> list[str]:
    people = [person.id for person in on_duty(decision.office, level, decision.now)]
    if not people:
        decision.note("nobody_on_duty", level=level)
    return people


def _queue(
    decision: Draft, recipients: Iterable[str], draft: AnswerDraft, reason: str, steps: Sequence[Step]
) -> None:
    codes = [step.value for step in steps]
    facts = {"draft": draft.number, "version": draft.newest.number, "steps": codes}
    key = "/".join([f"d{draft.number}", f"v{draft.newest.number}", *codes])
    for to in recipients:
        if to != decision.circumstances.actor:
            level = level_of(decision.office, to, decision.now)
            queue(decision, to, level, News(reason=reason, key=key, facts=facts))


def draft_obsolete(alert: Alert, drafts: Iterable[AnswerDraft]) -> str | None:
    """Return why what an alert says of a draft is no longer true, or None (A8); `drafts` as they stand."""
    facts = alert.codes
    draft = next((d for d in drafts if d.number == facts.get("draft")), None)
    if draft is None:
        return None
    if draft.publication_id is not None or draft.newest.number != facts.get("version"):
        return "draft_moved_on"
    still = {
        "draft_to_review": bool(set(facts.get("steps", ())) & set(next_steps(draft))),
        "draft_ready": is_ready(draft),
    }
    return None if still.get(alert.reason, True) else "draft_moved_on"
