"""Which column of a ledger is about what: as the office's mapping says, else by the usual headings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field as Bound

from monitor.ledger.cells import words_in
from monitor.ledger.model import NEEDED, Field
from monitor.ledger.sheet import Sheet
from monitor.yamlfile import YamlFile, read_yaml

DEEPEST = 15
"""The heading stands in one of the first rows."""

_USUAL = {
    Field.NUMBER: r"序号|编号|舆情编号|事件编号|登记号",
    Field.TITLE: r"(?:舆情|事件|信息|帖文)?(?:标题|题目|名称|主题|事项)|事由|舆情内容|反映(?:事项|问题)",
    Field.DETECTED: r"(?:监测|发现|收到|登记|受理|来电|接报|转办)?(?:时间|日期)",
    Field.PUBLISHED: r"(?:首次?)?(?:发布|发帖|首发|公开)(?:时间|日期)",
    Field.TEXT: r"(?:主要|基本|具体)?(?:内容|情况|诉求|摘要)|内容摘要|情况描述",
    Field.SOURCE: r"(?:舆情|信息)?(?:来源|出处|平台|媒体|载体|渠道)|来源平台|发布平台|信源",
    Field.URL: r"(?:原文)?(?:链接|网址|地址|URL)",
    Field.SEVERITY: r"(?:舆情|事件)?(?:级别|等级|定级|分级)",
    Field.KIND: r"(?:舆情|事件|问题)?(?:类型|类别|分类|种类)",
    Field.PLACE: r"(?:涉及|事发|所属)?(?:地点|乡镇|属地|区域|地区)",
    Field.DEPARTMENT: r"(?:责任|承办|涉事|主办|处置|牵头|办理|交办|回应|涉及)(?:单位|部门|主体)",
    Field.ANSWERED: r"(?:首次)?(?:回应|回复|答复|反馈|通报|回应发布)(?:时间|日期)",
    Field.ANSWER: r"(?:回应|回复|答复|通报)(?:标题|内容|情况)",
    Field.CHANNEL: r"(?:回应|回复|答复|发布)(?:渠道|平台|方式|形式)",
    Field.ENDED: r"(?:办结|完成|结案|销号|处置完成)(?:时间|日期)",
}
_PATTERNS = {field: re.compile(pattern, re.IGNORECASE) for field, pattern in _USUAL.items()}
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_ORDER = (Field.PUBLISHED, Field.ANSWERED, Field.ENDED, Field.DETECTED)
"""Of those a heading could be several, the more particular one is asked first."""


class MappingFile(YamlFile):
    """How this office's ledger names things: our names to its headings and departments."""

    columns: dict[Field, str] = Bound(default_factory=dict)
    departments: dict[str, str] = Bound(default_factory=dict)
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Where the last row of a heading stands, which column, counted from 0, is about what, and of which year.

    `year` is None where neither the sheet's name nor what stands above the heading names one, and only one.
    """

    row: int
    columns: Mapping[Field, int]
    said: Mapping[Field, str]
    year: int | None = None


def read_mapping(text: bytes, name: str) -> MappingFile:
    """Return a mapping; raises ConfigurationError with every fault."""
    return read_yaml(text, name, MappingFile)[0]


def find_heading(sheet: Sheet, mapping: MappingFile) -> Heading | None:
    """Return the first row that names all that is needed, with the row of particulars below it; or None."""
    rows = [(number, [_plain(value) for value in row]) for number, row in sheet.rows[: DEEPEST + 1]]
    for at, (number, said) in enumerate(rows[:DEEPEST]):
        columns = _columns(said, mapping)
        if not all(field in columns for field in NEEDED):
            continue
        if below := _particulars(columns, said, rows[at + 1 : at + 2], mapping):
            number, said = below
            columns = _columns(said, mapping)
        above = (" ".join(row) for _, row in rows[:at])
        return Heading(
            row=number,
            columns=columns,
            said={field: said[column] for field, column in columns.items()},
            year=year_in(sheet.title, *above),
        )
    return None


def year_in(*texts: str) -> int | None:
    """Return the year that the first of these texts with any names, None where it names several."""
    for text in texts:
        if found := set(_YEAR.findall(words_in(text))):
            return int(found.pop()) if len(found) == 1 else None
    return None


def _plain(value: object) -> str:
    return "".join(words_in(value).split())


def _columns(said: Sequence[str], mapping: MappingFile) -> dict[Field, int]:
    wanted = {_plain(theirs): field for field, theirs in mapping.columns.items()}
    columns: dict[Field, int] = {}
    for at, heading in enumerate(said):
        field = wanted.get(heading) or _usual(heading, mapping)
        if field is not None:
            columns.setdefault(field, at)
    return columns


def _particulars(
    columns: Mapping[Field, int],
    said: Sequence[str],
    below: Sequence[tuple[int, list[str]]],
    mapping: MappingFile,
) -> tuple[int, list[str]] | None:
    """Return the row below with what it leaves open taken from above, if it says what parts of columns are.

    So 回应情况 stands above 回应时间 and 回应渠道, while 标题 has only its own cell or one merged downwards.
    """
    for number, row in below:
        goes_on = all(row[columns[field]] in ("", said[columns[field]]) for field in NEEDED)
        if goes_on and _columns(row, mapping):
            return number, [own or above for own, above in zip(row, said, strict=True)]
    return None


def _usual(heading: str, mapping: MappingFile) -> Field | None:
    """Return what a heading is usually about; what the mapping names otherwise is not guessed."""
    plain = re.sub(r"[（(].*|[*＊:：]", "", heading)
    fields = (*_ORDER, *(field for field in Field if field not in _ORDER))
    return next((f for f in fields if f not in mapping.columns and _PATTERNS[f].fullmatch(plain)), None)
