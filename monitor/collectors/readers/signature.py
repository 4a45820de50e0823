"""Whether an inbox post is really from whom it says, and fresh."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_MAX_AGE = timedelta(minutes=5)


class SignatureCheck(StrEnum):
    """What a check of a signature found."""

    OK = "ok"
    NO_SECRET = "no_secret"  # noqa: S105 - a reason code, not a secret
    BAD_TIMESTAMP = "bad_timestamp"
    EXPIRED = "expired"
    MISMATCH = "mismatch"


def verify_signature(
    secret: str, timestamp: str, body: bytes, signature: str, now: datetime
) -> SignatureCheck:
    """Check `sha256=HMAC(secret, timestamp + "." + body)` in constant time, and its age.

    `timestamp` is in unix seconds or ISO 8601 with an offset, at most 5 minutes off `now`.
    """
    if not secret:
        return SignatureCheck.NO_SECRET
    signed_at = _instant(timestamp)
    if signed_at is None:
        return SignatureCheck.BAD_TIMESTAMP
    expected = sign(secret, timestamp, body)
    if not hmac.compare_digest(expected.encode(), signature.strip().encode("utf-8", "replace")):
        return SignatureCheck.MISMATCH
    return SignatureCheck.OK if abs(now - signed_at) <= _MAX_AGE else SignatureCheck.EXPIRED


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature a sender puts into `X-Huiying-Signature`."""
    message = timestamp.encode("utf-8", "replace") + b"." + body
    return "sha256=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _instant(timestamp: str) -> datetime | None:
    """Return the instant, or None where it cannot be read or has no offset."""
    try:
        if timestamp.strip().isdigit():
            return datetime.fromtimestamp(int(timestamp), UTC)
        at = datetime.fromisoformat(timestamp.strip())
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.tzinfo else None
