"""The numbers for Prometheus, and the alert rules that are shipped with them."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from monitor.desk.health import KINDS, Trouble
from monitor.desk.metrics import metrics
from monitor.ports import Store
from tests.desk.test_health import AROUND, break_everything
from tests.support.builders import after

RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load(files("monitor.desk").joinpath("alert_rules.yaml").read_text("utf-8"))[
        "groups"
    ]
    for rule in group["rules"]
]


def measured(store: Store, *, broken: bool) -> dict[str, dict[str, float]]:
    """Return every metric by name: its values by label."""
    with store.transaction() as transaction:
        if broken:
            break_everything(transaction)
        text = metrics(transaction, AROUND, [Trouble(kind="dead", text="x")], after(hours=1)).decode()
    return {
        family.name: {"".join(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(text)
    }


def test_everything_wrong_is_a_number(store: Store) -> None:
    numbers = measured(store, broken=True)
    assert {name: values[""] for name, values in numbers.items() if "" in values} == {
        "huiying_engine_age_seconds": 3600,
        "huiying_open_incidents": 1,
        "huiying_dead_messages": 1,
        "huiying_waiting_messages": 1,
        "huiying_backlog_seconds": 3600,
        "huiying_audit_age_seconds": 3600,
        "huiying_untold": 1,
        "huiying_heartbeat_failures": 3,
        "huiying_journal_entries": 0,
        "huiying_journal_broken": 1,
        "huiying_journal_age_seconds": -1,
    }
    assert numbers["huiying_troubles"] == {kind: kind == "dead" for kind in KINDS}
    assert numbers["huiying_source_stale"] == {"down": 1}
    assert numbers["huiying_channel_unhealthy"] == {"duty-wecom": 1}
    assert numbers["huiying_step_failures"] == {"tick": 3, "collect": 1}


def test_a_service_that_never_ran_has_numbers_too(store: Store) -> None:
    numbers = measured(store, broken=False)
    assert numbers["huiying_engine_age_seconds"] == {"": -1}
    assert numbers["huiying_backlog_seconds"] == {"": 0}
    assert numbers["huiying_channel_unhealthy"] == {"duty-wecom": 0}


def selectors(node: Any) -> Iterator[str]:
    """Yield the name of every metric in a parsed expression."""
    match node:
        case promql_parser.VectorSelector():
            yield str(node.name)
        case promql_parser.Call():
            for argument in node.args:
                yield from selectors(argument)
        case promql_parser.BinaryExpr():
            yield from selectors(node.lhs)
            yield from selectors(node.rhs)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_rule_parses_and_names_a_metric_that_is_there(store: Store, rule: dict[str, Any]) -> None:
    named = set(selectors(promql_parser.parse(rule["expr"])))
    assert named
    assert named <= set(measured(store, broken=True))
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert set(rule["annotations"]) == {"summary", "description"}


def test_every_trouble_has_a_rule() -> None:
    """What /health tells a person, Prometheus can tell as well; a faulty edit is the desk's alone."""
    watched = {name for rule in RULES for name in selectors(promql_parser.parse(rule["expr"]))}
    assert watched == {
        "huiying_engine_age_seconds",
        "huiying_untold",
        "huiying_dead_messages",
        "huiying_backlog_seconds",
        "huiying_waiting_messages",
        "huiying_channel_unhealthy",
        "huiying_source_stale",
        "huiying_heartbeat_failures",
        "huiying_audit_age_seconds",
        "huiying_journal_broken",
        "huiying_step_failures",
    }
