"""One unit of work: every store of this package on one connection."""

from storage.analysis import AnalysisRows
from storage.answers import AnswerRows
from storage.drafts import DraftRows
from storage.history import HistoryRows
from storage.incidents import IncidentRows
from storage.items import ItemRows
from storage.journal_search import JournalSearchRows
from storage.logins import LoginRows
from storage.orders import OrderRows
from storage.papers import PaperRows
from storage.reach import ReachRows
from storage.rota import RotaRows
from storage.saved import SavedQuestionRows
from storage.service import ServiceRows
from storage.tips import TipRows
from storage.workers import WorkerRows


class SqlTransaction(
    LoginRows,
    JournalSearchRows,
    WorkerRows,
    ItemRows,
    ReachRows,
    IncidentRows,
    HistoryRows,
    SavedQuestionRows,
    RotaRows,
    ServiceRows,
    TipRows,
    AnswerRows,
    OrderRows,
    DraftRows,
    PaperRows,
    AnalysisRows,
):
    """The port `monitor.ports.Transaction` over SQL."""
