"""The page of words and rules: judge a pasted text, try words on the last 7 days; nothing is kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from monitor.classifiers.explain import in_short
from monitor.collectors.model import Role
from monitor.desk.access import Visitor
from monitor.desk.context import Desk, Signed, TheDesk, check_form_token
from monitor.desk.roles import may_try_rules
from monitor.desk.views.rules_view import Pasted, Reasoning, reasonings, slips
from monitor.errors import ConfigurationError, NotFoundError, RefusedActError
from monitor.pipeline.trial import Bounds, OnTrial, Trial, Words, try_words

TRIAL = "试用词"
"""What a fault of the trial words is placed in."""

LONGEST = 20_000
SHOWN = 200

rules = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the form says; `cut` are the names of fields that were too long and are cut short."""

    csrf: str = ""
    act: str = ""
    pasted: Pasted = field(default_factory=Pasted)
    trial: str = ""
    cut: tuple[str, ...] = ()


async def _read_asked(request: Request) -> Asked:
    async with request.form(max_files=0, max_fields=20) as form:
        typed = {name: str(form.get(name, "")).replace("\r\n", "\n") for name in form}
    role = typed.get("role", "")
    return Asked(
        csrf=typed.get("csrf", ""),
        act=typed.get("act", ""),
        pasted=Pasted(
            title=typed.get("title", "").strip()[:LONGEST],
            text=typed.get("text", "").strip()[:LONGEST],
            source_name=typed.get("source_name", "").strip()[:80],
            role=next((known for known in Role if known == role), Role.MEDIA),
        ),
        trial=typed.get("trial", "")[:LONGEST],
        cut=tuple(
            words
            for name, words in (("title", "标题"), ("text", "正文"), ("trial", TRIAL))
            if len(typed.get(name, "")) > LONGEST
        ),
    )


@rules.get("/rules")
def rules_page(desk: TheDesk, visitor: Signed) -> HTMLResponse:
    """Show the words in force and the forms."""
    _require(visitor)
    return _page(desk, visitor, Asked())


@rules.post("/rules")
def try_rules(desk: TheDesk, visitor: Signed, asked: Annotated[Asked, Depends(_read_asked)]) -> HTMLResponse:
    """Judge the pasted text, or try the words on the stored items; blocks for some seconds, keeps nothing."""
    _require(visitor)
    check_form_token(visitor, asked.csrf)
    answer = _tried if asked.act == "try" else _assessed
    try:
        return answer(desk, visitor, asked)
    except ConfigurationError as error:
        return _page(desk, visitor, asked, faults=error.faults, status=422)


def _assessed(desk: Desk, visitor: Visitor, asked: Asked) -> HTMLResponse:
    if not asked.pasted.title and not asked.pasted.text:
        raise ConfigurationError(("请先粘贴标题或正文",))
    judges = [("现行用词", _words(desk).judge)]
    notes: tuple[str, ...] = ()
    if asked.trial.strip():
        with _on_trial(desk, asked) as on_trial:
            judges.append(("加上试用词", on_trial.judge))
            notes = on_trial.notes
    return _page(
        desk, visitor, asked, found=reasonings(asked.pasted, judges, desk.clock.now()), trial_notes=notes
    )


def _tried(desk: Desk, visitor: Visitor, asked: Asked) -> HTMLResponse:
    if not asked.trial.strip():
        raise ConfigurationError(("请先写试用词",))
    with _on_trial(desk, asked) as on_trial:
        # Ten seconds of the reader's time, however fast a demo's clock runs.
        bounds = replace(Bounds(), time=Bounds().time * desk.settings.clock_rate)
        trial = try_words(desk.store, _words(desk).judge, on_trial.judge, desk.clock, bounds)
    return _page(desk, visitor, asked, trial=trial, trial_notes=on_trial.notes)


@contextmanager
def _on_trial(desk: Desk, asked: Asked) -> Iterator[OnTrial]:
    """Give the words that were typed; one at a time, for each takes a dictionary of its own and a core."""
    if not desk.trying.acquire(blocking=False):
        raise ConfigurationError(("正有人在试算，请等十几秒再试",))
    try:
        yield _words(desk).trial({TRIAL: asked.trial.encode()})
    finally:
        desk.trying.release()


def _words(desk: Desk) -> Words:
    if desk.wording is None:
        raise NotFoundError("page", "rules")
    return desk.wording


def _require(visitor: Visitor) -> None:
    if not may_try_rules(visitor.account):
        raise RefusedActError("try_rules", "forbidden")


def _page(
    desk: Desk,
    visitor: Visitor,
    asked: Asked,
    *,
    faults: tuple[str, ...] = (),
    found: tuple[Reasoning, ...] = (),
    trial: Trial | None = None,
    trial_notes: tuple[str, ...] = (),
    status: int = 200,
) -> HTMLResponse:
    words = _words(desk)
    about_trial = [note for note in trial_notes if note.startswith(f"{TRIAL}:")]
    return desk.page(
        "rules.html",
        visitor,
        status=status,
        asked=asked,
        faults=slips(faults, TRIAL, asked.trial),
        trial_notes=slips(about_trial, TRIAL, asked.trial),
        in_force=slips(desk.faults()),
        notes=slips(words.notes),
        version=words.version,
        found=found,
        trial=trial,
        shown=SHOWN,
        roles=list(Role),
        in_short=lambda verdict: in_short(verdict, words.judge.table),
    )
