"""What sources tell, judged by hand: titles with the verdict that a test wants of them."""

from collections.abc import Mapping
from datetime import datetime

from monitor.classifiers.model import Count, Figures, Grade, NamedPlace, Severity, Verdict
from monitor.collectors.fetch import Fetched
from monitor.collectors.model import RawItem, Reading, Role, Source, SourceState
from monitor.collectors.poll import Polled
from monitor.incidents.group import Grouper
from monitor.items.intake import Arrival, take_in
from monitor.items.model import Item
from monitor.pipeline.intake import Intake
from monitor.pipeline.known import Known
from monitor.ports import Store
from tests.support.builders import T0, a_source, a_verdict, after
from tests.support.setting import a_setting, rarity

KEJIE = NamedPlace(name="柯街镇", code="530524103")
MANGSHUI = NamedPlace(name="漭水镇", code="530524102")


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text that separates them by spaces."""
    return tuple(text.split())


def a_slide(deaths: int = 12, **more: object) -> Verdict:
    """Return a landslide in 柯街镇 with this many deaths, severity by the table."""
    severity = Severity.SERIOUS if deaths >= 10 else Severity.RELATIVELY_SERIOUS if deaths >= 3 else None
    return a_verdict(
        category="natural_disaster",
        event_type="geological",
        places=(KEJIE,),
        figures=Figures(counts={"deaths": Count.exactly(deaths)}),
        grade=Grade(confirmed=severity, precautionary=severity, standard="geological"),
        **more,
    )


def no_matter() -> Verdict:
    return Verdict(matter=False, live=False, local=True)


def an_intake(store: Store, verdicts: Mapping[str, Verdict], known: Known | None = None) -> Intake:
    """Return an intake that judges by title; its tokens are the words of the title, no matter is the rest."""

    def judge(item: Item, _: datetime) -> Verdict:
        return verdicts.get(item.title, no_matter())

    return Intake(a_setting(store), judge, known or Known(lambda: Grouper(rarity)), words)


def a_raw(title: str, text: str = "", at: datetime | None = T0, **more: object) -> RawItem:
    return RawItem(native_id=title, title=title, text=text, published_at=at, **more)  # type: ignore[arg-type]


def an_arrival(
    *raws: RawItem,
    now: datetime | None = None,
    source: Source | None = None,
    before: SourceState | None = None,
) -> Arrival:
    """Return what one poll of a source that has long been watched brought."""
    source = source or a_source()
    state = before or SourceState(source_id=source.id, identity=source.identity, baseline_at=T0)
    return take_in(
        Polled(
            source=source,
            before=state,
            started_at=now or after(minutes=2),
            fetched=Fetched(status=200),
            reading=Reading(items=raws),
        )
    )


def the_county() -> Source:
    """Return the county government's own site."""
    return a_source(id="county", name="县政府网", role=Role.OFFICIAL)
