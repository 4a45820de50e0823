"""Many mentions of figures -> one figure a metric (news-language part 4)."""

from collections.abc import Mapping, Sequence

from monitor.classifiers.figures import Kind, Mention
from monitor.classifiers.model import Count
from monitor.classifiers.numerals import total_of

# Figures side by side in one sentence may be parts of a total that is never said.
_RUN_GAP = 40
_DEGREES = ("serious_injuries", "critical", "slight_injuries")
_HURT = ("injuries", "critical", "serious_injuries")


def combine(mentions: Sequence[Mention]) -> dict[str, Count]:
    """Return one figure a metric: totals beat parts, parts of one sentence add up, later corrections win.

    Those who died later are not counted among the injured; nobody is trapped who is otherwise accounted for.
    """
    counts: dict[str, Count] = {}
    for metric in dict.fromkeys(mention.metric for mention in mentions):
        found = _one(metric, [mention for mention in mentions if mention.metric == metric])
        if found is not None:
            counts[metric] = found
    _add_injuries(counts, mentions)
    _settle_rest(counts, mentions)
    return counts


def _one(metric: str, mentions: Sequence[Mention]) -> Count | None:
    lowered = [mention for mention in mentions if mention.is_lowered]
    if lowered:
        return lowered[-1].count
    whole = [mention for mention in mentions if mention.kind in (Kind.PLAIN, Kind.TOTAL)]
    more = [mention for mention in mentions if mention.kind is Kind.MORE]
    if not whole:
        parts = [mention for mention in mentions if mention.kind is Kind.PART and mention.of != metric]
        return _best(parts or more) if parts or more else None
    best = _best(whole)
    for run in _runs(whole):
        total = total_of([mention.count for mention in run])
        if total.value > best.value and _is_unsaid_total(run, total, whole):
            best = total
    if more and more[0].start > max(mention.start for mention in whole):
        best = total_of([best, more[0].count])
    return best


def _best(mentions: Sequence[Mention]) -> Count:
    """Return the greatest figure, a stated one before a claimed one."""
    sure = [mention for mention in mentions if not mention.count.claimed]
    return max((mention.count for mention in sure or mentions), key=lambda count: count.value)


def _runs(mentions: Sequence[Mention]) -> list[list[Mention]]:
    runs: list[list[Mention]] = []
    for mention in mentions:
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and last.sentence == mention.sentence
            and mention.start - last.end <= _RUN_GAP
            and mention.kind is Kind.PLAIN
        ):
            runs[-1].append(mention)
        else:
            runs.append([mention])
    return [run for run in runs if len(run) > 1]


def _is_unsaid_total(run: Sequence[Mention], total: Count, whole: Sequence[Mention]) -> bool:
    """Return whether figures side by side are parts: their sum is said elsewhere, or nothing else is."""
    starts = {mention.start for mention in run}
    others = [mention for mention in whole if mention.start not in starts]
    said = {mention.count.value for mention in others}
    if total.value in said:
        return True
    return max(mention.count.value for mention in run) not in said and all(
        mention.kind is not Kind.TOTAL for mention in others
    )


def _add_injuries(counts: dict[str, Count], mentions: Sequence[Mention]) -> None:
    degrees = [counts[metric] for metric in _DEGREES if metric in counts]
    if "injuries" not in counts and degrees:
        counts["injuries"] = total_of(degrees)
    died = [m.count for m in mentions if m.metric == "deaths" and m.kind is Kind.PART and m.of in _HURT]
    if died and "injuries" in counts and counts["injuries"].value > died[-1].value:
        counts["injuries"] = _without(counts["injuries"], died[-1].value)


def _without(count: Count, gone: float) -> Count:
    high = None if count.high is None else count.high - gone
    return Count(value=count.value - gone, low=count.low - gone, high=high, claimed=count.claimed)


def _settle_rest(counts: dict[str, Count], mentions: Sequence[Mention]) -> None:
    """Let the missing and trapped be those of the report that gives the deaths: they fall with time."""
    deaths = counts.get("deaths")
    anchors = [m.start for m in mentions if m.metric == "deaths" and deaths and m.count.value == deaths.value]
    for metric in ("missing", "trapped"):
        found = [mention for mention in mentions if mention.metric == metric]
        if len(found) > 1 and anchors:
            counts[metric] = min(found, key=lambda m: min(abs(m.start - anchor) for anchor in anchors)).count
    trapped = counts.get("trapped")
    if trapped is not None and trapped.value <= max(
        _known(counts, "deaths", "injuries"), _known(counts, "rescued")
    ):
        del counts["trapped"]


def _known(counts: Mapping[str, Count], *metrics: str) -> float:
    return sum(counts[metric].value for metric in metrics if metric in counts)
