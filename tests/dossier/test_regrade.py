"""The severity rises by itself, and after a person lowered it only above what was seen (T4, C12, C14)."""

import pytest

from monitor.classifiers.model import Count, Figures, Severity
from monitor.collectors.model import Role
from monitor.dossier import acts
from tests.dossier.standing import Standing, a_report
from tests.support.builders import T0, a_verdict, after


def standing(deaths: int | None, role: Role = Role.MEDIA) -> Standing:
    return Standing.opened(a_report(T0, deaths=deaths, role=role), T0)


@pytest.mark.parametrize(
    ("before", "after_", "severity", "raised"),
    [
        pytest.param(4, 12, Severity.SERIOUS, True, id="3 to 2"),
        pytest.param(1, 4, Severity.RELATIVELY_SERIOUS, True, id="4 to 3"),
        pytest.param(None, 12, Severity.SERIOUS, True, id="unknown to 2"),
        pytest.param(None, 4, Severity.RELATIVELY_SERIOUS, False, id="unknown to 3 is a version only"),
        pytest.param(12, 1, Severity.SERIOUS, False, id="never down"),
        pytest.param(12, 13, Severity.SERIOUS, False, id="the same severity"),
    ],
)
def test_newer_media_figures_raise(before: int | None, after_: int, severity: Severity, raised: bool) -> None:
    incident = standing(before)
    incident.join(a_report(after(hours=1), deaths=after_, item_id=2), after(hours=1))
    assert incident.dossier.incident.severity is severity
    assert bool(incident.told("severity_raised")) is raised


@pytest.mark.parametrize(
    ("deaths", "injuries", "severity"),
    [
        pytest.param(12, None, Severity.ORDINARY, id="the same figure"),
        pytest.param(12, 6, Severity.ORDINARY, id="a figure that asks for nothing by itself"),
        pytest.param(11, None, Severity.ORDINARY, id="a lower figure"),
        pytest.param(13, None, Severity.SERIOUS, id="a higher figure"),
        pytest.param(30, None, Severity.PARTICULARLY_SERIOUS, id="a much higher figure"),
        pytest.param(12, 55, Severity.SERIOUS, id="another figure that asks for it by itself"),
    ],
)
def test_only_what_lies_above_what_the_person_saw_raises_again(
    deaths: int, injuries: int | None, severity: Severity
) -> None:
    incident = standing(12)
    incident.act(acts.set_severity(Severity.ORDINARY, "人数有误"), "office_head", after(minutes=5))
    report = a_report(after(hours=1), deaths=deaths, item_id=2)
    if injuries is not None:
        counts = {"deaths": Count.exactly(deaths), "serious_injuries": Count.exactly(injuries)}
        report = type(report)(item=report.item, verdict=a_verdict(figures=Figures(counts=counts)))
    incident.join(report, after(hours=1))
    found = incident.dossier.incident
    assert found.severity is severity
    assert (found.judgement is None) is (severity is not Severity.ORDINARY)


def test_a_social_claim_above_an_official_figure_raises_nothing_and_is_told_once() -> None:
    incident = standing(1, Role.OFFICIAL)
    for number, deaths in ((2, 12), (3, 14)):
        report = a_report(after(hours=number), deaths=deaths, item_id=number, role=Role.SOCIAL)
        incident.join(report, after(hours=number))
    assert incident.dossier.incident.severity is Severity.ORDINARY
    assert incident.told("figures_conflict") == ["duty"]


def test_a_newer_official_figure_may_be_contradicted_anew() -> None:
    incident = standing(1, Role.OFFICIAL)
    stories = ((2, 12, Role.SOCIAL), (3, 2, Role.OFFICIAL), (4, 12, Role.SOCIAL))
    for number, deaths, role in stories:
        incident.join(
            a_report(after(hours=number), deaths=deaths, item_id=number, role=role), after(hours=number)
        )
    assert incident.told("figures_conflict") == ["duty", "duty"]
