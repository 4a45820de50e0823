"""The journal of everything as sentences, and the form that looks through it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from monitor.deadlines.rules import packaged_rules
from monitor.desk.views.board_view import name_of
from monitor.desk.views.journal_view import NOBODY, say_facts
from monitor.office.model import Office
from monitor.ports import Account, JournalEntry

_NAMELESS = {**NOBODY, "console": "命令行"}
"""Who acted without being a person of the office or a login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEntry:
    """One entry: who did it, and its facts in words."""

    entry: JournalEntry
    actor: str
    facts: str


def found_entries(entries: Iterable[JournalEntry], office: Office) -> tuple[FoundEntry, ...]:
    """Return entries in their order; instants in the facts are said as of the entry's own day."""
    return tuple(
        FoundEntry(
            entry=entry,
            actor=_NAMELESS.get(entry.change.actor) or name_of(office, entry.change.actor),
            facts=_facts(entry, office),
        )
        for entry in entries
    )


def _facts(entry: JournalEntry, office: Office) -> str:
    """Return the facts in words, with the login that something happened to."""
    change = entry.change
    about = change.facts.get("account")
    told = [f"账号 {about}" if about else "", say_facts(change, office, change.at, _duties())]
    return "，".join(filter(None, told))


@cache
def _duties() -> dict[str, str]:
    """Return the names of obligations by kind, as the packaged rule book has them."""
    return {rule.kind: rule.name for rule in packaged_rules().rules}


def actors(office: Office, accounts: Iterable[Account]) -> tuple[tuple[str, str], ...]:
    """Return everybody who can have acted: the name in the journal, and what it is called."""
    named = [(p.id, p.name) for p in office.people] + [(d.id, d.name) for d in office.departments]
    own = [(account.name, f"账号 {account.name}") for account in accounts if account.person_id is None]
    return (*named, *own, *_NAMELESS.items())
