"""What no parser is given: documents made to take minutes."""

import re

_MAX_WORDS_IN_TAG = 5_000
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{10000,}")


def is_too_heavy(text: str, max_tags: int) -> bool:
    """Return whether parsing would take too long: too many tags, references, or attributes in one tag.

    The parsers' time grows with the square of the nesting depth and of the attributes of a tag; a long tag is
    fine if it is one long word, as an embedded picture is.
    """
    if text.count("<") + text.count("&") // 10 > max_tags:
        return True
    return any(len(found.group().split()) > _MAX_WORDS_IN_TAG for found in _LONG_TAG.finditer(text))
