"""Text of `rules.yaml` in, the rule book out, or every fault with its place."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from monitor.deadlines.model import REPORT_KIND, Rule, RuleBook, StartRule
from monitor.yamlfile import Length, YamlFile, between, read_yaml


class RuleFile(YamlFile):
    """One rule as written."""

    kind: str
    name: str
    when: Literal["serious", "other", "answered", "promised", "reported"]
    start: StartRule
    window: Annotated[Length, between("1m", "30d")] = timedelta(0)
    statutory: bool
    fulfilled_by: list[
        Literal["first_release", "press_conference", "response", "follow_up", "phone", "written"]
    ] = Field(min_length=1)
    to: str = ""
    severities: tuple[Annotated[int, Field(ge=1, le=4)], ...] = ()
    categories: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    marks: tuple[Annotated[int, Field(gt=0, lt=100)], ...] = (50, 75, 90)
    legal_basis: str = Field(min_length=1)


class RuleBookFile(YamlFile):
    """The whole file."""

    rules: list[RuleFile] = Field(min_length=1)


def read_rules(text: str, name: str = "rules.yaml") -> RuleBook:
    """Return the rule book; raises ConfigurationError with every fault."""
    file, places = read_yaml(text, name, RuleBookFile)
    kinds = [rule.kind for rule in file.rules]
    faults = [
        places.fault(("rules", i, "kind"), f"规则 {kind} 重复")
        for i, kind in enumerate(kinds)
        if kind in kinds[:i]
    ]
    faults += [
        places.fault(("rules", i, key), says)
        for i, rule in enumerate(file.rules)
        for key, says in _misfits(rule)
    ]
    if faults:
        raise places.error(faults)
    version = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
    return RuleBook(rules=tuple(_rule(rule) for rule in file.rules), version=version)


def _misfits(rule: RuleFile) -> Iterator[tuple[str, str]]:
    """Yield what does not go together in one rule: the key, and what is wrong."""
    is_report = rule.when == "reported"
    if is_report != rule.kind.startswith(REPORT_KIND):
        yield "kind", f"信息报送规则（when: reported）的 kind 以 {REPORT_KIND} 开头，其他规则不以它开头"
    if is_report != (rule.window == timedelta(0)):
        says = "时限由 office.yaml 的 settings.reporting 设定，这里不写 window"
        yield "window", says if is_report else "缺少 window"
    if is_report != (set(rule.fulfilled_by) <= {"phone", "written"}):
        yield "fulfilled_by", "信息报送由 phone、written 完成，对公众的回应由发布完成"
    if is_report and not rule.to:
        yield "to", "缺少报送对象 to"


def unknown_reports(rules: RuleBook, kinds: Iterable[str]) -> tuple[str, ...]:
    """Return those of the kinds an office sets hours for that are no report of the rule book."""
    known = {rule.kind for rule in rules.rules if rule.is_report}
    return tuple(kind for kind in kinds if kind not in known)


def _rule(file: RuleFile) -> Rule:
    values = dict(file) | {"fulfilled_by": tuple(file.fulfilled_by), "marks": tuple(sorted(file.marks))}
    return Rule(**values)


@cache
def packaged_rules() -> RuleBook:
    """Return the rule book that is shipped with the package."""
    return read_rules(files("monitor.deadlines").joinpath("rules.yaml").read_text(encoding="utf-8"))
