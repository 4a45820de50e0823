"""Every bench runs, on sizes that take a moment; how fast is never asserted."""

import io
import json
import math
from datetime import timedelta

import pytest
from rich.console import Console

from monitor.bench.browser import find_chromium
from monitor.bench.measure import Figure, Sizes, median_seconds, percentile
from monitor.bench.run import BENCHES, print_report, run_bench
from monitor.errors import NotFoundError

TINY = Sizes(
    rounds=2,
    items=20,
    feeds=1,
    polls=3,
    obligations=(0, 20, 30),
    firing=3,
    detections=2,
    board=3,
    pages=2,
    reports=5,
    desks=2,
    watched=timedelta(seconds=20),
    paints=1,
    history=(200,),
    incidents=(20, 40),
    longest=2_000,
)


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_measures_something_and_says_what_it_is_compared_with(name: str) -> None:
    report = run_bench([name], TINY)
    assert report["rounds"] == 2
    assert {figure["bench"] for figure in report["figures"]} == {name}
    for figure in report["figures"]:
        if figure["value"] is None:
            assert find_chromium() is None
            assert "Chromium" in figure["name"]
        else:
            assert 0 < figure["value"] < math.inf
        assert (figure["reference"] is None) == (figure["compared_with"] is None)
    assert json.loads(json.dumps(report)) == report


def test_an_unknown_bench_is_refused_before_anything_runs() -> None:
    with pytest.raises(NotFoundError, match="no bench nothing"):
        run_bench(["segment", "nothing"], TINY)


def test_the_table_shows_every_figure_with_its_ratio() -> None:
    figures = [
        Figure(
            bench="assess", name="mix", value=500.0, unit="items/s", compared_with="jieba", reference=100.0
        ),
        Figure(bench="tick", name="0 open", value=0.25, unit="ms"),
        Figure(bench="desk", name="first content", value=None, unit="ms"),
    ]
    stream = io.StringIO()
    report = {"rounds": 5, "figures": [figure.as_json() for figure in figures]}
    print_report(report, Console(file=stream, width=200))
    assert all(
        word in stream.getvalue() for word in ("assess", "mix", "500", "jieba", "5", "0.25", "ms", "没有测")
    )


def test_the_median_of_the_rounds_is_taken_and_the_acts_take_turns() -> None:
    order: list[str] = []
    taken = median_seconds(3, lambda: order.append("a"), lambda: order.append("b"))
    assert order == ["a", "b"] * 3
    assert len(taken) == 2


def test_a_percentile_lies_among_the_values() -> None:
    values = [float(number) for number in range(1, 101)]
    assert percentile(values, 50) == pytest.approx(50.5)
    assert percentile(values, 99) == pytest.approx(99.01)
