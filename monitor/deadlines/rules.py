"""Text of `rules.yaml` in, the rule book out, or every fault with its place."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field

from monitor.deadlines.model import Rule, RuleBook, StartRule
from monitor.yamlfile import Length, YamlFile, between, read_yaml


class RuleFile(YamlFile):
    """One rule as written."""

    kind: str
    name: str
    when: Literal["serious", "other", "answered", "promised"]
    start: StartRule
    window: Annotated[Length, between("1m", "30d")]
    statutory: bool
    fulfilled_by: list[Literal["first_release", "press_conference", "response", "follow_up"]] = Field(
        min_length=1
    )
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
    if faults:
        raise places.error(faults)
    version = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
    return RuleBook(rules=tuple(_rule(rule) for rule in file.rules), version=version)


def _rule(file: RuleFile) -> Rule:
    values = dict(file) | {"fulfilled_by": tuple(file.fulfilled_by), "marks": tuple(sorted(file.marks))}
    return Rule(**values)


@cache
def packaged_rules() -> RuleBook:
    """Return the rule book that is shipped with the package."""
    return read_rules(files("monitor.deadlines").joinpath("rules.yaml").read_text(encoding="utf-8"))
