"""Faults of TLS: who is not who the address says is refused for good, a line that breaks is tried again."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from alerts.model import OutcomeClass
from monitor.office.model import ChannelKind
from tests.support.clock import SimulatedClock
from tests.support.posting import OK_BODIES, TEXT, posting

POSTED = tuple(kind for kind in OK_BODIES if kind is not ChannelKind.APPRISE)


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """Return the context of a server whose certificate nobody vouches for."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder: Path = tmp_path_factory.mktemp("tls")
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)  # noqa: S603 - words of this test
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize("kind", POSTED)
async def test_a_certificate_nobody_vouches_for_is_refused_before_a_word_is_said(
    kind: ChannelKind, unsigned: ssl.SSLContext, clock: SimulatedClock
) -> None:
    async with posting(kind, clock, tls=unsigned) as (channel, server):
        outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "certificate")
    assert (server.seen, server.tokens_given) == ([], 0)


@pytest.mark.parametrize("kind", POSTED)
async def test_a_server_that_speaks_no_tls_may_do_so_later(kind: ChannelKind, clock: SimulatedClock) -> None:
    async with posting(kind, clock) as (_, plain):
        address = plain.base.replace("http", "https") + "/robot/send"
        async with posting(kind, clock, address=address) as (channel, server):
            outcome = await channel.send(TEXT, 7)
    assert (outcome.kind, outcome.code) == (OutcomeClass.TRANSIENT, "unreachable")
    assert (plain.seen, server.seen) == ([], [])
