"""Bounds on figures, as a line: `deaths>=3`, `死亡>=3`."""

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from monitor.asking.model import AskingError
from monitor.classifiers import metric_words

_BOUNDED = (
    "deaths", "missing", "injuries", "serious_injuries", "trapped", "ill_persons", "evacuated",
    "direct_loss_wan",
)  # fmt: skip
METRICS = MappingProxyType({metric: metric_words.METRICS[metric][0] for metric in _BOUNDED})
"""The figures that may be bounded, with their Chinese names; people, and 10,000 yuan of direct loss."""

_METRIC_OF = {chinese: metric for metric, chinese in METRICS.items()} | {metric: metric for metric in METRICS}
_LINE = re.compile(r"\s*([^\s<>=≥≤＞＜＝]+)\s*(>=|<=|>|<|=|≥|≤|＞|＜|＝)\s*([0-9]{1,9}(?:\.[0-9]{1,4})?)\s*")
_SIGN = {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "＝": "="}


class Comparison(StrEnum):
    """How a figure is held against a number."""

    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"
    EQUAL = "="


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureBound:
    """A known figure that stands so to a number; an unknown one never does."""

    metric: str
    comparison: Comparison
    number: float

    def __str__(self) -> str:
        """Return the line that it is read from."""
        return f"{self.metric}{self.comparison}{self.number:g}"


def parse_bound(line: str) -> FigureBound:
    """Return the bound that a line says; raises AskingError."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise AskingError(None, "数据条件应写作 死亡>=3")
    metric = _METRIC_OF.get(found[1])
    if metric is None:
        raise AskingError(None, f"没有“{found[1][:20]}”这项数据；可用：{'、'.join(METRICS.values())}")
    sign = _SIGN.get(found[2], found[2])
    return FigureBound(metric=metric, comparison=Comparison(sign), number=float(found[3]))
