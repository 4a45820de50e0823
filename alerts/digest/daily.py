"""政务舆情日报: the daily digest in the words and the order of an official paper, about 500 characters."""

from alerts.digest.build import Digest
from alerts.digest.paper import Block, Paper, Rank, Sentence, heading, stored_sources, text
from alerts.digest.parts import (
    ADVISED,
    SHOWN,
    advised,
    coverage_sentence,
    deadline_blocks,
    fact_blocks,
    judged,
    listed,
    say_head,
    standing_sentence,
)
from alerts.digest.sentences import rows_of, say_day, say_instant

_SIGNS = 600
"""Characters of an ordinary daily report are about 500; what has more shows less under each heading."""

_SHOWN = (SHOWN, 4, 3, 2)


def daily_paper(digest: Digest) -> Paper:
    """Return the daily report: deadlines first, then facts, judgement and advice, strictly apart.

    The more there is to tell, the fewer stand under each heading, two at least; the others are counted.
    """
    papers = (_written(digest, shown) for shown in _SHOWN)
    return next((paper for paper in papers if _sign_count(paper) <= _SIGNS), _written(digest, _SHOWN[-1]))


def _sign_count(paper: Paper) -> int:
    return sum(len(sentence.said) for sentence in paper.sentences())


def _written(digest: Digest, shown: int) -> Paper:
    return Paper(
        title="政务舆情日报",
        office_name=digest.office_name,
        dateline=say_day(digest.until),
        made_at=digest.now,
        blocks=(
            _lead(digest),
            *deadline_blocks(digest, shown),
            *fact_blocks(digest, shown=shown),
            heading(Rank.FIRST, "研判"),
            *listed(judged(digest), "没有较大以上级别或者疑似谣言的未结舆情。"),
            heading(Rank.FIRST, "建议"),
            *listed(advised(digest), "建议按现有安排继续监测。", ADVISED),
        ),
        closing=(
            *((digest.remark,) if digest.remark else ()),
            f"信息截至{say_instant(digest.now, digest.now)}。{say_head(digest)}",
        ),
    )


# -- the first paragraph


def _lead(digest: Digest) -> Block:
    return text(_found(digest), standing_sentence(digest), _kept(digest), coverage_sentence(digest))


def _found(digest: Digest) -> Sentence:
    """Return what the day brought; a quiet day and a blind one never look alike."""
    totals = digest.totals
    period = f"{say_instant(digest.since, digest.now)}至{say_instant(digest.until, digest.now)}，"
    if totals.opened:
        said = f"新发现政务舆情{totals.opened}件"
    elif digest.is_blind:
        said = "没有新记录的舆情，但监测不完整，不能据此认定没有舆情"
    else:
        said = "未发现新的政务舆情"
    ended = f"，办结或者排除{totals.ended}件" if totals.ended else ""
    sources = stored_sources([source.id for source in digest.sources])
    return Sentence(said=f"{period}{said}{ended}。", rows=(*rows_of(digest.live), *sources))


def _kept(digest: Digest) -> Sentence:
    totals = digest.totals
    late = f"（其中{totals.met_late}项迟于时限）" if totals.met_late else ""
    said = f"期内完成法定回应{totals.met}项{late}，新增超时{totals.breached}项。"
    return Sentence(said=said, rows=rows_of(digest.live))
