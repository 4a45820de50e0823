"""Numbers as news writes them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.classifiers.numerals import NUMBER, read_count, read_plain, total_of

PATTERN = re.compile(NUMBER)
BOUNDS = [
    ("3", 3, 3),
    ("1,234", 1234, 1234),
    ("1.2万", 12_000, 12_000),
    ("3千余", 3001, 3999),
    ("2亿3千万", 230_000_000, 230_000_000),
    ("两", 2, 2),
    ("廿余", 21, 29),
    ("卅", 30, 30),
    ("一百零五", 105, 105),
    ("两百三十", 230, 230),
    ("二〇〇八", 2008, 2008),
    ("近百", 80, 99),
    ("近3", 2, 2),
    ("近11", 9, 10),
    ("不足10", 8, 9),
    ("不到百", 80, 99),
    ("三百余万", 3_010_000, 3_990_000),
    ("约20", 20, 20),
    ("十几", 11, 19),
    ("十余", 11, 19),
    ("三五", 3, 5),
    ("3至5", 3, 5),
    ("二三十", 20, 30),
    ("七八百", 700, 800),
    ("数十", 20, 99),
    ("几十", 20, 99),
    ("数百", 200, 999),
    ("上百", 100, None),
    ("至少3", 3, None),
    ("不少于12", 12, None),
    ("超过20", 21, None),
    ("逾300", 301, None),
]


@pytest.mark.parametrize(("text", "low", "high"), BOUNDS, ids=[text for text, _, _ in BOUNDS])
def test_a_number_has_the_bounds_that_its_wording_leaves(text: str, low: float, high: float | None) -> None:
    match = PATTERN.fullmatch(text)
    assert match is not None
    count = read_count(match)
    assert count is not None
    assert (count.low, count.high, count.value) == (low, high, low)


@pytest.mark.parametrize("text", ["几", "数", "五三"])
def test_what_tells_no_number_is_none(text: str) -> None:
    match = PATTERN.fullmatch(text)
    assert match is not None
    assert read_count(match) is None


@given(st.integers(0, 99_999_999))
def test_arabic_numbers_read_back(value: int) -> None:
    assert read_plain(str(value)) == read_plain(f"{value:,}") == value


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_chinese_numbers_read_back(hundreds: int, tens: int, ones: int) -> None:
    digits = "零一二三四五六七八九"
    text = f"{digits[hundreds]}百{digits[tens]}十{digits[ones]}"
    assert read_plain(text) == 100 * hundreds + 10 * tens + ones


def test_one_open_bound_leaves_a_sum_open() -> None:
    counts = [read_count(match) for text in ("3", "至少2") if (match := PATTERN.fullmatch(text))]
    total = total_of([count for count in counts if count is not None])
    assert (total.value, total.low, total.high) == (5, 5, None)
