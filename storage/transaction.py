"""One unit of work: every store of this package on one connection."""

from storage.history import HistoryRows
from storage.incidents import IncidentRows
from storage.items import ItemRows
from storage.reach import ReachRows
from storage.rota import RotaRows
from storage.service import ServiceRows


class SqlTransaction(ItemRows, ReachRows, IncidentRows, HistoryRows, RotaRows, ServiceRows):
    """The port `monitor.ports.Transaction` over SQL."""
