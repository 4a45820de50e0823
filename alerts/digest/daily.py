"""政务舆情日报: the daily digest in the words and the order of an official paper, about 500 characters."""

from collections.abc import Sequence

from alerts.digest.build import Digest, SourceSummary, new_rumors, released, running_clocks
from alerts.digest.paper import (
    Block,
    Paper,
    Rank,
    Sentence,
    heading,
    points,
    stored_sources,
    text,
)
from alerts.digest.sentences import (
    advice_together,
    cite,
    claimed_figures,
    clock_sentence,
    firm_figures,
    is_graded,
    judgements,
    release_sentence,
    rows_of,
    say_day,
    say_instant,
    say_name,
    status_sentence,
)
from alerts.message.privacy import quote
from monitor.classifiers.model import Severity
from monitor.dossier.model import Dossier

_SHOWN = 5
"""Paragraphs under one heading; how many more there are is said."""


def daily_paper(digest: Digest) -> Paper:
    """Return the daily report: deadlines first, then facts, judgement and advice, strictly apart."""
    return Paper(
        title="政务舆情日报",
        office_name=digest.office_name,
        dateline=say_day(digest.until),
        made_at=digest.now,
        blocks=(
            _lead(digest),
            *_deadlines(digest),
            *_facts(digest),
            heading(Rank.FIRST, "研判"),
            *_listed(_judged(digest), "没有较大以上级别或者疑似谣言的未结舆情。"),
            heading(Rank.FIRST, "建议"),
            *_listed(_advised(digest), "按现有安排继续监测。"),
        ),
        closing=(
            f"信息截至{say_instant(digest.now, digest.now)}。",
            f"留痕校验码：{digest.journal_head[:16]}。",
        ),
    )


def _listed(sentences: Sequence[Sentence], nothing: str) -> tuple[Block, ...]:
    """Return the first of these, how many more there are, or that there are none."""
    if not sentences:
        return (text(Sentence(said=nothing)),)
    rest = sentences[_SHOWN:]
    if not rest:
        return points(sentences)
    rows = tuple(dict.fromkeys(row for sentence in rest for row in sentence.rows))
    return (*points(sentences[:_SHOWN]), text(Sentence(said=f"另有{len(rest)}项，见值班台。", rows=rows)))


# -- the first paragraph


def _lead(digest: Digest) -> Block:
    return text(_found(digest), _standing(digest), _kept(digest), coverage_sentence(digest))


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


def _standing(digest: Digest) -> Sentence:
    totals = digest.totals
    at = say_instant(digest.now, digest.now)
    if not totals.open_now:
        return Sentence(said=f"截至{at}，没有未结舆情。", rows=rows_of(digest.live))
    names = (*(severity.zh for severity in Severity), "未定级")
    graded = "、".join(
        f"{name}{count}件" for name, count in zip(names, totals.open_by_severity, strict=True) if count
    )
    return Sentence(said=f"截至{at}，未结{totals.open_now}件，其中{graded}。", rows=rows_of(digest.standing))


def _kept(digest: Digest) -> Sentence:
    totals = digest.totals
    late = f"（其中{totals.met_late}项迟于时限）" if totals.met_late else ""
    said = f"期内完成法定回应{totals.met}项{late}，新增超时{totals.breached}项。"
    return Sentence(said=said, rows=rows_of(digest.live))


def coverage_sentence(digest: Digest) -> Sentence:
    """Return whether the sources were there to tell us."""
    sources = digest.sources
    down = [source for source in sources if source.down_since is not None]
    untried = sum(source.is_untried for source in sources)
    rows = stored_sources([source.id for source in sources])
    if not sources:
        return Sentence(said="没有信源在监测，不能说明有无舆情。")
    if untried == len(sources):
        return Sentence(said=f"{untried}个信源均未取到过内容，不能说明有无舆情。", rows=rows)
    if not down:
        new = f"，{untried}个还没有取到过内容" if untried else ""
        return Sentence(said=f"{len(sources) - untried}个信源监测正常{new}。", rows=rows)
    effect = "不能说明有无舆情" if len(down) == len(sources) else "可能有遗漏"
    said = f"{len(sources)}个信源中{len(down)}个中断，{effect}：{_say_down(down, digest)}。"
    return Sentence(said=said, rows=rows)


def _say_down(down: Sequence[SourceSummary], digest: Digest) -> str:
    named = "，".join(
        f"{quote(source.name, 20)}自{say_instant(source.down_since, digest.now)}起中断"
        for source in down[:_SHOWN]
        if source.down_since is not None
    )
    return f"{named}等" if len(down) > _SHOWN else named


# -- the parts


def _deadlines(digest: Digest) -> tuple[Block, ...]:
    office, now = digest.office, digest.now
    late, soon = running_clocks(digest.standing, now)
    return (
        heading(Rank.FIRST, "时限"),
        heading(Rank.SECOND, "已超时"),
        *_listed([clock_sentence(clock, office, now) for clock in late], "没有超时事项。"),
        heading(Rank.SECOND, "24小时内到点"),
        *_listed([clock_sentence(clock, office, now) for clock in soon], "没有到点事项。"),
    )


def _facts(digest: Digest) -> tuple[Block, ...]:
    now = digest.now
    rumors = _rumors(digest)
    standing = [d for d in digest.standing if d.incident.id not in rumors]
    answers = released(digest.live, digest.since, digest.until)
    return (
        heading(Rank.FIRST, "事实"),
        heading(Rank.SECOND, "未结事项"),
        *_items(digest, standing),
        heading(Rank.SECOND, "已发布回应"),
        *_listed([release_sentence(i, p, now) for i, p in answers], "期内没有发布回应。"),
        heading(Rank.SECOND, "待核线索"),
        *_listed(
            [_rumor(digest, d) for d in digest.live if d.incident.id in rumors], "期内没有新增谣言线索。"
        ),
    )


def _items(digest: Digest, standing: Sequence[Dossier]) -> tuple[Block, ...]:
    """Return the open incidents, the figures of the serious ones behind each."""
    nothing = "没有其他未结事项。" if digest.standing else "没有未结事项。"
    blocks = list(_listed([status_sentence(d, digest.office, digest.now) for d in standing], nothing))
    for at, dossier in enumerate(standing[:_SHOWN]):
        incident = dossier.incident
        figures = (*firm_figures(incident), *claimed_figures(incident))
        blocks[at] = Block(rank=blocks[at].rank, sentences=(*blocks[at].sentences, *figures))
    return tuple(blocks)


def _rumors(digest: Digest) -> frozenset[int]:
    """Return the numbers of the day's rumours, which stand under their own heading."""
    return frozenset(i.id for i in new_rumors(digest.live, digest.since, digest.until))


def _rumor(digest: Digest, dossier: Dossier) -> Sentence:
    incident = dossier.incident
    at = say_instant(incident.detected_at, digest.now)
    return cite(incident, f"{say_name(incident)}，{at}监测发现，待核。")


def _judged(digest: Digest) -> list[Sentence]:
    rumors = _rumors(digest)
    noted = [d.incident for d in digest.standing if is_graded(d.incident) or d.incident.id in rumors]
    return [s for i in noted for s in judgements(i, digest.office, digest.now, named=True)]


def _advised(digest: Digest) -> list[Sentence]:
    sentences = [s for d in digest.standing for s in advice_together(d, digest.office, digest.now)]
    if any(source.down_since for source in digest.sources):
        down = stored_sources([source.id for source in digest.sources if source.down_since])
        said = f"建议尽快恢复中断的{len(down)}个信源，恢复前安排人工巡查。"
        sentences.insert(0, Sentence(said=said, rows=down))
    return sentences
