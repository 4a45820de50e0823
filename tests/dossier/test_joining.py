"""After a split each side knows what its own items say, and keeps what people decided (C9)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.classifiers.model import Moment, NamedPlace, Precision, Severity
from monitor.collectors.model import Role
from monitor.dossier.intake import Newcomer, open_incident
from monitor.dossier.joining import parent_after_split, split
from monitor.dossier.model import Dossier
from monitor.incidents.model import AnswerForm, Incident, PublicationState, Trust
from monitor.incidents.reconcile import figures_now
from tests.dossier.standing import a_report, circumstances
from tests.support.builders import T0, a_publication, after

KEJIE, MANGSHUI = NamedPlace(name="柯街镇", code="530524102"), NamedPlace(name="漭水镇", code="530524103")
SIX, SEVEN = (Moment(at=after(hours=-n), precision=Precision.HOUR) for n in (2, 1))


def told(now: Any, deaths: int, item_id: int, title: str, **fields: Any) -> Newcomer:
    report = a_report(now, deaths, item_id, **fields)
    return replace(report, item=replace(report.item, title=title))


FIRE = told(
    T0, 11, 1, "漭水镇火灾", role=Role.OFFICIAL, source_id="county", places=(MANGSHUI,), occurred=SIX,
    event_type="fire", demands=("赔偿",),
)  # fmt: skip
CRASH = told(after(hours=1), 3, 2, "柯街镇车祸", places=(KEJIE,), occurred=SEVEN)
RUMOUR = told(after(hours=2), 4, 3, "又一条", role=Role.SOCIAL, source_id="forum", places=(KEJIE,))


def mixed(*reports: Newcomer) -> Incident:
    return open_incident(1, reports, circumstances(after(hours=3))).incident


def test_a_parent_knows_only_what_the_items_that_stay_say() -> None:
    left = parent_after_split(mixed(FIRE, CRASH, RUMOUR), [CRASH, RUMOUR])
    assert (left.title, left.places, left.event_type, left.demands) == (
        "柯街镇车祸",
        (KEJIE,),
        "road_traffic",
        (),
    )
    assert (left.occurred, left.first_published_at) == (SEVEN, after(hours=1))
    assert (left.item_count, left.source_ids, left.first_item_id) == (2, ("paper", "forum"), 2)
    assert left.trusts == {Trust.MEDIA, Trust.SOCIAL}
    assert figures_now(left.holding).confirmed.value("deaths") == 3


def test_what_people_decided_stays_with_the_parent() -> None:
    mine = replace(
        mixed(FIRE, CRASH),
        must_answer_by="duty",
        assigned_to=("police",),
        severity=Severity.SERIOUS,
        local=True,
        detected_at=T0,
    )
    left = parent_after_split(mine, [replace(CRASH, verdict=replace(CRASH.verdict, local=None))])
    for name in ("must_answer_by", "assigned_to", "severity", "local", "detected_at", "announced", "grade"):
        assert getattr(left, name) == getattr(mine, name), name


def test_a_parent_left_with_reposts_alone_knows_what_the_first_of_them_says() -> None:
    left = parent_after_split(mixed(FIRE, CRASH), [replace(CRASH, reach_only=True)])
    assert (left.places, left.item_count) == ((KEJIE,), 1)
    assert figures_now(left.holding).confirmed.value("deaths") == 3


@pytest.mark.parametrize(
    ("state", "left"),
    [
        pytest.param(PublicationState.OFFERED, PublicationState.DECLINED, id="nobody has judged it"),
        pytest.param(PublicationState.ACCEPTED, PublicationState.ACCEPTED, id="a person accepted it"),
        pytest.param(PublicationState.DECLINED, PublicationState.DECLINED, id="a person declined it"),
    ],
)
def test_an_official_item_that_leaves_is_offered_where_it_goes(
    state: PublicationState, left: PublicationState
) -> None:
    answer = a_publication(
        id="1-p1", item_id=1, state=state, form=AnswerForm.BULLETIN, similarity=0.6, passage="漭水镇火灾"
    )
    dossier = Dossier(incident=mixed(CRASH, FIRE), publications=(answer,))
    rumour = replace(RUMOUR, item=replace(RUMOUR.item, title="漭水镇着火了"))
    parent, opened = split(dossier, [rumour, FIRE], [CRASH], 2, "duty", circumstances(after(hours=4)))
    assert [p.state for p in parent.publications or dossier.publications] == [left]
    [offered] = opened.publications
    assert (offered.state, offered.item_id, offered.passage) == (PublicationState.OFFERED, 1, "漭水镇火灾")


def complaint(item_id: int, source_id: str, **fields: Any) -> Newcomer:
    return a_report(
        after(hours=item_id), None, item_id, role=Role.SOCIAL, source_id=source_id, category=None,
        event_type=None, opinion="complaint", **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(complaint(1, "forum", for_many=True), id="the one that spoke for many"),
        pytest.param(complaint(1, "hotline"), id="the second source"),
    ],
)
def test_a_split_ends_no_clock_that_runs(gone: Newcomer) -> None:
    stays = complaint(2, "forum")
    circumstance = circumstances(after(hours=3))
    opened = open_incident(1, [gone, stays], circumstance)
    dossier = Dossier(incident=opened.incident, obligations=opened.obligations)
    parent, _ = split(dossier, [gone], [stays], 2, "duty", circumstances(after(hours=4)))
    assert [o.kind for o in opened.obligations] == ["response"]
    assert not any(o.ended_reason for o in parent.obligations)
    assert parent.incident.source_ids == ("forum",)


def test_the_clocks_of_a_parent_never_start_later() -> None:
    opened = open_incident(1, [FIRE, CRASH], circumstances(after(hours=1)))
    dossier = Dossier(incident=opened.incident, obligations=opened.obligations)
    parent, taken_out = split(dossier, [FIRE], [CRASH], 2, "duty", circumstances(after(hours=2)))
    assert parent.obligations == (), "no obligation of the parent changes"
    assert parent.incident.first_published_at == T0 + timedelta(hours=1)
    assert {o.starts_at for o in taken_out.obligations} == {SIX.at}
