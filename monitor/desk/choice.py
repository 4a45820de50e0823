"""Which incidents somebody wants to see: the filters that the board and the API share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.classifiers.model import Severity
from monitor.incidents.model import Incident
from monitor.incidents.opinion_level import OpinionLevel
from monitor.office.model import Office

SEVERITIES: dict[str, Severity | None] = {str(int(s)): s for s in Severity} | {"none": None}
"""How an address names a severity; `none` is 未定级."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which incidents are wanted: every filter that names something must hold; a severity of None is 未定级.

    `types` are codes of event type, category or opinion; `townships` names, or codes that a place's begins
    with.
    """

    severities: frozenset[Severity | None] = frozenset()
    departments: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    townships: tuple[str, ...] = ()
    heat: frozenset[OpinionLevel] = frozenset()

    def fits(self, incident: Incident) -> bool:
        """Return whether an incident is wanted, but for its opinion level."""
        return (
            (not self.severities or incident.severity in self.severities)
            and (not self.departments or not self.departments.isdisjoint(incident.assigned_to))
            and (not self.types or not self.types.isdisjoint(codes_of(incident)))
            and (not self.townships or any(self._is_at(p.name, p.code) for p in incident.places))
        )

    def _is_at(self, name: str, code: str | None) -> bool:
        return any(town == name or (code or "").startswith(town) for town in self.townships)

    def spelled_out(self, office: Office) -> "Choice":
        """Return the same with the codes of townships named: a village lies in one without naming it."""
        codes = [p.code for p in office.territory.places if p.name in self.townships and p.code]
        return replace(self, townships=(*self.townships, *codes))


def codes_of(incident: Incident) -> Sequence[str]:
    """Return the codes of what sort of incident it is, the one it is called by first."""
    return [code for code in (incident.event_type, incident.opinion, incident.category) if code]
