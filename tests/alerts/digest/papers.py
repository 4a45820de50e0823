"""A county's day, for papers: what is late, due, claimed, rumoured and answered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from alerts.digest.build import Digest, SourceSummary, build_digest
from alerts.digest.incident_papers import IncidentFile
from monitor.classifiers.model import Count, Grade, NamedPlace, Severity
from monitor.deadlines.model import ObligationState
from monitor.dossier.model import Dossier
from monitor.incidents.model import Holding, Report, Trust
from monitor.office.model import Department, Office, Territory
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
