"""What an incident is called: hearsay gives way to the word of a more trusted source, never the other way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.collectors.model import Role
from monitor.dossier.intake import Newcomer, join_incident, open_incident
from monitor.dossier.model import Dossier
from tests.dossier.standing import a_report, circumstances
from tests.support.builders import T0

HEARSAY, BULLETIN = "听说已有3人死亡", "情况通报：已造成11人遇难"


def titled(title: str, role: Role, item_id: int) -> Newcomer:
    report = a_report(T0, 3, item_id, role=role)
    return replace(report, item=replace(report.item, title=title))


@pytest.mark.parametrize(
    ("first", "second", "called"),
    [
        pytest.param(Role.SOCIAL, Role.OFFICIAL, BULLETIN, id="an official word replaces hearsay"),
        pytest.param(Role.MEDIA, Role.OFFICIAL, BULLETIN, id="and a newspaper's"),
        pytest.param(Role.OFFICIAL, Role.SOCIAL, HEARSAY, id="hearsay replaces nothing"),
        pytest.param(Role.SOCIAL, Role.SOCIAL, HEARSAY, id="nor does more of the same"),
    ],
)
def test_an_incident_is_called_as_the_most_trusted_source_calls_it(
    first: Role, second: Role, called: str
) -> None:
    opened = open_incident(1, [titled(HEARSAY, first, 1)], circumstances(T0))
    later = circumstances(T0 + timedelta(minutes=5))
    joined = join_incident(Dossier(incident=opened.incident), [titled(BULLETIN, second, 2)], later)
    assert joined.incident.title == called


def test_a_bare_bulletin_gives_no_incident_its_name() -> None:
    opened = open_incident(1, [titled(HEARSAY, Role.SOCIAL, 1)], circumstances(T0))
    joined = join_incident(
        Dossier(incident=opened.incident), [titled("情况通报", Role.OFFICIAL, 2)], circumstances(T0)
    )
    assert joined.incident.title == HEARSAY


@pytest.mark.parametrize(
    ("first", "second", "held"),
    [
        ("topic", "complaint", "complaint"),
        ("topic", None, "topic"),
        ("complaint", "topic", "complaint"),
        (None, "topic", "topic"),
    ],
)
def test_a_watched_topic_yields_to_every_other_opinion(
    first: str | None, second: str | None, held: str | None
) -> None:
    first_one, second_one = (
        replace(report, verdict=replace(report.verdict, opinion=opinion))
        for report, opinion in ((a_report(T0, 3, 1), first), (a_report(T0, 3, 2), second))
    )
    opened = open_incident(1, [first_one], circumstances(T0))
    joined = join_incident(Dossier(incident=opened.incident), [second_one], circumstances(T0))
    assert joined.incident.opinion == held
