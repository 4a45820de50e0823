"""Bounds on figures are read from a line, or refused with what may be written."""

import pytest

from monitor.asking.figures import parse_bound
from monitor.asking.model import AskingError


@pytest.mark.parametrize(
    ("line", "bound"),
    [
        ("deaths>=3", "deaths>=3"),
        ("死亡≥3", "deaths>=3"),
        (" 被困 ＜ 10 ", "trapped<10"),
        ("直接经济损失=1.5", "direct_loss_wan=1.5"),
        ("missing<=0", "missing<=0"),
        ("injuries > 2", "injuries>2"),
    ],
)
def test_a_bound_is_read(line: str, bound: str) -> None:
    assert str(parse_bound(line)) == bound


@pytest.mark.parametrize(
    "line", ["", "死亡", "死亡>=", "死亡>=三", "死亡>=-1", "级别>=2", "死亡=>3", "死亡>=3万"]
)
def test_what_is_no_bound_is_refused_in_chinese(line: str) -> None:
    with pytest.raises(AskingError, match=r"数据"):
        parse_bound(line)
