"""Text for a chat bot: mentions made harmless, cut on characters into numbered parts that fit its limit."""

import re

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_MARKUP = str.maketrans({"@": "＠", "<": "＜", ">": "＞"})
_NUMBERING = 48
"""Bytes kept free in each part for `编号 N（i/n）` and its line break."""


def plain(text: str) -> str:
    """Return the text without control characters, direction marks and broken surrogates; line breaks stay."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def harmless(text: str) -> str:
    """Return plain text in which nothing calls people or opens a tag: `@`, `<`, `>` become full-width.

    Bots read `@all`, `@所有人`, `<@id>` and `<at user_id=…>` even inside plain text messages.
    """
    return plain(text).translate(_MARKUP)


def cut(text: str, limit: int) -> list[str]:
    """Cut a text into pieces of at most `limit` UTF-8 bytes, at line ends if possible, never in a character.

    Joined, the pieces are the text again. `limit` is at least 4, the longest character.
    """
    pieces = [""]
    for line in text.splitlines(keepends=True):
        rest = line
        if len((pieces[-1] + rest).encode()) <= limit:
            pieces[-1] += rest
            continue
        while rest:
            head = rest.encode()[:limit].decode(errors="ignore")
            pieces.append(head)
            rest = rest[len(head) :]
    return [piece for piece in pieces if piece]


def split_text(text: str, limit: int, message_no: int) -> list[str]:
    """Return the messages to send, each at most `limit` bytes; several carry `编号 N（1/2）` in front."""
    if len(text.encode()) <= limit:
        return [text]
    pieces = cut(text, limit - _NUMBERING)
    return [f"编号 {message_no}（{n}/{len(pieces)}）\n{piece}" for n, piece in enumerate(pieces, start=1)]
