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
