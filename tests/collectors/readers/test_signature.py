from datetime import timedelta

import pytest

from monitor.collectors.readers.signature import SignatureCheck, sign, verify_signature
from tests.support.builders import T0, after

KEY = "一个够长的密钥"
BODY = '{"title": "停水"}'.encode()
SIGNED_AT = str(int(T0.timestamp()))


@pytest.mark.parametrize(
    ("secret", "timestamp", "body", "late", "check"),
    [
        pytest.param(KEY, SIGNED_AT, BODY, timedelta(minutes=5), SignatureCheck.OK, id="five minutes old"),
        pytest.param(KEY, SIGNED_AT, BODY, timedelta(minutes=-5), SignatureCheck.OK, id="five minutes ahead"),
        pytest.param(KEY, T0.isoformat(), BODY, timedelta(0), SignatureCheck.OK, id="iso time"),
        pytest.param(KEY, SIGNED_AT, BODY, timedelta(seconds=301), SignatureCheck.EXPIRED, id="too old"),
        pytest.param("另一个", SIGNED_AT, BODY, timedelta(0), SignatureCheck.MISMATCH, id="another secret"),
        pytest.param(KEY, SIGNED_AT, BODY + b" ", timedelta(0), SignatureCheck.MISMATCH, id="another body"),
        pytest.param(KEY, "昨天", BODY, timedelta(0), SignatureCheck.BAD_TIMESTAMP, id="no time"),
        pytest.param(
            KEY, "9" * 40, BODY, timedelta(0), SignatureCheck.BAD_TIMESTAMP, id="an impossible time"
        ),
        pytest.param(
            KEY, "2026-03-02T08:00:00", BODY, timedelta(0), SignatureCheck.BAD_TIMESTAMP, id="no zone"
        ),
        pytest.param("", SIGNED_AT, BODY, timedelta(0), SignatureCheck.NO_SECRET, id="no secret set"),
    ],
)
def test_a_post_is_taken_only_if_it_is_signed_and_fresh(
    secret: str, timestamp: str, body: bytes, late: timedelta, check: SignatureCheck
) -> None:
    signature = sign(KEY, timestamp, BODY)
    assert verify_signature(secret, timestamp, body, signature, T0 + late) is check


def test_a_signature_that_is_no_signature_is_refused() -> None:
    assert verify_signature(KEY, SIGNED_AT, BODY, "é\ud800", after()) is SignatureCheck.MISMATCH
