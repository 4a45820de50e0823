"""story.yaml -> the story, and what of it stands at an instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files

from pydantic import Field

from monitor.clock import as_local
from monitor.collectors.model import Role, SourceKind
from monitor.yamlfile import SignedLength, YamlFile, read_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySource:
    """A source of the story, before it has an address."""

    id: str
    name: str
    kind: SourceKind
    role: Role
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPost:
    """What a source shows from `at` after the start of the demo on; the text holds `{names}` of moments."""

    id: str
    source: str
    at: timedelta
    title: str
    text: str
    heat: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPost:
    """A post as a source shows it now: `at` is aware UTC, moments are spelled out."""

    id: str
    at: datetime
    title: str
    text: str
    heat: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The whole of story.yaml; `pace` is how many times faster than real time it is told."""

    title: str
    pace: float
    moments: Mapping[str, timedelta]
    sources: tuple[StorySource, ...]
    posts: tuple[StoryPost, ...]

    def standing(self, source_id: str, started_at: datetime, now: datetime) -> tuple[StandingPost, ...]:
        """Return what a source shows at `now`, newest first, in a demo that began at `started_at`."""
        moments = {name: _spoken(started_at + after) for name, after in self.moments.items()}
        posts = (
            StandingPost(
                id=post.id,
                at=started_at + post.at,
                title=post.title,
                text=post.text.format(**moments),
                heat=post.heat,
            )
            for post in self.posts
            if post.source == source_id and started_at + post.at <= now
        )
        return tuple(sorted(posts, key=lambda post: post.at, reverse=True))


def read_story() -> Story:
    """Return the shipped story; raises ConfigurationError with every fault and its place."""
    text = files(__package__).joinpath("story.yaml").read_text(encoding="utf-8")
    file, _ = read_yaml(text, "story.yaml", _StoryFile)
    return Story(
        title=file.title,
        pace=file.pace,
        moments=file.moments,
        sources=tuple(StorySource(**source.model_dump()) for source in file.sources),
        posts=tuple(StoryPost(**post.model_dump()) for post in file.posts),
    )


def _spoken(at: datetime) -> str:
    """Return the instant as a bulletin says it: 11月24日13时05分, in local time."""
    local = as_local(at)
    return f"{local.month}月{local.day}日{local.hour}时{local.minute:02}分"


class _SourceFile(YamlFile):
    id: str
    name: str
    kind: SourceKind
    role: Role
    rank: int


class _PostFile(YamlFile):
    id: str
    source: str
    at: SignedLength
    title: str
    text: str = ""
    heat: float | None = None


class _StoryFile(YamlFile):
    title: str
    pace: float = Field(gt=0)
    moments: dict[str, SignedLength]
    sources: list[_SourceFile]
    posts: list[_PostFile]
