"""What holds for every test: no clock-dependent verdicts, and under HUIYING_TESTS=all no skips."""

import os
from collections.abc import Generator
from datetime import UTC, datetime

import pytest
from hypothesis import settings

from tests.support.clock import SimulatedClock
from tests.support.memory import in_memory

# On a disk every commit of every store would be waited for.
if memory := in_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))

pytest_plugins = ["pytester"]

# How long an example takes says more about the machine than about the code.
settings.register_profile("huiying", deadline=None)
settings.load_profile("huiying")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where everything must run; an expected failure stays what it is."""
    report = yield
    if not hasattr(report, "wasxfail"):
        refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Do the same for a module that skips itself while it is imported."""
    report = yield
    refuse_skip(report)
    return report


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("HUIYING_TESTS") == "all" and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"a skip where everything must run (HUIYING_TESTS=all): {report.longrepr}"


@pytest.fixture
def clock() -> SimulatedClock:
    """A clock that stands at 2026-03-02 08:00 in Changning until the test moves it."""
    return SimulatedClock(datetime(2026, 3, 2, 0, 0, tzinfo=UTC))
