"""政务舆情周报 and 月报: what a week or a month brought, beside the one before, with charts in the annex."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from alerts.charts.model import Chart, Limit, Series
from alerts.digest.build import Totals
from alerts.digest.paper import (
    Block,
    Drawn,
    Figure,
    Paper,
    Rank,
    Sentence,
    Stored,
    heading,
    points,
    stored,
    stored_sources,
    text,
)
from alerts.digest.parts import (
    ADVISED,
    advised,
    coverage_sentence,
    deadline_blocks,
    fact_blocks,
    judged,
    listed,
    say_head,
    standing_sentence,
)
from alerts.digest.review import OTHER, UNASSIGNED, UNPLACED, Answering, Kept, Review, Share, Term
from alerts.digest.sentences import rows_of, say_day, say_instant
from alerts.message.privacy import quote
from alerts.message.words import say_length
from monitor.clock import as_local
from monitor.deadlines.model import Obligation, ObligationState

_TITLES = {Term.WEEKLY: "政务舆情周报", Term.MONTHLY: "政务舆情月报"}
_NAMED = 5
"""How many sorts a sentence names, and a chart shows twice as many."""

_MANY = 3
"""From how many on half of all found in one place or of one kind says something."""

_MOST_USED = 200
"""Percent of its time: what is late by more would leave no room for the others in a picture."""

_DAY = timedelta(days=1)


def periodic_paper(review: Review) -> Paper:
    """Return the weekly or monthly report: deadlines first, then facts, judgement and advice, apart."""
    figures = _figures(review)
    return Paper(
        title=_TITLES[review.term],
        office_name=review.office.name,
        dateline=_dateline(review),
        made_at=review.now,
        blocks=(
            text(*_lead(review)),
            *deadline_blocks(review),
            *fact_blocks(review, *_counted(review)),
            heading(Rank.FIRST, "研判"),
            *listed(
                [*_tendencies(review), *judged(review)], f"{review.term.this}没有需要提示的趋势和未结舆情。"
            ),
            heading(Rank.FIRST, "建议"),
            *listed([*_counsel(review), *advised(review)], "建议按现有安排继续监测。", ADVISED),
        ),
        closing=(f"{_scope(review)}{say_head(review)}",),
        figures=figures,
    )


def _scope(review: Review) -> str:
    since, until, now = (say_instant(at, review.now) for at in (review.since, review.until, review.now))
    return f"统计时段为{since}至{until}，未结事项和时限截至{now}。"


def _dateline(review: Review) -> str:
    first, last = as_local(review.since), as_local(review.until - _DAY)
    if review.term is Term.MONTHLY:
        return f"{first.year}年{first.month}月"
    until = f"{last.month}月{last.day}日" if last.month != first.month else f"{last.day}日"
    year = f"{last.year}年" if last.year != first.year else ""
    return f"{say_day(review.since)}至{year}{until}"


# -- the first paragraph


def _lead(review: Review) -> Iterator[Sentence]:
    """Yield what was found, what is open, what was kept, and whether anybody was watching."""
    totals, before, term = review.totals, review.before, review.term
    rows = (*rows_of(review.live), *stored_sources([source.id for source in review.sources]))
    found = f"{term.this}新发现政务舆情{totals.opened}件"
    said = found if totals.opened else _none_found(review)
    beside = f"，{_compare(totals.opened, before.opened, term)}" if before else ""
    ended = f"，办结或者排除{totals.ended}件" if totals.ended else ""
    yield Sentence(said=f"{said}{beside}{ended}。", rows=rows)
    if before is None:
        yield Sentence(said=f"{term.last}没有完整记录，不作比较。")
    if review.item_count:
        yield Sentence(said=f"共采集有关信息{review.item_count}条。", rows=rows_of(review.live))
    yield standing_sentence(review)
    yield _kept_sentence(review, totals)
    yield from _watched(review)


def _none_found(review: Review) -> str:
    """Return that nothing was found; where nobody watched it never looks like a quiet term."""
    if review.is_blind:
        return f"{review.term.this}没有新记录的舆情，但监测不完整，不能据此认定没有舆情"
    return f"{review.term.this}未发现新的政务舆情"


def _compare(now: int, before: int, term: Term) -> str:
    if now == before:
        return f"与{term.last}持平"
    return f"比{term.last}{'增加' if now > before else '减少'}{abs(now - before)}件"


def _kept_sentence(review: Review, totals: Totals) -> Sentence:
    late = f"（其中{totals.met_late}项迟于时限）" if totals.met_late else ""
    said = f"期内完成法定回应{totals.met}项{late}，新增超时{totals.breached}项。"
    return Sentence(said=said, rows=rows_of(review.live))


def _watched(review: Review) -> Iterator[Sentence]:
    """Yield how the sources fare now, what failed within the term, and how long nobody was watching."""
    yield coverage_sentence(review)
    bad = [s for s in review.sources if s.failed and s.failed * 10 >= s.polls]
    if bad:
        worst = sorted(bad, key=lambda s: (-s.failed / s.polls, s.name))[:_NAMED]
        named = "、".join(f"{quote(s.name, 20)}（{s.polls}次中{s.failed}次失败）" for s in worst)
        many = "等" if len(bad) > len(worst) else ""
        said = f"期内{len(bad)}个信源一成以上的采集失败，可能有遗漏：{named}{many}。"
        yield Sentence(said=said, rows=stored_sources([s.id for s in bad]))
    unwatched = sorted(at for at in review.unwatched if review.since <= at < review.until)
    if unwatched:
        said = f"期内有{len(unwatched)}天没有采集到任何信源，不能据此认定当日没有舆情。"
        yield Sentence(said=said, rows=stored_sources([s.id for s in review.sources]))
    if review.away:
        total = say_length(sum(review.away, timedelta(0)))
        yield Sentence(said=f"期内服务中断{len(review.away)}次，共{total}，其间没有监测。")


# -- facts


def _counted(review: Review) -> tuple[Block, ...]:
    """Return what was counted: over the days, by kind, by township, what was kept in time and by whom.

    Where nothing was found the first paragraph says so, and why.
    """
    spread = (
        heading(Rank.SECOND, "走势和分布"),
        *points(
            [
                *_courses(review),
                _shares_sentence(review, review.types, "按类型分", "类"),
                _shares_sentence(review, review.places, f"按{review.parts}分", "处"),
                *_rises(review),
            ]
        ),
    )
    return (
        *(spread if review.found else ()),
        heading(Rank.SECOND, "按时回应情况"),
        *points(list(_duty_sentences(review))),
    )


def _courses(review: Review) -> Iterator[Sentence]:
    """Yield on how many days something was found, and on which the most."""
    days = _days(review)
    counts = [count or 0 for count in _per_day(review, review.since, len(days))]
    most, busy = max(counts), sum(count > 0 for count in counts)
    if most < _MANY or busy == 1:
        return
    peaks = [day for day, count in zip(days, counts, strict=True) if count == most]
    each = "各" if len(peaks) > 1 else ""
    said = f"{review.term.this}有{busy}天发现新舆情，{'、'.join(peaks)}最多，{each}{most:g}件。"
    yield Sentence(said=said, rows=stored(*review.found))


def _rises(review: Review) -> Iterator[Sentence]:
    """Yield the words that surely stand in more reports than in the term before."""
    if review.rising:
        last = review.term.last
        named = "、".join(f"“{quote(r.word, 12)}”（{r.count}条，{last}{r.before}条）" for r in review.rising)
        rows = tuple(dict.fromkeys(row for rise in review.rising for row in rise.rows))
        yield Sentence(said=f"明显增多的用词有{named}。", rows=rows)


def _shares_sentence(review: Review, shares: Sequence[Share], by: str, unit: str) -> Sentence:
    found = [share for share in shares if share.count]
    named = "、".join(
        f"{quote(s.name, 16)}{s.count}件{f'（{review.term.last}{s.before}件）' if review.before else ''}"
        for s in found[:_NAMED]
    )
    rest = sum(share.count for share in found[_NAMED:])
    more = f"，其余{len(found) - _NAMED}{unit}共{rest}件" if rest else ""
    rows = tuple(dict.fromkeys(row for share in found for row in share.rows))
    return Sentence(said=f"{by}，{named}{more}。", rows=rows)


def _duty_sentences(review: Review) -> Iterator[Sentence]:
    """Yield how much fell due and was kept, in all, by kind and by body, and how long answers took."""
    if not review.duties:
        yield Sentence(said=f"{review.term.this}没有到期的法定回应。")
    else:
        whole, beside = _rate(review.duties), ""
        if review.before and review.duties_before:
            beside = f"（{review.term.last}为{_say_rate(_rate(review.duties_before))}）"
        due = sum(kept.due for kept in review.duties)
        rows = _rows(review.duties)
        yield Sentence(said=f"期内到期法定回应{due}项，按时率为{_say_rate(whole)}{beside}。", rows=rows)
        yield _kept_by("按种类分", review.duties)
        yield _kept_by("按承办单位分", review.departments)
    answers = review.answering
    if answers.found:
        took = f"，从首发到首次回应用时的中位数为{say_length(answers.typical)}" if answers.typical else ""
        said = f"{_say_answered(review.term.this, answers)}{took}。"
        yield Sentence(said=said, rows=answers.rows)


def _say_answered(this: str, answers: Answering) -> str:
    found = f"{this}新发现的{answers.found}件"
    if answers.answered in (0, answers.found):
        return f"{found}{'均' if answers.found > 1 else ''}{'已回应' if answers.answered else '未回应'}"
    return f"{found}中，已回应{answers.answered}件"


def _kept_by(by: str, duties: Sequence[Kept]) -> Sentence:
    named = "；".join(f"{quote(k.name, 16)}{k.due}项，{_say_kept(k)}" for k in duties[:_NAMED])
    more = "；其余见值班台" if len(duties) > _NAMED else ""
    return Sentence(said=f"{by}，{named}{more}。", rows=_rows(duties))


def _say_kept(kept: Kept) -> str:
    parts = [f"按时{kept.in_time}项"] if kept.in_time else []
    parts += [f"迟于时限{kept.late}项"] if kept.late else []
    parts += [f"超时未完成{kept.unmet}项"] if kept.unmet else []
    return "、".join(parts)


def _rows(kept: Iterable[Kept]) -> tuple[Stored, ...]:
    return tuple(dict.fromkeys(row for one in kept for row in one.rows))


def _rate(kept: Sequence[Kept]) -> float:
    return sum(k.in_time for k in kept) / sum(k.due for k in kept)


def _say_rate(rate: float) -> str:
    return f"{rate * 100:.0f}%" if rate in (0, 1) else f"{rate * 100:.1f}%"


# -- judgement and advice


def _tendencies(review: Review) -> Iterator[Sentence]:
    """Yield what the counts say beyond themselves: where half of all gathers, and whether less is kept."""
    for share in _gathering(review):
        said = f"{quote(share.name, 16)}舆情占{review.term.this}新发现的一半以上，较为集中。"
        yield Sentence(said=said, rows=share.rows)
    if review.before and review.duties and review.duties_before:
        now, before = _rate(review.duties), _rate(review.duties_before)
        if now < before:
            rows = _rows((*review.duties, *review.duties_before))
            said = f"按时率由{review.term.last}的{_say_rate(before)}降至{_say_rate(now)}，回应时效下降。"
            yield Sentence(said=said, rows=rows)


def _gathering(review: Review) -> list[Share]:
    return [
        share
        for share in (*review.types, *review.places)
        if share.name not in (OTHER, UNPLACED)
        and share.count >= _MANY
        and share.count * 2 >= review.totals.opened
        and review.totals.opened > share.count - 1
    ]


def _counsel(review: Review) -> Iterator[Sentence]:
    """Yield what follows from the counts: look into what gathers, ask those who were late for the reason."""
    for share in _gathering(review):
        said = f"建议对{quote(share.name, 16)}舆情组织风险源头研判。"
        yield Sentence(said=said, rows=share.rows)
    slow = [k for k in review.departments if k.name != UNASSIGNED and k.late + k.unmet]
    if slow:
        named = "、".join(quote(k.name, 16) for k in slow[:_NAMED])
        many = "等单位" if len(slow) > _NAMED else ""
        yield Sentence(said=f"建议请{named}{many}说明超时原因。", rows=_rows(slow))


# -- the annex


def _figures(review: Review) -> tuple[Figure, ...]:
    """Return the charts of which there is something to show."""
    return tuple(
        figure
        for figure in (
            _trend(review),
            _bars(review, review.types, "舆情类型分布"),
            _bars(review, review.places, f"舆情{review.parts}分布"),
            _clock_use(review),
        )
        if figure is not None
    )


def _trend(review: Review) -> Figure | None:
    days = _days(review)
    now = _per_day(review, review.since, len(days))
    if set(now) == {None}:
        return None
    series = [Series(name=review.term.this, values=now)]
    if review.before and review.term is Term.WEEKLY:
        series.append(Series(name=review.term.last, values=_per_day(review, review.before_since, len(days))))
    chart = Chart(title="每日新发现舆情", unit="件", labels=days, series=tuple(series))
    return Figure(drawn=Drawn.LINES, shown=chart, rows=rows_of(review.live))


def _days(review: Review) -> tuple[str, ...]:
    count = round((review.until - review.since) / _DAY)
    days = (as_local(review.since + n * _DAY) for n in range(count))
    return tuple(f"{day.month}月{day.day}日" for day in days)


def _per_day(review: Review, since: datetime, count: int) -> tuple[float | None, ...]:
    """Return how many were found on each day; a day on which nobody watched has no figure."""
    found = [d.incident.detected_at for d in review.live]
    counts = []
    for begin in (since + n * _DAY for n in range(count)):
        seen = sum(begin <= at < begin + _DAY for at in found)
        counts.append(None if begin in review.unwatched and not seen else float(seen))
    return tuple(counts)


def _bars(review: Review, shares: Sequence[Share], title: str) -> Figure | None:
    shown = [s for s in shares if s.count or review.before][: 2 * _NAMED]
    if not any(share.count for share in shown):
        return None
    series = [Series(name=review.term.this, values=tuple(float(s.count) for s in shown))]
    if review.before:
        series.append(Series(name=review.term.last, values=tuple(float(s.before) for s in shown)))
    labels = tuple(quote(share.name, 12) for share in shown)
    chart = Chart(title=title, unit="件", labels=labels, series=tuple(series))
    rows = tuple(dict.fromkeys(row for share in shown for row in share.rows))
    return Figure(drawn=Drawn.LYING_BARS, shown=chart, rows=rows)


def _clock_use(review: Review) -> Figure | None:
    """Return how much of their time the term's answers took, or have taken by now; the longest first."""
    used = [
        (min(_share_used(o, review.now), _MOST_USED), d, o)
        for d in review.live
        for o in d.obligations
        if _counts(o, review)
    ]
    used.sort(key=lambda one: (-one[0], one[2].id))
    shown = used[: 2 * _NAMED]
    if not shown:
        return None
    return Figure(
        drawn=Drawn.LYING_BARS,
        shown=Chart(
            title="时限使用情况",
            unit=f"%，{_MOST_USED}表示{_MOST_USED}以上" if shown[0][0] >= _MOST_USED else "%",
            labels=tuple(f"{d.incident.id}号 {quote(o.name, 10)}" for _, d, o in shown),
            series=(Series(name="已用时限", values=tuple(float(round(share)) for share, _, _ in shown)),),
            limit=Limit(name="时限", value=100),
        ),
        rows=tuple(row for _, d, o in shown for row in stored(d.incident, o)),
    )


def _counts(duty: Obligation, review: Review) -> bool:
    is_done = duty.state is ObligationState.MET and review.since <= duty.due_at < review.until
    return duty.statutory and not duty.is_report and (is_done or duty.is_running)


def _share_used(duty: Obligation, now: datetime) -> float:
    until = duty.met_effective_at or now
    return max(until - duty.starts_at, timedelta(0)) / duty.window * 100
