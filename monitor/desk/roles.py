"""Who may see and do what on the desk."""

from monitor.incidents.model import Incident
from monitor.orders.model import Order
from monitor.ports import Account

ROLES = ("duty", "head", "leader", "department", "analyst", "admin")

_OFFICERS_ACTS = frozenset({
    "acknowledge", "confirm", "set_severity", "assign", "respond", "dismiss", "close", "reopen", "place",
    "must_answer", "accept_answer", "decline_answer", "withdraw_answer", "correct_start",
    "correct_publication", "accept_promise",
    "keep_promise", "report_up", "withdraw_report", "merge", "split",
    "urge", "sign_order", "feed_back", "return_order", "ask_extension",
})  # fmt: skip

_RULINGS = frozenset({"grant_extension", "refuse_extension"})

_ACTS = {
    "duty": _OFFICERS_ACTS,
    "head": _OFFICERS_ACTS | _RULINGS | {"hand_over"},
    "leader": _OFFICERS_ACTS | _RULINGS | {"waive"},
    "department": frozenset({"respond", "sign_order", "feed_back", "return_order", "ask_extension"}),
    "analyst": frozenset[str](),
    "admin": frozenset[str](),
}


def acts_of(account: Account) -> frozenset[str]:
    """Return the acts this login may ask for; the rules may still refuse one."""
    return _ACTS.get(account.role, frozenset())


def may_see(account: Account, incident: Incident) -> bool:
    """Return whether this login may read the incident: a department only what is assigned to it."""
    return account.role != "department" or account.person_id in incident.assigned_to


def may_see_order(account: Account, order: Order) -> bool:
    """Return whether this login may read a slip: a department only its own."""
    return account.role != "department" or account.person_id == order.department


def may_try_rules(account: Account) -> bool:
    """Return whether this login may judge pasted texts and try words on what is stored."""
    return account.role in ("analyst", "admin")


def may_try_sources(account: Account) -> bool:
    """Return whether this login may have a source fetched now, to see what would be read."""
    return account.role in ("duty", "admin")


def may_change_rota(account: Account) -> bool:
    """Return whether this login may record substitutions and import the month's duty sheet."""
    return account.role in ("duty", "head", "admin")


def may_read_papers(account: Account) -> bool:
    """Return whether this login reads and saves what is written for leaders."""
    return account.role in ("leader", "head", "analyst", "admin")


def may_issue_papers(account: Account) -> bool:
    """Return whether this login may let a paper go to its readers, or amend one (审定)."""
    return account.role in ("head", "leader")


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


def may_draft(account: Account) -> bool:
    """Return whether this login may write and sign drafts of answers; who may sign what, the rules say."""
    return "respond" in acts_of(account)


def may_see_everything(account: Account) -> bool:
    """Return whether this login may read history, sources and the journal."""
    return account.role != "department"
