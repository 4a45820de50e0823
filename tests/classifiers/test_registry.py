"""The packaged words and table, and what is said of faulty ones."""

import re
from collections.abc import Callable

import pytest

from monitor.classifiers.grade import GradingTable
from monitor.classifiers.lexicon import Lexicon
from monitor.classifiers.registry import load_lexicon, load_table, packaged
from monitor.errors import ConfigurationError


def edited(name: str, old: str, new: str) -> Callable[[str], str]:
    text = packaged(name)
    assert old in text
    return lambda asked: text.replace(old, new, 1) if asked == name else packaged(asked)


def test_every_rule_speaks_of_a_known_event_type(lexicon: Lexicon, table: GradingTable) -> None:
    assert {rule.type for rule in lexicon.events} <= table.event_types.keys()


def test_no_term_is_empty_or_only_a_blank(lexicon: Lexicon) -> None:
    assert all(term.strip() == term != "" for term in lexicon.triggers().terms)


def test_the_gazetteer_reaches_down_to_the_villages_of_the_county(lexicon: Lexicon) -> None:
    codes = [code for code, *_ in lexicon.divisions]
    assert len([code for code in codes if code.startswith("530524") and len(code) == 12]) == 124
    assert len([code for code in codes if code.startswith("530524") and len(code) == 9]) == 13
    assert len([code for code in codes if len(code) == 2]) == 31


def test_an_edit_changes_the_version_and_takes_effect() -> None:
    changed = load_lexicon(edited("words/events.yaml", "矿难,", "矿难, 冒水事故,"))
    assert changed.version != load_lexicon().version
    assert any("冒水事故" in rule.words for rule in changed.events)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("words/events.yaml", "rules:", "rulez:"),
        ("words/liveness.yaml", "idioms: [", "idioms: [[甲], "),
        ("words/places.yaml", "border:", "boarder:"),
        ("words/casualties.yaml", "ignored: [", "ignored: ["),
    ],
)
def test_a_faulty_edit_is_refused_with_its_place(name: str, old: str, new: str) -> None:
    if old == new:
        new = old + "'', "
    with pytest.raises(ConfigurationError) as caught:
        load_lexicon(edited(name, old, new))
    assert all(fault.startswith(f"{name}:") for fault in caught.value.faults)


def test_all_faults_of_all_files_are_reported_at_once() -> None:
    texts = {
        "words/events.yaml": packaged("words/events.yaml").replace("rules:", "rulez:", 1),
        "words/places.yaml": packaged("words/places.yaml").replace("own:", "owned:", 1),
    }
    with pytest.raises(ConfigurationError) as caught:
        load_lexicon(lambda asked: texts.get(asked) or packaged(asked))
    assert {fault.split(":")[0] for fault in caught.value.faults} == set(texts)


def test_a_faulty_table_is_refused_with_its_place() -> None:
    text = packaged("grading.yaml").replace("from: [30, 10, 3, 1]", "from: [30, 10, 3]", 1)
    with pytest.raises(ConfigurationError) as caught:
        load_table(text)
    assert caught.value.faults[0].startswith("grading.yaml:")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("applies_to: [fire]", "applies_to: [fier]", ".applies_to[0]: 没有“fier”这种事件类型"),
        ("      deaths: {from: [30", "      dead: {from: [30", ".thresholds.dead: 没有“dead”这项指标"),
        ("basis: [S54]}", "basis: [S5]}", ": 没有“S5”这个出处"),
        ("from: [30, 10, 3, 1]", "from: [30, 10, 30, 1]", ": 起点须从特别重大到一般依次减小"),
        ("min: {derailed_cars: 60}", "min: {cars: 60}", ".min.cars: 没有“cars”这项指标"),
        ("[WSA2007, {deaths: 29}, 2]", "[WSA2007, {deaths: 29}, 1]", "自检不符：应为特别重大，按表是重大"),
        ("[WSA2007, {deaths: 29}, 2]", "[WSA, {deaths: 29}, 2]", "没有“WSA”这个标准"),
    ],
)
def test_a_table_that_names_what_is_not_there_is_refused(old: str, new: str, fault: str) -> None:
    text = packaged("grading.yaml")
    assert old in text
    with pytest.raises(ConfigurationError) as caught:
        load_table(text.replace(old, new, 1))
    assert all(re.match(r"grading\.yaml:\d+:\d+: ", found) for found in caught.value.faults)
    assert any(fault in found for found in caught.value.faults)
