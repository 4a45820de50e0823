"""The shipped rule book, and what is said of a faulty one."""

from datetime import timedelta

import pytest

from monitor.deadlines.model import StartRule
from monitor.deadlines.rules import packaged_rules, read_rules, unknown_reports
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


REPORT = """rules:
  - kind: U_PHONE_30
    name: 电话报告
    when: reported
    to: 市政府总值班室
    start: known
    statutory: true
    fulfilled_by: [phone]
    legal_basis: 突发事件应对法第十七条
"""


def test_reports_to_superiors_are_shipped_without_hours_and_name_whom_they_go_to() -> None:
    reports = [rule for rule in packaged_rules().rules if rule.is_report]
    assert len(reports) >= 8
    assert all(rule.to and rule.window == timedelta(0) and rule.legal_basis for rule in reports)
    assert unknown_reports(packaged_rules(), [reports[0].kind, "U_TYPO"]) == ("U_TYPO",)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        pytest.param(REPORT.replace("U_PHONE_30", "PHONE"), "kind", id="a kind like that of an answer"),
        pytest.param(REPORT + "    window: 30m\n", "settings.reporting", id="hours in the rule book"),
        pytest.param(REPORT.replace("[phone]", "[response]"), "fulfilled_by", id="fulfilled by an answer"),
        pytest.param(REPORT.replace("    to: 市政府总值班室\n", ""), "to", id="to nobody"),
        pytest.param(REPORT + "    severities: [5]\n", "severities", id="a fifth severity"),
        pytest.param(RULE.replace("    window: 48h\n", ""), "window", id="an answer without hours"),
    ],
)
def test_a_report_rule_that_fits_nothing_is_refused_at_its_place(wrong: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"rules.yaml:\d+:\d+: rules\[0\].*{said}"):
        read_rules(wrong)


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
