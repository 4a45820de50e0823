"""Under HUIYING_TESTS=all nothing may be skipped; otherwise a skip stays a skip."""

import pytest

SKIPS = """
import pytest

def test_that_skips_itself():
    pytest.skip("no browser here")

@pytest.mark.skipif(True, reason="no PostgreSQL here")
def test_that_is_skipped():
    pass

@pytest.mark.xfail(strict=True)
def test_that_fails_as_expected():
    raise AssertionError

def test_that_runs():
    pass
"""
SKIPPED_MODULE = """
import pytest

pytest.skip("no renderer here", allow_module_level=True)
"""
OPTIONS = ("-p", "tests.conftest", "-o", "asyncio_default_fixture_loop_scope=function")


@pytest.mark.parametrize(
    ("wanted", "outcomes"),
    [
        pytest.param("", {"skipped": 2, "xfailed": 1, "passed": 1}, id="what this machine can run"),
        pytest.param("all", {"failed": 1, "errors": 1, "xfailed": 1, "passed": 1}, id="everything"),
    ],
)
def test_a_skipped_test_is_a_failure_where_everything_must_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, wanted: str, outcomes: dict[str, int]
) -> None:
    monkeypatch.setenv("HUIYING_TESTS", wanted)
    pytester.makepyfile(SKIPS)
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(**outcomes)


@pytest.mark.parametrize(("wanted", "outcomes"), [("", {"skipped": 1}), ("all", {"errors": 1})])
def test_a_module_that_skips_itself_is_an_error_where_everything_must_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, wanted: str, outcomes: dict[str, int]
) -> None:
    monkeypatch.setenv("HUIYING_TESTS", wanted)
    pytester.makepyfile(SKIPPED_MODULE)
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(**outcomes)
