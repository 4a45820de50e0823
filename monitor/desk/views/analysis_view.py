"""What the analysis page, its API and the command line show: tables of a period by their codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from alerts.message.words import OPINIONS
from monitor.analysis.assessment import sheets
from monitor.analysis.catalog import ANALYSES, REACH, Analysis, analysis
from monitor.analysis.facts import IncidentFact, Material
from monitor.analysis.period import Period, year
from monitor.analysis.pictures import Drawing
from monitor.analysis.spreading import reach
from monitor.analysis.table import Kind, Naming, Table
from monitor.analysis.writing import Sheet, as_xlsx
from monitor.desk import words
from monitor.desk.reads import QuestionError
from monitor.desk.views.board_view import name_of
from monitor.errors import NotFoundError
from monitor.office.model import Office
from monitor.ports import Transaction

SHOWN_ROWS = 62
"""A row for each day of two months, beyond which tables go by month."""
MOST_INCIDENTS = 5
"""More curves than strokes can be told apart."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_USUAL = timedelta(days=29)
_EARLIEST, _LATEST = date(2000, 1, 1), date(2099, 12, 31)
_LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An analysis with its table, as much of it as a page has room for."""

    analysis: Analysis
    table: Table
    drawing: Drawing | None

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return the first rows as people read them."""
        return Table(columns=self.table.columns, rows=self.table.rows[:SHOWN_ROWS]).shown()

    @property
    def more(self) -> int:
        """Return how many rows only the file has."""
        return max(len(self.table.rows) - SHOWN_ROWS, 0)

    @property
    def sheet(self) -> Sheet:
        """Return it as the sheet of a workbook, its definition below."""
        return Sheet(title=self.analysis.title, table=self.table, note=f"口径：{self.analysis.definition}")

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return what stands in each column."""
        return tuple(column.kind for column in self.table.columns)


def naming(office: Office) -> Naming:
    """Return the words of an office's desk."""
    return Naming(
        department=lambda id_: name_of(office, id_),
        kind=_kind,
        role=lambda role: words.word("source_role", role),
        severity=words.severity_word,
    )


def _kind(incident: IncidentFact) -> str:
    if incident.event_type:
        return words.word("event_type", incident.event_type)
    if incident.opinion:
        return OPINIONS.get(incident.opinion, incident.opinion)
    return words.word("category", incident.category) if incident.category else "政务舆情"


def asked_period(since: date | None, until: date | None, today: date) -> Period:
    """Return the days asked for, else the 30 up to today; raises QuestionError for what is no such range."""
    last = until or today
    first = since or max(last - _USUAL, _EARLIEST)
    if not _EARLIEST <= first <= last <= _LATEST or last - first > _LONGEST:
        raise QuestionError("period")
    return Period(first=first, last=last)


def load(transaction: Transaction, office: Office, code: str, period: Period, now: datetime) -> Shown:
    """Return one analysis of a period; raises NotFoundError where there is none with this code."""
    each = analysis(code)
    if each is None:
        raise NotFoundError("analysis", code)
    material = transaction.analysis_material(period, now, with_words=each.needs_words)
    return _shown(each, each.build(material, naming(office)))


def show_all(material: Material, office: Office) -> tuple[Shown, ...]:
    """Return every analysis of this material."""
    return tuple(_shown(each, each.build(material, naming(office))) for each in ANALYSES)


def show_reach(transaction: Transaction, incident_ids: Iterable[int], now: datetime) -> Shown:
    """Return how far these incidents went, in their order; raises NotFoundError."""
    ids = [transaction.dossier(id_).incident.id for id_ in dict.fromkeys(incident_ids)][:MOST_INCIDENTS]
    found = transaction.arrivals(ids, LONG_AGO)
    return _shown(REACH, reach({id_: found.get(id_, ()) for id_ in ids}, now))


def write_assessment(transaction: Transaction, office: Office, of_year: int, now: datetime) -> bytes:
    """Return the workbook of a year's assessment."""
    material = transaction.analysis_material(year(of_year), now)
    return as_xlsx(sheets(material, naming(office), department_ids(office)), now)


def department_ids(office: Office) -> tuple[str, ...]:
    """Return the departments of an office in their own order."""
    return tuple(department.id for department in office.departments)


def _shown(each: Analysis, table: Table) -> Shown:
    return Shown(analysis=each, table=table, drawing=each.drawing(table))
