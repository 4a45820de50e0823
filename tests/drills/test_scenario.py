"""A faulty drill file is refused with every fault and its place."""

import pytest

from monitor.drill.scenario import read_scenario
from monitor.errors import ConfigurationError

HEAD = "starts_at: 2026-03-02T08:00:00+08:00\nruns_until: 4h\n"
ITEM = "  - {at: 0m, item: {source: 县报, title: 昌宁县柯街镇起火}}\n"

FAULTS = [
    pytest.param(
        "steps:\n  - {at: 5h, confirm: {incident: 1, by: duty}}\n", "4:", "runs_until", id="after the end"
    ),
    pytest.param(
        "steps:\n  - {at: -1m, confirm: {incident: 1, by: duty}}\n", "4:", "steps[0].at", id="before it"
    ),
    pytest.param(
        "steps:\n  - {at: 1m, ack: {incident: 1, by: nobody}}\n", "4:", "没有这个人", id="unknown person"
    ),
    pytest.param("steps:\n  - {at: 1m, ack: null}\n", "4:", "只须写一件事", id="an act of nothing"),
    pytest.param("steps:\n  - {at: 1m}\n", "4:", "只须写一件事", id="nothing happens"),
    pytest.param(
        "steps:\n  - {at: 1m, confirm: {incident: 1, by: duty}, ack: {incident: 1, by: duty}}\n",
        "4:",
        "只须写一件事",
        id="two things at once",
    ),
    pytest.param("steps:\n  - {confirm: {incident: 1, by: duty}}\n", "4:", "at", id="no time"),
    pytest.param(
        "steps:\n  - {at: 1m, confirm: {incident: 0, by: duty}}\n", "4:", "incident", id="incident 0"
    ),
    pytest.param(
        f"steps:\n{ITEM}  - {{at: 1m, split: {{incident: 1, items: [2]}}}}\n",
        "5:",
        "第 2 个条目",
        id="item 2",
    ),
    pytest.param(
        "steps:\n  - {at: 1m, channel: {duty-wecom: {}}}\n", "4:", "channel", id="a mode of nothing"
    ),
    pytest.param(
        "steps:\n  - {at: 1m, channel: {duty-wecom: {status: -1}}}\n", "4:", "channel", id="a negative status"
    ),
    pytest.param(
        "steps:\n  - {at: 1m, channel: {duty-pigeon: ok}}\n", "4:", "没有这个渠道", id="unknown channel"
    ),
    pytest.param(
        "channels: {duty-pigeon: ok}\nsteps:\n" + ITEM, "3:", "没有这个渠道", id="unknown at the start"
    ),
]


@pytest.mark.parametrize(("rest", "line", "words"), FAULTS)
def test_a_faulty_drill_names_place_and_cause(rest: str, line: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_scenario(HEAD + rest, "d.yaml")
    assert any(fault.startswith(f"d.yaml:{line}") and words in fault for fault in caught.value.faults)


def test_all_faults_are_told_at_once() -> None:
    rest = "steps:\n  - {at: 9h, ack: {incident: 1, by: nobody}}\n  - {at: 1m, channel: {duty-pigeon: ok}}\n"
    with pytest.raises(ConfigurationError) as caught:
        read_scenario(HEAD + rest, "d.yaml")
    assert len(caught.value.faults) == 3
