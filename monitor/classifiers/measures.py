"""How much: money, magnitude, areas, hours, households; in the units of `grading.yaml`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.classifiers.model import Count
from monitor.classifiers.numerals import MORE_THAN, NUMBER, NUMBER_STARTS, below, read_count, read_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure that is no harm to people, at `[start, end)` of a text."""

    metric: str
    count: Count
    start: int
    end: int


# Metric, what stands before the number, units with their factors. Gaps are bounded.
_MONEY = {"亿元": 10_000.0, "亿": 10_000.0, "万元": 1.0, "万": 1.0, "元": 0.0001}
_AREA = {"平方公里": 100.0, "公顷": 1.0, "亩": 1 / 15, "平方米": 0.0001}
_SPECS: tuple[tuple[str, str, dict[str, float]], ...] = (
    ("direct_loss_wan", r"直接(?:经济|财产)?损失[^，,。；0-9一二三四五六七八九十]{0,10}?", _MONEY),
    ("potential_loss_wan", r"(?:潜在经济损失|威胁(?:资产|财产))[^，,。；0-9]{0,6}", _MONEY),
    ("forest_area_ha", r"受害(?:森林)?面积[^，,。；0-9一二三四五六七八九十]{0,6}?", _AREA),
    ("forest_burnt_ha", r"过火(?:森林)?面积[^，,。；0-9一二三四五六七八九十]{0,6}?", _AREA),
    ("grassland_area_ha", r"受害草原面积[^，,。；0-9]{0,6}", _AREA),
    (
        "interruption_hours",
        r"(?:中断|停运|停水|停气|停电|断水|断电)[^，,。；0-9]{0,8}",
        {"个?小时": 1.0, "天": 24.0},
    ),
    ("stranded_hours", r"(?:滞留|被困)[^，,。；0-9]{0,8}", {"个?小时": 1.0}),
    ("burning_hours", r"连续燃烧[^，,。；0-9]{0,6}", {"个?小时": 1.0, "天": 24.0}),
    ("derailed_cars", r"脱轨[^，,。；0-9]{0,4}", {"[辆节]": 1.0}),
    ("oil_spill_tonnes", r"(?:溢油|泄漏原油|原油泄漏)[^，,。；0-9]{0,6}", {"吨": 1.0}),
    ("leaked_records_persons", r"(?:泄露|泄漏)[^，,。；0-9]{0,14}", {"余?条": 1.0, "人": 1.0}),
    (
        "households_cut",
        r"(?:停水|停电|停气|停供|断水|断电|影响|涉及)[^，,。；0-9一二三四五六七八九十]{0,10}",
        {"户": 1.0},
    ),
    ("threatened_persons", r"(?:受威胁|威胁)[^，,。；0-9一二三四五六七八九十]{0,10}", {"人": 1.0}),
    ("cash_wan", r"(?:盗窃|抢劫|被盗|被抢|盗走|抢走)[^，,。；0-9]{0,8}现金[^，,。；0-9]{0,4}", _MONEY),
)
# Metric, a word that must be there, the unit with what stands after it.
_AFTER_UNIT: tuple[tuple[str, str, str], ...] = (
    # 2000余户停水 and 1200名群众被紧急转移: the number comes first.
    ("households_cut", "户", r"(?P<unit>户)[^，,。；0-9]{0,8}(?:停水|停电|停气|断水|断电|供水中断|供电中断)"),
    (
        "leaked_records_persons",
        "泄",
        r"(?P<unit>[人名条])[^，,。；0-9]{0,10}(?:信息|数据|资料)[^，,。；0-9]{0,6}(?:泄[露漏]|外泄)",
    ),
    ("derailed_cars", "脱轨", r"(?P<unit>[辆节])[^，,。；0-9]{0,6}脱轨"),
    ("direct_loss_wan", "损失", r"(?P<unit>亿元|万元|元)[^，,。；0-9]{0,4}直接(?:经济|财产)?损失"),
)
_MAGNITUDE = re.compile(
    r"(?:[^0-9.]|^)(?P<a>[0-9](?:\.[0-9])?)级(?:左右)?(?:的)?(?:强烈|浅源|较强|破坏性|强)?(?:地震|余震|强震|主震)"
    r"|(?:震级|里氏|矩震级|面波震级)[^，,。；0-9]{0,6}(?P<b>[0-9](?:\.[0-9])?)级?|M[sSwW]?(?P<c>[0-9]\.[0-9])(?![0-9])"
    r"|地震[，,]?(?:为|达|震级)(?P<d>[0-9](?:\.[0-9])?)级"
)
# A magnitude that another earthquake had, or that none has yet: 曾发生…, 堪比…, 与…相比, 能抵御….
_OTHER_QUAKE = re.compile(
    r"(?:(?<!对)比(?![例如分])|堪比|相当于|类似|不亚于|仅次于|曾|此前|以往|历史上|"
    r"上一?次|当年|抵御|设防|防御|抗(?!震))[^，,。；：:0-9]{0,12}$"
)
# A year alone names a quake that is over where another is told of beside it.
_OTHER_YEAR = re.compile(r"(?:19|20)[0-9]{2}年(?![0-9]{1,2}月)[^，,。；：:0-9]{0,12}$")
_COMPARED = re.compile(r"[与和跟同][^，,。；：:0-9]{0,12}$")
_COMPARISON = re.compile(
    r"[^，,。；：:0-9]{0,8}?(?:相比|对比|比较|相似|类似|不同|区别|差别|关系|关联|有关|哪个|谁)"
)
_FOREIGN_MONEY = re.compile(r"^(?:美|欧|日|韩|港|卢布|泰铢|英镑)")
_COMPILED = tuple(
    (
        metric,
        re.compile(rf"{before}{NUMBER}(?P<unit>{'|'.join(units)})"),
        tuple((re.compile(unit), factor) for unit, factor in units.items()),
    )
    for metric, before, units in _SPECS
)
_COMPILED_AFTER = tuple(
    (metric, word, re.compile(rf"(?=[{NUMBER_STARTS}]){NUMBER}{after}"))
    for metric, word, after in _AFTER_UNIT
)
_TRIGGER = re.compile(
    r"损失|面积|户[^，,。；]{0,8}[停断]|节[^，,。；]{0,6}脱轨|[人名条][^，,。；]{0,16}(?:泄[露漏]|外泄)|(?:中断|停[运水气电供]|断[水电]|滞留|被困|燃烧|脱轨|溢油|原油|"
    r"泄[露漏]|威胁|现金|影响|涉及)[^，,。；]{0,20}[0-9一二两三四五六七八九十]"
)


def read_measures(text: str, offset: int = 0) -> list[Measure]:
    """Return the measures of one sentence; units are those of `grading.yaml` (万元, hectares, hours)."""
    found = _magnitudes(text, offset)
    if not _TRIGGER.search(text):
        return found
    for metric, pattern, units in _COMPILED:
        for match in pattern.finditer(text):
            factor = next(factor for unit, factor in units if unit.fullmatch(match["unit"]))
            _keep(found, metric, match, factor, text, offset)
    for metric, word, pattern in _COMPILED_AFTER:
        for match in pattern.finditer(text) if word in text else ():
            _keep(found, metric, match, _MONEY.get(match["unit"], 1.0), text, offset)
    return found


def _magnitudes(text: str, offset: int) -> list[Measure]:
    if "震" not in text:
        return []
    found = []
    matches = list(_MAGNITUDE.finditer(text))
    for match in matches:
        value = read_plain(match["a"] or match["b"] or match["c"] or match["d"])
        if value is not None and 0 < value < 10 and not _is_of_another_quake(text, match, len(matches)):
            start, end = offset + match.start(), offset + match.end()
            found.append(Measure(metric="magnitude", count=Count.exactly(value), start=start, end=end))
    return found


def _is_of_another_quake(text: str, match: re.Match[str], told: int) -> bool:
    """Return whether the words around a magnitude show that it is held against, not told of, this quake."""
    before = text[: next(match.start(group) for group in "abcd" if match[group])]
    if _OTHER_QUAKE.search(before) or (told > 1 and _OTHER_YEAR.search(before)):
        return True
    return bool(_COMPARED.search(before) and _COMPARISON.match(text, match.end()))


def _keep(
    found: list[Measure], metric: str, match: re.Match[str], factor: float, text: str, offset: int
) -> None:
    count = read_count(match)
    if count is None or _FOREIGN_MONEY.match(text[match.end() :]):
        return
    if match["before"] in MORE_THAN:
        # 超过5000万元 has no next whole number as 超过5000人 has.
        count = replace(count, value=count.value - 1, low=count.low - 1)
    elif text.startswith(("以下", "以内"), match.end()):
        count = below(count)
    scaled = replace(
        count,
        value=round(count.value * factor, 6),
        low=round(count.low * factor, 6),
        high=None if count.high is None else round(count.high * factor, 6),
    )
    found.append(Measure(metric=metric, count=scaled, start=offset + match.start(), end=offset + match.end()))


def largest(measures: Sequence[Measure]) -> dict[str, Measure]:
    """Return the greatest measure of each metric."""
    best: dict[str, Measure] = {}
    for measure in measures:
        if measure.metric not in best or measure.count.value > best[measure.metric].count.value:
            best[measure.metric] = measure
    return best
