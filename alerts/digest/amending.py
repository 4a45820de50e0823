"""更正: a paper written anew because one that was issued was wrong."""

from dataclasses import replace
from datetime import datetime

from alerts.digest.paper import Paper, Rank, Sentence, heading, text
from alerts.digest.sentences import say_instant
from alerts.message.privacy import quote

_LONGEST = 300


def amended(again: Paper, first: Paper, number: int, reason: str, now: datetime) -> Paper:
    """Return the paper with what was wrong in the first one before its text; `reason` is a person's words."""
    made = say_instant(first.made_at, now)
    why = quote(reason, _LONGEST).rstrip("。")
    before = (
        heading(Rank.FIRST, "更正事由"),
        text(
            Sentence(said=f"{made}编发的《{first.title}》（{first.dateline}）有误：{why}。"),
            Sentence(said="以下为按现有信息重新编写的全文，以本件为准。"),
        ),
    )
    return replace(again, title=f"{again.title}更正（第{number}号）", blocks=(*before, *again.blocks))
