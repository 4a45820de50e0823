"""An incident of ours spreads faster: level 1 hears of it once for each rise."""

from typing import Any

from monitor.dossier.draft import Draft
from monitor.dossier.model import Changes, Circumstances, Dossier
from monitor.dossier.telling import News, tell_level_one
from monitor.incidents.model import Incident, ToldRise
from monitor.incidents.rising import FEWEST, Rise


def looks_since_told(incident: Incident) -> int:
    """Return how many items have arrived since the last rise that was told, or at all."""
    told = incident.rise_told
    return incident.item_count - (told.item_count if told else 0)


def may_rise(incident: Incident) -> bool:
    """Return whether a rise would be told: the incident is open, ours, and has enough items to say so."""
    return incident.is_open and incident.local is True and looks_since_told(incident) >= FEWEST


def tell_rise(dossier: Dossier, rise: Rise, circumstances: Circumstances) -> Changes:
    """Tell level 1 of a rise, for information, and remember it; a complaint without a clock as well (T13)."""
    draft = Draft(dossier, circumstances)
    incident = dossier.incident
    if not rise.is_rising or not may_rise(incident):
        return draft.finish()
    draft.update(rise_told=ToldRise(begins_at=rise.begins_at, item_count=incident.item_count))
    facts: dict[str, Any] = {
        "since": rise.begins_at.isoformat(),
        "recent": rise.recent + 1,
        "before_per_hour": round(rise.before_per_hour, 2),
    }
    draft.note("heat_rising", **facts, chance=float(f"{rise.chance:.2g}"))
    tell_level_one(draft, News(reason="heat_rising", key=f"items{incident.item_count}", facts=facts))
    return draft.finish()
