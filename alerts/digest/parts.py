"""What daily, weekly and monthly papers have in common: deadlines, open matters, judgement, advice."""

from collections.abc import Sequence

from alerts.digest.build import (
    Clock,
    Digest,
    SourceSummary,
    Totals,
    is_rumor,
    new_rumors,
    released,
    running_clocks,
)
from alerts.digest.paper import Block, Rank, Sentence, heading, points, stored_sources, text
from alerts.digest.review import Review
from alerts.digest.sentences import (
    cite,
    claimed_figures,
    clock_sentence,
    firm_figures,
    is_graded,
    release_sentence,
    rows_of,
    say_instant,
    say_name,
    status_sentence,
)
from alerts.digest.together import advised_together, grouped, judged_together
from alerts.message.privacy import quote
from monitor.classifiers.model import Severity
from monitor.dossier.model import Dossier

SHOWN = 5
"""Paragraphs under one heading, where a paper has the room; how many more there are is said."""

ADVISED = 10
"""Paragraphs of advice: it is grouped, so these are all that there is as a rule."""

Told = Digest | Review
"""What a paper over a time is made of: `[since, until)`, and how things stood at `now`."""

_NAMED = 5
"""Sources that a sentence names."""

NO_RECORD = "尚无记录"
"""Said for the hash of a journal in which nothing stands yet."""


def listed(sentences: Sequence[Sentence], nothing: str, shown: int = SHOWN) -> tuple[Block, ...]:
    """Return the first of these, how many more there are, or that there are none."""
    if not sentences:
        return (text(Sentence(said=nothing)),)
    rest = sentences[shown:]
    if not rest:
        return points(sentences)
    rows = tuple(dict.fromkeys(row for sentence in rest for row in sentence.rows))
    cited = tuple(dict.fromkeys(row for sentence in rest for row in sentence.cited))
    more = Sentence(said=f"另有{len(rest)}项，见值班台。", rows=rows, cited=cited)
    return (*points(sentences[:shown]), text(more))


def standing_sentence(told: Told) -> Sentence:
    """Return how much is open, and how severe it is."""
    totals = told.totals
    at = say_instant(told.now, told.now)
    if not totals.open_now:
        return Sentence(said=f"截至{at}，没有未结舆情。", rows=rows_of(told.live))
    return Sentence(
        said=f"截至{at}，未结{totals.open_now}件，{_say_graded(totals)}。", rows=rows_of(told.standing)
    )


def _say_graded(totals: Totals) -> str:
    names = (*(severity.zh for severity in Severity), "未定级")
    graded = {name: count for name, count in zip(names, totals.open_by_severity, strict=True) if count}
    if len(graded) > 1:
        return f"其中{'、'.join(f'{name}{count}件' for name, count in graded.items())}"
    [name] = graded
    if totals.open_now == 1:
        return name if name == "未定级" else f"为{name}级别"
    return "均未定级" if name == "未定级" else f"均为{name}级别"


def coverage_sentence(told: Told) -> Sentence:
    """Return whether the sources were there to tell us."""
    sources = told.sources
    down = [source for source in sources if source.down_since is not None]
    untried = sum(source.is_untried for source in sources)
    rows = stored_sources([source.id for source in sources])
    if not sources:
        return Sentence(said="没有信源在监测，不能说明有无舆情。")
    if untried == len(sources):
        never = "均未" if untried > 1 else "尚未"
        return Sentence(said=f"{untried}个信源{never}取到过内容，不能说明有无舆情。", rows=rows)
    if not down:
        new = f"，{untried}个尚未取到过内容" if untried else ""
        return Sentence(said=f"{len(sources) - untried}个信源监测正常{new}。", rows=rows)
    part = "全部中断，不能说明有无舆情" if len(down) == len(sources) else f"中{len(down)}个中断，可能有遗漏"
    return Sentence(said=f"{len(sources)}个信源{part}：{_say_down(down, told)}。", rows=rows)


def _say_down(down: Sequence[SourceSummary], told: Told) -> str:
    named = "，".join(
        f"{quote(source.name, 20)}自{say_instant(source.down_since, told.now)}起中断"
        for source in down[:_NAMED]
        if source.down_since is not None
    )
    return f"{named}等" if len(down) > _NAMED else named


def say_head(told: Told) -> str:
    """Return the end of the journal, by which a paper can be checked against it (A11)."""
    return f"留痕校验码：{told.journal_head[:16] or NO_RECORD}。"


def deadline_blocks(told: Told, shown: int = SHOWN) -> tuple[Block, ...]:
    """Return what is late and what falls due within a day, which every paper begins with."""
    late, soon = running_clocks(told.standing, told.now)
    return (
        heading(Rank.FIRST, "时限"),
        heading(Rank.SECOND, "已超时"),
        *listed(_due(late, told), "没有超时事项。", shown),
        heading(Rank.SECOND, "24小时内到期"),
        *listed(_due(soon, told), "没有24小时内到期事项。", shown),
    )


def _due(clocks: Sequence[Clock], told: Told) -> list[Sentence]:
    """Return a sentence for each incident with all of these clocks that it has."""
    return [
        clock_sentence(mine[0][0], [duty for _, duty in mine], told.office, told.now)
        for _, mine in grouped((dossier.incident.id, (dossier, duty)) for dossier, duty in clocks)
    ]


def fact_blocks(told: Told, *counted: Block, shown: int = SHOWN) -> tuple[Block, ...]:
    """Return the facts: what was `counted`, what is open, what was answered, what nobody has verified."""
    now = told.now
    rumors = _rumors(told)
    standing = [d for d in told.standing if d.incident.id not in rumors]
    answers = released(told.live, told.since, told.until)
    return (
        heading(Rank.FIRST, "事实"),
        *counted,
        heading(Rank.SECOND, "未结事项"),
        *_items(told, standing, shown),
        heading(Rank.SECOND, "已发布回应"),
        *listed([release_sentence(i, p, now) for i, p in answers], "期内没有发布回应。", shown),
        heading(Rank.SECOND, "待核线索"),
        *listed(
            [_rumor(told, d) for d in told.live if d.incident.id in rumors], "期内没有新增谣言线索。", shown
        ),
    )


def _items(told: Told, standing: Sequence[Dossier], shown: int) -> tuple[Block, ...]:
    """Return the open incidents, the figures of the serious ones behind each."""
    nothing = "没有其他未结事项。" if told.standing else "没有未结事项。"
    blocks = list(listed([status_sentence(d, told.office, told.now) for d in standing], nothing, shown))
    for at, dossier in enumerate(standing[:shown]):
        incident = dossier.incident
        figures = (*firm_figures(incident), *claimed_figures(incident))
        blocks[at] = Block(rank=blocks[at].rank, sentences=(*blocks[at].sentences, *figures))
    return tuple(blocks)


def _rumors(told: Told) -> frozenset[int]:
    """Return the numbers of the day's rumours, which stand under their own heading."""
    return frozenset(i.id for i in new_rumors(told.live, told.since, told.until))


def _rumor(told: Told, dossier: Dossier) -> Sentence:
    incident = dossier.incident
    at = say_instant(incident.detected_at, told.now)
    return cite(incident, f"{say_name(incident)}，{at}监测发现，待核。")


def judged(told: Told) -> list[Sentence]:
    """Return what was judged of what is open, where it is severe or may be a rumour."""
    noted = [d.incident for d in told.standing if is_graded(d.incident) or is_rumor(d.incident)]
    return list(judged_together(noted, told.office, told.now))


def advised(told: Told) -> list[Sentence]:
    """Return what follows for what is open, and for the sources."""
    sentences = list(advised_together(told.standing, told.office, told.now))
    if any(source.down_since for source in told.sources):
        down = stored_sources([source.id for source in told.sources if source.down_since])
        said = f"建议尽快恢复中断的{len(down)}个信源，恢复前安排人工巡查。"
        sentences.insert(0, Sentence(said=said, rows=down))
    return sentences
