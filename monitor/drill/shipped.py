"""The rehearsals that come with the program, told on the built-in office or played by one's own."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

from loguru import logger

from monitor.clock import Clock, SystemClock, as_local
from monitor.desk.rehearsing import Outline, PlayedStory, RehearsalError
from monitor.drill.casting import cast
from monitor.drill.play import Ground, packaged_ground, play_drill
from monitor.drill.recount import load_stories, tell_story
from monitor.drill.scenario import Scenario, read_scenario
from monitor.drill.telling import Teller
from monitor.drill.timeline import Event
from monitor.errors import NotFoundError
from monitor.office.model import Office
from monitor.ports import Store
from monitor.service import Parts, open_database

MOST_TIME = timedelta(minutes=1)
"""A rehearsal takes seconds; what takes longer is given up, for it keeps a core busy."""


@cache
def shipped() -> dict[str, Scenario]:
    """Return the shipped rehearsals by name, in the order in which they are best read."""
    folder = files("monitor.drill").joinpath("rehearsals")
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".yaml")), key=lambda p: p.name)
    return {
        Path(path.name).stem.partition("-")[2]: read_scenario(path.read_text(encoding="utf-8"), path.name)
        for path in paths
    }


def outline_of(name: str, scenario: Scenario) -> Outline:
    """Return what a rehearsal is about."""
    lasts = scenario.ends_at - scenario.starts_at
    return Outline(name=name, title=scenario.title or name, about=scenario.about, lasts=lasts)


class ShippedRehearsals:
    """Plays the shipped rehearsals with an office's own people, levels, rota and rules.

    `ground` judges and dates for the office; without it everything is packaged. `clock` measures how long a
    rehearsal takes.
    """

    def __init__(
        self,
        ground: Callable[[Office], Ground] = packaged_ground,
        clock: Clock | None = None,
        most_time: timedelta = MOST_TIME,
    ) -> None:
        self._ground = ground
        self._clock = clock or SystemClock()
        self._most_time = most_time

    def outlines(self) -> tuple[Outline, ...]:
        """Return what can be played."""
        return tuple(outline_of(name, scenario) for name, scenario in shipped().items())

    def play(self, name: str, office: Office, now: datetime) -> PlayedStory:
        """Play one on the day of `now`; raises NotFoundError and RehearsalError."""
        if name not in shipped():
            raise NotFoundError("rehearsal", name)
        scenario = cast(shipped()[name], office, as_local(now).date())
        until = self._clock.now() + self._most_time
        events: list[Event] = []

        def keep(event: Event) -> None:
            events.append(event)
            if self._clock.now() > until:
                raise RehearsalError("演练用时过长，已停止，请稍后再试")

        # What goes wrong in a rehearsal must not look in the log like a fault of the service.
        with logger.contextualize(rehearsal=name), temporary_store() as store:
            play_drill(scenario, store, emit=keep, ground=self._ground(scenario.office))
            return told(outline_of(name, scenario), scenario, events, store)


def rehearsals_of(parts: Parts) -> ShippedRehearsals:
    """Return the rehearsals as a running service plays them: with its own words and rules."""
    ground = Ground(
        judge=lambda item, now: parts.words.judge.judge_item(item, now),
        table=parts.files.table,
        rules=parts.files.rules,
        segment=parts.words.segment,
        rarity=parts.words.rarity,
    )
    return ShippedRehearsals(lambda _: ground)


def told(outline: Outline, scenario: Scenario, events: list[Event], store: Store) -> PlayedStory:
    """Return a rehearsal that was played as the story it tells."""
    with store.reading() as transaction:
        incidents = transaction.incidents(limit=1000)
        dossiers = transaction.dossiers_of(incidents)
    duties = {o.kind: o.name for dossier in dossiers for o in dossier.obligations}
    return PlayedStory(
        outline=outline,
        office=scenario.office.name,
        starts_at=scenario.starts_at,
        ends_at=scenario.ends_at,
        lines=Teller(scenario, duties).tell(events),
        closing=tuple(tell_story(story, scenario.office) for story in load_stories(store)),
    )


@contextmanager
def temporary_store() -> Iterator[Store]:
    """Open a new SQLite that goes away afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="huiying-") as folder,
        closing(open_database(f"sqlite:///{folder}/drill.db")) as store,
    ):
        yield store
