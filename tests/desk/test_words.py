"""Every code that can reach the screen has Chinese words: the codes are read from the source itself."""

import ast
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

import monitor
from alerts.model import AlertState, OutcomeClass
from monitor.classifiers.registry import load_table
from monitor.collectors.model import PollState, Role, SourceKind
from monitor.deadlines.model import ObligationState, ReminderState, StartBasis
from monitor.deadlines.rules import packaged_rules
from monitor.desk import words
from monitor.desk.roles import ROLES, acts_of
from monitor.incidents.lifecycle import LAWFUL
from monitor.incidents.model import IncidentState, PublicationKind, PublicationState, Trust
from monitor.incidents.traits import packaged_themes
from monitor.ports import Account

ROOT = Path(monitor.__file__).parents[1]
SCANNED = (
    "monitor/dossier",
    "monitor/drafting",
    "monitor/deadlines",
    "monitor/incidents",
    "monitor/pipeline",
    "alerts",
    "monitor/desk",
    "monitor/keeping.py",
)
CODE = re.compile(r"[a-z][a-z0-9_]*")

# A parameter or field of this name takes a code of that book, unless the function below says otherwise.
BOOK_OF_NAME = {
    "event": "event", "cause": "cause", "why": "cause", "held_reason": "cause", "ended_reason": "cause",
    "end_reason": "round_end",
}  # fmt: skip
BOOK_OF_REASON = {
    "News": "reason", "system_alerts": "reason", "end_round": "round_end", "Grouping": "grouping",
    "Newcomer": "grouping", "RefusedActError": "refusal", "AccessError": "access",
    "note": "cause", "move_clock": "cause", "note_severity": "cause",
}  # fmt: skip
# Functions all of whose codes are of one book, however they are put together.
BOOK_OF_FUNCTION = {
    "reminder_due": "cause", "_end_reason": "cause", "no_clock_reason": "no_clock", "_asked": "grouping",
    "hard_contradiction": "grouping", "group": "grouping", "_refusal": "refusal", "may_close": "refusal",
    "may_dismiss": "refusal", "may_reopen": "refusal", "may_merge": "refusal", "may_split": "refusal",
    "obsolete_reason": "cause", "_obligation_obsolete": "cause", "_publication_obsolete": "cause",
    "_round_obsolete": "cause", "require": "refusal",
    "why_not_sign": "refusal", "why_not_person": "refusal", "_why_not_step": "refusal",
}  # fmt: skip
# What stands in an f-string's gap.
GAPS: Mapping[str, type[StrEnum]] = {
    "evidence_": PublicationState, "incident_": IncidentState, "obligation_": ObligationState,
    "already_": AlertState, "is_": IncidentState, "target_is_": IncidentState,
}  # fmt: skip
# Strings of those functions that are no codes of that book: names of acts, states that never come there.
OTHERS = {
    *LAWFUL, "complaint", "confirm", "set_severity", "assign", "respond", "place", "must_answer", "waive",
    "is_open", "target_is_open", "incident_open", "obligation_open", "obligation_breached", "obligation_met",
    "already_queued", "already_held", "evidence_offered", "policy", "unacknowledged",
}  # fmt: skip


def _sources() -> Iterator[ast.Module]:
    for folder in SCANNED:
        for path in sorted((ROOT / folder).rglob("*.py")) or [ROOT / folder]:
            yield ast.parse(path.read_text(encoding="utf-8"))


@cache
def _parameters() -> Mapping[str, frozenset[tuple[str, ...]]]:
    """Return the parameters of all functions of a name; what is built of them may be any."""
    found: dict[str, set[tuple[str, ...]]] = {
        "RefusedActError": {("act", "reason")},
        "AccessError": {("reason",)},
    }
    for module in _sources():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef):
                names = [a.arg for a in node.args.args]
                known = found.setdefault(node.name, set())
                known.add(tuple(names[1:] if names[:1] == ["self"] else names))
    return {name: frozenset(known) for name, known in found.items()}


def _codes(node: ast.AST) -> Iterator[str]:
    """Return the codes an expression can be: conditions are looked through, an f-string is filled in."""
    if isinstance(node, ast.JoinedStr):
        start = node.values[0]
        if isinstance(start, ast.Constant) and (kind := GAPS.get(str(start.value))) is not None:
            yield from (f"{start.value!s}{member.value}" for member in kind)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
        yield node.value
    if isinstance(node, ast.Call | ast.Compare | ast.Subscript):
        return
    for child in ast.iter_child_nodes(node):
        yield from _codes(child)


def _every_string(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return | ast.Assign | ast.Tuple | ast.IfExp | ast.BoolOp | ast.keyword):
            yield from _codes(node)


def _of_call(call: ast.Call) -> Iterator[tuple[str, str]]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    given = [(k.arg or "", k.value) for k in call.keywords]
    for names in _parameters().get(name, ()):
        given += zip(names, call.args, strict=False)
    for parameter, value in given if name != "ServerSentEvent" else ():
        book = BOOK_OF_REASON.get(name) if parameter == "reason" else BOOK_OF_NAME.get(parameter)
        if name == "require" and parameter == "refusal":
            book = "refusal"
        if book is not None:
            yield from ((book, code) for code in _codes(value))


@cache
def codes_of_the_source() -> frozenset[tuple[str, str]]:
    """Return every (book, code) that the source can hand to the desk."""
    found: set[tuple[str, str]] = set()
    for module in _sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                found.update(_of_call(node))
            elif isinstance(node, ast.FunctionDef) and node.name in BOOK_OF_FUNCTION:
                found.update((BOOK_OF_FUNCTION[node.name], code) for code in _every_string(node))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                book = BOOK_OF_NAME.get(node.targets[0].id)
                found.update((book, code) for code in _codes(node.value) if book)
    return frozenset((book, code) for book, code in found if code not in OTHERS or book == "event")


def test_the_source_is_really_read() -> None:
    assert {
        ("event", "incident_dismissed"), ("event", "evidence_accepted"), ("event", "alert_sent"),
        ("event", "clock_jumped"), ("event", "signed_in"), ("cause", "already_told"), ("cause", "no_ladder"),
        ("cause", "overtaken"), ("cause", "attempts_exhausted"), ("cause", "incident_closed"),
        ("cause", "quiet_hours"), ("cause", "figures"), ("grouping", "nothing_similar"),
        ("grouping", "other_day"), ("refusal", "is_merged"), ("refusal", "needs_level_3"),
        ("refusal", "not_on_a_level"), ("round_end", "absorbed"), ("reason", "severity_raised"),
        ("access", "locked"), ("no_clock", "single_complaint"),
    } <= codes_of_the_source()  # fmt: skip


@pytest.mark.parametrize("book", sorted({book for book, _ in codes_of_the_source()}))
def test_every_code_of_the_source_has_words(book: str) -> None:
    codes = sorted(code for where, code in codes_of_the_source() if where == book)
    assert [code for code in codes if words.word(book, code) == code] == []


@pytest.mark.parametrize(
    ("kind", "book"),
    [
        (IncidentState, "state"),
        (ObligationState, "obligation_state"),
        (PublicationKind, "publication_kind"),
        (PublicationState, "publication_state"),
        (ReminderState, "reminder_state"),
        (AlertState, "alert_state"),
        (OutcomeClass, "outcome"),
        (StartBasis, "start_basis"),
        (PollState, "poll_state"),
        (Role, "source_role"),
        (SourceKind, "source_kind"),
        (Trust, "trust"),
    ],
)
def test_every_state_and_kind_has_words(kind: type[StrEnum], book: str) -> None:
    assert [member for member in kind if words.word(book, member.value) == member.value] == []


def test_every_event_type_and_act_and_duty_has_words() -> None:
    acts = {
        act
        for role in ROLES
        for act in acts_of(Account(name="x", person_id=None, role=role, password_hash=""))
    }
    named = [("event_type", e) for e in load_table().event_types] + [("act", a) for a in acts]
    # A report to a superior is shown by its rule's own name: counties write rules of their own.
    named += [("publication_kind", rule.kind) for rule in packaged_rules().rules if not rule.is_report]
    named += [("role", r) for r in ROLES]
    assert [code for book, code in named if words.word(book, code) == code] == []


def test_every_theme_that_joins_items_has_words() -> None:
    themes = {theme for of_type in packaged_themes().of_type.values() for theme in of_type}
    assert [theme for theme in themes if words.word("theme", theme) == theme] == []


@pytest.mark.parametrize("mark", ["reminder_50", "reminder_75", "reminder_90", "due", "overdue_3"])
def test_every_reminder_has_words(mark: str) -> None:
    assert words.reason_word(mark) != mark


def test_nothing_is_worded_twice_in_one_book() -> None:
    text = Path(words.__file__).with_name("words.yaml").read_text(encoding="utf-8")
    book, seen = "", set[tuple[str, str]]()
    for line in text.splitlines():
        if found := re.match(r"(\w+):", line):
            book = found[1]
        elif found := re.match(r"  (\w+):", line):
            assert (book, found[1]) not in seen
            seen.add((book, found[1]))
