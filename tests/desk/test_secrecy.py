"""涉密信息不得录入 stands on every form that takes down somebody's words."""

import re
from importlib.resources import files

import pytest

FORM = re.compile(r"<form.*?</form>", re.DOTALL)
WORDS = re.compile(r"<textarea|<input(?![^>]*\btype=)(?=[^>]*\bname=)")
DOORS = {"code.html", "login.html", "password.html", "second_factor.html", "setup.html", "enter.html"}
"""Pages of passwords and codes."""
NAMES_ONLY = {"history.html": "a name for a question", "journal.html": "a hash", "accounts.html": "a name"}
TEMPLATES = {
    page.name: page.read_text(encoding="utf-8")
    for page in files("monitor.desk").joinpath("templates").iterdir()
    if page.name.endswith(".html")
}


@pytest.mark.parametrize("name", sorted(TEMPLATES.keys() - DOORS - NAMES_ONLY.keys()))
def test_a_form_that_takes_words_says_what_may_not_be_written(name: str) -> None:
    forms = [form for form in FORM.findall(TEMPLATES[name]) if 'method="get"' not in form]
    taking = [form for form in forms if WORDS.search(form) or "caller()" in form]
    assert [form[:200] for form in taking if "secrecy()" not in form] == []


def test_the_rule_finds_forms() -> None:
    assert sum(bool(WORDS.search(form)) for page in TEMPLATES.values() for form in FORM.findall(page)) > 10
