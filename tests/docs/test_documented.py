"""What a user can set, call or open is written down, and what is written down is there."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel

import monitor.desk
from monitor.collectors.model import Role, SourceKind
from monitor.office.model import ChannelKind

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.relative_to(ROOT) for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OPERATIONS = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def settings() -> Iterator[str]:
    """Yield the environment name of every setting, those of nested parts included."""

    def walk(model: type[BaseModel], prefix: str) -> Iterator[str]:
        for name, field in model.model_fields.items():
            nested = field.annotation
            if isinstance(nested, type) and issubclass(nested, BaseModel):
                yield from walk(nested, f"{prefix}{name}_")
            else:
                yield f"`{prefix}{name}`".upper()

    model = importlib.import_module("monitor.settings").Settings
    yield from walk(model, model.model_config["env_prefix"])


def commands() -> Iterator[str]:
    """Yield every command of the console script, `huiying sources check` and the like."""
    import typer.main

    def walk(command: object, words: str) -> Iterator[str]:
        children = getattr(command, "commands", None)
        if children is None:
            yield f"`{words}"
            return
        for name, child in children.items():
            if not child.hidden:
                yield from walk(child, f"{words} {name}")

    yield from walk(typer.main.get_command(importlib.import_module("monitor.cli.app").app), "huiying")


def routes() -> Iterator[str]:
    """Yield the address of everything the desk answers."""
    for module in pkgutil.walk_packages(monitor.desk.__path__, "monitor.desk."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, APIRouter):
                yield from (f"`{route.path}`" for route in value.routes if isinstance(route, APIRoute))


def missing(names: Iterator[str] | list[str], text: str) -> list[str]:
    return [name for name in names if name not in text]


@pytest.mark.parametrize(
    ("module", "names"),
    [("monitor.settings", settings), ("monitor.cli", commands), ("monitor.desk", routes)],
    ids=["settings", "commands", "routes"],
)
def test_every_setting_command_and_address_is_documented(
    module: str, names: Callable[[], Iterator[str]]
) -> None:
    found = list(names()) if find_spec(module) else []
    assert missing(iter(found), OPERATIONS) == []


@pytest.mark.parametrize("kinds", [ChannelKind, SourceKind, Role], ids=lambda kinds: kinds.__name__)
def test_every_kind_of_channel_and_source_and_every_role_is_documented(
    kinds: type[ChannelKind] | type[SourceKind] | type[Role],
) -> None:
    assert missing([f"`{kind}`" for kind in kinds], OPERATIONS) == []


def test_every_make_target_is_documented_and_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None
    targets = [target for target in phony[1].split() if target != "help"]
    assert [
        target for target in targets if not re.search(rf"^{target}:.*## \w", makefile, re.MULTILINE)
    ] == []
    assert [target for target in targets if not re.search(rf"`make {target}\b", README)] == []


def test_the_readme_says_what_was_ordered_where_it_is_and_how_to_try_it_before_anything_else() -> None:
    before_first_section = README.split("\n## ")[0]
    assert "| what was ordered | where it is | how to try it |" in before_first_section
    assert "make run DEMO=1" in before_first_section
    assert "make test" in before_first_section


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_to_a_file_of_the_project_leads_somewhere(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [unquote(link) for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_no_page_names_a_file_of_the_code_that_is_not_there(page: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:monitor|alerts|storage|tests|docs|requirements)/[\w./-]+)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_decision_has_a_number_of_its_own_and_says_why_and_at_what_price() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions]
    assert numbers == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path.name
        assert all(part in text for part in ("**Decision.**", "**Why.**", "**Price.**")), path.name
