"""A past ledger to rows of closed history, or to every fault at once with sheet, row and column."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeVar
from urllib.parse import urlsplit

from openpyxl.utils import get_column_letter

from monitor.classifiers.grade import GradingTable
from monitor.clock import as_local
from monitor.errors import ConfigurationError
from monitor.ledger.cells import instant_in, names_in, severity_in, text_in, words_in
from monitor.ledger.heading import Heading, MappingFile, find_heading, year_in
from monitor.ledger.model import NEEDED, Field, Ledger, LedgerRow, Stated
from monitor.ledger.sheet import Sheet, read_sheets
from monitor.office.model import Office

V = TypeVar("V")
MOST_FAULTS, MOST_NOTED = 200, 10
LONGEST_TITLE, LONGEST_TEXT = 300, 20_000
CATEGORIES = {
    "自然灾害": "natural_disaster",
    "事故灾难": "accident",
    "公共卫生": "public_health",
    "公共卫生事件": "public_health",
    "社会安全": "social_safety",
    "社会安全事件": "social_safety",
}
_HALF_A_DAY = timedelta(hours=12)
_SUM = re.compile(r"[合总小共累]计.{0,6}")


def read_ledger(
    body: bytes,
    name: str,
    office: Office,
    table: GradingTable,
    now: datetime,
    mapping: MappingFile | None = None,
) -> Ledger:
    """Read a workbook; raises ConfigurationError with every fault: `台账.xlsx!2025年!C7: …`."""
    reading = _Reading(name, office, table, now, mapping or MappingFile())
    return reading.read(read_sheets(body, name))


class _Reading:
    """One pass over a workbook."""

    def __init__(
        self, name: str, office: Office, table: GradingTable, now: datetime, mapping: MappingFile
    ) -> None:
        self._name = name
        self._now = now
        self._mapping = mapping
        self._departments = {d.name: d.id for d in office.departments} | {
            d.id: d.id for d in office.departments
        }
        self._types = {kind.name: kind for kind in table.event_types.values()}
        self._faults: list[str] = []
        self._unknown: Counter[str] = Counter()
        self._strange: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()
        self._whole: set[tuple[str, ...]] = set()
        self._left: dict[str, list[str]] = {}

    def read(self, sheets: tuple[Sheet, ...]) -> Ledger:
        if missing := [title for title in self._mapping.sheets if title not in {s.title for s in sheets}]:
            raise ConfigurationError((f"{self._name}: 没有这张工作表：{'、'.join(missing)}",))
        chosen = [s for s in sheets if not self._mapping.sheets or s.title in self._mapping.sheets]
        found = [(sheet, heading) for sheet in chosen if (heading := find_heading(sheet, self._mapping))]
        if not found:
            needed = "”和“".join(NEEDED)
            raise ConfigurationError(
                (f"{self._name}: 没有找到表头：须有“{needed}”两列；列名不同的请用 --columns 指明",)
            )
        rows = tuple(row for sheet, heading in found for row in self._rows(sheet, heading))
        if self._faults:
            more = len(self._faults) - MOST_FAULTS
            tail = (f"{self._name}: 另有 {more} 处",) if more > 0 else ()
            raise ConfigurationError((*self._faults[:MOST_FAULTS], *tail))
        columns = tuple((field.value, said) for field, said in found[0][1].said.items())
        return Ledger(rows=rows, columns=columns, notes=tuple(self._notes(chosen, found)))

    def _rows(self, sheet: Sheet, heading: Heading) -> Iterator[LedgerRow]:
        year = heading.year or year_in(self._name)
        # Every day of a year lies nearer to its middle than its namesakes of other years.
        middle = date(year, 7, 2) if year else None
        for number, row in sheet.rows:
            cells = _Cells(self, sheet.title, number, row, heading)
            if number <= heading.row or cells.is_no_case():
                continue
            if why := self._why_left((number, heading.columns[Field.TITLE]) in sheet.continued, cells):
                self._left.setdefault(why, []).append(cells.place)
            elif (read := self._row(cells, middle)) is not None:
                yield read

    def _why_left(self, is_continued: bool, cells: "_Cells") -> str | None:
        """Return why a row that says something is no case of its own, or None."""
        if is_continued:
            return "标题与上一行合并、只读第一行的"
        if not cells.words(Field.TITLE) and not cells.words(Field.DETECTED):
            return "没有标题也没有发现时间、没有读的行"
        if cells.all in self._whole:
            return "与前面某行完全相同、没有再读的行"
        self._whole.add(cells.all)
        return None

    def _row(self, cells: "_Cells", middle: date | None) -> LedgerRow | None:
        before = len(self._faults)
        title = cells.text(Field.TITLE)[:LONGEST_TITLE]
        detected = cells.read(Field.DETECTED, lambda value: instant_in(value, middle))
        cells.require(Field.TITLE, title)
        if not len(self._faults) > before:
            cells.require(Field.DETECTED, detected)
        near = as_local(detected.at).date() if detected else middle
        stated = {
            f: cells.read(f, lambda value: instant_in(value, near))
            for f in (Field.PUBLISHED, Field.ANSWERED, Field.ENDED)
        }
        severity = cells.read(Field.SEVERITY, severity_in)
        cells.check_order(detected, stated, self._now)
        if len(self._faults) > before or detected is None:
            return None
        kind = self._types.get(said := cells.words(Field.KIND))
        if said and kind is None and said not in CATEGORIES:
            self._strange[said] += 1
        return LedgerRow(
            place=cells.place,
            key=self._key(title, detected),
            title=title,
            text=cells.text(Field.TEXT)[:LONGEST_TEXT],
            source=cells.text(Field.SOURCE),
            url=cells.address(),
            detected=detected,
            published=stated[Field.PUBLISHED],
            severity=severity,
            event_type=kind.code if kind else None,
            category=kind.category if kind else CATEGORIES.get(said),
            location=cells.text(Field.PLACE),
            departments=tuple(map(self._department, names_in(cells.value(Field.DEPARTMENT)))),
            answered=stated[Field.ANSWERED],
            answer=cells.text(Field.ANSWER)[:LONGEST_TITLE] or title,
            channel=cells.text(Field.CHANNEL),
            ended=stated[Field.ENDED],
        )

    def _key(self, title: str, detected: Stated) -> str:
        """Return what tells a row from all others, the same whenever the same ledger is read again.

        Numbers are no part of it: most are running ones, which move when a row is put in between.
        """
        own = f"{title}|{detected.at.isoformat()}"
        self._seen[own] += 1
        digest = blake2b(f"{own}|{self._seen[own]}".encode("utf-8", "surrogatepass"), digest_size=16)
        return f"ledger|{digest.hexdigest()}"

    def _department(self, written: str) -> str:
        known = self._departments.get(self._mapping.departments.get(written, written))
        if known is None:
            self._unknown[written] += 1
        return known or written

    def fault(self, place: str, why: str) -> None:
        """Remember what is wrong in a cell."""
        self._faults.append(f"{self._name}!{place}: {why}")

    def _notes(self, chosen: list[Sheet], found: list[tuple[Sheet, Heading]]) -> Iterator[str]:
        read = {sheet.title for sheet, _ in found}
        if left := [sheet.title for sheet in chosen if sheet.title not in read and sheet.rows]:
            yield f"没有表头、没有读的工作表：{'、'.join(left)}"
        for why, places in self._left.items():
            more = f" 等 {len(places)} 行" if len(places) > MOST_NOTED else ""
            yield f"{why}：{'、'.join(places[:MOST_NOTED])}{more}"
        if self._unknown:
            yield f"office.yaml 里没有、按原名保留的单位：{_said(self._unknown)}"
        if self._strange:
            yield f"没有对应类型、留空的类型：{_said(self._strange)}"


def _said(found: Counter[str]) -> str:
    return "、".join(f"{word}（{count}）" for word, count in found.most_common(20))


class _Cells:
    """The cells of one row, by what they are about."""

    def __init__(
        self,
        reading: _Reading,
        sheet: str,
        number: int,
        row: tuple[Any, ...],
        heading: Heading,
    ) -> None:
        self._reading = reading
        self._row = row
        self._columns = heading.columns
        self._said = heading.said
        self._number = number
        self._sheet = sheet
        self.place = f"{sheet}!{number}"

    @property
    def all(self) -> tuple[str, ...]:
        """Return all its words."""
        return tuple(map(words_in, self._row))

    def value(self, field: Field) -> Any:
        at = self._columns.get(field)
        return self._row[at] if at is not None and at < len(self._row) else None

    def text(self, field: Field) -> str:
        return text_in(self.value(field))

    def words(self, field: Field) -> str:
        return words_in(self.value(field))

    def read(self, field: Field, read: Callable[[Any], V]) -> V | None:
        try:
            return read(self.value(field))
        except ValueError as error:
            self.fault(field, str(error))
            return None

    def fault(self, field: Field, why: str) -> None:
        column = get_column_letter(self._columns[field] + 1)
        self._reading.fault(f"{self._sheet}!{column}{self._number}", f"{field}：{why}")

    def require(self, field: Field, found: object) -> None:
        if not found:
            self.fault(field, "必须填写")

    def check_order(
        self, detected: Stated | None, stated: Mapping[Field, Stated | None], now: datetime
    ) -> None:
        """Find fault with instants that lie in the future: a ledger is of what was."""
        for field, found in {Field.DETECTED: detected, **stated}.items():
            if found is not None and found.at > (now if found.is_exact else now + _HALF_A_DAY):
                self.fault(field, "在今天之后")

    def address(self) -> str | None:
        said = self.words(Field.URL)
        try:
            return said if urlsplit(said).scheme in ("http", "https") else None
        except ValueError:
            return None

    def is_no_case(self) -> bool:
        """Return whether it is a sum, the heading again, or says nothing in the columns that are read."""
        first = ["".join(said.split()) for said in self.all[:3]]
        is_sum = not self.words(Field.DETECTED) and any(_SUM.fullmatch(said) for said in first)
        is_heading = "".join(self.words(Field.TITLE).split()) == self._said[Field.TITLE]
        is_empty = not any(self.words(field) for field in self._columns if field is not Field.NUMBER)
        return is_empty or is_heading or is_sum
