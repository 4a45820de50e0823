"""E-mail through a real SMTP server."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.channels.email import Email, SmtpSecurity, SmtpSettings
from alerts.model import File, Outcome, OutcomeClass, Text
from monitor.office.model import ChannelKind, ChannelSpec
from tests.support.clock import SimulatedClock
from tests.support.mail import MailServer, mail_server

TEXT = Text(
    subject="【重大】柯街镇一煤矿透水", body="首次权威信息还剩 2小时\n编号 7", html="<p>透水 &amp; 停工</p>"
)


def settings(server: MailServer, **fields: Any) -> SmtpSettings:
    defaults: dict[str, Any] = {"host": server.host, "port": server.port, "security": SmtpSecurity.NONE}
    return SmtpSettings(**defaults | {"sender": "yq@example.gov.cn"} | fields)


async def mail(
    server: MailServer,
    clock: SimulatedClock,
    text: Text = TEXT,
    *,
    address: str = "duty@example.cn",
    no: int = 7,
    **smtp: Any,
) -> Outcome:
    spec = ChannelSpec(name="c", kind=ChannelKind.EMAIL, address=address)
    return await Email(spec, settings(server, **smtp), clock, timedelta(seconds=2)).send(text, no)


async def test_a_mail_has_subject_plain_and_html_parts(clock: SimulatedClock) -> None:
    async with mail_server() as server:
        outcome = await mail(server, clock)
    (got,) = server.mails
    plain, html = got.get_body(("plain",)), got.get_body(("html",))
    assert outcome.kind is OutcomeClass.OK
    assert outcome.receipt == got["Message-ID"]
    assert got["Subject"] == TEXT.subject
    assert got["From"] == "回应 <yq@example.gov.cn>"
    assert got["Date"] == "Mon, 02 Mar 2026 08:00:00 +0800"
    assert plain is not None
    assert plain.get_content().splitlines() == TEXT.body.splitlines()
    assert html is not None
    assert html.get_content().strip() == TEXT.html


async def test_a_mail_carries_its_files_under_their_chinese_names(clock: SimulatedClock) -> None:
    file = File(
        name="政务舆情日报-2026-03-03.pdf", kind="application/pdf", body=b"%PDF-1.7 " + bytes(range(256))
    )
    async with mail_server() as server:
        await mail(server, clock, replace(TEXT, attach=lambda: (file,)))
    [carried] = server.mails[0].iter_attachments()
    assert carried.get_filename() == file.name
    assert (carried.get_content_type(), carried.get_content()) == (file.kind, file.body)
    body = server.mails[0].get_body(("html",))
    assert body is not None
    assert body.get_content().strip() == TEXT.html


async def test_the_message_id_is_the_same_for_every_attempt_and_another_for_others(
    clock: SimulatedClock,
) -> None:
    async with mail_server() as server:
        await mail(server, clock)
        clock.advance(timedelta(hours=1))
        await mail(server, clock)
        await mail(server, clock, no=8)
        await mail(server, clock, address="leader@example.cn")
    first, again, other_message, other_person = (m["Message-ID"] for m in server.mails)
    assert first == again
    assert len({first, other_message, other_person}) == 3


@pytest.mark.parametrize(
    "subject",
    [
        "透水\r\nBcc: all@example.cn",
        "透水\nBcc: all@example.cn\n\n正文",
        "透水\r\x00\u2028Bcc: all@example.cn",
        "水" * 500,
    ],
)
async def test_a_subject_cannot_become_a_header(subject: str, clock: SimulatedClock) -> None:
    async with mail_server() as server:
        await mail(server, clock, Text(subject=subject, body="正文"))
    (got,) = server.mails
    assert got["Bcc"] is None
    assert str(got["Subject"]).startswith(("透水", "水水"))
    assert len(str(got["Subject"])) <= 120


@pytest.mark.parametrize("address", ["", "duty", "a@b\r\nRCPT TO:<c@d>", "a@b,c@d", "Duty <a@b>", "a b@c"])
async def test_an_address_that_is_none_is_permanent(address: str, clock: SimulatedClock) -> None:
    async with mail_server() as server:
        outcome = await mail(server, clock, address=address)
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "bad_address")
    assert not server.mails


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        pytest.param("450 4.2.0 greylisted duty@example.cn", OutcomeClass.TRANSIENT, "450", id="try later"),
        pytest.param("452 4.2.2 mailbox full", OutcomeClass.TRANSIENT, "452", id="mailbox full"),
        pytest.param(
            "550 5.1.1 no such user duty@example.cn", OutcomeClass.PERMANENT, "550", id="no such user"
        ),
        pytest.param("530 5.7.0 authentication required", OutcomeClass.AUTH, "530", id="log in first"),
    ],
)
async def test_the_server_s_code_is_the_verdict_and_its_words_are_not_kept(
    answer: str, kind: OutcomeClass, code: str, clock: SimulatedClock
) -> None:
    async with mail_server() as server:
        server.refusals.append(answer)
        outcome = await mail(server, clock)
    assert (outcome.kind, outcome.code) == (kind, code)
    assert "example.cn" not in repr(outcome)


async def test_a_server_without_the_demanded_encryption_gets_nothing(clock: SimulatedClock) -> None:
    async with mail_server() as server:
        outcome = await mail(server, clock, security=SmtpSecurity.STARTTLS)
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "not_supported")
    assert not server.mails


async def test_a_server_that_does_not_know_us_is_not_tried_without_the_password(
    clock: SimulatedClock,
) -> None:
    async with mail_server() as server:
        outcome = await mail(server, clock, username="yq", password="s3cret-word")  # noqa: S106
    assert outcome.kind in (OutcomeClass.AUTH, OutcomeClass.PERMANENT)
    assert not server.mails
    assert "s3cret" not in repr(settings(server, password="s3cret-word"))  # noqa: S106


async def test_without_a_mail_server_the_next_channel_takes_over(clock: SimulatedClock) -> None:
    spec = ChannelSpec(name="c", kind=ChannelKind.EMAIL, address="duty@example.cn")
    outcome = await Email(spec, None, clock).send(TEXT, 7)
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "no_smtp")
