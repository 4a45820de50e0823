"""Figures against the statutory table."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.classifiers.grade import GradeRow, GradingTable, grade_figures, worst_row
from monitor.classifiers.model import DEGREE_TOLD, Count, Figures, Severity
from monitor.classifiers.registry import load_table

TABLE = load_table()
NUMERIC = sorted({type_ for standard in TABLE.standards for type_ in standard.applies_to})
FLAGS = sorted({flag for standard in TABLE.standards for row in standard.rows for flag in row.flags})
READ = ("injuries", "slight_injuries", "critical", "forest_burnt_ha")
METRICS = sorted({*TABLE.metrics, *READ})


def figures(*flags: str, **values: float) -> Figures:
    counts = {metric: Count.exactly(value) for metric, value in values.items()}
    return Figures(counts=MappingProxyType(counts), flags=frozenset(flags))


def check_id(check: tuple[str, Mapping[str, float], Severity | None]) -> str:
    return f"{check[0]} {dict(check[1])}"


@pytest.mark.parametrize("check", TABLE.self_checks, ids=check_id)
def test_the_packaged_table_passes_its_own_checks(
    check: tuple[str, Mapping[str, float], Severity | None],
) -> None:
    standard, given_values, wanted = check
    row = worst_row(TABLE.standard(standard).rows, given_values, frozenset())
    assert (row.severity if row else None) == wanted


def test_the_table_holds_all_event_types_and_checks() -> None:
    assert (len(TABLE.event_types), len(TABLE.self_checks)) == (41, 35)
    assert {kind.category for kind in TABLE.event_types.values()} == {
        "natural_disaster",
        "accident",
        "public_health",
        "social_safety",
    }


def test_every_standard_speaks_of_known_types_and_sources() -> None:
    for standard in TABLE.standards:
        assert standard.applies_to <= TABLE.event_types.keys()
        assert {row.basis for row in standard.rows} <= TABLE.sources.keys()


def test_the_row_that_decided_is_named() -> None:
    grade = grade_figures(figures(deaths=10), "fire", TABLE)
    assert (grade.confirmed, grade.standard) == (Severity.SERIOUS, "FIRE2007: deaths >= 10 (S54)")


def test_no_row_is_no_severity_and_unknown_is_not_zero() -> None:
    assert grade_figures(Figures(), "fire", TABLE).effective is None
    assert grade_figures(figures(deaths=0), "fire", TABLE).effective is None
    assert grade_figures(figures(deaths=5), None, TABLE).effective is None
    assert grade_figures(figures(deaths=5), "market_supply", TABLE).effective is None


def test_missing_people_count_as_dead_only_in_the_precautionary_severity() -> None:
    grade = grade_figures(figures(deaths=2, missing=1), "geological", TABLE)
    assert (grade.confirmed, grade.precautionary) == (Severity.ORDINARY, Severity.RELATIVELY_SERIOUS)


def test_missing_people_count_as_dead_where_the_standard_says_so() -> None:
    assert (
        grade_figures(figures(missing=3), "water_transport", TABLE).confirmed is Severity.RELATIVELY_SERIOUS
    )


def test_hearsay_is_never_confirmed() -> None:
    heard = Figures(counts=MappingProxyType({"deaths": Count.exactly(30, claimed=True)}))
    grade = grade_figures(heard, "fire", TABLE)
    assert (grade.confirmed, grade.precautionary) == (None, Severity.PARTICULARLY_SERIOUS)


def test_a_vague_number_is_confirmed_by_its_lower_and_watched_by_its_upper_bound() -> None:
    vague = Figures(counts=MappingProxyType({"deaths": Count(value=8, low=8, high=10)}))
    grade = grade_figures(vague, "fire", TABLE)
    assert (grade.confirmed, grade.precautionary) == (Severity.RELATIVELY_SERIOUS, Severity.SERIOUS)


def test_injuries_without_a_degree_are_serious_only_as_a_precaution() -> None:
    grade = grade_figures(figures(injuries=13), "road_traffic", TABLE)
    assert (grade.confirmed, grade.precautionary) == (None, Severity.RELATIVELY_SERIOUS)


@pytest.mark.parametrize(
    ("told", "precautionary"),
    [
        pytest.param(
            {"injuries": 138, "serious_injuries": 37}, Severity.RELATIVELY_SERIOUS, id="of the injured"
        ),
        pytest.param({"injuries": 138}, Severity.PARTICULARLY_SERIOUS, id="nobody said"),
        pytest.param(
            {"injuries": 138, "serious_injuries": 37, DEGREE_TOLD: 138},
            Severity.RELATIVELY_SERIOUS,
            id="of all",
        ),
        pytest.param(
            {"injuries": 138, "serious_injuries": 3, DEGREE_TOLD: 8},
            Severity.PARTICULARLY_SERIOUS,
            id="of a few",
        ),
    ],
)
def test_where_the_badly_injured_are_counted_the_others_are_not_badly_injured(
    told: dict[str, float], precautionary: Severity
) -> None:
    assert grade_figures(figures(**told), "gas", TABLE).precautionary is precautionary


def test_a_rumour_of_how_many_are_badly_injured_takes_none_of_the_others_out() -> None:
    rumour = {"injuries": Count.exactly(138), "serious_injuries": Count.exactly(2, claimed=True)}
    grade = grade_figures(Figures(counts=MappingProxyType(rumour)), "gas", TABLE)
    assert grade.precautionary is Severity.PARTICULARLY_SERIOUS


def test_a_row_of_several_conditions_needs_them_all() -> None:
    values = {"derailed_cars": 18.0, "interruption_hours": 48.0}
    assert grade_figures(figures(**values), "rail", TABLE).confirmed is None
    busy = figures("passenger_train_busy_trunk", **values)
    assert grade_figures(busy, "rail", TABLE).confirmed is Severity.PARTICULARLY_SERIOUS


def test_a_convention_says_that_it_is_one() -> None:
    grade = grade_figures(figures(deaths=3), "flood", TABLE)
    assert grade.standard == "NATURAL_DEATHS: deaths_incl_missing >= 3 (rec, by convention)"


@given(
    st.sampled_from(NUMERIC),
    st.dictionaries(st.sampled_from(METRICS), st.integers(0, 20_000), min_size=1),
    st.sampled_from([metric for metric in METRICS if metric != "slight_injuries"]),
    st.integers(1, 200_000),
    st.sets(st.sampled_from(FLAGS), max_size=2),
)
def test_severity_is_never_less_severe_when_a_figure_rises(
    event_type: str, values: dict[str, int], metric: str, more: int, flags: set[str]
) -> None:
    # More slight injuries among the injured leave fewer that may be serious, and so does the first word of
    # how many are; every other figure only adds.
    assume(metric != "serious_injuries" or metric in values)
    higher_values = {**values, metric: values.get(metric, 0) + more}
    before = grade_figures(figures(*flags, **values), event_type, TABLE)
    after = grade_figures(figures(*flags, **higher_values), event_type, TABLE)
    for lower, higher in ((before.confirmed, after.confirmed), (before.effective, after.effective)):
        assert lower is None or (higher is not None and higher.at_least(lower))


BOUNDARIES = [
    pytest.param(standard.id, metric, row.minimum[metric], row, id=f"{row}")
    for standard in TABLE.standards
    for row in standard.rows
    for metric in row.minimum
]


@pytest.mark.parametrize(("standard", "metric", "least", "row"), BOUNDARIES)
def test_a_boundary_belongs_to_the_more_severe_side(
    standard: str, metric: str, least: float, row: GradeRow
) -> None:
    flags = row.flags | ({row.requires_flag} if row.requires_flag else set())
    at = worst_row(TABLE.standard(standard).rows, row.minimum, frozenset(flags))
    below = {**row.minimum, metric: least - 0.00001}
    assert at is not None
    assert at.severity.at_least(row.severity)
    assert not row.matches(below, frozenset(flags))


@given(st.sampled_from(NUMERIC), st.dictionaries(st.sampled_from(METRICS), st.integers(0, 500)))
def test_the_precautionary_severity_is_never_milder_than_the_confirmed(
    event_type: str, values: dict[str, int]
) -> None:
    grade = grade_figures(figures(**values), event_type, TABLE)
    assert grade.confirmed is None or (
        grade.precautionary is not None and grade.effective == grade.precautionary
    )


def test_the_table_fixture_is_the_packaged_one(table: GradingTable) -> None:
    assert table.version == TABLE.version
