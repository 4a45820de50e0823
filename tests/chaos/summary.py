"""The numbers of a storm, for people."""

from collections import Counter
from collections.abc import Mapping

from monitor.deadlines.model import ReminderState
from tests.chaos.checks import crossings, on_the_wire, waited
from tests.chaos.facts import Facts


def numbers_of(facts: Facts) -> Mapping[str, int]:
    """Return how much happened, by name, in the order of the journey."""
    passed = Counter(c.row.state for d in facts.dossiers for c in crossings(d, facts) if c.row)
    waits = [
        wait for d in facts.dossiers for c in crossings(d, facts) if (wait := waited(c, facts)) is not None
    ]
    states = Counter(str(alert.state) for alert in facts.alerts)
    wires = [on_the_wire(number, facts) for number in facts.deliveries_of]
    again = [wire for wire in wires if wire.repeated]
    kills = Counter(str(moment) for _, moment in facts.killed)
    return {
        "kills": len(facts.killed),
        **{f"kills: {moment}": count for moment, count in sorted(kills.items())},
        "incidents": len(facts.dossiers),
        "cycles": len(facts.instants),
        "crossings": passed.total(),
        "crossings fired": passed[ReminderState.FIRED],
        "crossings passed over by rule": passed.total() - passed[ReminderState.FIRED],
        "longest wait of a crossing, in cycles": max(waits, default=0),
        "outages noticed": len({change.at for change in facts.noted("service_up")}),
        "outbox rows": len(facts.alerts),
        **{f"outbox rows {state}": count for state, count in sorted(states.items())},
        "messages": len(facts.deliveries_of),
        "attempts": len(facts.deliveries),
        "attempts cut off by a kill": sum(wire.open_ended for wire in wires),
        "requests at the vendor": len(facts.receipts),
        "requests refused by it": sum(not receipt.may_be_read for receipt in facts.receipts),
        "messages on the wire twice": len(again),
        "parts on the wire twice": sum(wire.repeated for wire in again),
        "of these not explained by an attempt cut off by a kill": sum(
            max(0, wire.repeated - wire.open_ended) for wire in again
        ),
    }
