"""A county's evening, written into a real store: what the desk is looked at with."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.model import Alert, AlertState, Outcome, OutcomeClass
from monitor.classifiers.model import Count, Evidence, Grade, Moment, NamedPlace, Precision, Severity
from monitor.clock import Clock
from monitor.collectors.model import Poll, PollState, Role, Source, SourceKind
from monitor.deadlines.model import Obligation, StartBasis
from monitor.dossier.model import Change, Changes, Joining
from monitor.incidents.model import Holding, IncidentState, PublicationKind, PublicationState, Report
from monitor.items.model import Item
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
from tests.support.builders import (
    T0,
    a_poll,
    a_publication,
    a_reminder,
    a_round,
    a_source,
    a_source_state,
    a_verdict,
    after,
    an_acknowledgement,
    an_alert,
    an_incident,
    an_item,
    an_obligation,
    an_order,
)
from tests.support.setting import a_setting
from tests.support.telling import an_intake

NOW = after(hours=4)
XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>"
SPILLED = "javascript:alert(3)"
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
    _grave_accident(store)
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


def _items_of_the_accident(title: str, text: str) -> list[Item]:
    return [
        an_item(
            key="a1",
            title=title,
            text=text,
            url=SPILLED,
            source_id="forum",
            source_name=f"论坛{XSS}",
            role=Role.SOCIAL,
        ),
        an_item(
            key="a2",
            title="柯街镇发生交通事故 救援正在进行",
            text="记者获悉，事故已致12人遇难。",
            published_at=after(minutes=50),
            first_seen_at=after(minutes=52),
        ),
    ]


def _alerts_of_the_accident() -> tuple[Alert, ...]:
    return (
        an_alert(),
        an_alert(to="office_head", level=2, channel="group-wecom"),
        an_alert(
            to="leader",
            level=3,
            channel="group-wecom",
            reason="unacknowledged",
            created_at=after(minutes=15),
        ),
    )


def _journal_of_the_accident() -> tuple[Change, ...]:
    return (
        Change(at=after(minutes=2), event="incident_opened", incident=1),
        Change(
            at=after(minutes=5),
            event="acknowledged",
            incident=1,
            actor="duty",
            via="link",
            facts={"by": "duty"},
        ),
        Change(
            at=after(minutes=9),
            event="severity_changed",
            incident=1,
            actor="duty",
            via="desk",
            facts={"from": 3, "to": 2},
            words=f"电话核实{XSS}",
        ),
    )


def _grave_accident(store: Store) -> None:
    text = "据现场群众反映，柯街镇通村公路一辆客车坠崖，已造成12人遇难、3人失联，救援正在进行。"
    title = f"柯街镇客车坠崖{XSS}"
    evidence = (
        _words("deaths", text, "12人遇难"),
        _words("missing", text, "3人失联"),
        _words("event_type", text, "客车坠崖"),
    )
    items = _items_of_the_accident(title, text)
    grade = Grade(
        confirmed=Severity.SERIOUS,
        precautionary=Severity.SERIOUS,
        standard="WSA2007: deaths >= 10 (S01)",
        precautionary_standard="WSA2007: deaths_incl_missing >= 10 (S01)",
    )
    incident = an_incident(
        title=title,
        places=(NamedPlace(name="柯街镇"),),
        grade=grade,
        occurred=Moment(at=T0 - timedelta(hours=4), precision=Precision.DAY, until=T0),
        holding=Holding(
            media={"deaths": Report(count=Count.exactly(12), at=after(minutes=50), item_id=2)},
            social={"deaths": Report(count=Count.exactly(15, claimed=True), at=T0, item_id=1)},
        ),
        source_ids=("forum", "county-paper"),
        item_count=2,
    )
    save(
        store,
        items,
        Changes(
            incident=incident,
            expected_version=None,
            obligations=(
                an_obligation(
                    id="1:press_conference:1",
                    start_basis=StartBasis.OCCURRED,
                    legal_basis="国办发〔2016〕61号：最迟应在24小时内举行新闻发布会",
                ),
                an_obligation(
                    id="1:first_release:1",
                    kind="first_release",
                    name="首次权威信息",
                    window=timedelta(hours=5),
                ),
            ),
            reminders=(
                a_reminder(obligation_id="1:press_conference:1"),
                a_reminder(
                    id="r2", obligation_id="1:first_release:1", kind="reminder_50", fires_at=after(hours=2.5)
                ),
            ),
            rounds=(a_round(told_level=2, next_at=after(hours=4.2)),),
            acknowledgements=(an_acknowledgement(state="expired"),),
            alerts=_alerts_of_the_accident(),
            journal=_journal_of_the_accident(),
        ),
        verdicts=[a_verdict(evidence=evidence), a_verdict()],
    )
    _deliver(store)


def _deliver(store: Store) -> None:
    with store.transaction() as transaction:
        for claim in transaction.claim(after(minutes=20), "test", timedelta(minutes=1), 10):
            transaction.finish_delivery(
                claim.delivery.id, after(minutes=20), Outcome(kind=OutcomeClass.OK, code="0", receipt="m-1")
            )
            transaction.update_alerts([_sent(a) for a in claim.alerts])


def _sent(alert: Alert) -> Alert:
    return replace(alert, state=AlertState.SENT, closed_at=after(minutes=20))


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
    obligation = _obligation(2, "response", "回应", T0 - timedelta(hours=46), timedelta(hours=48))
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
    response = _obligation(5, "response", "回应", T0, timedelta(hours=48))
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
                _obligation(5, "follow_up", "持续发布", after(hours=2), timedelta(hours=24), statutory=False),
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


def _obligation(
    incident_id: int, kind: str, name: str, starts_at: datetime, window: timedelta, **more: Any
) -> Obligation:
    return an_obligation(
        id=f"{incident_id}:{kind}:1",
        incident_id=incident_id,
        kind=kind,
        name=name,
        starts_at=starts_at,
        window=window,
        **more,
    )


def _words(name: str, text: str, words: str) -> Evidence:
    start = text.index(words)
    return Evidence(field=name, text=words, start=start, end=start + len(words), where="text")


def save(
    store: Store, items: Sequence[Any], changes: Changes, *, verdicts: Sequence[Any] | None = None
) -> None:
    """Write items and the incident they belong to, as the pipeline does."""
    with store.transaction() as transaction:
        stored = transaction.add_items(items, verdicts or [a_verdict()] * len(items))
        transaction.next_incident_id()
        joinings = tuple(
            Joining(incident_id=changes.incident.id, item_id=i.id, at=i.first_seen_at, reason="similar")
            for i in stored
        )
        transaction.save(replace(changes, joinings=joinings))


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
                    _obligation(n, "response", "回应", after(hours=-(n % 50)), timedelta(hours=48)),
                ),
                rounds=(a_round(id=f"{n}/round/1", incident_id=n),),
                alerts=(an_alert(incident_id=n),),
            ),
        )
