"""What every part of the story is written with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.classifiers.model import Evidence
from monitor.deadlines.model import Obligation
from monitor.dossier.model import Changes, Joining
from monitor.ports import Store
from tests.support.builders import a_verdict, after, an_obligation

NOW = after(hours=4)
XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>"
SPILLED = "javascript:alert(3)"


def obligation_of(
    incident_id: int, kind: str, name: str, starts_at: datetime, window: timedelta, **more: Any
) -> Obligation:
    return an_obligation(
        id=f"{incident_id}:{kind}:1",
        incident_id=incident_id,
        kind=kind,
        name=name,
        starts_at=starts_at,
        window=window,
        **more,
    )


def evidence_of(name: str, text: str, words: str) -> Evidence:
    start = text.index(words)
    return Evidence(field=name, text=words, start=start, end=start + len(words), where="text")


def save(
    store: Store, items: Sequence[Any], changes: Changes, *, verdicts: Sequence[Any] | None = None
) -> None:
    """Write items and the incident they belong to, as the pipeline does."""
    with store.transaction() as transaction:
        stored = transaction.add_items(items, verdicts or [a_verdict()] * len(items))
        transaction.next_incident_id()
        joinings = tuple(
            Joining(incident_id=changes.incident.id, item_id=i.id, at=i.first_seen_at, reason="similar")
            for i in stored
        )
        transaction.save(replace(changes, joinings=joinings))
