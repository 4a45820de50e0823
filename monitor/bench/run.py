"""Run the benches that were asked for, and show what they found."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from monitor.bench.delivering import bench_deliver
from monitor.bench.engine import bench_fire, bench_tick
from monitor.bench.feeds import bench_feed_parse
from monitor.bench.fetching import bench_fetch
from monitor.bench.grouping import bench_group
from monitor.bench.history import bench_search
from monitor.bench.journey import bench_detect_to_alert, bench_pipeline
from monitor.bench.measure import Figure, Sizes
from monitor.bench.pages import bench_desk
from monitor.bench.texts import bench_assess, bench_segment
from monitor.errors import NotFoundError

Bench = Callable[[Sizes], tuple[Figure, ...]]

BENCHES: Final[Mapping[str, Bench]] = MappingProxyType(
    {
        "segment": bench_segment,
        "assess": bench_assess,
        "group": bench_group,
        "pipeline": bench_pipeline,
        "feed_parse": bench_feed_parse,
        "fetch": bench_fetch,
        "tick": bench_tick,
        "fire": bench_fire,
        "deliver": bench_deliver,
        "detect_to_alert": bench_detect_to_alert,
        "search": bench_search,
        "desk": bench_desk,
    }
)


def run_bench(only: Sequence[str] = (), sizes: Sizes | None = None) -> dict[str, Any]:
    """Return the report of these benches, of all by default; raises NotFoundError for an unknown one."""
    for name in only:
        if name not in BENCHES:
            raise NotFoundError("bench", name)
    sizes = sizes or Sizes()
    figures = [figure for name in only or BENCHES for figure in BENCHES[name](sizes)]
    return {
        "machine": {
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "cores": os.cpu_count(),
        },
        "rounds": sizes.rounds,
        "figures": [figure.as_json() for figure in figures],
    }


def print_report(report: Mapping[str, Any], console: Console | None = None) -> None:
    """Print the figures as a table."""
    table = Table(title=f"每项取 {report['rounds']} 轮的中位数")
    for heading in ("测速", "项目", "结果", "单位", "参照", "参照值", "倍数"):
        table.add_column(heading, justify="right" if heading in {"结果", "参照值", "倍数"} else "left")
    for figure in report["figures"]:
        table.add_row(
            figure["bench"],
            figure["name"],
            _number(figure["value"]) or "没有测",
            figure["unit"],
            figure["compared_with"] or "",
            _number(figure["reference"]),
            _number(figure["ratio"]),
        )
    (console or Console()).print(table)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
