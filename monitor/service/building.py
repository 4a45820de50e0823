"""From settings to parts: store, pipeline, channels, links; everything that a process is made of."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
from argon2 import PasswordHasher
from pydantic import SecretStr

from alerts.channels.build import build_channel
from alerts.channels.email import SmtpSecurity, SmtpSettings
from alerts.channels.simulated import Mode, simulate
from alerts.model import Alert, Outcome
from alerts.outbox import Outbox
from monitor.classifiers.grade import grade_figures
from monitor.classifiers.segment import SEGMENTERS
from monitor.clock import Clock, SystemClock
from monitor.collectors.model import Source
from monitor.desk.access import Access
from monitor.desk.links import message_path, order_path
from monitor.incidents.group import Grouper
from monitor.incidents.traits import item_traits
from monitor.office.model import Office
from monitor.pipeline.intake import Intake
from monitor.pipeline.known import Known
from monitor.pipeline.receiving import DeskActs
from monitor.pipeline.rendering import Rendering
from monitor.pipeline.setting import Setting
from monitor.ports import Channel, Store
from monitor.service.files import Files, Words
from monitor.settings import Settings
from storage.engine import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything of one running service."""

    settings: Settings
    clock: Clock
    store: Store
    files: Files
    words: Words
    setting: Setting
    intake: Intake
    acts: DeskActs
    secret: SecretStr


def build_parts(
    settings: Settings,
    clock: Clock | None = None,
    office: Office | None = None,
    sources: Sequence[Source] | None = None,
) -> Parts:
    """Read the files, open the store and put the pipeline together.

    An office or sources handed in stand for the files (the demo). Raises ConfigurationError with every fault.
    """
    files = Files(settings, office, sources)
    settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = Words(files, settings.var / "jieba", SEGMENTERS[settings.segmenter])
    store = open_database(settings.database_url.get_secret_value())
    setting = Setting(
        store=store,
        office=files.office,
        rules=files.rules,
        grade=lambda figures, kind: grade_figures(figures, kind, files.table()),
        traits=lambda item, verdict: item_traits(item, verdict, words.rarity),
    )
    known = Known(lambda: Grouper(words.rarity))
    intake = Intake(setting, lambda item, now: words.judge.judge_item(item, now), known, words.segment)
    shown = clock or SystemClock()
    return Parts(
        settings=settings,
        clock=shown,
        store=store,
        files=files,
        words=words,
        setting=setting,
        intake=intake,
        acts=DeskActs(setting, shown, intake, files.sources),
        secret=settings.session_secret or _kept_secret(settings.var),
    )


def open_words(settings: Settings) -> Words:
    """Return the words of the settings by themselves; raises ConfigurationError with every fault."""
    return Words(Files(settings), settings.var / "jieba", SEGMENTERS[settings.segmenter])


def build_outbox(setting: Setting, render: Rendering, name: str) -> Outbox:
    """Return an outbox worker on the setting's store; `name` holds its leases."""
    return Outbox(setting.store, setting.circumstances, render, name)


def simulated_answer(mode: Mode) -> tuple[Outcome, timedelta]:
    """Return what a simulated channel in this mode answers, and how long it takes; raises ValueError."""
    return simulate(mode)


def open_database(address: str) -> Store:
    """Open a database, migrated to the newest version; raises an error that names what is wrong with it."""
    return open_store(address)


def _kept_secret(folder: Path) -> SecretStr:
    """Return the secret that signs sessions and links, made once and kept where only this user reads it."""
    path = folder / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return SecretStr(path.read_text(encoding="ascii").strip())


def link_maker(parts: Parts) -> Callable[[Alert], str | None]:
    """Return what gives an alert its link to acknowledge, or None without a public address (A12)."""

    def link_for(alert: Alert) -> str | None:
        base = parts.files.office().public_url
        if base is None or alert.incident_id is None:
            return None
        secret = parts.secret.get_secret_value().encode()
        if "draft" in alert.codes:  # signing needs a login: this link opens nothing by itself
            path = f"/incidents/{alert.incident_id}/draft?number={alert.codes['draft']}"
        elif alert.order_id is not None and alert.level is None:
            path = order_path(secret, alert.order_id, alert.message_no)
        else:
            path = message_path(secret, alert.incident_id, alert.message_no)
        return base.rstrip("/") + path

    return link_for


def smtp_settings(settings: Settings) -> SmtpSettings | None:
    """Return the mail server of the environment, or None without a host."""
    smtp = settings.smtp
    if not smtp.host:
        return None
    return SmtpSettings(
        host=smtp.host,
        port=smtp.port,
        security=SmtpSecurity(smtp.security),
        username=smtp.username,
        password=smtp.password.get_secret_value() if smtp.password else None,
        sender=smtp.sender,
        sender_name=smtp.sender_name,
    )


def open_channels(parts: Parts, session: aiohttp.ClientSession) -> Mapping[str, Channel]:
    """Return every channel of the office by name."""
    office = parts.files.office()
    smtp = smtp_settings(parts.settings)
    return {
        spec.name: build_channel(
            spec, smtp, session, parts.clock, allow_private=office.allow_private_channels
        )
        for spec in office.channels
    }


def desk_access(parts: Parts) -> Access:
    """Return the desk's door without the desk: for making accounts from the command line."""
    return Access(
        store=parts.store,
        clock=parts.clock,
        office=parts.files.office,
        secret=parts.secret.get_secret_value().encode(),
        session_lasts=timedelta(hours=12),
        hasher=PasswordHasher(),
    )
