"""Why an act was not done: what happened to the incident since its author had read it, and what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.desk import words
from monitor.desk.reads import Folder
from monitor.desk.views.board_view import name_of
from monitor.desk.views.journal_view import NOBODY, Line, journal_lines
from monitor.office.model import Office

LAST = 5
"""How many of the last entries are shown where it is not known what was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaken:
    """What people and what the machine did meanwhile, oldest first; routine of the machine is left out."""

    by_people: tuple[Line, ...]
    by_machine: tuple[Line, ...]


def overtaken(folder: Folder, seen: int | None, office: Office, now: datetime) -> Overtaken:
    """Return what came after entry `seen` of the journal, where None is: the last there is."""
    entries = [e for e in folder.journal if seen is None or e.seq > seen]
    lines = [x for x in reversed(journal_lines(entries, folder.dossier, office, now)) if not x.is_routine]
    lines = lines[-LAST:] if seen is None else lines
    return Overtaken(
        by_people=tuple(line for line in lines if line.entry.change.actor not in NOBODY),
        by_machine=tuple(line for line in lines if line.entry.change.actor in NOBODY),
    )


def say_typed(form: Mapping[str, Any], labels: Mapping[str, str], office: Office) -> dict[str, str]:
    """Return what was typed under its labels, codes as words."""
    return {
        labels[name]: _say(name, value, office) for name, value in form.items() if name in labels and value
    }


def _say(name: str, value: Any, office: Office) -> str:
    if isinstance(value, list):
        return "、".join(value)
    match name:
        case "severity":
            return words.severity_word(int(value)) if value in {"1", "2", "3", "4"} else "未定级"
        case "department":
            return name_of(office, value)
        case "kind":
            return words.word("publication_kind", value)
        case "start_basis":
            return words.word("correctable", value)
        case "precision":
            return words.word("precision", value)
        case _:
            return str(value)
