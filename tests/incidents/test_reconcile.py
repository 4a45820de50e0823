from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classifiers.grade import grade_figures
from monitor.classifiers.model import Count, Figures, Severity
from monitor.classifiers.registry import load_table
from monitor.collectors.model import Role
from monitor.incidents.model import Holding, Trust
from monitor.incidents.reconcile import (
    absorb_report,
    figures_above,
    figures_now,
    figures_seen,
    trust_of,
    united_shelf,
)
from tests.support.builders import T0

Told = tuple[Trust, float, float, int]  # who, deaths, hours after T0, item
Said = tuple[Trust, dict[str, Count], int, int]


def holding_of(reports: Sequence[Told]) -> Holding:
    return holding_said(
        [(trust, {"deaths": Count.exactly(n)}, hours, id_) for trust, n, hours, id_ in reports]
    )


def holding_said(reports: Sequence[tuple[Trust, dict[str, Count], float, int]]) -> Holding:
    holding = Holding()
    for trust, counts, hours, item_id in reports:
        holding = absorb_report(holding, Figures(counts=counts), trust, T0 + timedelta(hours=hours), item_id)
    return holding


def dead(number: float, *, corrects: bool = False) -> dict[str, Count]:
    return {"deaths": replace(Count.exactly(number), corrects=corrects)}


def hurt(number: float, **others: float) -> dict[str, Count]:
    return {metric: Count.exactly(value) for metric, value in {"injuries": number, **others}.items()}


CASES = [
    pytest.param([(Trust.SOCIAL, 12, 0, 1)], None, 12, [], id="a social claim alone is precautionary only"),
    pytest.param([(Trust.MEDIA, 3, 0, 1)], 3, 3, [], id="media confirm while nothing official is known"),
    pytest.param(
        [(Trust.MEDIA, 3, 0, 1), (Trust.SOCIAL, 9, 1, 2)], 3, 3, [], id="media are better than social"
    ),
    pytest.param(
        [(Trust.SOCIAL, 9, 0, 1), (Trust.OFFICIAL, 3, 1, 2)], 3, 3, [], id="official replaces a claim"
    ),
    pytest.param(
        [(Trust.OFFICIAL, 3, 0, 1), (Trust.SOCIAL, 9, 1, 2)],
        3,
        3,
        [(3, 9, 1, 2)],
        id="a later higher claim is a conflict and raises nothing",
    ),
    pytest.param(
        [(Trust.OFFICIAL, 3, 1, 1), (Trust.SOCIAL, 9, 0, 2)], 3, 3, [], id="an earlier claim is answered"
    ),
    pytest.param(
        [(Trust.OFFICIAL, 3, 0, 1), (Trust.SOCIAL, 2, 1, 2)], 3, 3, [], id="a lower claim is no conflict"
    ),
    pytest.param(
        [(Trust.OFFICIAL, 3, 0, 1), (Trust.MEDIA, 5, 1, 2)], 5, 5, [], id="newer media figures raise"
    ),
    pytest.param([(Trust.OFFICIAL, 3, 0, 1), (Trust.MEDIA, 2, 1, 2)], 3, 3, [], id="newer media never lower"),
    pytest.param(
        [(Trust.OFFICIAL, 3, 1, 1), (Trust.MEDIA, 5, 0, 2)], 3, 3, [], id="older media do not count"
    ),
    pytest.param(
        [(Trust.OFFICIAL, 5, 0, 1), (Trust.OFFICIAL, 4, 1, 2)], 4, 4, [], id="a corrected figure goes down"
    ),
    pytest.param(
        [(Trust.OFFICIAL, 4, 1, 2), (Trust.OFFICIAL, 9, 0, 1)], 4, 4, [], id="an older report arrives later"
    ),
]


@pytest.mark.parametrize(("reports", "confirmed", "precautionary", "conflicts"), CASES)
def test_the_newest_report_of_the_most_trusted_source_holds(
    reports: list[Told], confirmed: float | None, precautionary: float, conflicts: list[tuple[float, ...]]
) -> None:
    now = figures_now(holding_of(reports))
    assert now.confirmed.value("deaths") == confirmed
    assert now.precautionary.value("deaths") == precautionary
    assert [(c.official, c.claimed, c.official_item_id, c.social_item_id) for c in now.conflicts] == conflicts


OFFICIAL, MEDIA, SOCIAL = Trust
LOWER = [
    pytest.param([(MEDIA, dead(11), 0, 1), (MEDIA, dead(1), 5, 2)], "deaths", 11, id="one of the victims"),
    pytest.param([(SOCIAL, dead(11), 0, 1), (SOCIAL, dead(4), 5, 2)], "deaths", 11, id="an old post again"),
    pytest.param(
        [(MEDIA, dead(66), 0, 1), (MEDIA, dead(28), 5, 2), (MEDIA, dead(72), 6, 3)],
        "deaths",
        72,
        id="it goes on",
    ),
    pytest.param(
        [(MEDIA, dead(8), 0, 1), (MEDIA, dead(5, corrects=True), 5, 2)], "deaths", 5, id="a correction"
    ),
    pytest.param(
        [(MEDIA, dead(8), 0, 1), (MEDIA, dead(5, corrects=True), 5, 2), (MEDIA, dead(6), 6, 3)],
        "deaths",
        6,
        id="more, after a correction",
    ),
    pytest.param(
        [(OFFICIAL, dead(8), 0, 1), (OFFICIAL, dead(5), 5, 2)], "deaths", 5, id="the authority's word"
    ),
    pytest.param(
        [(MEDIA, dead(30), 0, 1), (OFFICIAL, dead(3), 1, 2), (MEDIA, dead(4), 2, 3), (MEDIA, dead(2), 3, 4)],
        "deaths",
        4,
        id="after the authority only what is newer counts",
    ),
    pytest.param([(MEDIA, hurt(12), 0, 1), (MEDIA, hurt(2), 5, 2)], "injuries", 12, id="two of the hurt"),
    pytest.param(
        [(MEDIA, hurt(12), 0, 1), (MEDIA, hurt(9, deaths=3), 5, 2)],
        "injuries",
        9,
        id="three of the hurt died",
    ),
    pytest.param(
        [(MEDIA, {"missing": Count.exactly(9)}, 0, 1), (MEDIA, {"missing": Count.exactly(2)}, 5, 2)],
        "missing",
        2,
        id="seven were found",
    ),
]


@pytest.mark.parametrize(("reports", "metric", "holds"), LOWER)
def test_a_newer_lower_number_of_victims_needs_a_reason(
    reports: list[Said], metric: str, holds: float
) -> None:
    assert figures_now(holding_said(reports)).precautionary.value(metric) == holds


def test_a_claim_that_falls_and_still_exceeds_the_official_figure_is_a_conflict() -> None:
    now = figures_now(holding_of([(SOCIAL, 30, 0, 1), (OFFICIAL, 3, 1, 2), (SOCIAL, 12, 2, 3)]))
    assert [(c.official, c.claimed, c.social_item_id) for c in now.conflicts] == [(3, 12, 3)]


def test_those_hurt_since_their_degrees_were_told_may_be_badly_hurt() -> None:
    first: Said = (MEDIA, hurt(8, serious_injuries=3), 0, 1)
    now = figures_now(holding_said([first, (MEDIA, hurt(60), 5, 2)]))
    assert grade_figures(now.precautionary, "gas", load_table()).precautionary is Severity.SERIOUS
    again = figures_now(holding_said([first, (MEDIA, hurt(8), 5, 2)]))
    assert grade_figures(again.precautionary, "gas", load_table()).precautionary is Severity.ORDINARY
    assert set(figures_seen(now.precautionary)) == {"injuries", "serious_injuries"}


def test_a_later_claim_above_a_media_figure_is_a_doubt_for_the_desk() -> None:
    now = figures_now(holding_of([(Trust.MEDIA, 3, 0, 1), (Trust.SOCIAL, 9, 1, 2)]))
    assert (now.conflicts, len(now.doubts)) == ((), 1)


def test_a_hedged_figure_is_a_claim_whoever_repeats_it() -> None:
    hedged = Figures(counts={"deaths": Count.exactly(9, claimed=True)})
    holding = absorb_report(Holding(), hedged, Trust.OFFICIAL, T0, 1)
    assert figures_now(holding).confirmed.value("deaths") is None
    assert figures_now(holding).precautionary.value("deaths") == 9


def test_flags_of_social_reports_confirm_nothing() -> None:
    holding = absorb_report(Holding(), Figures(flags=frozenset({"at_school"})), Trust.SOCIAL, T0, 1)
    assert figures_now(holding).confirmed.flags == frozenset()
    assert figures_now(holding).precautionary.flags == {"at_school"}


@pytest.mark.parametrize(
    ("role", "trust"),
    [
        (Role.OFFICIAL, Trust.OFFICIAL),
        (Role.WARNING, Trust.OFFICIAL),
        (Role.MEDIA, Trust.MEDIA),
        (Role.HOTLINE, Trust.SOCIAL),
        (Role.SOCIAL, Trust.SOCIAL),
    ],
)
def test_every_role_has_a_trust(role: Role, trust: Trust) -> None:
    assert trust_of(role) is trust


def test_only_figures_above_those_a_person_saw_raise_again() -> None:
    seen = figures_seen(Figures(counts={"deaths": Count.exactly(3)}))
    assert not figures_above(Figures(counts={"deaths": Count.exactly(3)}), seen)
    assert figures_above(Figures(counts={"deaths": Count.exactly(4)}), seen)
    assert figures_above(Figures(counts={"missing": Count.exactly(1)}), seen)
    assert figures_above(Figures(flags=frozenset({"at_school"})), seen)


reports_ = st.lists(
    st.tuples(st.sampled_from(list(Trust)), st.integers(0, 40), st.integers(0, 48), st.integers(1, 20)),
    max_size=8,
    unique_by=lambda told: told[3],
)


said_ = st.lists(
    st.tuples(
        st.sampled_from(list(Trust)),
        st.dictionaries(
            st.sampled_from(["deaths", "injuries", "serious_injuries", "missing"]),
            st.builds(
                lambda n, corrects: replace(Count.exactly(n), corrects=corrects),
                st.integers(0, 9),
                st.booleans(),
            ),
            min_size=1,
        ),
        st.integers(0, 9),
        st.integers(1, 20),
    ),
    max_size=8,
    unique_by=lambda told: told[3],
)


@given(said_, st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(reports: list[Said], random: Random) -> None:
    shuffled = list(reports)
    random.shuffle(shuffled)
    assert holding_said(shuffled) == holding_said(reports)


@given(said_, st.integers(0, 8))
def test_two_incidents_become_one_with_the_figures_of_all_their_reports(
    reports: list[Said], cut: int
) -> None:
    one, other, whole = (holding_said(part) for part in (reports[:cut], reports[cut:], reports))
    assert united_shelf(one.media, other.media) == whole.media


@given(reports_)
def test_a_repeated_report_changes_nothing(reports: list[Told]) -> None:
    assert holding_of([*reports, *reports]) == holding_of(reports)


@given(reports_)
def test_social_reports_never_change_what_is_confirmed(reports: list[Told]) -> None:
    trusted = [told for told in reports if told[0] is not Trust.SOCIAL]
    assert figures_now(holding_of(reports)).confirmed == figures_now(holding_of(trusted)).confirmed
