"""Which changes of state are lawful; a refusal is a reason code, permission is None."""

from collections.abc import Collection

from monitor.incidents.model import Incident, IncidentState

# Act -> the states it may start from. Everything else is refused with `<state>`: the desk words it.
LAWFUL: dict[str, frozenset[IncidentState]] = {
    "dismiss": frozenset({IncidentState.OPEN}),
    "close": frozenset({IncidentState.OPEN}),
    "reopen": frozenset({IncidentState.DISMISSED, IncidentState.CLOSED}),
    "merge": frozenset({IncidentState.OPEN, IncidentState.DISMISSED, IncidentState.CLOSED}),
    "split": frozenset({IncidentState.OPEN}),
}
LEADER = 3


def _refusal(act: str, incident: Incident, by: str) -> str | None:
    """Return why this act may not start from this state, or by nobody in particular."""
    if incident.state not in LAWFUL[act]:
        return f"is_{incident.state.value}"
    return None if by.strip() else "nobody_named"


def may_dismiss(incident: Incident, *, by: str, reason: str) -> str | None:
    """Return None, or why it may not be dismissed: only open ones, by a named person with a reason (T5)."""
    return _refusal("dismiss", incident, by) or (None if reason.strip() else "reason_missing")


def may_close(incident: Incident, *, by: str, level: int | None, has_unmet: bool, reason: str) -> str | None:
    """Return None, or why it may not be closed.

    With an unmet statutory obligation only a leader (level 3 or above) closes, and with a reason (C8).
    """
    refusal = _refusal("close", incident, by)
    if refusal or not has_unmet:
        return refusal
    if level is None or level < LEADER:
        return "unmet_obligation"
    return None if reason.strip() else "reason_missing"


def may_reopen(incident: Incident, *, by: str) -> str | None:
    """Return None, or why it may not be reopened; a merged incident is split from its survivor instead."""
    return _refusal("reopen", incident, by)


def may_merge(incident: Incident, into: Incident, *, by: str) -> str | None:
    """Return None, or why this incident may not become part of that one, which must be open."""
    if incident.id == into.id:
        return "same_incident"
    if not into.is_open:
        return f"target_is_{into.state.value}"
    return _refusal("merge", incident, by)


def may_split(incident: Incident, *, by: str, moved: Collection[int], members: Collection[int]) -> str | None:
    """Return None, or why these items may not leave: some, not all, and each of them a member."""
    refusal = _refusal("split", incident, by)
    if refusal:
        return refusal
    leaving, all_of_them = set(moved), set(members)
    if not leaving:
        return "nothing_to_move"
    if not leaving <= all_of_them:
        return "not_a_member"
    return "nothing_would_stay" if leaving == all_of_them else None
