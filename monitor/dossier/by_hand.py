"""An incident opened on a person's word, where the journey saw no matter."""

from dataclasses import replace

from monitor.dossier.acts import Act
from monitor.dossier.intake import Newcomer, begin_incident
from monitor.dossier.model import Changes, Circumstances

BY_HAND = "by_hand"
"""Why the first item of such an incident belongs to it."""


def open_by_hand(number: int, newcomer: Newcomer, act: Act, circumstances: Circumstances) -> Changes:
    """Open an incident of ours with this item, and do the act that says why: must be answered, or a grade.

    The act starts the clocks and the `detected` round, so that nobody is told twice.
    """
    verdict = replace(newcomer.verdict, matter=True, live=True, local=True)
    said = replace(newcomer, verdict=verdict, reason=BY_HAND)
    draft = begin_incident(number, [said], circumstances)
    act(draft, circumstances.actor)
    return draft.finish()
