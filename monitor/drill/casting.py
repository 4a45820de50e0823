"""A rehearsal written for the example office, played by an office's own people and channels."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from alerts.rota import on_duty
from monitor.clock import as_local
from monitor.drill.scenario import Scenario, Step
from monitor.office.example import example_office
from monitor.office.model import ChannelKind, ChannelSpec, Office, PaperPlan, PlaceKind, Territory

EXAMPLE = example_office()
_LEVELS = {person.id: person.level for person in EXAMPLE.people if person.level is not None}


def cast(scenario: Scenario, office: Office, on: date) -> Scenario:
    """Return the scenario on that day with the office's own people; nothing real can be reached.

    Who acts is whoever of that level is on duty then. Expectations and overrides are the example office's
    and do not count here.
    """
    safe = without_reach(office)
    moved = on - as_local(scenario.starts_at).date()
    return replace(
        scenario,
        office=safe,
        starts_at=scenario.starts_at + moved,
        ends_at=scenario.ends_at + moved,
        modes=_modes(scenario.modes, safe),
        steps=tuple(_step(step, moved, safe) for step in scenario.steps),
        expect=(),
        expect_only=(),
    )


def without_reach(office: Office) -> Office:
    """Return the office with simulated channels: names and audiences stay, addresses and secrets go.

    Silences name real incidents, whose numbers mean others here; a digest of an empty database says nothing.
    """
    channels = tuple(
        ChannelSpec(name=c.name, kind=ChannelKind.SIMULATED, audience=c.audience, rings=c.rings)
        for c in office.channels
    )
    return replace(
        office,
        channels=channels,
        silences=(),
        digest_at=None,
        papers=PaperPlan(),
        heartbeat_url=None,
        public_url=None,
    )


def localise(text: str, territory: Territory) -> str:
    """Return a text about the example's county with this one's own names for the county and its townships.

    Every township of the example stands for one of ours. A territory that is no county keeps the text.
    """
    if territory.level != "county":
        return text
    ours = [place.name for place in territory.places if place.kind is PlaceKind.TOWNSHIP] or [""]
    names = {
        place.name: place.name if place.name in ours else ours[n % len(ours)]
        for n, place in enumerate(EXAMPLE.territory.places)
    }
    names[EXAMPLE.territory.name] = territory.name
    return re.sub("|".join(map(re.escape, names)), lambda found: names[found[0]], text)


def _step(step: Step, moved: timedelta, office: Office) -> Step:
    at = step.at + moved
    if step.what == "channel":
        return replace(step, at=at, detail=_modes(step.detail, office))
    changed: dict[str, Any] = {
        name: value + moved if isinstance(value, datetime) else localise(value, office.territory)
        for name, value in step.detail
        if isinstance(value, datetime) or name in ("title", "text")
    }
    if by := getattr(step.detail, "by", None):
        changed["by"] = _stand_in(by, office, at)
    if step.what == "assign":
        changed["to"] = _body(step.detail.to, office)
    return replace(step, at=at, detail=step.detail.model_copy(update=changed))


def _stand_in(role: str, office: Office, at: datetime) -> str:
    """Return who acts for a person of the example: on duty at their level at `at`, else of that level."""
    if role == "admin":
        return next(iter(office.administrators), role)
    if role not in _LEVELS:
        return _body(role, office)
    level = min(_LEVELS[role], office.top_level)
    everybody = [person.id for person in office.people if person.level == level]
    return next((person.id for person in on_duty(office, level, at)), next(iter(everybody), role))


def _body(id_: str, office: Office) -> str:
    """Return the department of this id or this name, else any: a rehearsal needs somebody to assign to."""
    if office.department(id_) is not None:
        return id_
    example = EXAMPLE.department(id_)
    alike = [d.id for d in office.departments if example is not None and d.name == example.name]
    return next(iter([*alike, *(d.id for d in office.departments)]), id_)


def _modes(modes: Mapping[str, Any], office: Office) -> dict[str, Any]:
    """Return how the office's own channels behave.

    `<person>-wecom` is the first channel of everybody of that level, `<person>-email` are the others.
    """
    found: dict[str, Any] = {}
    for name, mode in modes.items():
        role, _, place = name.rpartition("-")
        for person in (p for p in office.people if p.level is not None and p.level == _LEVELS.get(role)):
            found |= dict.fromkeys(person.channels[:1] if place == "wecom" else person.channels[1:], mode)
    return found
