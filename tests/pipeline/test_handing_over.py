"""移交 through the pipeline: the claim must be of this incident, and everything is one transaction."""

from typing import Any

import pytest

from monitor.classifiers.model import Figures, Grade
from monitor.collectors.model import Role
from monitor.dossier.model import Joining
from monitor.errors import ConflictError, RefusedActError
from monitor.incidents.model import AnswerForm
from monitor.orders.model import OrderKind
from monitor.pipeline.acting import Acting
from monitor.ports import Store
from tests.support.builders import a_publication, a_verdict, after, an_incident, an_item, opening
from tests.support.clock import SimulatedClock
from tests.support.setting import a_setting

RUMOUR = a_verdict(
    opinion="rumor_suspected", figures=Figures(), grade=Grade(), category=None, event_type=None
)


@pytest.fixture
def acting(lite: Store) -> Acting:
    """Return the acts on two incidents: the first holds a claim, item 1, and its accepted denial."""
    claim = an_item(key="a", role=Role.SOCIAL, title="听说水厂被投毒", url="https://forum.example/7")
    other = an_item(key="b", role=Role.SOCIAL, title="别处的说法", url="https://forum.example/8")
    denial = a_publication(id="1-p1", form=AnswerForm.DENIAL, item_id=2, title="关于水质传言的辟谣")
    with lite.transaction() as unit:
        unit.add_items([claim, other], [RUMOUR, RUMOUR])
        for number, publications in ((1, (denial,)), (2, ())):
            joining = Joining(incident_id=number, item_id=number, at=after(minutes=2))
            incident = an_incident(id=number, severity=None, opinion="rumor")
            unit.save(opening(incident, publications=publications, joinings=(joining,)))
    return Acting(a_setting(lite), SimulatedClock(after(hours=3)))


def hand_over(acting: Acting, item_id: int = 1, by: str = "office_head", **more: Any) -> None:
    acting.hand_over(
        1, item_id, publication_id="1-p1", department="police", note="", by=by, via="desk", **more
    )


def test_a_claim_becomes_a_numbered_slip_and_the_police_are_told(acting: Acting, lite: Store) -> None:
    hand_over(acting)
    with lite.reading() as unit:
        filed = unit.order("1-o1")
        told = [(a.to, a.reason) for a in unit.alerts_of(1)]
        [issued] = [e.change for e in unit.journal() if e.change.event == "order_issued"]
    assert (filed.order.kind, filed.order.number, filed.order.department) == (OrderKind.HANDOVER, 1, "police")
    assert told == [("police", "order_handed_over")]
    assert (issued.actor, issued.facts["number"], issued.facts["slip"]) == ("office_head", 1, "handover")


@pytest.mark.parametrize(
    ("item_id", "by", "reason"), [(2, "office_head", "not_a_member"), (1, "duty", "needs_level_2")]
)
def test_what_is_refused_leaves_its_record_alone(
    acting: Acting, lite: Store, item_id: int, by: str, reason: str
) -> None:
    with pytest.raises(RefusedActError):
        hand_over(acting, item_id, by)
    with lite.reading() as unit:
        assert unit.dossier(1).orders == ()
        last = unit.journal()[-1].change
    assert (last.event, last.facts["act"], last.facts["reason"]) == ("refused", "hand_over", reason)


def test_whoever_looked_at_an_older_version_is_told(acting: Acting) -> None:
    with pytest.raises(ConflictError):
        hand_over(acting, expected_version=9)
