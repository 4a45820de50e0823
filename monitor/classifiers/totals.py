"""Many mentions of figures -> one figure a metric (news-language part 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from monitor.classifiers.figures import Kind, Mention
from monitor.classifiers.model import Count
from monitor.classifiers.numerals import total_of

# Figures side by side in one sentence may be parts of a total that is never said.
_RUN_GAP = 40
_DEGREES = ("serious_injuries", "critical", "slight_injuries")
_HURT = ("injuries", "hospital", "critical", "serious_injuries")
# Where those taken to hospital are ill, not hurt.
_ILL = "ill_persons"
_FATES = ("deaths", "injuries", "rescued", "escaped", "missing")


def combine(mentions: Sequence[Mention], *, is_illness: bool = False) -> dict[str, Count]:
    """Return one figure a metric: totals beat parts, parts of one sentence add up, later corrections win.

    Those who died later are not counted among the injured; nobody is trapped who is otherwise accounted for.
    `is_illness` makes those taken to hospital ill instead of injured.
    """
    counts: dict[str, Count] = {}
    if not mentions:
        return counts
    for metric in dict.fromkeys(mention.metric for mention in mentions):
        found = _one(metric, [mention for mention in mentions if mention.metric == metric])
        if found is not None:
            counts[metric] = found
    _add_injuries(counts, mentions)
    _add_hospital(counts, _ILL if is_illness else "injuries")
    _settle_rest(counts, mentions)
    _add_swept(counts)
    return counts


def _one(metric: str, mentions: Sequence[Mention]) -> Count | None:
    lowered = [mention for mention in mentions if mention.is_lowered]
    if lowered:
        return replace(lowered[-1].count, corrects=True)
    left = [mention for mention in mentions if mention.is_left]
    if metric in ("trapped", "missing") and left:
        return left[-1].count
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


def _add_hospital(counts: dict[str, Count], metric: str) -> None:
    """Count those taken to hospital as `metric`, unless the text says more about them in other words."""
    taken = counts.pop("hospital", None)
    if taken is not None and taken.value > _known(counts, metric):
        counts[metric] = taken


def _add_swept(counts: dict[str, Count]) -> None:
    """Count those swept away as missing, but for those whose fate is told."""
    swept = counts.pop("swept", None)
    if swept is None or "missing" in counts:
        return
    gone = _known(counts, "deaths", "rescued", "escaped", "injuries")
    if swept.value > gone:
        counts["missing"] = _without(swept, gone)


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
    if (
        trapped is not None
        and _is_settled("trapped", mentions)
        and trapped.value in _accounted(counts, trapped.value)
    ):
        del counts["trapped"]
    missing = counts.get("missing")
    if missing is not None and _is_settled("missing", mentions) and _are_found(missing, mentions):
        del counts["missing"]


def _is_settled(metric: str, mentions: Sequence[Mention]) -> bool:
    """Return whether a fate is told after the last word of these, and nobody is said to be left."""
    last = max(mention.start for mention in mentions if mention.metric == metric)
    is_left = any(mention.metric == metric and mention.is_left for mention in mentions)
    return not is_left and any(mention.metric in _FATES and mention.start > last for mention in mentions)


def _are_found(missing: Count, mentions: Sequence[Mention]) -> bool:
    """Return whether a later sentence tells the fate of as many as were missing: 4人失联。4人遗体找到."""
    last = max(mention.sentence for mention in mentions if mention.metric == "missing")
    return any(
        mention.metric in _FATES and mention.sentence > last and mention.count.value == missing.value
        for mention in mentions
    )


def _accounted(counts: Mapping[str, Count], trapped: float) -> set[float]:
    """Return `trapped` itself where fates told cover it: so many harmed or freed, or exactly all of them."""
    if trapped <= max(_known(counts, "deaths", "injuries"), _known(counts, "rescued")):
        return {trapped}
    sums = {0.0}
    for metric in _FATES:
        sums |= {total + _known(counts, metric) for total in sums}
    return sums


def _known(counts: Mapping[str, Count], *metrics: str) -> float:
    return sum(counts[metric].value for metric in metrics if metric in counts)
