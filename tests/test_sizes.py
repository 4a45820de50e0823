"""A function fits a screen, a module a sitting, and no name says nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("monitor", "alerts", "storage")
MODULES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts  # alembic names and writes these
)
TESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 40
EMPTY_WORDS = frozenset({"util", "helper", "common", "manager", "handler", "process", "misc"})


def words_of(name: str) -> set[str]:
    """Split a snake, camel or dashed name into lower-case words without their plural s."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return {word for part in parts for word in (part.lower(), part.lower().removesuffix("s"))}


def defined_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and name of everything that the module itself names."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_fits_a_sitting_and_its_functions_fit_a_screen(module: Path) -> None:
    text = (ROOT / module).read_text(encoding="utf-8")
    long = [
        f"{module}:{node.lineno} {node.name}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []
    assert text.count("\n") <= MAX_MODULE_LINES


@pytest.mark.parametrize("module", [*MODULES, *TESTS], ids=str)
def test_no_name_of_a_module_says_nothing(module: Path) -> None:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    names = [(0, part) for part in module.with_suffix("").parts] + list(defined_names(tree))
    assert [f"{module}:{line} {name}" for line, name in names if words_of(name) & EMPTY_WORDS] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ClockManager", {"clock", "manager"}),
        ("row_utils", {"row", "util", "utils"}),
        ("HTTPHandler", {"http", "handler"}),
        ("processed", {"processed"}),
    ],
)
def test_a_name_is_read_word_by_word(name: str, words: set[str]) -> None:
    assert words <= words_of(name)
    assert words_of("processed") & EMPTY_WORDS == set()
