"""A county's evening, written into a real store: what the desk is looked at with."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from monitor.classifiers.model import Grade, NamedPlace, Severity
from monitor.clock import Clock
from monitor.collectors.model import Poll, PollState, Role, Source, SourceKind
from monitor.dossier.model import Changes
from monitor.incidents.model import IncidentState, PublicationKind, PublicationState
from monitor.office.model import (
    Audience,
    ChannelKind,
    ChannelSpec,
    Department,
    Level,
    Office,
    Person,
    Territory,
)
from monitor.orders.model import Order, OrderKind, OrderState, Reply
from monitor.pipeline.receiving import DeskActs
from monitor.ports import Pulse, Store
from tests.desk.accident import tell_the_accident
from tests.desk.writing import NOW as NOW
from tests.desk.writing import SPILLED as SPILLED
from tests.desk.writing import XSS as XSS
from tests.desk.writing import obligation_of
from tests.desk.writing import save as save
from tests.support.builders import (
    T0,
    a_poll,
    a_publication,
    a_round,
    a_source,
    a_source_state,
    a_verdict,
    after,
    an_alert,
    an_incident,
    an_item,
    an_obligation,
    an_order,
)
from tests.support.setting import a_setting
from tests.support.telling import an_intake

INBOX_SECRET = "the hotline's secret"  # noqa: S105


def an_office() -> Office:
    """Return a county office with three people, two departments and a group address."""
    return Office(
        name="云溪县人民政府办公室",
        territory=Territory(name="云溪县", code="530000"),
        departments=(
            Department(id="emergency_bureau", name="县应急管理局", channels=("emergency-email",)),
            Department(id="education", name="县教育体育局"),
        ),
        people=(
            Person(id="duty", name="王小满", level=1, channels=("duty-wecom",)),
            Person(id="office_head", name="李立春", level=2, channels=("group-wecom",), role="head"),
            Person(id="leader", name="赵谷雨", level=3, channels=("group-wecom",), role="leader"),
        ),
        channels=(
            ChannelSpec(name="duty-wecom", kind=ChannelKind.SIMULATED),
            ChannelSpec(name="group-wecom", kind=ChannelKind.SIMULATED, audience=Audience.GROUP),
        ),
        levels=(
            Level(number=1, name="值班员"),
            Level(number=2, name="负责人"),
            Level(number=3, name="分管领导"),
        ),
        desk_phone="0875-0000000",
    )


def the_sources() -> tuple[Source, ...]:
    """Return three sources, one of them with a hostile name."""
    return (
        a_source(every=timedelta(minutes=10)),
        a_source(id="forum", name=f"论坛{XSS}", role=Role.SOCIAL, kind=SourceKind.PAGE),
        a_source(
            id="hotline", name="12345热线", role=Role.HOTLINE, kind=SourceKind.INBOX, secret=INBOX_SECRET
        ),
    )


@dataclass
class WrittenActs:
    """The pipeline's own acts on the story's store, each call written down; refuses what it is told to."""

    store: Store
    clock: Clock
    asked: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    refusal: Exception | None = None

    def __post_init__(self) -> None:
        setting = a_setting(self.store, an_office())
        self._real = DeskActs(setting, self.clock, an_intake(self.store, {}), the_sources)

    def __getattr__(self, act: str) -> Any:
        done = getattr(self._real, act)

        def asked(incident_id: int, *given: Any, **facts: Any) -> Any:
            if self.refusal is not None:
                raise self.refusal
            self.asked.append((act, incident_id, facts))
            return done(incident_id, *given, **facts)

        return asked

    def receive(self, source_id: str, body: bytes, *, timestamp: str, signature: str) -> Poll:
        return self._real.receive(source_id, body, timestamp=timestamp, signature=signature)


def tell_the_story(store: Store) -> None:
    """Write the evening: a grave accident, a late matter, two that need a check, an answered one."""
    tell_the_accident(store)
    _late_matter(store)
    _to_check(store)
    _answered(store)
    _closed(store)
    with store.transaction() as transaction:
        transaction.save_pulse(Pulse(last_tick_at=NOW - timedelta(seconds=3), awake_since=T0))
        transaction.save_poll(
            a_poll(
                started_at=after(hours=3.9),
                ended_at=after(hours=3.9),
                state=PollState.OK,
                raw=3,
                created=1,
                duplicate=2,
            ),
            a_source_state(
                last_poll_at=after(hours=3.9),
                last_success_at=after(hours=3.9),
                last_new_item_at=after(hours=3.9),
                last_state=PollState.OK,
            ),
        )


def _late_matter(store: Store) -> None:
    incident = an_incident(
        id=2,
        title="达丙镇多户村民反映自来水浑浊",
        severity=None,
        grade=Grade(),
        category=None,
        event_type=None,
        opinion="complaint",
        for_many=True,
        assigned_to=("emergency_bureau",),
        places=(NamedPlace(name="达丙镇"),),
        source_ids=("hotline",),
    )
    obligation = obligation_of(2, "response", "回应", T0 - timedelta(hours=46), timedelta(hours=48))
    save(
        store,
        [
            an_item(
                key="b1",
                title=incident.title,
                text="多户村民来电反映自来水浑浊三天。",
                role=Role.HOTLINE,
                source_id="hotline",
            )
        ],
        Changes(
            incident=incident, expected_version=None, obligations=(obligation,), orders=(_answered_slip(),)
        ),
        verdicts=[a_verdict(grade=Grade(), event_type=None, opinion="complaint")],
    )
    with store.transaction() as transaction:
        transaction.next_order_number(OrderKind.ASSIGNMENT, 2026)


def _answered_slip() -> Order:
    reply = Reply(by="emergency_bureau", at=after(hours=2), text="已派员取样")
    return an_order(id="2-o1", incident_id=2, state=OrderState.ANSWERED, feedback=reply)


def _to_check(store: Store) -> None:
    unplaced = an_incident(
        id=3, title="网传某镇中学食堂多名学生呕吐", local=None, severity=Severity.RELATIVELY_SERIOUS
    )
    single = an_incident(
        id=4,
        title="住户反映楼上噪音",
        severity=None,
        grade=Grade(),
        opinion="complaint",
        event_type=None,
        category=None,
        source_ids=("hotline",),
    )
    for key, incident in (("c1", unplaced), ("d1", single)):
        save(
            store, [an_item(key=key, title=incident.title)], Changes(incident=incident, expected_version=None)
        )


def _answered(store: Store) -> None:
    incident = an_incident(
        id=5,
        title="鸡飞镇小学围墙倒塌",
        severity=Severity.ORDINARY,
        event_type="building_collapse",
        confirmed_at=after(hours=1),
        confirmed_by="duty",
        assigned_to=("education",),
    )
    response = obligation_of(5, "response", "回应", T0, timedelta(hours=48))
    met = {"state": "met", "met_effective_at": after(hours=2), "ended_at": after(hours=2)}
    save(
        store,
        [an_item(key="e1", title=incident.title)],
        Changes(
            incident=incident,
            expected_version=None,
            obligations=(
                an_obligation(
                    **{n: getattr(response, n) for n in ("id", "incident_id", "kind", "name", "window")} | met
                ),
                obligation_of(
                    5, "follow_up", "持续发布", after(hours=2), timedelta(hours=24), statutory=False
                ),
            ),
            publications=(
                a_publication(
                    id="5/publication/1",
                    incident_id=5,
                    kind=PublicationKind.RESPONSE,
                    url="https://example.invalid/a",
                ),
                a_publication(
                    id="5/publication/2",
                    incident_id=5,
                    state=PublicationState.OFFERED,
                    url=SPILLED,
                    title="情况说明",
                ),
            ),
        ),
    )


def _closed(store: Store) -> None:
    incident = an_incident(
        id=6,
        title="翁堵镇路灯损坏",
        state=IncidentState.CLOSED,
        severity=None,
        grade=Grade(),
        category=None,
        event_type=None,
        opinion="complaint",
        ended_at=after(hours=3),
        ended_by="leader",
        ended_reason="已修复",
    )
    save(store, [an_item(key="f1", title=incident.title)], Changes(incident=incident, expected_version=None))


def tell_many(store: Store, count: int) -> None:
    """Add open incidents from number 7 on, each with a clock, a round and a message."""
    for n in range(7, 7 + count):
        incident = an_incident(
            id=n, title=f"第{n}起：达丙镇路段因降雨塌方，来往车辆绕行", severity=Severity(n % 4 + 1)
        )
        save(
            store,
            [an_item(key=f"m{n}", title=incident.title)],
            Changes(
                incident=incident,
                expected_version=None,
                obligations=(
                    obligation_of(n, "response", "回应", after(hours=-(n % 50)), timedelta(hours=48)),
                ),
                rounds=(a_round(id=f"{n}/round/1", incident_id=n),),
                alerts=(an_alert(incident_id=n),),
            ),
        )
