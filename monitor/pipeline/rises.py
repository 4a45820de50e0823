"""Whether an incident that a poll brought something to spreads faster than before."""

from collections.abc import Iterable
from datetime import datetime

from monitor.dossier.heating import looks_since_told, may_rise, tell_rise
from monitor.incidents.model import Incident
from monitor.incidents.rising import HISTORY, rising
from monitor.keeping import keep
from monitor.pipeline.setting import Setting
from monitor.ports import Transaction


def tell_rises(
    transaction: Transaction, touched: Iterable[Incident | None], setting: Setting, now: datetime
) -> None:
    """Look at each of these incidents once, with one question to the database for all of them."""
    watched = {incident.id: incident for incident in touched if incident is not None and may_rise(incident)}
    if not watched or not setting.office().policy.tell_rises:
        return
    circumstances = setting.circumstances(transaction, now)
    away, awake_since = circumstances.away, circumstances.awake_since
    arrivals = transaction.arrivals(watched, now - HISTORY - away)
    for id_, incident in watched.items():
        told = incident.rise_told
        rise = rising(
            arrivals.get(id_, ()),
            now,
            looks=looks_since_told(incident),
            since=told.begins_at if told else None,
            awake_since=awake_since,
            away=away,
        )
        if rise.is_rising:
            keep(transaction, tell_rise(transaction.dossier(id_), rise, circumstances))
