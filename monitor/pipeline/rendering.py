"""From the alerts of a message to its words; a digest is written when it is sent, so it is never stale."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from alerts.digest.daily import daily_paper
from alerts.digest.mail import attaching
from alerts.digest.render import render_digest
from alerts.message.layout import PACKAGED
from alerts.message.render import LinkFor, render_message
from alerts.model import Alert, Text
from monitor.clock import as_local
from monitor.collectors.model import Source
from monitor.dossier.model import Dossier
from monitor.pipeline.digesting import digest_for
from monitor.pipeline.handover import handover_for
from monitor.pipeline.issuing import PAPERS, paper_for
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction


class Rendering:
    """Renders messages in the transaction that claims them: what is said is what is true then (A8)."""

    def __init__(
        self,
        setting: Setting,
        sources: Callable[[], tuple[Source, ...]],
        link_for: LinkFor,
        templates: Callable[[], Mapping[str, str]] = lambda: PACKAGED,
    ) -> None:
        self._setting = setting
        self._sources = sources
        self._link_for = link_for
        self._templates = templates

    def __call__(
        self,
        transaction: Transaction,
        alerts: Sequence[Alert],
        dossiers: Mapping[int, Dossier],
        now: datetime,
    ) -> Text:
        """Return the words of one message."""
        office = self._setting.office()
        if all(alert.reason == "digest" for alert in alerts):
            digest = digest_for(transaction, office, self._sources(), alerts[0], now)
            name = f"政务舆情日报-{as_local(digest.until).date()}"
            return attaching(render_digest(digest), partial(daily_paper, digest), name, office.papers.attach)
        if all(alert.reason == "shift_handover" for alert in alerts):
            return render_digest(handover_for(transaction, office, self._sources(), alerts[0], now))
        if all(alert.reason in PAPERS for alert in alerts):
            return paper_for(transaction, office, alerts[0])
        names = {source.id: source.name for source in self._sources()}
        return render_message(
            alerts,
            dossiers,
            office,
            now,
            self._link_for,
            source_names=names,
            templates=self._templates(),
        )
