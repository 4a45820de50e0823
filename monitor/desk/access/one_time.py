"""One-time codes: of the telephone by time (RFC 6238), and of the sheet of recovery codes. Pure."""

import base64
import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pyotp
import segno
from pyotp.utils import strings_equal

from monitor.ports.logins import SecondFactor

DIGITS = 6
DRIFT = 1
"""So many steps of 30 s a telephone's clock may be off, either way."""

RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
_GROUP = 4


def secret_of(master: bytes, factor: SecondFactor) -> str:
    """Return the secret that telephone and service share, base32.

    It is derived from the service's own secret and stored nowhere (RFC 4226, 7.5; docs/decisions/0013).
    """
    text = f"second factor {factor.nonce} {factor.account}"
    return base64.b32encode(hmac.new(master, text.encode(), hashlib.sha256).digest()[:20]).decode()


def enrolment_address(secret: str, account: str, issuer: str) -> str:
    """Return the `otpauth://` address that an authenticator app scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def picture(address: str) -> bytes:
    """Return the QR code of an address as SVG, black on white in the dark theme too: cameras need it."""
    drawn = BytesIO()
    segno.make(address, error="m").save(drawn, kind="svg", scale=5, dark="#000", light="#fff")
    return drawn.getvalue()


def use_code(factor: SecondFactor, secret: str, typed: str, now: datetime) -> SecondFactor | None:
    """Return the factor after this code was used, or None if it is not right or was used before.

    `typed` is what the telephone shows at `now`, DRIFT steps more or less, or one of the recovery codes.
    """
    code = _plain(typed)
    if len(code) != DIGITS:
        hashed = recovery_hash(code)
        left = tuple(kept for kept in factor.recovery if not hmac.compare_digest(kept, hashed))
        return None if left == factor.recovery else replace(factor, recovery=left)
    totp = pyotp.TOTP(secret, digits=DIGITS)
    step = totp.timecode(now)
    fresh = (s for s in range(step - DRIFT, step + DRIFT + 1) if s > factor.last_step)
    right = [s for s in fresh if strings_equal(totp.generate_otp(s), code)]
    return replace(factor, last_step=max(right)) if right else None


def new_recovery_codes(draw: Callable[[int], bytes] = secrets.token_bytes) -> tuple[str, ...]:
    """Return recovery codes for a person to keep on paper: 80 bits each, in groups of four."""
    codes = (base64.b32encode(draw(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES))
    return tuple("-".join(code[i : i + _GROUP] for i in range(0, len(code), _GROUP)) for code in codes)


def recovery_hash(code: str) -> str:
    """Return what is stored of a recovery code; 80 random bits need no salt."""
    return hashlib.sha256(_plain(code).encode()).hexdigest()


def _plain(typed: str) -> str:
    """Return a code without what people and input methods put in: spaces, hyphens, full-width digits."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign.isalnum())
