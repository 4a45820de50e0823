"""What is offered as evidence: of which kind, beside what is accepted already."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.collectors.model import Role
from monitor.dossier import acts
from monitor.dossier.intake import Newcomer, join_incident
from monitor.incidents.answers import Answer
from monitor.incidents.model import AnswerForm, PublicationKind, PublicationState
from tests.dossier.standing import Standing, a_report, circumstances
from tests.support.builders import T0, after

FIRST, NEXT = PublicationKind.FIRST_RELEASE, PublicationKind.FOLLOW_UP


def bulletin(hours: float, item_id: int, form: AnswerForm = AnswerForm.BULLETIN) -> Newcomer:
    report = a_report(after(hours=hours), 3, item_id, role=Role.OFFICIAL, source_id="county", local=True)
    return replace(report, answer=Answer(form=form, kind=FIRST, similarity=0.6, passage="3人死亡"))


def offered(*bulletins: Newcomer) -> Standing:
    standing = Standing.opened(a_report(T0, 3, local=True), T0)
    for one in bulletins:
        standing.keep(join_incident(standing.dossier, [one], circumstances(one.item.first_seen_at)))
    return standing


def kinds(standing: Standing) -> list[PublicationKind]:
    return [p.kind for p in standing.dossier.publications]


def test_until_one_is_accepted_any_bulletin_may_be_the_first() -> None:
    assert kinds(offered(bulletin(1, 2), bulletin(3, 3))) == [FIRST, FIRST]


def test_what_comes_after_an_accepted_bulletin_is_offered_as_a_follow_up() -> None:
    standing = offered(bulletin(1, 2))
    standing.act(acts.respond(FIRST, title="通报"), "duty", after(hours=2))
    standing.keep(join_incident(standing.dossier, [bulletin(3, 3)], circumstances(after(hours=3))))
    assert kinds(standing) == [FIRST, FIRST, NEXT]


@pytest.mark.parametrize(("accepted", "left"), [("1-p1", [FIRST, NEXT]), ("1-p2", [FIRST, FIRST])])
def test_accepting_one_changes_what_later_ones_are_offered_as(
    accepted: str, left: list[PublicationKind]
) -> None:
    standing = offered(bulletin(1, 2), bulletin(3, 3))
    standing.act(acts.judge_answer(accepted, PublicationState.ACCEPTED), "duty", after(hours=4))
    assert kinds(standing) == left
    standing.act(acts.withdraw_answer(accepted, "错认"), "duty", after(hours=4) + timedelta(minutes=1))
    assert kinds(standing)[1] == FIRST
