"""One unit of work: every store of this package on one connection."""

from storage.answers import AnswerRows
from storage.history import HistoryRows
from storage.incidents import IncidentRows
from storage.items import ItemRows
from storage.reach import ReachRows
from storage.rota import RotaRows
from storage.service import ServiceRows
from storage.tips import TipRows


class SqlTransaction(
    ItemRows, ReachRows, IncidentRows, HistoryRows, RotaRows, ServiceRows, TipRows, AnswerRows
):
    """The port `monitor.ports.Transaction` over SQL."""
