"""What a paper on one incident is made of, gathered from what is stored."""

from datetime import datetime

from alerts.digest.incident_papers import IncidentFile
from monitor.office.model import Office
from monitor.ports import Transaction


def gather_file(transaction: Transaction, office: Office, incident_id: int, now: datetime) -> IncidentFile:
    """Return the file of one incident with its first items; raises NotFoundError."""
    dossier = transaction.dossier(incident_id)
    items = tuple(joined.item for joined in transaction.joined_items(incident_id))
    return IncidentFile(office=office, dossier=dossier, items=items, now=now)
