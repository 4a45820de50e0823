"""Who may see and do what on the desk."""

from monitor.incidents.model import Incident
from monitor.ports import Account

ROLES = ("duty", "head", "leader", "department", "analyst", "admin")

_OFFICERS_ACTS = frozenset({
    "acknowledge", "confirm", "set_severity", "assign", "respond", "dismiss", "close", "reopen", "place",
    "must_answer", "accept_answer", "decline_answer", "withdraw_answer", "correct_start",
    "correct_publication", "accept_promise",
    "keep_promise", "report_up", "withdraw_report", "merge", "split",
})  # fmt: skip

_ACTS = {
    "duty": _OFFICERS_ACTS,
    "head": _OFFICERS_ACTS,
    "leader": _OFFICERS_ACTS | {"waive"},
    "department": frozenset({"respond"}),
    "analyst": frozenset[str](),
    "admin": frozenset[str](),
}


def acts_of(account: Account) -> frozenset[str]:
    """Return the acts this login may ask for; the rules may still refuse one."""
    return _ACTS.get(account.role, frozenset())


def may_see(account: Account, incident: Incident) -> bool:
    """Return whether this login may read the incident: a department only what is assigned to it."""
    return account.role != "department" or account.person_id in incident.assigned_to


def may_try_rules(account: Account) -> bool:
    """Return whether this login may judge pasted texts and try words on what is stored."""
    return account.role in ("analyst", "admin")


def may_change_rota(account: Account) -> bool:
    """Return whether this login may record substitutions and import the month's duty sheet."""
    return account.role in ("duty", "head", "admin")


def may_read_papers(account: Account) -> bool:
    """Return whether this login reads and saves what is written for leaders."""
    return account.role in ("leader", "head", "analyst", "admin")


def may_register(account: Account) -> bool:
    """Return whether this login may take reports by hand."""
    return account.role in ("duty", "head", "admin")


def may_open_by_hand(account: Account) -> bool:
    """Return whether this login's word opens an incident with a report that was seen as no matter."""
    return may_register(account) and "must_answer" in acts_of(account)


def may_read_contacts(account: Account) -> bool:
    """Return whether this login may read how to reach somebody who told the desk something."""
    return account.role in ("duty", "head", "leader", "admin")


def may_rehearse(account: Account) -> bool:
    """Return whether this login may have a rehearsal played; everybody may read its story."""
    return account.role in ("head", "admin")


def may_see_everything(account: Account) -> bool:
    """Return whether this login may read history, sources and the journal."""
    return account.role != "department"
