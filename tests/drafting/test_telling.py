"""Who hears of a draft: the next to sign, the author of what came back, and no word of what is over."""

import json
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from alerts.model import Alert
from monitor.classifiers.model import Severity
from monitor.dossier.draft import Draft
from monitor.drafting.model import AnswerDraft, Opinion, Signature, Step
from monitor.drafting.review import begin, publish, rewrite, sign
from monitor.drafting.telling import draft_obsolete, rank_of, tell_draft
from monitor.office.example import example_office
from monitor.office.model import Office, QuietHours
from tests.dossier.standing import circumstances
from tests.drafting.test_review import WORDING
from tests.support.builders import T0, a_dossier, after, an_alert, an_incident

BUREAU = "emergency_bureau"
OFFICE = example_office()
INCIDENT = an_incident(assigned_to=(BUREAU,))
LAWFUL = (
    (Step.FIRST_REVIEW, "duty"),
    (Step.FIRST_PROOF, "duty"),
    (Step.SECOND_REVIEW, "office_head"),
    (Step.SECOND_PROOF, "duty"),
    (Step.SECRECY_REVIEW, "office_head"),
    (Step.FINAL_REVIEW, "leader"),
    (Step.FINAL_PROOF, "duty"),
)


def drafted(by: str = BUREAU) -> AnswerDraft:
    return begin(1, 1, WORDING, by, T0)


def signed(draft: AnswerDraft, step: Step, by: str, opinion: Opinion = Opinion.AGREE) -> AnswerDraft:
    wanted = Signature(version=draft.newest.number, step=step, opinion=opinion, reason="不涉密", by=by, at=T0)
    return sign(draft, wanted, rank_of(OFFICE, by, T0))


def after_steps(count: int) -> AnswerDraft:
    draft = drafted()
    for step, by in LAWFUL[:count]:
        draft = signed(draft, step, by)
    return draft


def alerts(
    before: AnswerDraft | None, draft: AnswerDraft, by: str, office: Office = OFFICE, **fields: Any
) -> list[Alert]:
    dossier = a_dossier(replace(INCIDENT, **fields))
    decision = Draft(dossier, circumstances(after(minutes=1), actor=by, office=office))
    tell_draft(decision, before, draft)
    return list(decision.alerts.values())


def told(before: AnswerDraft | None, draft: AnswerDraft, by: str) -> list[tuple[str, str, list[str]]]:
    return [(a.to, a.reason, a.codes["steps"]) for a in alerts(before, draft, by)]


@pytest.mark.parametrize(
    ("author", "found"),
    [
        (BUREAU, [("duty", ["first_review"]), ("office_head", ["secrecy_review"])]),
        ("duty", [(BUREAU, ["first_review"]), ("office_head", ["secrecy_review"])]),
        (
            "office_head",
            [(BUREAU, ["first_review"]), ("duty", ["first_review"]), ("leader", ["secrecy_review"])],
        ),
    ],
)
def test_a_new_text_is_told_to_those_who_may_sign_it_first_never_to_its_author(
    author: str, found: list[tuple[str, list[str]]]
) -> None:
    expected = [(to, "draft_to_review", steps) for to, steps in found]
    assert told(None, drafted(author), author) == expected


@pytest.mark.parametrize(
    ("count", "by", "found"),
    [
        (1, "duty", []),  # 一校 may be signed by the same person, who is there
        (2, "duty", [("office_head", "draft_to_review", ["second_review"])]),
        (3, "office_head", [("duty", "draft_to_review", ["second_proof"])]),
        (5, "office_head", [("leader", "draft_to_review", ["final_review"])]),
        (6, "leader", [("duty", "draft_to_review", ["final_proof"])]),
        (7, "duty", [(BUREAU, "draft_ready", [])]),
    ],
)
def test_each_signature_is_told_to_those_whose_turn_it_is(
    count: int, by: str, found: list[tuple[str, str, list[str]]]
) -> None:
    assert told(after_steps(count - 1), after_steps(count), by) == found


def test_what_is_sent_back_is_told_to_its_author_alone() -> None:
    before = after_steps(2)
    back = signed(before, Step.SECOND_REVIEW, "office_head", Opinion.RETURN)
    assert told(before, back, "office_head") == [(BUREAU, "draft_returned", ["second_review"])]
    newer = rewrite(back, replace(WORDING, text="改"), 1, BUREAU, T0)
    assert [to for to, _, _ in told(back, newer, BUREAU)] == ["duty", "office_head"]


def test_nobody_on_duty_means_the_next_level_and_stands_in_the_journal() -> None:
    office = replace(OFFICE, people=tuple(p for p in OFFICE.people if p.id != "office_head"))
    decision = Draft(a_dossier(INCIDENT), circumstances(after(minutes=1), actor=BUREAU, office=office))
    tell_draft(decision, None, drafted())
    assert [a.to for a in decision.alerts.values()] == ["duty", "leader"]
    assert ("nobody_on_duty", {"level": 2}) in [(c.event, c.facts) for c in decision.journal]


@pytest.mark.parametrize(("severity", "held"), [(None, "quiet_hours"), (Severity.SERIOUS, None)])
def test_quiet_hours_hold_it_back_unless_it_is_serious(severity: Severity | None, held: str | None) -> None:
    quiet = QuietHours(level=1, since=time(0), until=time(23))
    office = replace(OFFICE, quiet_hours=(quiet,))
    found = alerts(None, drafted(), BUREAU, office, severity=severity)
    assert {a.to: a.held_reason for a in found} == {"duty": held, "office_head": None}


ASKED = {"draft": 1, "version": 1, "steps": ["second_review"]}


@pytest.mark.parametrize(
    ("reason", "facts", "draft", "cause"),
    [
        ("draft_to_review", ASKED, after_steps(2), None),
        ("draft_to_review", ASKED, after_steps(3), "draft_moved_on"),
        (
            "draft_to_review",
            ASKED,
            signed(after_steps(2), Step.SECRECY_REVIEW, "leader", Opinion.RETURN),
            "draft_moved_on",
        ),
        ("draft_to_review", {**ASKED, "version": 2}, after_steps(2), "draft_moved_on"),
        ("draft_returned", ASKED, signed(after_steps(2), Step.SECOND_REVIEW, "leader", Opinion.RETURN), None),
        ("draft_ready", {**ASKED, "steps": []}, after_steps(7), None),
        ("draft_ready", {**ASKED, "steps": []}, publish(after_steps(7), "1-p1"), "draft_moved_on"),
        (
            "draft_ready",
            {**ASKED, "steps": []},
            signed(after_steps(7), Step.FIRST_REVIEW, "duty", Opinion.RETURN),
            "draft_moved_on",
        ),
        ("draft_to_review", {**ASKED, "draft": 2}, after_steps(2), None),
    ],
)
def test_what_is_no_longer_true_of_a_draft_is_not_sent(
    reason: str, facts: dict[str, Any], draft: AnswerDraft, cause: str | None
) -> None:
    alert = an_alert(reason=reason, facts=json.dumps(facts))
    assert draft_obsolete(alert, [draft]) == cause
