"""The shipped rule book, and what is said of a faulty one."""

from datetime import timedelta

import pytest

from monitor.deadlines.model import StartRule
from monitor.deadlines.rules import packaged_rules, read_rules
from monitor.errors import ConfigurationError

RULE = """rules:
  - kind: response
    name: 回应
    when: other
    start: publication
    window: 48h
    statutory: true
    fulfilled_by: [response]
    legal_basis: 国办发〔2016〕61号
"""


@pytest.mark.parametrize(
    ("kind", "when", "start", "hours", "statutory"),
    [
        ("first_release", "serious", StartRule.OCCURRENCE, 5, True),
        ("press_conference", "serious", StartRule.OCCURRENCE, 24, True),
        ("response", "other", StartRule.PUBLICATION, 48, True),
        ("follow_up", "answered", StartRule.LAST_RELEASE, 24, False),
    ],
)
def test_the_shipped_rules_are_those_of_the_law(
    kind: str, when: str, start: StartRule, hours: int, statutory: bool
) -> None:
    rule = packaged_rules().rule(kind)
    assert (rule.when, rule.start, rule.window, rule.statutory) == (
        when,
        start,
        timedelta(hours=hours),
        statutory,
    )
    assert rule.marks == (50, 75, 90)
    assert "国办发〔2016〕" in rule.legal_basis


def test_a_rule_left_without_marks_has_the_ordinary_ones_and_the_version_follows_the_text() -> None:
    book = read_rules(RULE)
    assert book.rules[0].marks == (50, 75, 90)
    assert book.version != read_rules(RULE + "\n").version
    with pytest.raises(KeyError):
        book.rule("press_conference")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param(RULE.replace("48h", "0s"), "window", id="no window"),
        pytest.param(RULE.replace("[response]", "[]"), "fulfilled_by", id="fulfilled by nothing"),
        pytest.param(RULE.replace("other", "sometimes"), "when", id="an unknown case"),
        pytest.param(RULE + "    marks: [100]\n", "marks", id="a mark at the deadline"),
        pytest.param(RULE + RULE.partition("rules:\n")[2], "重复", id="the same kind twice"),
        pytest.param(RULE + "    colour: red\n", "colour", id="an unknown key"),
    ],
)
def test_a_faulty_rule_is_refused_with_its_place(wrong: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_rules(wrong, "rules.yaml")
    assert said in str(caught.value)
    assert "rules.yaml:" in str(caught.value)
