"""What a rehearsal's channel answers in each mode."""

from datetime import timedelta

import pytest

from alerts.channels.simulated import Mode, simulate
from alerts.model import OutcomeClass

SECONDS = timedelta(seconds=1)

MODES = [
    pytest.param("ok", OutcomeClass.OK, None, 0, id="ok"),
    pytest.param("down", OutcomeClass.TRANSIENT, None, 0, id="down is noticed at once"),
    pytest.param("hang", OutcomeClass.TRANSIENT, None, 10, id="hang takes the whole time-out"),
    pytest.param({"refuse": 45009}, OutcomeClass.RATE_LIMITED, None, 0, id="too fast"),
    pytest.param({"refuse": 93000}, OutcomeClass.AUTH, None, 0, id="wrong key"),
    pytest.param({"refuse": 40008}, OutcomeClass.PERMANENT, None, 0, id="message type"),
    pytest.param({"refuse": 987654}, OutcomeClass.UNKNOWN, None, 0, id="unknown code"),
    pytest.param({"status": 503}, OutcomeClass.TRANSIENT, None, 0, id="503"),
    pytest.param({"status": 401}, OutcomeClass.AUTH, None, 0, id="401"),
    pytest.param({"status": 404}, OutcomeClass.PERMANENT, None, 0, id="404"),
    pytest.param({"retry_after": 120}, OutcomeClass.RATE_LIMITED, 120, 0, id="wait two minutes"),
]


@pytest.mark.parametrize(("mode", "kind", "wait", "took"), MODES)
def test_a_mode_answers_as_the_vendor_would(
    mode: Mode, kind: OutcomeClass, wait: int | None, took: int
) -> None:
    outcome, length = simulate(mode)
    assert outcome.kind is kind
    assert outcome.retry_after == (None if wait is None else wait * SECONDS)
    assert length == took * SECONDS


@pytest.mark.parametrize(
    "mode", ["", "slow", {}, {"refuse": 1, "status": 503}, {"status": 200}, {"retry_after": -1}]
)
def test_no_such_mode_is_said_so(mode: Mode) -> None:
    with pytest.raises(ValueError, match="no such channel mode"):
        simulate(mode)
