"""One-time codes: the vectors of RFC 6238, and the laws of a code that is used once."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.desk.access.one_time import (
    RECOVERY_CODES,
    enrolment_address,
    new_recovery_codes,
    picture,
    recovery_hash,
    secret_of,
    use_code,
)
from monitor.ports.logins import SecondFactor

# RFC 6238, appendix B: the key, and the last six of the eight digits at each time.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
FRESH = SecondFactor(account="wang", nonce="n")
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def shown(at: datetime) -> str:
    return pyotp.TOTP(RFC_SECRET).at(at)


@pytest.mark.parametrize(("seconds", "code"), RFC_VECTORS)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    used = use_code(FRESH, RFC_SECRET, code, now)
    assert used == replace(FRESH, last_step=seconds // 30)


@pytest.mark.parametrize("typed", ["287 082", " 287082 ", "２８７０８２", "287-082"])
def test_how_a_code_is_typed_does_not_matter(typed: str) -> None:
    assert use_code(FRESH, RFC_SECRET, typed, datetime.fromtimestamp(59, UTC)) is not None


@given(instants, st.integers(-29, 29))
def test_a_telephone_may_be_half_a_minute_off(now: datetime, seconds: int) -> None:
    assert use_code(FRESH, RFC_SECRET, shown(now + timedelta(seconds=seconds)), now) is not None


@given(instants, st.integers(-1, 1))
def test_a_code_is_not_taken_twice_nor_one_from_before_it(now: datetime, steps: int) -> None:
    used = use_code(FRESH, RFC_SECRET, shown(now + timedelta(seconds=30 * steps)), now)
    assert used is not None
    for before in range(used.last_step - 2, used.last_step + 1):
        again = use_code(used, RFC_SECRET, pyotp.TOTP(RFC_SECRET).generate_otp(before), now)
        # Two steps may by chance show the same six digits; the step that counts is always a later one.
        assert again is None or again.last_step > used.last_step


@pytest.mark.parametrize("typed", ["", "000000", "28708", "2870821", "abcdef", "١٢٣٤٥٦", "287082\0"])
def test_what_is_no_code_opens_nothing(typed: str) -> None:
    factor = replace(FRESH, recovery=tuple(map(recovery_hash, new_recovery_codes())))
    assert use_code(factor, RFC_SECRET, typed, datetime.fromtimestamp(1000, UTC)) is None


def test_a_recovery_code_opens_once_however_it_is_typed() -> None:
    codes = new_recovery_codes()
    factor = replace(FRESH, recovery=tuple(map(recovery_hash, codes)))
    now = datetime.fromtimestamp(59, UTC)
    assert len(set(codes)) == RECOVERY_CODES
    used = use_code(factor, RFC_SECRET, codes[3].lower().replace("-", " "), now)
    assert used is not None
    assert len(used.recovery) == RECOVERY_CODES - 1
    assert used.last_step == 0
    assert use_code(used, RFC_SECRET, codes[3], now) is None
    assert use_code(used, RFC_SECRET, codes[4], now) is not None


def test_the_secret_hangs_on_the_service_the_login_and_the_enrolment() -> None:
    others = [
        secret_of(b"service", FRESH),
        secret_of(b"another service", FRESH),
        secret_of(b"service", replace(FRESH, account="li")),
        secret_of(b"service", replace(FRESH, nonce="m")),
    ]
    assert len(set(others)) == 4
    assert {len(base64.b32decode(secret)) for secret in others} == {20}
    assert secret_of(b"service", FRESH) == others[0]


def test_an_authenticator_reads_whose_secret_it_is_and_the_picture_needs_no_style() -> None:
    address = enrolment_address(RFC_SECRET, "王小满", "回应 云溪县")
    read = pyotp.parse_uri(address)
    assert (read.secret, read.name, read.issuer) == (RFC_SECRET, "王小满", "回应 云溪县")
    drawn = picture(address).decode()
    assert drawn.startswith("<?xml")
    assert "style" not in drawn
    assert "href" not in drawn
