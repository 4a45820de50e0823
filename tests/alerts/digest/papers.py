"""A county's day, for papers: what is late, due, claimed, rumoured and answered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from alerts.digest.build import Digest, SourceSummary, build_digest
from alerts.digest.incident_papers import IncidentFile
from alerts.digest.periodic import periodic_paper
from alerts.digest.review import Gathered, Review, Term, build_review
from monitor.classifiers.model import Count, Grade, NamedPlace, Severity
from monitor.deadlines.model import ObligationState
from monitor.dossier.model import Dossier
from monitor.incidents.model import Holding, IncidentState, Report, Trust
from monitor.office.model import Department, Office, Place, PlaceKind, Territory
from tests.support.builders import T0, a_dossier, a_publication, after, an_incident, an_item, an_obligation

OFFICE = Office(
    name="云溪县人民政府办公室",
    territory=Territory(name="云溪县", code="530000"),
    departments=(Department(id="emergency_bureau", name="县应急管理局"),),
)
NOW = after(hours=24)
HEAD = "9f2c1a7be04d55aa" * 4
UP = (SourceSummary(id="paper", name="县报"), SourceSummary(id="forum", name="县论坛"))
DOWN = (UP[0], replace(UP[1], down_since=after(hours=21)))
UNTRIED = tuple(replace(source, is_untried=True) for source in UP)

HOSTILE = "=1+1 <w:p/>&\x00\x07\u202e\u2066\u061c\ufffe\ud800 ]]> @all\r\n13812345678"


def said(value: float, item_id: int) -> Report:
    """Return one figure as an item reports it, the later the higher its number."""
    return Report(count=Count(low=value, value=value, high=value), at=after(minutes=item_id), item_id=item_id)


MINE = an_incident(
    id=1,
    title="白水镇一煤矿透水",
    places=(NamedPlace(name="白水镇"),),
    assigned_to=("emergency_bureau",),
    severity=Severity.SERIOUS,
    grade=Grade(precautionary=Severity.SERIOUS, precautionary_standard="WSA2007: deaths >= 3 (S01)"),
    holding=Holding(official={"deaths": said(1, 2)}, social={"deaths": said(3, 3)}),
    demands=("公布伤亡人数",),
    source_ids=("paper", "forum"),
    trusts=frozenset({Trust.OFFICIAL, Trust.SOCIAL}),
    item_count=3,
    first_item_id=1,
)
RUMOR = an_incident(
    id=3, title="网传小学停课", severity=None, opinion="rumor_suspected", local=None, grade=Grade()
)
RELEASE = an_obligation(
    id="release",
    kind="first_release",
    name="首次权威信息",
    window=timedelta(hours=5),
    state=ObligationState.BREACHED,
    breached_at=after(hours=5),
)
CONFERENCE = replace(an_obligation(id="conference"), due_at=after(hours=47))
NOTICE = a_publication(title="情况通报", channel="云溪发布")
DOSSIER = a_dossier(MINE, obligations=(CONFERENCE, RELEASE), publications=(NOTICE,))
ITEMS = tuple(
    an_item(id=n, key=f"k{n}", title=f"白水镇一煤矿透水之{n}", url=f"https://news.example/{n}")
    for n in (1, 2, 3)
)
FILE = IncidentFile(office=OFFICE, dossier=DOSSIER, items=ITEMS, now=NOW)


def a_digest(*dossiers: Dossier, sources: Sequence[SourceSummary] = UP) -> Digest:
    return build_digest(OFFICE, dossiers, sources, T0, NOW, NOW, HEAD)


WEEK = after(days=-7)
"""A week that ended at T0, of which papers say how things stood at NOW."""

TOWNS = replace(
    OFFICE,
    territory=replace(
        OFFICE.territory,
        places=(Place(name="白水镇", kind=PlaceKind.TOWNSHIP, code="530000101", aliases=("白水",)),),
    ),
)
ROAD = an_incident(
    id=7,
    title="白水镇客车侧翻",
    places=(NamedPlace(name="白水"),),
    detected_at=after(days=-3),
    first_published_at=after(days=-3, hours=-1),
    assigned_to=("emergency_bureau",),
    severity=Severity.ORDINARY,
    source_ids=("paper",),
    trusts=frozenset({Trust.MEDIA}),
)
KEPT = an_obligation(
    id="7:response:1",
    incident_id=7,
    kind="response",
    name="回应",
    starts_at=after(days=-3),
    window=timedelta(hours=48),
    state=ObligationState.MET,
    met_effective_at=after(days=-2),
    ended_at=after(days=-2),
)
LATE = replace(KEPT, id="8:response:1", incident_id=8, met_late=True, met_effective_at=after(days=-0.5))
UNMET = replace(
    KEPT,
    id="9:response:1",
    incident_id=9,
    state=ObligationState.BREACHED,
    breached_at=after(days=-1),
    met_effective_at=None,
    ended_at=None,
)
WEEKS = (
    a_dossier(
        ROAD, obligations=(KEPT,), publications=(a_publication(incident_id=7, effective_at=after(days=-2)),)
    ),
    a_dossier(
        replace(ROAD, id=8, state=IncidentState.CLOSED, ended_at=after(days=-0.5)), obligations=(LATE,)
    ),
    a_dossier(replace(ROAD, id=9, assigned_to=()), obligations=(UNMET,)),
    a_dossier(replace(ROAD, id=2, event_type="fire", places=(), detected_at=after(days=-10))),
)


def a_review(*dossiers: Dossier, sources: Sequence[SourceSummary] = UP, **fields: Any) -> Review:
    defaults: dict[str, Any] = {
        "dossiers": dossiers,
        "sources": sources,
        "item_count": len(dossiers),
        "away": (),
        "recorded_since": after(days=-30),
        "journal_head": HEAD,
    }
    gathered = Gathered(**defaults | fields)
    return build_review(Term.WEEKLY, TOWNS, gathered, after(days=-14), WEEK, T0, after(hours=1))


WEEKLY = periodic_paper(a_review(*WEEKS))
