"""What a storm is made of, drawn from one seed, so that a storm that failed can be raised again.

Clocks are short: hours of the law are minutes here, so that every crossing comes while workers die.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from monitor.classifiers.model import Severity
from monitor.deadlines.model import RuleBook
from monitor.deadlines.rules import packaged_rules
from monitor.dossier import acts
from monitor.dossier.acknowledging import acknowledge
from monitor.incidents.model import PublicationKind
from monitor.office.example import example_office
from monitor.office.model import ChannelKind, Office
from tests.support.builders import T0

STEP = timedelta(seconds=10)
"""One cycle; shorter than the gap that counts as an outage."""

BLACKOUT = timedelta(minutes=7)
"""How long nothing runs where all workers are killed together: an outage across several crossings."""

WORKERS = 3
CALM = 24
"""Cycles at the end in which nobody dies, after which every lease has run out and everything is told."""

_WINDOWS = {"first_release": 10, "press_conference": 20, "response": 15}


class Moment(StrEnum):
    """Where a worker may be struck."""

    WRITTEN = "written"  # the n-th transaction has written everything and is not committed
    COMMITTED = "committed"  # the n-th commit is done, and nothing that follows from it
    ASKED = "asked"  # the vendor holds the n-th request and has not answered
    ANSWERED = "answered"  # the n-th answer is there and not written down
    RESTING = "resting"  # between two cycles, together with all others


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A worker dies the n-th time that it comes to this moment."""

    moment: Moment
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An incident to be opened: with this many dead, published this long before."""

    deaths: int
    backdated: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a person does with an incident."""

    incident: int
    by: str
    act: acts.Act


@dataclass(frozen=True, kw_only=True)
class Storm:
    """How much happens: for `minutes` people and clocks run, incidents open in the first `opening`."""

    seed: int
    incidents: int = 500
    kills: int = 200
    blackouts: int = 2
    minutes: int = 40
    opening: int = 18


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What happens in which cycle; `kills[n]` are handed out from cycle n on, in order."""

    instants: tuple[datetime, ...]
    openings: dict[int, list[Opening]] = field(default_factory=dict)
    deeds: dict[int, list[Deed]] = field(default_factory=dict)
    kills: dict[int, list[Sentence]] = field(default_factory=dict)
    blackouts: frozenset[int] = frozenset()
    calm_from: int | None = None
    promised: int = 0


@cache
def short_rules() -> RuleBook:
    """Return the packaged rules with minutes for hours."""
    rules = packaged_rules()
    kept = [
        replace(rule, window=timedelta(minutes=_WINDOWS.get(rule.kind, 10)))
        for rule in rules.rules
        if rule.kind in (*_WINDOWS, "follow_up")
    ]
    return replace(rules, rules=tuple(kept))


def short_office(address: str, worker: str) -> Office:
    """Return the example office with minutes for hours and every channel a bot of this vendor.

    The address of a bot says which channel it is and which worker asks.
    """
    office = example_office()
    channels = tuple(
        replace(
            spec,
            kind=ChannelKind.WECOM,
            address=f"{address}/{spec.name}?key={worker}",
            per_minute=1_000_000,
        )
        for spec in office.channels
    )
    policy = replace(
        office.policy,
        follow_up_every=timedelta(minutes=10),
        ack_wait=timedelta(minutes=4),
        ack_lasts=timedelta(minutes=8),
        overdue_every=timedelta(minutes=5),
        overdue_all_every=timedelta(minutes=15),
    )
    return replace(office, channels=channels, policy=policy)


def draw(storm: Storm) -> Plan:
    """Return the plan of a storm: the same for the same storm."""
    dice = random.Random(storm.seed)  # noqa: S311 - to be repeated, not to be secret
    count = int(timedelta(minutes=storm.minutes) / STEP)
    blackouts = frozenset(dice.sample(range(count // 3, count - 2), storm.blackouts))
    openings: dict[int, list[Opening]] = {}
    deeds: dict[int, list[Deed]] = {}
    cycles = sorted(
        dice.randrange(int(timedelta(minutes=storm.opening) / STEP)) for _ in range(storm.incidents)
    )
    for incident, cycle in enumerate(cycles, start=1):
        openings.setdefault(cycle, []).append(_opening(dice))
        for at, deed in _deeds(dice, incident, range(cycle + 1, count)):
            deeds.setdefault(at, []).append(deed)
    kills: dict[int, list[Sentence]] = {}
    for _ in range(storm.kills - WORKERS * storm.blackouts):
        kills.setdefault(dice.randrange(1, count), []).append(_sentence(dice))
    return Plan(
        instants=tuple(_instants(count + CALM, blackouts)),
        openings=openings,
        deeds=deeds,
        kills=kills,
        blackouts=blackouts,
        calm_from=count,
        promised=storm.kills,
    )


def _instants(count: int, blackouts: frozenset[int]) -> Iterable[datetime]:
    now = T0
    for cycle in range(count):
        now += STEP + (BLACKOUT if cycle in blackouts else timedelta(0))
        yield now


def _opening(dice: random.Random) -> Opening:
    """Return a serious incident or a lesser one; some were published long before."""
    backdated = timedelta(minutes=dice.choice((0, 0, 0, 0, 1, 8, 25)))
    return Opening(deaths=dice.choice((1, 4, 11)), backdated=backdated)


def _sentence(dice: random.Random) -> Sentence:
    moment = dice.choice((Moment.WRITTEN, Moment.COMMITTED, Moment.ASKED, Moment.ANSWERED))
    return Sentence(moment=moment, count=dice.randint(1, 12))


def _deeds(dice: random.Random, incident: int, left: range) -> Iterable[tuple[int, Deed]]:
    """Return what people do with an incident in the cycles that are left; most is done by nobody."""
    for chance, by, choices in _HABITS:
        if dice.random() < chance and left:
            yield dice.choice(left), Deed(incident=incident, by=by, act=dice.choice(choices))


def _answer(kind: PublicationKind) -> acts.Act:
    return acts.respond(kind, title="情况通报")


_HABITS: tuple[tuple[float, str, Sequence[acts.Act]], ...] = (
    (0.3, "duty", [acknowledge]),
    (0.2, "office_head", [acknowledge]),
    (0.1, "leader", [acknowledge]),
    (0.35, "duty", [_answer(PublicationKind.FIRST_RELEASE), _answer(PublicationKind.RESPONSE)]),
    (0.2, "office_head", [_answer(PublicationKind.PRESS_CONFERENCE)]),
    (0.05, "duty", [acts.set_severity(Severity.SERIOUS, "伤亡可能扩大"), acts.assign("emergency_bureau")]),
    (0.05, "duty", [acts.dismiss("查无此事"), acts.confirm]),
)
