"""Heat and rank as boards write them -> numbers."""

import re
from typing import Any

_NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(亿|万|w|k|千)?", re.IGNORECASE)
_SCALES = {"亿": 1e8, "万": 1e4, "w": 1e4, "千": 1e3, "k": 1e3}


def read_heat(value: Any) -> float | None:
    """Return a heat (98765, `1197 万热度`, `3.2亿`, `综艺 123456`) as a number, or None."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    found = _NUMBER.search(str(value)[:100])
    if not found:
        return None
    return float(found.group(1).replace(",", "")) * _SCALES.get((found.group(2) or "").lower(), 1.0)


def read_rank(value: Any) -> int | None:
    """Return a rank on a board, 1 being the top; None where it is not a whole number."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
