"""The grave accident of the story: whose reports, messages and journal a desk shows."""

from dataclasses import replace
from datetime import timedelta

from alerts.model import Alert, AlertState, Outcome, OutcomeClass
from monitor.classifiers.model import Count, Grade, Moment, NamedPlace, Precision, Severity
from monitor.collectors.model import Role
from monitor.deadlines.model import Obligation, StartBasis
from monitor.dossier.model import Change, Changes
from monitor.incidents.model import Holding, Incident, Report
from monitor.items.model import Item
from monitor.ports import Store
from tests.desk.writing import SPILLED, XSS, evidence_of, save
from tests.support.builders import (
    T0,
    a_reminder,
    a_round,
    a_verdict,
    after,
    an_acknowledgement,
    an_alert,
    an_incident,
    an_item,
    an_obligation,
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


TITLE = f"柯街镇客车坠崖{XSS}"
TEXT = "据现场群众反映，柯街镇通村公路一辆客车坠崖，已造成12人遇难、3人失联，救援正在进行。"


def tell_the_accident(store: Store) -> None:
    evidence = (
        evidence_of("deaths", TEXT, "12人遇难"),
        evidence_of("missing", TEXT, "3人失联"),
        evidence_of("event_type", TEXT, "客车坠崖"),
    )
    changes = Changes(
        incident=_the_accident(),
        expected_version=None,
        obligations=_clocks_of_the_accident(),
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
    )
    verdicts = [a_verdict(evidence=evidence), a_verdict()]
    save(store, _items_of_the_accident(TITLE, TEXT), changes, verdicts=verdicts)
    _deliver(store)


def _the_accident() -> Incident:
    return an_incident(
        title=TITLE,
        places=(NamedPlace(name="柯街镇"),),
        grade=Grade(
            confirmed=Severity.SERIOUS,
            precautionary=Severity.SERIOUS,
            standard="WSA2007: deaths >= 10 (S01)",
            precautionary_standard="WSA2007: deaths_incl_missing >= 10 (S01)",
        ),
        occurred=Moment(at=T0 - timedelta(hours=4), precision=Precision.DAY, until=T0),
        holding=Holding(
            media={"deaths": Report(count=Count.exactly(12), at=after(minutes=50), item_id=2)},
            social={"deaths": Report(count=Count.exactly(15, claimed=True), at=T0, item_id=1)},
        ),
        source_ids=("forum", "county-paper"),
        item_count=2,
    )


def _clocks_of_the_accident() -> tuple[Obligation, ...]:
    return (
        an_obligation(
            id="1:press_conference:1",
            start_basis=StartBasis.OCCURRED,
            legal_basis="国办发〔2016〕61号：最迟应在24小时内举行新闻发布会",
        ),
        an_obligation(
            id="1:first_release:1", kind="first_release", name="首次权威信息", window=timedelta(hours=5)
        ),
    )


def _deliver(store: Store) -> None:
    with store.transaction() as transaction:
        for claim in transaction.claim(after(minutes=20), "test", timedelta(minutes=1), 10):
            transaction.finish_delivery(
                claim.delivery.id, after(minutes=20), Outcome(kind=OutcomeClass.OK, code="0", receipt="m-1")
            )
            transaction.update_alerts([_sent(a) for a in claim.alerts])


def _sent(alert: Alert) -> Alert:
    return replace(alert, state=AlertState.SENT, closed_at=after(minutes=20))
