import pytest

from monitor.incidents.lifecycle import may_close, may_dismiss, may_merge, may_reopen, may_split
from monitor.incidents.model import IncidentState
from tests.support.builders import an_incident

OPEN, DISMISSED, CLOSED, MERGED = IncidentState


@pytest.mark.parametrize(
    ("state", "by", "reason", "refusal"),
    [
        (OPEN, "duty", "与本县无关", None),
        (OPEN, "", "与本县无关", "nobody_named"),
        (OPEN, "duty", " ", "reason_missing"),
        (DISMISSED, "duty", "与本县无关", "is_dismissed"),
        (CLOSED, "duty", "与本县无关", "is_closed"),
        (MERGED, "duty", "与本县无关", "is_merged"),
    ],
)
def test_only_a_named_person_with_a_reason_dismisses_an_open_incident(
    state: IncidentState, by: str, reason: str, refusal: str | None
) -> None:
    assert may_dismiss(an_incident(state=state), by=by, reason=reason) == refusal


@pytest.mark.parametrize(
    ("level", "has_unmet", "reason", "refusal"),
    [
        (1, False, "", None),
        (1, True, "已处置完毕", "unmet_obligation"),
        (None, True, "已处置完毕", "unmet_obligation"),
        (3, True, "", "reason_missing"),
        (3, True, "已处置完毕", None),
    ],
)
def test_only_a_leader_with_a_reason_closes_with_an_unmet_duty(
    level: int | None, has_unmet: bool, reason: str, refusal: str | None
) -> None:
    assert may_close(an_incident(), by="x", level=level, has_unmet=has_unmet, reason=reason) == refusal


@pytest.mark.parametrize(
    ("state", "refusal"), [(DISMISSED, None), (CLOSED, None), (OPEN, "is_open"), (MERGED, "is_merged")]
)
def test_what_was_ended_by_a_person_may_be_reopened(state: IncidentState, refusal: str | None) -> None:
    assert may_reopen(an_incident(state=state), by="duty") == refusal


def test_an_incident_goes_up_only_in_another_open_one() -> None:
    one, other = an_incident(id=1), an_incident(id=2)
    assert may_merge(one, other, by="duty") is None
    assert may_merge(one, one, by="duty") == "same_incident"
    assert may_merge(one, an_incident(id=2, state=CLOSED), by="duty") == "target_is_closed"
    assert may_merge(an_incident(id=1, state=MERGED), other, by="duty") == "is_merged"


@pytest.mark.parametrize(
    ("moved", "refusal"),
    [([2], None), ([], "nothing_to_move"), ([9], "not_a_member"), ([1, 2], "nothing_would_stay")],
)
def test_a_split_takes_some_members_and_leaves_some(moved: list[int], refusal: str | None) -> None:
    assert may_split(an_incident(), by="duty", moved=moved, members=[1, 2]) == refusal
