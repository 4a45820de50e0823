"""The examples of `docs/api.md` are run as they stand, and answered as they say."""

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.desk.conftest import (
    Browser,
    ServedDesk,
    clock,
    empty_file,
    served,
    told,
    told_file,
)
from tests.desk.test_api_access import API

__all__ = ["clock", "empty_file", "served", "told", "told_file"]

PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
WITH_A_VALUE = {"-H", "-X", "-d", "--data-urlencode"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A command of the page: what curl would send, and the status the page names."""

    status: int
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None


def _examples() -> list[Example]:
    blocks = re.findall(r"^```sh\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL)
    commands = re.findall(r"^# (\d{3})\b.*\n((?:.*\\\n)*.*)\n", "".join(blocks), re.MULTILINE)
    return [_read(int(status), command) for status, command in commands]


def _read(status: int, command: str) -> Example:
    command = re.sub(r"^TAG=\$\((.+?) \|.*\)$", r"\1", command).replace("\\\n", " ")
    words = iter(shlex.split(command)[1:])
    flags: dict[str, list[str]] = {}
    path = ""
    for word in words:
        if word in WITH_A_VALUE:
            flags.setdefault(word, []).append(next(words))
        elif word.startswith("-"):
            flags[word] = []
        else:
            path = word.removeprefix("$DESK")
    sent = flags.get("-d", [])
    if "-G" in flags:
        written = (text.partition("=") for text in flags.get("--data-urlencode", []))
        sent += [f"{name}={quote(value)}" for name, _, value in written]
        path, sent = f"{path}?{'&'.join(sent)}", []
    method = flags.get("-X", ["POST" if sent else "GET"])[0]
    headers = dict(line.split(": ", 1) for line in flags.get("-H", []))
    return Example(status=status, method=method, path=path, headers=headers, body=sent[0] if sent else None)


async def _status(program: Browser, example: Example, known: dict[str, str]) -> int:
    headers = {name: known.get(value, value) for name, value in example.headers.items()}
    async with program.session.request(
        example.method, example.path, headers=headers, data=example.body
    ) as answer:
        if example.path == "/api/v1/incidents/1":
            known["$TAG"] = answer.headers["ETag"]
        return answer.status


async def test_every_example_is_answered_as_the_page_says(served: ServedDesk) -> None:
    examples, known = _examples(), dict[str, str]()
    async with served.program("duty", "read", "act") as holder, served.browser() as program:
        known["Bearer $TOKEN"] = holder.session.headers["Authorization"]
        found = [(example, await _status(program, example, known)) for example in examples]
    assert [(example, status) for example, status in found if status != example.status] == []
    assert len(examples) >= 15


def test_the_page_lists_every_address_of_the_api_and_no_other() -> None:
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("|"))
    listed = set(re.findall(r"`((?:GET|POST|DELETE) /api/v1[^`]*)`", rows))
    assert listed == {name for name in API if " /api/v1/" in name}


@pytest.mark.parametrize("block", re.findall(r"^```json\n(.+?)^```", PAGE, re.MULTILINE | re.DOTALL))
def test_the_problem_on_the_page_is_one_that_is_told(block: str) -> None:
    from monitor.desk.api.problems import judge
    from monitor.errors import RefusedActError

    shown = json.loads(block)
    told_ = judge(RefusedActError("close", shown["code"]))
    assert (shown["status"], shown["detail"], shown["detail_en"]) == (
        told_.status,
        told_.detail,
        told_.detail_en,
    )
