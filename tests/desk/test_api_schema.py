"""Whatever any role asks of the API, well or badly, the answer is one that the OpenAPI document promises."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from monitor.desk.roles import ROLES
from tests.desk.conftest import ServedDesk

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 3
"""For each role others."""
QUIETLY = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("role", ROLES)
async def test_every_answer_to_anything_is_one_the_document_promises(served: ServedDesk, role: str) -> None:
    async with served.program(role, "read", "act") as program:
        document = json.loads((await program.get("/api/openapi.json")).text)
        headers = {"Authorization": program.session.headers["Authorization"]}
        await asyncio.to_thread(_ask_everything, _near(document), served.address, headers, ROLES.index(role))


def _near(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with numbers of incidents that are in the story, or nearly."""
    for item in document["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path" and _counts(parameter):
                    parameter["schema"]["maximum"] = 8
    return document


def _counts(parameter: dict[str, Any]) -> bool:
    """Return whether a parameter is a number counted from one: the year of an assessment is none."""
    return parameter["schema"].get("minimum") == 1 and "maximum" in parameter["schema"]


def _ask_everything(document: dict[str, Any], address: str, headers: dict[str, str], turn: int) -> None:
    schema = openapi.from_dict(document)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        questions = st.one_of([found.ok().as_strategy(mode) for mode in GenerationMode])

        @QUIETLY
        @seed(turn)
        @given(case=questions)
        def ask(case: Case[Any]) -> None:
            case.call_and_validate(base_url=address, headers=headers, checks=CHECKS, timeout=10)

        ask()
