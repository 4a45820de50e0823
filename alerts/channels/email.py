"""E-mail over SMTP: plain and HTML parts, headers safe against injection, a lasting Message-ID."""

import asyncio
import hashlib
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum

import aiosmtplib

from alerts.channels.base import TIMEOUT, tls_context
from alerts.channels.parts import plain
from alerts.model import File, Outcome, OutcomeClass, Text
from monitor.clock import Clock, as_local
from monitor.office.model import ChannelSpec

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+")
_AUTH_CODES = frozenset({454, 530, 534, 535, 538})
_SUBJECT_LIMIT = 120


class SmtpSecurity(StrEnum):
    """How the connection is protected: from the first byte, after STARTTLS (required), or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """The mail server, from the environment. It may be private: it is named by whoever runs the machine."""

    host: str
    port: int = 465
    security: SmtpSecurity = SmtpSecurity.TLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str = "huiying@localhost"
    sender_name: str = "回应"


def message_id(sender: str, address: str, message_no: int) -> str:
    """Return the Message-ID: the same for every attempt at one message, another for every recipient."""
    mark = hashlib.blake2b(address.encode(), digest_size=5).hexdigest()
    return f"<huiying.{message_no}.{mark}@{sender.rpartition('@')[2]}>"


def compose(
    text: Text,
    message_no: int,
    address: str,
    settings: SmtpSettings,
    now: datetime,
    files: Sequence[File] = (),
) -> EmailMessage:
    """Return the mail; the subject becomes one harmless line, `address` is checked already."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=settings.sender_name, addr_spec=settings.sender)
    mail["To"] = address
    mail["Subject"] = " ".join(plain(text.subject).split())[:_SUBJECT_LIMIT]
    mail["Date"] = format_datetime(as_local(now))
    mail["Message-ID"] = message_id(settings.sender, address, message_no)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Huiying-Number"] = str(message_no)
    mail.set_content(plain(text.body))
    if text.html is not None:
        mail.add_alternative(text.html, subtype="html")
    for file in files:
        main, _, sub = file.kind.partition("/")
        mail.add_attachment(file.body, maintype=main, subtype=sub, filename=file.name)
    return mail


def judge_refusal(error: aiosmtplib.SMTPException | OSError) -> Outcome:
    """Return the outcome of a failed attempt: 4xx may pass later, 5xx will not, no answer may pass later.

    The server's words may name addresses and are not kept.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _judge_code(error.recipients[0].code)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _judge_code(error.code)
    if not isinstance(error, OSError):  # the library's bare error: no STARTTLS, no AUTH, no SMTPUTF8 there
        return Outcome(
            kind=OutcomeClass.PERMANENT, code="not_supported", detail="邮件服务器不支持所要求的加密或登录"
        )
    if isinstance(error.__cause__ or error, ssl.SSLCertVerificationError):
        return Outcome(kind=OutcomeClass.PERMANENT, code="certificate", detail="邮件服务器证书无效")
    if isinstance(error, TimeoutError):
        return Outcome(kind=OutcomeClass.TRANSIENT, code="timeout", detail="10 秒内没有回答")
    return Outcome(kind=OutcomeClass.TRANSIENT, code="unreachable", detail="邮件服务器连接不上或断开")


def _judge_code(code: int) -> Outcome:
    if code in _AUTH_CODES:
        return Outcome(kind=OutcomeClass.AUTH, code=str(code), detail="邮件服务器拒绝身份")
    if 400 <= code < 500:
        return Outcome(kind=OutcomeClass.TRANSIENT, code=str(code), detail="邮件服务器暂时拒绝")
    if 500 <= code < 600:
        return Outcome(kind=OutcomeClass.PERMANENT, code=str(code), detail="邮件服务器拒收")
    return Outcome(kind=OutcomeClass.UNKNOWN, code=str(code), detail="回答无法识别")


class Email:
    """One mailbox. A mail that bounces after acceptance is another story (C27)."""

    def __init__(
        self, spec: ChannelSpec, settings: SmtpSettings | None, clock: Clock, timeout: timedelta = TIMEOUT
    ) -> None:
        self._spec = spec
        self._settings = settings
        self._clock = clock
        self._timeout = timeout

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:  # noqa: ARG002 - one part
        """Hand one mail to the server; ok means the server took it."""
        address = self._spec.address
        if self._settings is None:
            return Outcome(kind=OutcomeClass.PERMANENT, code="no_smtp", detail="没有配置邮件服务器")
        if not _ADDRESS.fullmatch(address):
            return Outcome(kind=OutcomeClass.PERMANENT, code="bad_address", detail="邮箱地址无效")
        files = await asyncio.to_thread(text.attach) if text.attach else ()
        mail = compose(text, message_no, address, self._settings, self._clock.now(), files)
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                await self._deliver(mail, self._settings)
        except (aiosmtplib.SMTPException, OSError) as error:  # TimeoutError is an OSError
            return judge_refusal(error)
        return Outcome(kind=OutcomeClass.OK, code="250", receipt=mail["Message-ID"])

    async def _deliver(self, mail: EmailMessage, settings: SmtpSettings) -> None:
        await aiosmtplib.send(
            mail,
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password,
            use_tls=settings.security is SmtpSecurity.TLS,
            start_tls=settings.security is SmtpSecurity.STARTTLS,
            tls_context=None if settings.security is SmtpSecurity.NONE else tls_context(),
            timeout=self._timeout.total_seconds(),
        )
